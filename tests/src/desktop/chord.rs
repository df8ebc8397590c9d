//! Keys pressed together, written as people write them: `Ctrl+K`, `Shift+Tab`, `Enter`, `j`.

use anyhow::{Result, bail};
use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::key::Key;

/// The key presses of one chord: all keys down in order, then up in reverse order.
pub fn actions(chord: &str) -> Result<KeyActions> {
    let mut keys = Vec::new();
    for part in parts(chord) {
        keys.push(key(part)?);
    }
    let mut actions = KeyActions::new("keyboard".to_owned());
    for &value in &keys {
        actions = actions.then(KeyAction::Down { value });
    }
    for &value in keys.iter().rev() {
        actions = actions.then(KeyAction::Up { value });
    }
    Ok(actions)
}

fn parts(chord: &str) -> Vec<&str> {
    // A lone or trailing plus is the key itself.
    match chord.strip_suffix('+') {
        Some("") => vec!["+"],
        Some(rest) => rest.trim_end_matches('+').split('+').chain(["+"]).collect(),
        None => chord.split('+').collect(),
    }
}

fn key(name: &str) -> Result<char> {
    let mut characters = name.chars();
    if let (Some(only), None) = (characters.next(), characters.next()) {
        return Ok(only);
    }
    Ok(char::from(match name.to_ascii_lowercase().as_str() {
        "ctrl" | "control" => Key::Control,
        "shift" => Key::Shift,
        "alt" => Key::Alt,
        "meta" | "cmd" => Key::Meta,
        "enter" | "return" => Key::Enter,
        "escape" | "esc" => Key::Escape,
        "tab" => Key::Tab,
        "space" => return Ok(' '),
        "backspace" => Key::Backspace,
        "delete" => Key::Delete,
        "up" | "arrowup" => Key::Up,
        "down" | "arrowdown" => Key::Down,
        "left" | "arrowleft" => Key::Left,
        "right" | "arrowright" => Key::Right,
        "home" => Key::Home,
        "end" => Key::End,
        "pageup" => Key::PageUp,
        "pagedown" => Key::PageDown,
        _ => bail!("there is no key called {name}"),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chord_is_split_at_its_pluses() {
        assert_eq!(parts("Ctrl+Shift+K"), ["Ctrl", "Shift", "K"]);
        assert_eq!(parts("Ctrl++"), ["Ctrl", "+"]);
        assert_eq!(parts("+"), ["+"]);
    }

    #[test]
    fn an_unknown_key_is_refused() {
        assert!(actions("Ctrl+Bogus").is_err());
        assert!(actions("Ctrl+K").is_ok());
    }
}
