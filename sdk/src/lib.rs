//! What the author of a Patchboard plugin depends on.
//!
//! A plugin is a manifest and two functions over typed values:
//!
//! ```
//! use patchboard_sdk::{Account, Error, Exchange, Item, Plugin, Rejection, Request, Response, Step, Unified, segment};
//!
//! struct Example;
//!
//! impl Plugin for Example {
//!     const MANIFEST: &'static str = "{}"; // include_str!("manifest.json")
//!
//!     fn map_request(_account: &Account, request: &Request) -> Result<Exchange, Error> {
//!         let mut body = serde_json::Map::new();
//!         request.rename("name", &mut body, "title");
//!         Ok(Exchange::patch("update_space", format!("/spaces/{}", segment(request.id()))).json(body).answers())
//!     }
//!
//!     fn map_response(_account: &Account, _request: &Request, _state: &[u8], response: &Response) -> Result<Step, Error> {
//!         if !response.is_success() {
//!             return Err(Rejection::of_status(response.status).message("the provider's words").into());
//!         }
//!         let native = response.json()?;
//!         Ok(Unified::of(&native).take("id", "/id").take("name", "/title").item("").into())
//!     }
//! }
//! ```
//!
//! `patchboard_sdk::export!(Example);` then makes the component's exports. A plugin
//! imports nothing: no clock, no network, no randomness.
//!
//! What providers have in common is here as well: pages and their cursors ([`page`]), links
//! to the next page ([`link`]), what one exchange tells the next ([`state`]), texts and
//! numbers of any JSON type ([`value`]). With the feature `testing` there is a module of
//! that name, by which a plugin is tested natively, without a gateway.

mod arena;
#[doc(hidden)]
pub mod bindings;
mod component;
mod date;
mod enums;
mod error;
mod exchange;
pub mod link;
pub mod page;
mod path;
mod request;
#[cfg(any(test, feature = "testing"))]
mod resource;
mod response;
pub mod state;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod unified;
pub mod value;

pub use date::{rfc3339, utc};
pub use enums::EnumTable;
pub use error::{Class, Error, FieldError, Rejection};
pub use exchange::{Content, Exchange};
pub use path::{pointer, segment};
pub use request::{Account, Given, Operation, Request};
pub use response::Response;
pub use unified::{Answer, Item, Step, Unified, Warning};

#[doc(hidden)]
pub use bindings::export_component;
#[doc(hidden)]
pub use component::Component;

/// A provider's mapping.
pub trait Plugin {
    /// The manifest: JSON of `wit/manifest.schema.json`.
    const MANIFEST: &'static str;

    /// The first native exchange of a unified request.
    ///
    /// # Errors
    /// [`Error::Unsupported`] or [`Error::Invalid`] for a change that cannot be made.
    fn map_request(account: &Account, request: &Request) -> Result<Exchange, Error>;

    /// What follows from a native answer. `state` is what the exchange carried.
    ///
    /// # Errors
    /// [`Error::Rejected`] for an error of the provider's, [`Error::Unreadable`] for an
    /// answer that cannot be read.
    fn map_response(account: &Account, request: &Request, state: &[u8], response: &Response) -> Result<Step, Error>;
}

/// Makes the component's exports of a type that is a [`Plugin`].
#[macro_export]
macro_rules! export {
    ($plugin:ty) => {
        #[cfg(target_arch = "wasm32")]
        mod __patchboard_component {
            use super::*;
            type Exported = $crate::Component<$plugin>;
            $crate::export_component!(Exported with_types_in $crate::bindings);
        }
    };
}
