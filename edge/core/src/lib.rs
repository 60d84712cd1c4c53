//! What the components of the edge share.
//!
//! A Spin app has no database and no memory between requests. [`records`] says what stands
//! in its key-value store instead, [`export`] how it gets there. `guest`, in a component
//! alone, speaks to Spin.

mod answer;
pub mod export;
#[cfg(target_arch = "wasm32")]
pub mod guest;
mod head;
mod import;
pub mod records;
pub mod store;

pub use answer::Answer;
pub use head::Head;
pub use import::{ImportError, Imported, import};
pub use records::{AccountRecord, TokenRecord};
pub use store::{KeyValue, Records, StoreError};
