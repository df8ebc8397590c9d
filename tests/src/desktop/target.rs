//! How a test names something on the screen: as a person or a screen reader would.

use serde::{Deserialize, Serialize};

/// Something to be found on the screen. Hidden and inert elements are never found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Target {
    /// The ARIA role, implied or given: `button`, `link`, `textbox`, `row`.
    pub role: Option<String>,
    /// The accessible name. An equal name wins over one that only contains it.
    pub name: Option<String>,
    /// The visible text, or a part of it.
    pub text: Option<String>,
    /// A CSS selector, where nothing a person sees would do.
    pub css: Option<String>,
    /// Look only inside the element with this role …
    pub within: Option<String>,
    /// Which of several, from zero.
    pub nth: usize,
}

impl Target {
    /// An element by role and accessible name.
    pub fn role(role: &str, name: &str) -> Self {
        Self { role: Some(role.to_owned()), name: Some(name.to_owned()), ..Self::default() }
    }

    /// Any element with this role.
    pub fn any(role: &str) -> Self {
        Self { role: Some(role.to_owned()), ..Self::default() }
    }

    /// A button.
    pub fn button(name: &str) -> Self {
        Self::role("button", name)
    }

    /// A link.
    pub fn link(name: &str) -> Self {
        Self::role("link", name)
    }

    /// Something to type into, by its label.
    pub fn field(label: &str) -> Self {
        Self::role("textbox", label)
    }

    /// The innermost element that shows this text.
    pub fn text(text: &str) -> Self {
        Self { text: Some(text.to_owned()), ..Self::default() }
    }

    /// An element by CSS selector.
    pub fn css(selector: &str) -> Self {
        Self { css: Some(selector.to_owned()), ..Self::default() }
    }

    /// The same, inside the first element with `role` (and, after a colon, a name): `dialog`, `row:2.8.0`.
    #[must_use]
    pub fn inside(mut self, role: &str) -> Self {
        self.within = Some(role.to_owned());
        self
    }

    /// The same, but the one after `n` others.
    #[must_use]
    pub fn nth(mut self, n: usize) -> Self {
        self.nth = n;
        self
    }
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let parts = [
            ("role", &self.role),
            ("name", &self.name),
            ("text", &self.text),
            ("css", &self.css),
            ("within", &self.within),
        ];
        let mut first = true;
        for (word, value) in parts {
            if let Some(value) = value {
                write!(f, "{}{word} “{value}”", if first { "" } else { ", " })?;
                first = false;
            }
        }
        if self.nth > 0 { write!(f, ", number {}", self.nth) } else { Ok(()) }
    }
}
