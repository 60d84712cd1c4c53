//! Two texts, as a unified diff.

use serde_json::Value;
use similar::TextDiff;

/// Lines around a change.
const CONTEXT: usize = 3;
/// Characters of a diff; a change of everything is told by its beginning.
const MAX: usize = 20_000;

/// From what was expected to what there is.
pub(super) fn unified(expected: &str, found: &str) -> String {
    let (expected, found) = (lines(expected), lines(found));
    let diff = TextDiff::from_lines(&expected, &found);
    let text = diff.unified_diff().context_radius(CONTEXT).header("expected", "found").to_string();
    match text.char_indices().nth(MAX) {
        Some((end, _)) => format!("{}\n…\n", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

/// A text whose last line ends, so that no diff remarks on it.
fn lines(text: &str) -> String {
    if text.is_empty() || text.ends_with('\n') { text.to_owned() } else { format!("{text}\n") }
}

/// JSON in lines, members in alphabetical order: their order means nothing.
pub(super) fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(&sorted(value)).unwrap_or_default()
}

fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let mut names: Vec<&String> = members.keys().collect();
            names.sort();
            names.into_iter().map(|name| (name.clone(), members.get(name).map_or(Value::Null, sorted))).collect()
        }
        Value::Array(items) => items.iter().map(sorted).collect(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_order_of_members_is_no_difference() {
        assert_eq!(unified(&pretty(&json!({"a": 1, "b": 2})), &pretty(&json!({"b": 2, "a": 1}))), "");
    }

    #[test]
    fn a_wrong_member_is_shown_against_the_right_one() {
        let diff = unified(&pretty(&json!({"form": {"title": "x"}})), &pretty(&json!({"form": {"titel": "x"}})));
        assert_eq!(
            diff,
            "--- expected\n+++ found\n@@ -1,5 +1,5 @@\n {\n   \"form\": {\n-    \"title\": \"x\"\n+    \"titel\": \"x\"\n   }\n }\n"
        );
    }
}
