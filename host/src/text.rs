//! Text of strangers, for a terminal.

/// The text with everything escaped that a terminal would act on or hide: control
/// characters, and those that change the direction of what follows.
#[must_use]
pub fn plain(text: &str) -> String {
    let harmful =
        |c: char| c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}');
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        if harmful(c) { plain.extend(c.escape_unicode()) } else { plain.push(c) }
    }
    plain
}

/// [`plain`], cut after so many characters.
#[must_use]
pub fn brief(text: &str, limit: usize) -> String {
    let cut: String = text.chars().take(limit).collect();
    let more = if cut.len() < text.len() { "…" } else { "" };
    format!("{}{more}", plain(&cut))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_act_on_is_shown_instead() {
        assert_eq!(plain("a\u{1b}[2Jb\nc\u{202e}d é 表"), "a\\u{1b}[2Jb\\u{a}c\\u{202e}d é 表");
        assert_eq!((brief("äbcd", 2), brief("äb", 2)), ("äb…".to_owned(), "äb".to_owned()));
    }
}
