//! Jira's query language: every text of ours or of others goes in quoted.

/// Quotes a text, so that it is one value whatever it holds.
pub(super) fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        if matches!(c, '"' | '\\') {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    quoted.push('"');
    quoted
}

/// Says whether a text can be a project's key: a capital letter, then at least one capital letter, digit or
/// underscore.
pub(super) fn is_project_key(text: &str) -> bool {
    let inner = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    text.len() >= 2 && text.starts_with(|c: char| c.is_ascii_uppercase()) && text.chars().all(inner)
}

/// Says whether a text can be an issue's key: a project's key, a hyphen and a number.
pub(super) fn is_issue_key(text: &str) -> bool {
    text.rsplit_once('-').is_some_and(|(project, number)| {
        is_project_key(project) && !number.is_empty() && number.bytes().all(|digit| digit.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quoted_text_stays_one_value() {
        assert_eq!(quoted("1.4.2"), r#""1.4.2""#);
        assert_eq!(quoted(r#"x" OR project != "SHOP"#), r#""x\" OR project != \"SHOP""#);
        assert_eq!(quoted(r"ends with \"), r#""ends with \\""#);
    }

    #[test]
    fn only_well_formed_keys_are_asked_for() {
        for good in ["SHOP-1", "A1_B-0042", "AB-7"] {
            assert!(is_issue_key(good), "{good}");
        }
        for bad in ["", "SHOP", "shop-1", "S-1", "1AB-1", "SHOP-", "SHOP-1a", "SHOP-1\" OR 1=1", "SHOP -1"] {
            assert!(!is_issue_key(bad), "{bad}");
        }
    }
}
