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
#[path = "../../../host/src/runtime/convert.rs"]
mod convert;
pub mod decoder;
#[cfg(target_arch = "wasm32")]
mod exchange;
#[cfg(target_arch = "wasm32")]
mod mapper;
pub mod settings;
pub mod shell;
