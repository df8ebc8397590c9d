//! Text that a spreadsheet can show and never runs.

/// Makes text safe for a cell.
///
/// A spreadsheet runs a cell that begins with one of `= + - @` (or their full-width forms), also behind blanks that it
/// trims; a leading apostrophe makes it text. A spreadsheet that expects another separator splits a cell at it, so the
/// same holds behind separators. Control characters except the line feed become blanks.
pub(crate) fn safe(text: &str) -> String {
    let mut cell = String::with_capacity(text.len() + 1);
    // The place before which an apostrophe would go, while only blanks were seen since the last beginning.
    let mut beginning = Some(0);
    for letter in text.chars() {
        let letter = if letter.is_control() && letter != '\n' { ' ' } else { letter };
        if let Some(place) = beginning
            && !letter.is_whitespace()
        {
            if runs(letter) {
                cell.insert(place, '\'');
            }
            beginning = None;
        }
        cell.push(letter);
        if matches!(letter, ';' | ',' | '|' | '\n' | '"') {
            beginning = Some(cell.len());
        }
    }
    cell
}

fn runs(letter: char) -> bool {
    matches!(letter, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠')
}

#[cfg(test)]
mod tests {
    use super::safe;

    #[test]
    fn what_a_spreadsheet_would_run_becomes_text() {
        assert_eq!(safe("=1+1"), "'=1+1");
        assert_eq!(safe("@SUM(A1)"), "'@SUM(A1)");
        assert_eq!(safe("-2+3"), "'-2+3");
        assert_eq!(safe("+cmd|' /C calc'!A0"), "'+cmd|' /C calc'!A0");
        assert_eq!(safe("\t=1"), "' =1");
        assert_eq!(safe("  =1"), "'  =1");
        assert_eq!(safe("\r\n=1"), " \n'=1");
        assert_eq!(safe("＝1"), "'＝1");
        assert_eq!(safe("fine;=1"), "fine;'=1");
        assert_eq!(safe("\"=1"), "\"'=1");
    }

    #[test]
    fn ordinary_text_stays_as_it_is() {
        for text in ["", "restart at 14:00", "a = b", "2.8.0-rc.1", "don't", "one\ntwo", "é ✓ 日本"] {
            assert_eq!(safe(text), text);
        }
    }
}
