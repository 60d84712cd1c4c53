//! The key-value store: in memory, and as bad as a test wants it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use wasmtime::component::Resource;

use crate::bindings::key_value::{Error, Host, HostStore};
use crate::instance::State;

/// Bytes of a key that Spin documents for its own store.
const MAX_KEY: usize = 256;
/// Bytes of a value that Spin documents for its own store.
const MAX_VALUE: usize = 1 << 20;

/// What is wrong with the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Fault {
    /// Nothing.
    #[default]
    None,
    /// It cannot be opened or read, as a Redis that is down.
    Unreachable,
    /// It takes no more values.
    Full,
}

/// The store, shared by every component that may open it.
#[derive(Debug, Clone, Default)]
pub struct KeyValue(Arc<Mutex<Content>>);

#[derive(Debug, Default)]
struct Content {
    values: BTreeMap<String, Vec<u8>>,
    fault: Fault,
}

/// A store that a component has opened.
#[derive(Debug)]
pub struct Opened;

impl KeyValue {
    /// Every key.
    #[must_use]
    pub fn keys(&self) -> Vec<String> {
        self.content().values.keys().cloned().collect()
    }

    /// A value.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<Vec<u8>> {
        self.content().values.get(key).cloned()
    }

    /// Puts a value in behind the app's back; none takes it out.
    pub fn put(&self, key: &str, value: Option<Vec<u8>>) {
        let mut content = self.content();
        match value {
            Some(value) => content.values.insert(key.to_owned(), value),
            None => content.values.remove(key),
        };
    }

    /// Breaks or mends the store.
    pub fn set_fault(&self, fault: Fault) {
        self.content().fault = fault;
    }

    fn content(&self) -> MutexGuard<'_, Content> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The content, where it can be reached.
    fn reach(&self) -> Result<MutexGuard<'_, Content>, Error> {
        let content = self.content();
        match content.fault {
            Fault::Unreachable => Err(Error::Other("connection refused".to_owned())),
            Fault::None | Fault::Full => Ok(content),
        }
    }

    fn set(&self, key: String, value: Vec<u8>) -> Result<(), Error> {
        let mut content = self.reach()?;
        if content.fault == Fault::Full {
            return Err(Error::Other("the store is full".to_owned()));
        }
        if key.len() > MAX_KEY || value.len() > MAX_VALUE {
            return Err(Error::Other(format!("a key has at most {MAX_KEY} bytes, a value {MAX_VALUE}")));
        }
        content.values.insert(key, value);
        Ok(())
    }
}

impl Host for State {}

impl HostStore for State {
    fn open(&mut self, label: String) -> wasmtime::Result<Result<Resource<Opened>, Error>> {
        if !self.component.stores.contains(&label) {
            return Ok(Err(Error::AccessDenied));
        }
        if let Err(error) = self.store.reach() {
            return Ok(Err(error));
        }
        Ok(Ok(self.table.push(Opened)?))
    }

    fn get(&mut self, _: Resource<Opened>, key: String) -> wasmtime::Result<Result<Option<Vec<u8>>, Error>> {
        Ok(self.store.reach().map(|content| content.values.get(&key).cloned()))
    }

    fn set(&mut self, _: Resource<Opened>, key: String, value: Vec<u8>) -> wasmtime::Result<Result<(), Error>> {
        Ok(self.store.set(key, value))
    }

    fn delete(&mut self, _: Resource<Opened>, key: String) -> wasmtime::Result<Result<(), Error>> {
        Ok(self.store.reach().map(|mut content| drop(content.values.remove(&key))))
    }

    fn exists(&mut self, _: Resource<Opened>, key: String) -> wasmtime::Result<Result<bool, Error>> {
        Ok(self.store.reach().map(|content| content.values.contains_key(&key)))
    }

    fn get_keys(&mut self, _: Resource<Opened>) -> wasmtime::Result<Result<Vec<String>, Error>> {
        Ok(self.store.reach().map(|content| content.values.keys().cloned().collect()))
    }

    fn drop(&mut self, opened: Resource<Opened>) -> wasmtime::Result<()> {
        self.table.delete(opened)?;
        Ok(())
    }
}
