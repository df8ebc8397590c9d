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
    check_value(&value, MAX_DEPTH)?;
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
    check_value(&value, MAX_DEPTH)?;
    if serde_json_canonicalizer::to_vec(&value)? == bytes { Ok(value) } else { Err(CanonError::NotCanonical) }
}

/// Checks that bytes are in canonical form, without keeping what they say.
///
/// # Errors
///
/// As [`parse`].
pub fn check(bytes: &[u8]) -> Result<(), CanonError> {
    // Almost all bytes that are ever checked are canonical; the others deserve the full path and its reasons.
    if stream::is_canonical(bytes) { Ok(()) } else { parse(bytes).map(|_| ()) }
}

/// Tells whether bytes are canonical JSON: `canon(parse(bytes)) == bytes`.
pub fn is_canonical(bytes: &[u8]) -> bool {
    check(bytes).is_ok()
}

fn check_value(value: &Value, depth: usize) -> Result<(), CanonError> {
    match value {
        Value::Null | Value::Bool(_) | Value::String(_) => Ok(()),
        Value::Number(number) => match (number.as_u64(), number.as_i64()) {
            (None, None) if number.is_f64() => Err(CanonError::Fraction(number.to_string())),
            (Some(0..=MAX_INTEGER), _) => Ok(()),
            (_, Some(negative)) if negative.unsigned_abs() <= MAX_INTEGER => Ok(()),
            _ => Err(CanonError::IntegerTooLarge(number.to_string())),
        },
        Value::Array(_) | Value::Object(_) if depth == 0 => Err(CanonError::TooDeep),
        Value::Array(items) => items.iter().try_for_each(|item| check_value(item, depth - 1)),
        Value::Object(members) => members.values().try_for_each(|member| check_value(member, depth - 1)),
    }
}

/// The same question answered in one pass: what the parser reads is written out again as it comes, and keys must come
/// in ascending order. Verification spends its time here, and building and sorting a tree costs five times as much.
mod stream {
    use super::{MAX_DEPTH, MAX_INTEGER};
    use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
    use std::borrow::Cow;
    use std::fmt;

    pub(super) fn is_canonical(bytes: &[u8]) -> bool {
        let mut written = Vec::with_capacity(bytes.len());
        let mut parser = serde_json::Deserializer::from_slice(bytes);
        let rewrite = Rewrite { out: &mut written, depth: MAX_DEPTH };
        rewrite.deserialize(&mut parser).is_ok() && parser.end().is_ok() && written == bytes
    }

    struct Rewrite<'a> {
        out: &'a mut Vec<u8>,
        depth: usize,
    }

    impl Rewrite<'_> {
        fn scalar<E: Error>(self, value: impl serde::Serialize) -> Result<(), E> {
            serde_json::to_writer(self.out, &value).map_err(E::custom)
        }
    }

    impl<'de> DeserializeSeed<'de> for Rewrite<'_> {
        type Value = ();

        fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
            deserializer.deserialize_any(self)
        }
    }

    impl<'de> Visitor<'de> for Rewrite<'_> {
        type Value = ();

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a value without fractions and large integers")
        }

        fn visit_unit<E: Error>(self) -> Result<(), E> {
            self.scalar(())
        }

        fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
            self.scalar(value)
        }

        fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
            if value > MAX_INTEGER { Err(E::custom("too large")) } else { self.scalar(value) }
        }

        fn visit_i64<E: Error>(self, value: i64) -> Result<(), E> {
            if value.unsigned_abs() > MAX_INTEGER { Err(E::custom("too large")) } else { self.scalar(value) }
        }

        fn visit_str<E: Error>(self, value: &str) -> Result<(), E> {
            self.scalar(value)
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
            let depth = self.depth.checked_sub(1).ok_or_else(|| A::Error::custom("too deep"))?;
            self.out.push(b'[');
            let start = self.out.len();
            loop {
                // A comma too many is taken back: whether another item comes shows only after asking for it.
                let before = self.out.len();
                if before > start {
                    self.out.push(b',');
                }
                if items.next_element_seed(Rewrite { out: self.out, depth })?.is_none() {
                    self.out.truncate(before);
                    break;
                }
            }
            self.out.push(b']');
            Ok(())
        }

        fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
            let depth = self.depth.checked_sub(1).ok_or_else(|| A::Error::custom("too deep"))?;
            self.out.push(b'{');
            let mut last: Option<Cow<'de, str>> = None;
            while let Some(Key(key)) = members.next_key()? {
                if let Some(last) = &last {
                    // RFC 8785 sorts by UTF-16 code units.
                    if last.encode_utf16().cmp(key.encode_utf16()).is_ge() {
                        return Err(A::Error::custom("keys out of order"));
                    }
                    self.out.push(b',');
                }
                serde_json::to_writer(&mut *self.out, &key).map_err(A::Error::custom)?;
                self.out.push(b':');
                members.next_value_seed(Rewrite { out: self.out, depth })?;
                last = Some(key);
            }
            self.out.push(b'}');
            Ok(())
        }
    }

    /// A key, borrowed from the input where it holds no escapes.
    #[derive(serde::Deserialize)]
    #[serde(transparent)]
    struct Key<'a>(#[serde(borrow)] Cow<'a, str>);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
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

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            (-9_007_199_254_740_993i64..=9_007_199_254_740_993).prop_map(Value::from),
            any::<i8>().prop_map(Value::from),
            ".{0,6}".prop_map(Value::from),
        ];
        let key = "[a-c\"\\n\u{e000}\u{10000}\u{1}]{0,2}";
        leaf.prop_recursive(4, 24, 4, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map(key, inner, 0..4)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn one_pass_says_what_the_full_path_says(value in any_json(), at: prop::sample::Index, byte: u8) {
            let plain = serde_json::to_vec(&value).unwrap();
            let canonical = serde_json_canonicalizer::to_vec(&value).unwrap();
            let mut damaged = canonical.clone();
            let position = at.index(damaged.len());
            damaged[position] = byte;
            let mut longer = canonical.clone();
            longer.insert(position, b" \",0"[usize::from(byte % 4)]);
            for bytes in [plain, canonical, damaged, longer] {
                prop_assert_eq!(stream::is_canonical(&bytes), parse(&bytes).is_ok(), "{:?}", bytes);
            }
        }
    }
}
