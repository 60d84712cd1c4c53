//! The component that serves one provider.
//!
//! It is the engine with one plugin plugged in: Spin links the import
//! `patchboard:provider/mapper` with the plugin's file, so one compiled component serves
//! every provider. [`shell`] is what it does with a request; `component`, `mapper` and
//! `exchange`, in the component alone, speak to Spin and to the plugin.

#[cfg(target_arch = "wasm32")]
mod bindings;
#[cfg(target_arch = "wasm32")]
mod component;
#[cfg(target_arch = "wasm32")]
#[path = "../../../host/src/runtime/contract/v0_1/convert.rs"]
mod convert;
pub mod decoder;
#[cfg(target_arch = "wasm32")]
mod exchange;
#[cfg(target_arch = "wasm32")]
mod mapper;
pub mod settings;
#[cfg(target_arch = "wasm32")]
#[path = "../../../host/src/runtime/contract/shared.rs"]
mod shared;
pub mod shell;
