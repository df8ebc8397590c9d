//! Canonical JSON (RFC 8785), narrowed to what it can carry without loss.
//!
//! RFC 8785 writes every number as an IEEE double, so it silently rounds integers beyond 2^53 - 1, and two programs
//! may disagree on a fraction. The ledger refuses both: sizes, amounts and ids are text.

use serde::Serialize;
use serde_json::Value;
use thiserror::Error;

/// The largest integer, in either direction, that canonical JSON keeps exactly.
pub const MAX_INTEGER: u64 = (1 << 53) - 1;

/// The deepest nesting of arrays and objects.
pub const MAX_DEPTH: usize = 100;

/// Why a value has no canonical form, or bytes are not one.
#[derive(Debug, Error)]
pub enum CanonError {
    /// The bytes or the value are not JSON.
    #[error("it is not JSON: {0}")]
    NotJson(#[from] serde_json::Error),
    /// A number is not an integer.
    #[error("it holds the number {0}, and the ledger keeps no fractions")]
    Fraction(String),
    /// An integer is beyond 2^53 - 1.
    #[error("it holds the integer {0}, which is beyond 2^53 - 1")]
    IntegerTooLarge(String),
    /// Nested more deeply than [`MAX_DEPTH`].
    #[error("it is nested more than {MAX_DEPTH} levels deep")]
    TooDeep,
    /// The bytes are JSON, but not in the one canonical spelling.
    #[error("it is not in canonical form (RFC 8785)")]
    NotCanonical,
}

/// Writes a value as canonical JSON.
///
/// # Errors
///
/// When the value holds a fraction, an integer beyond ±(2^53 - 1), or cannot be written as JSON.
pub fn to_bytes<T: Serialize>(value: &T) -> Result<Vec<u8>, CanonError> {
    let value = serde_json::to_value(value)?;
    check(&value, MAX_DEPTH)?;
    Ok(serde_json_canonicalizer::to_vec(&value)?)
}

/// Reads bytes that must be in canonical form.
///
/// # Errors
///
/// When the bytes are not JSON, hold a number the ledger refuses, or differ from their canonical form (which also
/// finds duplicate keys).
pub fn parse(bytes: &[u8]) -> Result<Value, CanonError> {
    let value: Value = serde_json::from_slice(bytes)?;
    check(&value, MAX_DEPTH)?;
    if serde_json_canonicalizer::to_vec(&value)? == bytes { Ok(value) } else { Err(CanonError::NotCanonical) }
}

/// Tells whether bytes are canonical JSON: `canon(parse(bytes)) == bytes`.
pub fn is_canonical(bytes: &[u8]) -> bool {
    parse(bytes).is_ok()
}

fn check(value: &Value, depth: usize) -> Result<(), CanonError> {
    match value {
        Value::Null | Value::Bool(_) | Value::String(_) => Ok(()),
        Value::Number(number) => match (number.as_u64(), number.as_i64()) {
            (None, None) if number.is_f64() => Err(CanonError::Fraction(number.to_string())),
            (Some(0..=MAX_INTEGER), _) => Ok(()),
            (_, Some(negative)) if negative.unsigned_abs() <= MAX_INTEGER => Ok(()),
            _ => Err(CanonError::IntegerTooLarge(number.to_string())),
        },
        Value::Array(_) | Value::Object(_) if depth == 0 => Err(CanonError::TooDeep),
        Value::Array(items) => items.iter().try_for_each(|item| check(item, depth - 1)),
        Value::Object(members) => members.values().try_for_each(|member| check(member, depth - 1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn keys_are_sorted_and_text_is_written_one_way() {
        let bytes =
            to_bytes(&json!({"b": 1, "a": ["\u{e9}\n", null, true], "\u{1F600}": {}, "\u{fb33}": -7}));
        assert_eq!(
            String::from_utf8(bytes.unwrap()).unwrap(),
            "{\"a\":[\"\u{e9}\\n\",null,true],\"b\":1,\"\u{1F600}\":{},\"\u{fb33}\":-7}"
        );
    }

    #[test]
    fn numbers_that_would_be_rounded_are_refused() {
        assert!(to_bytes(&json!({"n": MAX_INTEGER})).is_ok());
        assert!(to_bytes(&json!({"n": -(MAX_INTEGER as i64)})).is_ok());
        assert!(matches!(to_bytes(&json!([MAX_INTEGER + 1])), Err(CanonError::IntegerTooLarge(_))));
        assert!(matches!(to_bytes(&json!([i64::MIN])), Err(CanonError::IntegerTooLarge(_))));
        assert!(matches!(to_bytes(&json!([1.5])), Err(CanonError::Fraction(_))));
        assert!(!is_canonical(b"[1.5]"));
        assert!(!is_canonical(b"[9007199254740992]"));
        assert!(!is_canonical(b"[18446744073709551616]"));
        assert!(!is_canonical(b"[1e3]"));
        assert!(!is_canonical(b"[-0]"));
    }

    #[test]
    fn other_spellings_of_the_same_value_are_refused() {
        assert!(is_canonical(br#"{"a":1,"b":2}"#));
        for bytes in [
            &br#"{"b":2,"a":1}"#[..],
            br#"{"a":1,"a":1}"#,
            br#"{"a":2,"a":1}"#,
            br#"{"a": 1}"#,
            br#"{"a":"\u0041"}"#,
            br#"{"a":"\/"}"#,
            b"{\"a\":1}\n",
            b"\xef\xbb\xbf{}",
            b"{}{}",
            b"",
        ] {
            assert!(!is_canonical(bytes), "{}", String::from_utf8_lossy(bytes));
        }
    }

    #[test]
    fn nesting_is_bounded() {
        let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels)).into_bytes();
        assert!(is_canonical(&nested(MAX_DEPTH)));
        assert!(!is_canonical(&nested(MAX_DEPTH + 1)));
        assert!(!is_canonical(&nested(10_000)));
    }
}
