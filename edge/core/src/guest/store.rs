//! The component's key-value store.

use std::cell::OnceCell;

use spin_sdk::key_value::{Error, Store};

use crate::store::{KeyValue, StoreError};

/// The store that the manifest calls `default`, opened when it is first asked: a request
/// that needs none is answered without it.
#[derive(Default)]
pub struct SpinStore(OnceCell<Store>);

impl SpinStore {
    fn open(&self) -> Result<&Store, StoreError> {
        if self.0.get().is_none() {
            let _ = self.0.set(Store::open_default().map_err(unavailable)?);
        }
        self.0.get().ok_or_else(|| StoreError::Unavailable("it cannot be opened".to_owned()))
    }
}

fn unavailable(error: Error) -> StoreError {
    StoreError::Unavailable(match error {
        Error::StoreTableFull => "too many stores are open at once".to_owned(),
        Error::NoSuchStore => "the runtime configuration has no store \"default\"".to_owned(),
        Error::AccessDenied => "this component may not use it; give it key_value_stores = [\"default\"] in spin.toml".to_owned(),
        Error::Other(why) => why,
    })
}

impl KeyValue for SpinStore {
    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.open()?.get(key).map_err(unavailable)
    }

    fn set(&self, key: &str, value: &[u8]) -> Result<(), StoreError> {
        self.open()?.set(key, value).map_err(unavailable)
    }

    fn delete(&self, key: &str) -> Result<(), StoreError> {
        self.open()?.delete(key).map_err(unavailable)
    }

    fn keys(&self) -> Result<Vec<String>, StoreError> {
        self.open()?.get_keys().map_err(unavailable)
    }
}
