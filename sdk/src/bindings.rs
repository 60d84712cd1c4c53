//! The guest's side of `wit/provider.wit`, generated. Only `component.rs` speaks it.
#![allow(missing_docs, unreachable_pub, unsafe_code, clippy::all, clippy::pedantic, clippy::restriction, reason = "generated")]

wit_bindgen::generate!({
    path: "../wit",
    world: "provider",
    pub_export_macro: true,
    export_macro_name: "export_component",
    default_bindings_module: "patchboard_sdk::bindings",
});
