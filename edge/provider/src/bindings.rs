//! The importer's side of `wit/provider.wit`, generated. Only `mapper`, `convert` and
//! `shared` speak it. The last two are the host's own files: both generators make the same types.

mod generated {
    #![allow(missing_docs, unsafe_code, unused, clippy::all, clippy::pedantic, clippy::restriction, reason = "generated")]

    wit_bindgen::generate!({
        path: "../../wit",
        inline: "package patchboard:edge; world shell { import patchboard:provider/mapper@0.1.0; }",
        world: "patchboard:edge/shell",
        generate_all,
    });
}

pub(crate) use generated::patchboard::provider::mapper::*;
