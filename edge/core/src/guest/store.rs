//! The component's key-value store.

use spin_sdk::key_value::{Error, Store};

use crate::store::{KeyValue, StoreError};

/// The store that the manifest calls `default`.
pub struct SpinStore(Store);

impl SpinStore {
    /// Opens it.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub fn open() -> Result<Self, StoreError> {
        Store::open_default().map(Self).map_err(unavailable)
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
        self.0.get(key).map_err(unavailable)
    }

    fn set(&self, key: &str, value: &[u8]) -> Result<(), StoreError> {
        self.0.set(key, value).map_err(unavailable)
    }

    fn delete(&self, key: &str) -> Result<(), StoreError> {
        self.0.delete(key).map_err(unavailable)
    }

    fn keys(&self) -> Result<Vec<String>, StoreError> {
        self.0.get_keys().map_err(unavailable)
    }
}
