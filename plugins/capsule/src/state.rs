//! What one exchange of a write tells the next.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The exchange whose answer comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) enum At {
    /// A page of the definitions of custom fields.
    Definitions,
    /// The project as it is.
    Project,
    /// A page of its additional contacts.
    Contacts,
    /// The update or the create.
    #[default]
    Write,
    /// A change of one additional contact.
    Contact,
    /// The project read back.
    Back,
}

/// What is known so far.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct State {
    pub(crate) at: At,
    /// Exchanges before the one whose answer comes next.
    pub(crate) nth: u32,
    /// The project's id; empty until it is created.
    pub(crate) id: String,
    /// The definitions that the request names.
    pub(crate) definitions: Collection,
    /// The project before the write, where it was read.
    pub(crate) before: Option<Before>,
    /// The additional contacts before the write.
    pub(crate) contacts: Collection,
    /// The additional contacts when all is done.
    pub(crate) additional: Vec<Value>,
    /// The change of a contact that is under way, and those after it.
    pub(crate) change: Option<Change>,
    pub(crate) changes: Vec<Change>,
    /// The unified project as it was written.
    pub(crate) known: Map<String, Value>,
}

impl State {
    /// The tags that are attached.
    pub(crate) fn tags(&self) -> &[Value] {
        self.before.as_ref().map_or(&[], |before| &before.tags)
    }

    /// The main contact; `null` where there is none, or it was not read.
    pub(crate) fn party(&self) -> &Value {
        self.before.as_ref().map_or(&Value::Null, |before| &before.party)
    }
}

/// What has to be known of a project before it is changed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Before {
    pub(crate) tags: Vec<Value>,
    pub(crate) party: Value,
}

/// A collection that is read page by page.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Collection {
    pub(crate) items: Vec<Value>,
    pub(crate) pages: u32,
    /// Whether the last page was among them.
    pub(crate) whole: bool,
}

impl Collection {
    /// Takes a page, after which there is more or not.
    pub(crate) fn turn(&mut self, items: impl IntoIterator<Item = Value>, more: bool) {
        self.items.extend(items);
        self.pages += 1;
        self.whole = !more;
    }
}

/// A call after the write that adds or removes an additional contact.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Change {
    pub(crate) add: bool,
    /// The contact's id.
    pub(crate) party: String,
    /// Where the request names it.
    pub(crate) path: String,
}
