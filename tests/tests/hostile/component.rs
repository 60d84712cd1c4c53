//! Components that Rust cannot express: each file of `tests/hostile/wat` holds the fields of
//! a core module in which one thing is wrong, and the rest of the plugin is put around it.

use std::fs;
use std::path::PathBuf;

use patchboard_tests::program;
use wit_component::{ComponentEncoder, DecodedWasm, StringEncoding, embed_component_metadata};

/// What a module has where its file does not say it itself: the beginning of the field, and
/// the field.
const FIELDS: [(&str, &str); 7] = [
    ("(memory ", r#"(memory $memory (export "memory") 4)"#),
    (
        "$realloc ",
        r#"(global $top (mut i32) (i32.const 65536))
        (func $realloc (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
          (global.set $top (i32.and (i32.add (global.get $top) (i32.const 15)) (i32.const -16)))
          (global.get $top)
          (global.set $top (i32.add (global.get $top) (local.get 3))))"#,
    ),
    (
        "$describe ",
        r#"(func $describe (export "patchboard:provider/mapper@0.1.0#describe") (result i32)
          (i32.store (i32.const 16) (i32.const 1024))
          (i32.store (i32.const 20) (global.get $length))
          (i32.const 16))"#,
    ),
    // A mapping-error that is `unsupported`, with a text.
    (
        "(func $says ",
        r#"(func $says (param $at i32) (param $length i32) (result i32)
          (i32.store8 (i32.const 32) (i32.const 1))
          (i32.store8 (i32.const 36) (i32.const 0))
          (i32.store (i32.const 40) (local.get $at))
          (i32.store (i32.const 44) (local.get $length))
          (i32.const 32))"#,
    ),
    ("(func $attack ", r#"(func $attack (result i32) (call $says (i32.const 900) (i32.const 2)))"#),
    // A change of nothing, `{}`, is what a plugin is tried with when it is loaded.
    (
        "$map_request ",
        r#"(data (i32.const 900) "no")
        (func $map_request (export "patchboard:provider/mapper@0.1.0#map-request")
          (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)
          (if (result i32) (i32.gt_u (local.get 14) (i32.const 2))
            (then (call $attack))
            (else (call $says (i32.const 900) (i32.const 2)))))"#,
    ),
    (
        "$map_response ",
        r#"(func $map_response (export "patchboard:provider/mapper@0.1.0#map-response") (param i32) (result i32)
          (call $says (i32.const 900) (i32.const 2)))"#,
    ),
];

/// The hostile plugin that is written in Rust.
pub fn hostile() -> Vec<u8> {
    let file = program().parent().unwrap().join("../test-plugins/hostile.wasm");
    fs::read(&file).unwrap_or_else(|e| panic!("{}: {e}; run `cargo xtask test`", file.display()))
}

/// The plugin of a file, which is a provider of the same name.
pub fn of_file(name: &str) -> Vec<u8> {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("hostile/wat").join(name).with_extension("wat");
    of_fields(name, &fs::read_to_string(&file).unwrap_or_else(|e| panic!("{}: {e}", file.display())))
}

/// The plugin of a module's fields.
pub fn of_fields(name: &str, fields: &str) -> Vec<u8> {
    let manifest = include_str!("../../hostile/manifest.json").replace("\"name\": \"hostile\"", &format!("\"name\": \"{name}\""));
    let text: String = manifest.bytes().map(|byte| format!("\\{byte:02x}")).collect();
    let missing = FIELDS.iter().filter(|(begins, _)| !fields.contains(begins)).map(|(_, field)| *field);
    let rest: String = missing.collect();
    let length = manifest.len();
    let module = format!("(module (global $length i32 (i32.const {length})) {rest} (data (i32.const 1024) \"{text}\") {fields})");
    component(wat::parse_str(&module).unwrap_or_else(|e| panic!("{name}: {e}")))
}

/// A module as a component of the world that the plugin in Rust is of.
fn component(mut module: Vec<u8>) -> Vec<u8> {
    let DecodedWasm::Component(resolve, world) = wit_component::decode(&hostile()).unwrap() else { panic!("a component") };
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
    ComponentEncoder::default().module(&module).unwrap().encode().unwrap()
}

/// A component that is written as one, and has the name of what a plugin exports.
pub fn of_component(fields: &str) -> Vec<u8> {
    let text = format!(r#"(component {fields} (instance $mapper) (export "patchboard:provider/mapper@0.1.0" (instance $mapper)))"#);
    wat::parse_str(&text).unwrap_or_else(|e| panic!("{e}: {fields:.300}"))
}
