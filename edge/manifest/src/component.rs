//! Which component of the app serves a provider.

/// What the id of every provider's component begins with, so that no provider's name is
/// the name of another component, such as the router.
const PREFIX: &str = "p-";

/// The id of a provider's component: `wrike` is served by `p-wrike`. Spin wants every word
/// of an id to begin with a letter, so a word that does not is written with an `n` before
/// it (`microsoft-365`: `p-microsoft-n365`), and one that looks so, with one more.
///
/// None for what is no provider's name.
#[must_use]
pub fn id(provider: &str) -> Option<String> {
    let named = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let good = provider.starts_with(|first: char| first.is_ascii_lowercase()) && provider.len() <= MAX_NAME && provider.bytes().all(named);
    good.then(|| format!("{PREFIX}{}", provider.split('-').map(word).collect::<Vec<_>>().join("-")))
}

/// The longest name that a manifest may have.
const MAX_NAME: usize = 63;

fn word(word: &str) -> String {
    let rest = word.trim_start_matches('n');
    if rest.starts_with(|first: char| first.is_ascii_lowercase()) { word.to_owned() } else { format!("n{word}") }
}

/// Where Spin answers for a component of the same app.
#[must_use]
pub fn authority(id: &str) -> String {
    format!("{id}.spin.internal")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_an_id_begins_with_a_letter() {
        for (name, expected) in [
            ("wrike", "p-wrike"),
            ("microsoft-planner", "p-microsoft-planner"),
            ("microsoft-365", "p-microsoft-n365"),
            ("router", "p-router"),
            ("nn", "p-nnn"),
            ("notion", "p-notion"),
            ("a--b-", "p-a-n-b-n"),
        ] {
            assert_eq!(id(name).as_deref(), Some(expected));
        }
    }

    #[test]
    fn no_two_names_share_an_id() {
        let names = ["a-365", "a-n365", "a-nn365", "a-", "a-n", "a-nn", "a", "an", "a-na"];
        let ids: std::collections::BTreeSet<_> = names.iter().map(|name| id(name).unwrap()).collect();
        assert_eq!(ids.len(), names.len());
    }

    #[test]
    fn what_is_no_name_has_no_component() {
        for name in ["", "Wrike", "a.spin.internal", "a/b", "a@b", "1a", "-a", "a:80", "é", &"a".repeat(64)] {
            assert_eq!(id(name), None, "{name}");
        }
    }
}
