use serde_json::Value;

use super::refusal::Refusal;
use crate::exchange::NativeRequest;
use crate::objects::Object;

/// Values of `embed`: <https://developer.capsulecrm.com/v2/operations/Project>.
const KNOWN: [&str; 5] = ["tags", "fields", "party", "opportunity", "missingImportantFields"];

/// What an answer holds besides the usual. Party and opportunity are the same here with and without.
#[derive(Debug, Default)]
pub(super) struct Embed(Vec<String>);

impl Embed {
    pub(super) fn read(request: &NativeRequest) -> Result<Self, Refusal> {
        let mut names = Vec::new();
        for (_, value) in request.query_pairs().iter().filter(|(name, _)| name == "embed") {
            names.extend(value.split(',').map(|name| name.trim().to_owned()));
        }
        match names.iter().find(|name| !KNOWN.contains(&name.as_str())) {
            Some(name) => Err(Refusal::invalid("embed", format!("invalid embed value: {name}"))),
            None => Ok(Self(names)),
        }
    }

    /// The project as an answer shows it.
    pub(super) fn view(&self, project: &Object) -> Value {
        let mut view = project.clone();
        for name in ["tags", "fields"] {
            if !self.has(name) {
                view.shift_remove(name);
            }
        }
        if self.has("missingImportantFields") {
            // No definition of the seeds is important.
            view.insert("missingImportantFields".to_owned(), false.into());
        }
        Value::Object(view)
    }

    fn has(&self, name: &str) -> bool {
        self.0.iter().any(|asked| asked == name)
    }
}
