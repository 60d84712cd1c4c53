//! Manifests that Spin refuses are refused here, with a reason.

use std::path::Path;

use patchboard_tests_edge::{Options, StartError};

const GOOD: &str = r#"
spin_manifest_version = 2
[application]
name = "a"
[variables]
key = { required = true }
[[trigger.http]]
route = "/..."
component = "c"
[component.c]
source = "c.wasm"
allowed_outbound_hosts = ["https://a.example"]
[component.c.variables]
key = "{{ key }}"
[component.c.build]
command = "make"
"#;

/// Why a manifest is refused. The good one gets as far as the missing component.
fn refused(text: &str) -> String {
    Options::text(text, Path::new("/nowhere")).variable("key", "k").start().unwrap_err().to_string()
}

#[test]
fn a_good_manifest_gets_as_far_as_its_files() {
    assert!(refused(GOOD).starts_with("cannot read /nowhere/c.wasm"));
}

#[test]
fn what_a_manifest_may_not_say_is_refused() {
    for (good, bad, why) in [
        ("spin_manifest_version = 2", "spin_manifest_version = 1", "version"),
        ("name = \"a\"", "name = \"a\"\nnmae = \"b\"", "nmae"),
        ("name = \"a\"", "", "name"),
        ("key = { required = true }", "key = { required = true, secret = \"yes\" }", "secret"),
        ("key = { required = true }", "key = { required = true, default = \"x\" }", "`required` or have a `default`"),
        ("key = { required = true }", "key = { secret = true }", "`required` or have a `default`"),
        ("key = { required = true }", "Key = { required = true }", "no name of a variable"),
        ("key = { required = true }", "key = { required = true }\nother = { required = true }", "required variable(s): other"),
        ("key = \"{{ key }}\"", "key = \"{{ kye }}\"", "unknown variable \"kye\""),
        ("key = \"{{ key }}\"", "key = \"{{ key\"", "without }}"),
        ("component = \"c\"", "component = \"d\"", "the component \"d\", and there is none"),
        ("component = \"c\"", "component = \"c\"\nroutes = 1", "routes"),
        ("route = \"/...\"", "route = { private = false }", "{ private = true }"),
        ("route = \"/...\"", "route = { public = true }", "route"),
        ("[[trigger.http]]", "[[trigger.redis]]", "redis"),
        ("[[trigger.http]]", "[[trigger.http]]\nroute = \"/...\"\ncomponent = \"c\"\n[[trigger.http]]", "given twice"),
        ("source = \"c.wasm\"", "sauce = \"c.wasm\"", "sauce"),
        ("source = \"c.wasm\"", "source = \"c.wasm\"\nkey_value_stores = [\"mine\"]", "label \"mine\""),
        ("source = \"c.wasm\"", "source = \"c.wasm\"\nfiles = [\"*\"]", "files"),
        ("command = \"make\"", "commands = \"make\"", "command"),
        ("https://a.example", "a.example", "no scheme"),
        ("https://a.example", "http://none.spin.internal", "names no component"),
        ("https://a.example", "{{ nothing }}", "unknown variable \"nothing\""),
    ] {
        assert!(GOOD.contains(good), "{good}");
        let message = refused(&GOOD.replace(good, bad));
        assert!(message.contains(why), "{bad}: {message}");
    }
}

#[test]
fn an_id_of_a_component_is_words_that_begin_with_letters() {
    for (id, good) in [("p-wrike", true), ("p-microsoft-n365", true), ("p-microsoft-365", false), ("p_wrike", false), ("p-", false)] {
        let text = GOOD.replace("component.c", &format!("component.{id}")).replace("component = \"c\"", &format!("component = \"{id}\""));
        assert_eq!(refused(&text).starts_with("cannot read"), good, "{id}");
    }
}

#[test]
fn a_plugin_that_would_inherit_is_refused() {
    for more in [
        "dependencies_inherit_configuration = true\n[component.c.dependencies]\n\"a:b/c@0.1.0\" = { path = \"d.wasm\" }",
        "[component.c.dependencies]\n\"a:b/c@0.1.0\" = { path = \"d.wasm\", inherit_configuration = true }",
        "[component.c.dependencies]\n\"a:b/c@0.1.0\" = { path = \"d.wasm\", inherit_configuration = [\"variables\"] }",
    ] {
        let message = refused(&GOOD.replace("[component.c.variables]", &format!("{more}\n[component.c.variables]")));
        assert!(message.contains("inherit its configuration"), "{more}: {message}");
    }
}

#[test]
fn a_variable_that_the_app_does_not_have_cannot_be_given() {
    let error = Options::text(GOOD, Path::new("/nowhere")).variable("key", "k").variable("kye", "k").start().unwrap_err();
    assert!(matches!(error, StartError::Variable(_)), "{error}");
}
