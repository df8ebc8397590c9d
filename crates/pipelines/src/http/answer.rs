//! What came back, and what it means.

use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::StatusCode;
use reqwest::header::{HeaderMap, HeaderName};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::RemoteError;

/// The longest piece of a system's own words that goes into an error.
const WORDS: usize = 300;
/// The longest wait that a system can ask for.
const LONGEST_WAIT: i64 = 300;
/// The wait where a system says only that it is too much.
const USUAL_WAIT: i64 = 60;

/// One answer, whatever its status. Its body never holds the credential.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The decoded body.
    pub body: String,
    /// When it came.
    pub at: DateTime<Utc>,
}

impl Answer {
    /// Returns a header's text.
    pub fn header(&self, name: &str) -> Option<&str> {
        let name: HeaderName = name.parse().ok()?;
        self.headers.get(name)?.to_str().ok()
    }

    /// Says whether the body is a page for people: a login form or a proxy's excuse.
    pub fn is_page(&self) -> bool {
        self.header("content-type").is_some_and(|kind| kind.starts_with("text/html"))
            || self.body.trim_start().get(..5).is_some_and(|begin| begin.eq_ignore_ascii_case("<html"))
            || self.body.trim_start().get(..9).is_some_and(|begin| begin.eq_ignore_ascii_case("<!doctype"))
    }

    /// Says whether the answer sends us to a login page, by redirect or by showing one.
    pub fn is_login(&self) -> bool {
        let target = self.header("location").unwrap_or_default().to_ascii_lowercase();
        let to_login = ["login", "signin", "sign_in", "securityrealm", "oauth", "saml", "auth"];
        self.status.is_redirection() && to_login.iter().any(|word| target.contains(word))
    }

    /// Reads the body.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, RemoteError> {
        if self.body.trim().is_empty() {
            return Err(RemoteError::Protocol { detail: "the answer is empty".into() });
        }
        if self.is_page() {
            return Err(RemoteError::Protocol { detail: "a web page came where data was expected".into() });
        }
        let mut reader = serde_json::Deserializer::from_str(&self.body);
        // serde_json refuses more than 128 levels, so hostile depth can't overflow the stack.
        T::deserialize(&mut reader)
            .map_err(|error| RemoteError::Protocol { detail: format!("the answer can't be read: {error}") })
    }

    /// Returns the system's own id of the request.
    pub fn request_id(&self) -> Option<String> {
        ["x-request-id", "x-github-request-id", "x-amzn-requestid", "x-spinnaker-request-id"]
            .iter()
            .find_map(|name| self.header(name))
            .map(|id| id.chars().take(100).collect())
    }

    /// Returns the system's own words about what went wrong.
    pub fn words(&self) -> String {
        let said = match serde_json::from_str::<Value>(&self.body) {
            Ok(value) => said(&value).unwrap_or_default(),
            Err(_) if self.is_page() => self.header("x-error").unwrap_or_default().to_owned(),
            Err(_) => self.body.trim().to_owned(),
        };
        let said = if said.is_empty() { format!("status {}", self.status.as_u16()) } else { said };
        shortened(&said, WORDS)
    }
}

/// Returns what an answer that is no success means for a read, and for a write that provably did nothing.
pub fn problem_of(answer: &Answer, limited: Option<DateTime<Utc>>) -> RemoteError {
    if let Some(retry_at) = limited {
        return RemoteError::RateLimited { retry_at };
    }
    let detail = answer.words();
    match answer.status.as_u16() {
        401 | 407 => RemoteError::Auth { reauth: true, detail },
        403 => RemoteError::Forbidden { needs: None, detail },
        404 | 410 => RemoteError::NotFound(detail),
        409 => RemoteError::Conflict { detail },
        412 => RemoteError::Stale { detail },
        300..=399 if answer.is_login() => {
            RemoteError::Auth { reauth: true, detail: "the system answered with its login page".into() }
        }
        300..=399 => RemoteError::Protocol { detail: "the system redirects, which is never followed".into() },
        408 | 500..=599 => RemoteError::Unavailable { retry_after: wait_of(answer) },
        400..=499 => RemoteError::Invalid { reasons: Vec::new(), detail },
        _ => RemoteError::Protocol { detail },
    }
}

/// Reads from the usual headers when a host that limits us may be asked again; nothing if it doesn't limit.
///
/// The order is GitHub's published one, which the others' headers fit into: `Retry-After`, then an exhausted
/// quota with its reset, then a minute.
pub fn retry_at(answer: &Answer) -> Option<DateTime<Utc>> {
    let exhausted = ["x-ratelimit-remaining", "ratelimit-remaining"]
        .iter()
        .any(|name| answer.header(name).is_some_and(|left| left.trim() == "0"));
    let limits = match answer.status.as_u16() {
        429 => true,
        403 => answer.header("retry-after").is_some() || exhausted,
        _ => false,
    };
    if !limits {
        return None;
    }
    let seconds = wait_of(answer)
        .and_then(|wait| i64::try_from(wait.as_secs()).ok())
        .or_else(|| {
            let reset =
                ["x-ratelimit-reset", "ratelimit-reset"].iter().find_map(|name| answer.header(name))?;
            until(reset, answer.at)
        })
        .unwrap_or(USUAL_WAIT);
    Some(answer.at + chrono::TimeDelta::seconds(seconds.clamp(1, LONGEST_WAIT)))
}

