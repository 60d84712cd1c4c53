//! The bindings of `wit/spin.wit`; nothing else mentions bindgen.

mod generated {
    wasmtime::component::bindgen!({
        path: "wit",
        world: "host",
        imports: { default: trappable },
        with: { "fermyon:spin/key-value.store": crate::key_value::Opened },
    });
}

pub(crate) use generated::fermyon::spin::{key_value, variables};
