//! Components that are refused when they are loaded: each with one line in the log, and the
//! server serves the good ones.

use std::collections::BTreeMap;
use std::fs::File;

use patchboard_tests::plugin_files::PluginFolder;
use patchboard_tests::{Setup, seeds};
use serde_json::Value;

use crate::component::{of_component, of_file};

/// What is wrong with it, and the line.
const FILES: [(&str, &str); 14] = [
    ("start-loops", "it cannot be described: the plugin ran over its deadline of 4000 ms"),
    ("initialize-loops", "it cannot be described: the plugin ran over its deadline of 4000 ms"),
    ("start-traps", "it cannot be described: the plugin trapped: wasm `unreachable` instruction executed"),
    ("start-recurses", "it cannot be described: the plugin trapped: call stack exhausted"),
    ("start-grows-memory", "it cannot be described: the plugin went over its limits: more than 67108864 bytes of memory"),
    ("start-grows-table", "it cannot be described: the plugin went over its limits: a table of more than 20000 elements"),
    ("describe-loops", "it cannot be described: the plugin ran over its deadline of 4000 ms"),
    ("describe-changes", "its manifest changes between calls"),
    ("describe-is-no-json", "the manifest is not JSON: EOF while parsing a value at line 1 column 0"),
    ("describe-is-huge", "it cannot be described: the plugin went over its limits: more than 16777216 bytes of output"),
    ("request-loops", "it fails when it is tried, at ticketing/workspaces list: the plugin ran over its deadline of 400 ms"),
    ("memory-of-4-gib", "it needs 4294967296 bytes of memory at first; at most 134217728 are allowed (sandbox.large.memory_bytes)"),
    ("table-of-4-billion", "it needs 4294967295 table elements at first; at most 160000 are allowed"),
    (
        "table-of-100-thousand",
        "it cannot be compiled: module table does not fit in pooling allocator requirements: table index 0 has a minimum element size of 100000 which exceeds the limit of 20000",
    ),
];

const IMPORTS: &str = "a plugin must not import anything";