/// Seconds from now to a reset that is given as epoch seconds, as a date or as seconds to go; past ones don't count.
fn until(reset: &str, now: DateTime<Utc>) -> Option<i64> {
    let seconds = match reset.trim().parse::<i64>() {
        Ok(number) if number > 1_000_000_000 => number - now.timestamp(),
        Ok(number) => number,
        Err(_) => date(reset)?.timestamp() - now.timestamp(),
    };
    (seconds > 0).then_some(seconds)
}

fn date(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    let parsed = DateTime::parse_from_rfc2822(text).or_else(|_| DateTime::parse_from_rfc3339(text)).ok()?;
    Some(parsed.with_timezone(&Utc))
}

fn wait_of(answer: &Answer) -> Option<Duration> {
    let seconds = until(answer.header("retry-after")?, answer.at)?;
    u64::try_from(seconds).ok().map(Duration::from_secs)
}

/// The places where systems put their words: a string, or a list or an object of strings.
fn said(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()).filter(|text| !text.trim().is_empty()),
        Value::Array(items) => {
            let words: Vec<String> = items.iter().filter_map(said).collect();
            (!words.is_empty()).then(|| words.join("; "))
        }
        Value::Object(fields) => {
            let named =
                ["message", "Message", "errorMessages", "error", "error_description", "errors", "detail"];
            let words: Vec<String> =
                named.iter().filter_map(|name| fields.get(*name)).filter_map(said).collect();
            match words.is_empty() {
                false => Some(words.join("; ")),
                true => {
                    let all: Vec<String> = fields
                        .iter()
                        .filter_map(|(name, value)| Some(format!("{name}: {}", said(value)?)))
                        .collect();
                    (!all.is_empty()).then(|| all.join("; "))
                }
            }
        }
        _ => None,
    }
}

pub(crate) fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Answer {
        let headers = headers
            .iter()
            .map(|(name, value)| (name.parse::<HeaderName>().unwrap(), value.parse().unwrap()))
            .collect();
        Answer {
            status: StatusCode::from_u16(status).unwrap(),
            headers,
            body: body.into(),
            at: DateTime::from_timestamp(1_790_000_000, 0).unwrap(),
        }
    }

    fn wait(status: u16, headers: &[(&str, &str)]) -> Option<i64> {
        retry_at(&answer(status, headers, "")).map(|at| at.timestamp() - 1_790_000_000)
    }

    #[test]
    fn a_limit_is_read_from_whatever_the_host_sends() {
        assert_eq!(wait(429, &[("retry-after", "7")]), Some(7));
        assert_eq!(wait(429, &[("retry-after", "99999")]), Some(LONGEST_WAIT));
        assert_eq!(wait(429, &[]), Some(USUAL_WAIT));
        assert_eq!(wait(403, &[]), None);
        assert_eq!(
            wait(403, &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1790000042")]),
            Some(42)
        );
        // A reset in the past, as some gates send by mistake.
        assert_eq!(wait(429, &[("x-ratelimit-reset", "Thu, 01 Jan 1970 00:29:00 GMT")]), Some(USUAL_WAIT));
        assert_eq!(wait(200, &[("retry-after", "7")]), None);
    }

    #[test]
    fn a_systems_own_words_are_found_and_kept_short() {
        assert_eq!(answer(400, &[], r#"{"message":{"base":["too old"]}}"#).words(), "base: too old");
        assert_eq!(answer(400, &[], r#"{"errorMessages":["a","b"],"errors":{}}"#).words(), "a; b");
        assert_eq!(
            answer(400, &[("content-type", "text/html"), ("x-error", "No.")], "<html>").words(),
            "No."
        );
        assert_eq!(answer(500, &[], "").words(), "status 500");
        assert_eq!(answer(400, &[], &"x".repeat(900)).words().chars().count(), WORDS + 1);
    }

    #[test]
    fn a_login_page_is_an_authentication_problem() {
        let redirect = answer(302, &[("location", "https://x/securityRealm/commenceLogin")], "");
        assert!(matches!(problem_of(&redirect, None), RemoteError::Auth { .. }));
        let page = answer(200, &[("content-type", "text/html; charset=utf-8")], "<!DOCTYPE html>");
        assert!(matches!(page.json::<Value>(), Err(RemoteError::Protocol { .. })));
        assert!(matches!(answer(200, &[], " ").json::<Value>(), Err(RemoteError::Protocol { .. })));
    }
}
