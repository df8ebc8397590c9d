//! Makes text of foreign origin safe to show.

use std::borrow::Cow;
use std::fmt::Write;

/// Replaces control and direction characters by visible signs; keeps line feeds and tabs.
///
/// Logs, labels and commit texts come from outside. Escape sequences could repaint a terminal and
/// direction overrides could make a line read differently from what it says, so both become visible
/// instead of vanishing. A carriage return before a line feed is dropped.
pub fn sanitise(text: &str) -> Cow<'_, str> {
    if !text.contains(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\r' if rest.peek() == Some(&'\n') => {}
            '\u{7f}' => safe.push('\u{2421}'),
            c if (c as u32) < 0x20 && is_unsafe(c) => {
                safe.extend(char::from_u32(0x2400 + c as u32));
            }
            c if is_unsafe(c) => {
                // Writing to a String can't fail.
                let _ = write!(safe, "⟨U+{:04X}⟩", c as u32);
            }
            c => safe.push(c),
        }
    }
    Cow::Owned(safe)
}

fn is_unsafe(c: char) -> bool {
    match c {
        '\n' | '\t' => false,
        c if c.is_control() => true,
        // Direction marks, embeddings, overrides and isolates.
        '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => true,
        // Line and paragraph separators, invisible characters, and tags.
        '\u{2028}' | '\u{2029}' | '\u{200b}' | '\u{2060}' | '\u{feff}' => true,
        '\u{e0000}'..='\u{e007f}' => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::sanitise;

    #[test]
    fn escape_sequences_and_direction_overrides_become_visible() {
        assert_eq!(sanitise("a\u{1b}[31mred"), "a␛[31mred");
        assert_eq!(sanitise("user\u{202e}nimda"), "user⟨U+202E⟩nimda");
        assert_eq!(sanitise("10%\r20%\r\nend\n"), "10%␍20%\nend\n");
        assert_eq!(sanitise("\u{9b}31m\u{7f}\0"), "⟨U+009B⟩31m␡␀");
    }

    #[test]
    fn ordinary_text_is_left_alone() {
        let text = "Überprüft\t✓ 東京\n";
        assert_eq!(sanitise(text), text);
    }
}
