//! [`Session`]: signs in, and speaks to Buildbot's data API.

use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::sync::Mutex;
use url::Url;

use super::wire::{Config, Reply};
use crate::http::{Answer, Call, Http};
use crate::{Reason, RemoteError, WriteError};

/// The header that carries a new session.
const COOKIE: &str = "set-cookie";

/// A connection with its session, which lives in memory only.
pub(super) struct Session {
    pub http: Http,
    /// Whether there is an account to sign in with.
    named: bool,
    signed_in: Mutex<bool>,
}

impl Session {
    pub fn new(http: Http, named: bool) -> Self {
        Self { http, named, signed_in: Mutex::new(false) }
    }

    /// Makes an address of the data API.
    pub fn api(&self, path: &[&str], query: &[(&str, &str)]) -> Url {
        let whole = ["api", "v2"].iter().chain(path);
        if query.is_empty() { self.http.url(whole) } else { self.http.url_with(whole, query) }
    }

    /// Reads from the data API, signed in.
    pub async fn get<T: DeserializeOwned>(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
    ) -> Result<T, RemoteError> {
        self.begin().await?;
        let url = self.api(path, query);
        match self.http.get(url.clone()).await {
            Err(RemoteError::Auth { .. } | RemoteError::Forbidden { .. }) if self.renewed().await? => {
                self.http.get(url).await
            }
            other => other,
        }
    }

    /// Returns what the server says about itself and about us.
    pub async fn config(&self) -> Result<Config, RemoteError> {
        self.begin().await?;
        self.http.get(self.http.url(["config"])).await
    }

    /// Calls a method, once. The session is renewed before, so that an old one is no reason for a refusal.
    pub async fn call(&self, path: &[&str], method: &str, params: Value) -> Result<Accepted, WriteError> {
        self.begin().await?;
        self.renewed().await?;
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        let answer = self.http.send(Call::post(self.api(path, &[])).json(&body)).await?;
        if answer.status.as_u16() == 400 {
            return Err(invalid(&answer).into());
        }
        let answer = self.http.accepted(answer).map_err(with_role)?;
        let reply: Reply = self.http.answered(&answer)?;
        Ok(Accepted { result: reply.result, at: answer.at })
    }

    async fn begin(&self) -> Result<(), RemoteError> {
        let mut signed_in = self.signed_in.lock().await;
        if self.named && !*signed_in {
            self.sign_in().await?;
            *signed_in = true;
        }
        Ok(())
    }

    /// Signs in again if the session has ended; says whether that was so.
    async fn renewed(&self) -> Result<bool, RemoteError> {
        if !self.named {
            return Ok(false);
        }
        let _one_at_a_time = self.signed_in.lock().await;
        if !self.is_anonymous().await? {
            return Ok(false);
        }
        self.sign_in().await?;
        Ok(true)
    }

    async fn is_anonymous(&self) -> Result<bool, RemoteError> {
        let config: Config = self.http.get(self.http.url(["config"])).await?;
        Ok(config.user.anonymous)
    }

    /// The name and the password go to the login page, which gives a session and redirects to the front page.
    async fn sign_in(&self) -> Result<(), RemoteError> {
        let login = Call::get(self.http.url(["auth", "login"]));
        let answer = self.http.read_any(login.clone()).await?;
        if !answer.status.is_success() && !answer.status.is_redirection() {
            // Reads it as an error; a 401 is not repeated.
            self.http.read(login).await?;
        }
        if answer.is_login() {
            return Err(RemoteError::Auth {
                reauth: true,
                detail: "it signs in by another site's page; Signalbox needs an account with a password"
                    .into(),
            });
        }
        if answer.header(COOKIE).is_none() {
            return Err(RemoteError::Protocol { detail: "signing in gave no session".into() });
        }
        if self.is_anonymous().await? {
            return Err(RemoteError::Auth {
                reauth: true,
                detail: "signing in with the name and the password had no effect".into(),
            });
        }
        Ok(())
    }
}

/// What an accepted call gave back.
pub(super) struct Accepted {
    pub result: Value,
    pub at: DateTime<Utc>,
}

impl Accepted {
    /// Reads the build request that a call has made: `[buildset, {builder: request}]`.
    pub fn request(&self, builder: u64) -> Result<u64, WriteError> {
        let request = self.result.get(1).and_then(|requests| requests.get(builder.to_string()));
        request.and_then(Value::as_u64).ok_or_else(|| WriteError::OutcomeUnknown {
            cause: RemoteError::Protocol { detail: "the answer names no build request".into() },
            sent_at: self.at,
        })
    }
}

/// Reads which inputs Buildbot refuses, and why.
fn invalid(answer: &Answer) -> RemoteError {
    let body: Value = serde_json::from_str(&answer.body).unwrap_or_default();
    let refused = body.pointer("/error/message").and_then(Value::as_object);
    let reasons = refused.into_iter().flatten().map(|(input, words)| Reason {
        code: "promotion.parameter",
        place: input.clone(),
        sentence: words.as_str().unwrap_or("Buildbot refuses it.").chars().take(300).collect(),
        next_step: "Correct the input, or the rule for it in Buildbot's force scheduler.".into(),
    });
    let reasons: Vec<Reason> = reasons.collect();
    let detail = if reasons.is_empty() { answer.words() } else { "Buildbot refuses the inputs".into() };
    RemoteError::Invalid { reasons, detail }
}

/// Buildbot names the missing role in its words.
fn with_role(error: WriteError) -> WriteError {
    match error {
        WriteError::NotApplied(RemoteError::Forbidden { detail, .. }) => {
            let role = detail.split_once("role '").and_then(|(_, rest)| rest.split_once('\''));
            let needs = role.map(|(role, _)| format!("the role {role} in Buildbot"));
            WriteError::NotApplied(RemoteError::Forbidden { needs, detail })
        }
        other => other,
    }
}