/// Components that are not made of a module with the contract's functions.
fn others() -> Vec<(&'static str, Vec<u8>, String)> {
    let code = |fields: String| of_component(&format!("(core module {fields})"));
    let weight = "bytes of plain code, by what compiling it takes; at most 50331648 are allowed (sandbox.large.code_bytes)";
    let locals = "i64 ".repeat(20_000);
    let nested = format!("(func (local {locals}) {} {})", "(loop ".repeat(1_000), ")".repeat(1_000));
    vec![
        ("imports-wasi", of_component(r#"(import "wasi:io/poll@0.2.0" (instance))"#), format!("it imports wasi:io/poll@0.2.0; {IMPORTS}")),
        (
            "imports-its-own",
            of_component(r#"(import "evil:corp/phone" (instance)) (import "f" (func))"#),
            format!("it imports evil:corp/phone, f; {IMPORTS}"),
        ),
        ("imports-a-type", of_component(r#"(import "t" (type (sub resource)))"#), format!("it imports t; {IMPORTS}")),
        ("imports-a-module", of_component(r#"(import "m" (core module))"#), format!("it imports m; {IMPORTS}")),
        (
            "memory64",
            of_component("(core module $m (memory i64 0x1000000000000)) (core instance (instantiate $m))"),
            "it needs 18446744073709551615 bytes of memory at first; at most 134217728 are allowed (sandbox.large.memory_bytes)".to_owned(),
        ),
        (
            "shared-memory",
            of_component("(core module $m (memory 1 1 shared)) (core instance (instantiate $m))"),
            "it cannot be compiled: failed to parse WebAssembly module: threads must be enabled for shared memories (at offset 0x15)"
                .to_owned(),
        ),
        ("million-functions", code("(func)".repeat(1_000_000)), format!("it needs 52000000 {weight}")),
        ("large-function", code(format!("(func {})", "(drop (i32.const 1))".repeat(1_000_000))), format!("it needs 71664694 {weight}")),
        ("many-branches", code(format!("(func {})", "(if (i32.const 1) (then))".repeat(200_000))), format!("it needs 164879477 {weight}")),
        ("locals-in-loops", code(nested), format!("it needs 80007030 {weight}")),
        (
            "nested-components",
            of_component(&doubling(40)),
            "it needs 1099511627775 nested components; at most 64 are allowed (sandbox.large.core_instances)".to_owned(),
        ),
    ]
}

/// Components that each hold the one before twice.
fn doubling(levels: u32) -> String {
    let mut text = "(component $c0)".to_owned();
    for level in 1..levels {
        let inner = level - 1;
        text.push_str(&format!(
            "(component $c{level} (alias outer 1 $c{inner} (component $x)) (instance (instantiate $x)) (instance (instantiate $x)))"
        ));
    }
    format!("{text} (instance (instantiate $c{}))", levels - 1)
}

/// What the log says of plugins that are not loaded, by file name.
fn refused(log: &str) -> BTreeMap<String, Vec<String>> {
    let mut lines: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in
        log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()).filter(|line| line["message"] == "a plugin is not loaded")
    {
        let file = line["plugin"].as_str().unwrap().rsplit('/').next().unwrap().trim_end_matches(".wasm").to_owned();
        lines.entry(file).or_default().push(line["why"].as_str().unwrap().to_owned());
    }
    lines
}

#[tokio::test(flavor = "multi_thread")]
async fn a_component_that_attacks_its_host_is_refused_with_one_line_and_the_others_are_served() {
    let folder = PluginFolder::empty();
    let mut expected: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut put = |name: &str, component: &[u8], why: String| {
        folder.put(&format!("{name}.wasm"), component);
        expected.insert(name.to_owned(), vec![why]);
    };
    for (name, why) in FILES {
        put(name, &of_file(name), why.to_owned());
    }
    for (name, component, why) in others() {
        put(name, &component, why);
    }
    put("core-module", b"\0asm\x01\0\0\0", "it is a core module, not a component; `patchboard plugin build` makes one".to_owned());
    put("breaks-off", b"\0asm\x0d\0\x01\0\x07", "it cannot be read as WebAssembly: unexpected end-of-file (at offset 0x9)".to_owned());
    // Files that are larger than memory, or have no end.
    File::create(folder.file("huge-file.wasm")).unwrap().set_len(1 << 40).unwrap();
    expected.insert("huge-file".to_owned(), vec!["it has 1099511627776 bytes; at most 33554432 are taken".to_owned()]);
    std::os::unix::fs::symlink("/dev/zero", folder.file("endless.wasm")).unwrap();
    expected.insert("endless".to_owned(), vec!["it is no file".to_owned()]);

    let setup = Setup::default().arg("--plugins").arg(&folder.text()).env("PATCHBOARD_SANDBOX__DEADLINE_MS", "400");
    let world = setup.env("PATCHBOARD_LOG__FORMAT", "json").start();
    world.serves(&seeds::WRIKE).await;
    assert_eq!(refused(&world.server.log()), expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_huge_custom_section_costs_its_own_file_only() {
    let mut component = of_component("");
    component.extend([0, 0x86, 0x80, 0x80, 0x0f, 5]);
    component.extend(b"empty");
    component.resize(component.len() + (15 * (1 << 21)), 0);
    let folder = PluginFolder::with("custom-section.wasm", &component);
    let world = Setup::default().arg("--plugins").arg(&folder.text()).env("PATCHBOARD_LOG__FORMAT", "json").start();
    world.serves(&seeds::WRIKE).await;
    let why = "it does not fit the contract: instance export `patchboard:provider/mapper@0.1.0` does not have export `describe`";
    assert_eq!(refused(&world.server.log()), BTreeMap::from([("custom-section".to_owned(), vec![why.to_owned()])]));
}
