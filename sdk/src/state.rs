//! What one exchange tells the next: a value of the plugin's own, as JSON.
//!
//! ```
//! use patchboard_sdk::{Error, Exchange, state};
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Serialize, Deserialize)]
//! struct State {
//!     id: String,
//! }
//!
//! fn read_back(known: &State) -> Result<Exchange, Error> {
//!     Ok(Exchange::get("get_space_back", format!("/spaces/{}", known.id)).state(state::write(known)?))
//! }
//!
//! fn came_back(bytes: &[u8]) -> Result<State, Error> {
//!     state::read(bytes)
//! }
//! ```
//!
//! A plugin with a stage or two needs no JSON: `.state(b"read-back")` is enough.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Error;

/// The bytes for [`crate::Exchange::state`].
///
/// # Errors
/// [`Error::Unsupported`] for what JSON cannot hold, such as a map whose keys are pairs.
pub fn write<T: Serialize>(state: &T) -> Result<Vec<u8>, Error> {
    serde_json::to_vec(state).map_err(|e| Error::Unsupported(format!("the state cannot be written: {e}")))
}

/// What [`write()`] has written.
///
/// # Errors
/// [`Error::Unsupported`] where it is nothing of the kind.
pub fn read<T: DeserializeOwned>(state: &[u8]) -> Result<T, Error> {
    serde_json::from_slice(state).map_err(|_| Error::Unsupported("the state is not of this plugin".to_owned()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;
    use serde_json::{Value, json};

    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct State {
        made: u32,
        rest: Value,
    }

    #[test]
    fn a_state_comes_back_as_it_was() {
        let state = State { made: 3, rest: json!({"amount": 1.50, "big": 123_456_789_012_345_678_901_u128}) };
        let bytes = write(&state).unwrap();
        assert_eq!(bytes, br#"{"made":3,"rest":{"amount":1.5,"big":123456789012345678901}}"#);
        assert_eq!(read(&bytes), Ok(state));
    }

    #[test]
    fn a_state_of_another_is_refused() {
        for bytes in [&b""[..], b"{}", b"7", b"read-back", br#"{"made":-1,"rest":null}"#, br#"{"made":3,"#] {
            assert!(matches!(read::<State>(bytes), Err(Error::Unsupported(_))), "{bytes:?}");
        }
    }

    #[test]
    fn what_json_cannot_hold_is_refused_when_it_is_written() {
        assert!(matches!(write(&BTreeMap::from([((1, 2), 3)])), Err(Error::Unsupported(_))));
    }
}
