//! Panes side by side, for a terminal.

/// What a terminal is taken to be wide where nobody says.
const WIDTH: usize = 150;
const GAP: &str = " │ ";

/// A text with a title.
pub struct Pane {
    title: String,
    text: String,
}

impl Pane {
    /// A pane.
    pub fn new(title: &str, text: String) -> Self {
        Self { title: title.to_owned(), text }
    }
}

/// Rows of two panes each under one heading.
pub fn panes(heading: &str, left: &[Pane], right: &[Pane]) -> String {
    let columns = std::env::var("COLUMNS").ok().and_then(|text| text.parse().ok()).unwrap_or(WIDTH);
    let width = (columns.clamp(80, 220) - GAP.chars().count()) / 2;
    let mut text = format!("\n━━ {heading} {}\n", "━".repeat((width * 2).saturating_sub(heading.chars().count() + 1)));
    for (left, right) in left.iter().zip(right) {
        let (left, right) = (lines(left, width), lines(right, width));
        for row in 0..left.len().max(right.len()) {
            let cell = |lines: &[String]| lines.get(row).cloned().unwrap_or_default();
            text.push_str(format!("{:<width$}{GAP}{}", cell(&left), cell(&right)).trim_end());
            text.push('\n');
        }
        text.push('\n');
    }
    text
}

fn lines(pane: &Pane, width: usize) -> Vec<String> {
    let mut lines = vec![format!("── {} ──", pane.title)];
    for line in pane.text.lines() {
        let characters: Vec<char> = line.chars().collect();
        let pieces = characters.chunks(width.max(1)).map(|piece| piece.iter().collect::<String>());
        lines.extend(pieces);
        if characters.is_empty() {
            lines.push(String::new());
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_folded_and_rows_stay_beside_each_other() {
        let text = panes("x", &[Pane::new("a", "1\n\n2".to_owned())], &[Pane::new("b", "y".repeat(200))]);
        let rows: Vec<&str> = text.lines().collect();
        assert!(rows[2].starts_with("── a ──") && rows[2].ends_with("── b ──"));
        assert!(rows[3].starts_with('1') && rows[3].ends_with('y'));
        assert!(rows.iter().all(|row| row.chars().count() <= WIDTH));
    }
}
