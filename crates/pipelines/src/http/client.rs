//! [`Http`]: reads that may be repeated, and writes that never are.

use std::borrow::Cow;
use std::collections::{BTreeMap, VecDeque};
use std::error::Error;
use std::fmt;
use std::sync::{Arc, Mutex, Once, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::cookie::Jar;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, ETAG, HeaderName, HeaderValue};
use reqwest::{Client, Method, StatusCode, redirect};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;

use super::address::{Address, Proxy, is_loopback};
use super::answer::{Answer, problem_of, shortened};
use super::host::{Host, Hosts, Manners, backoff};
use super::redact::Redactor;
use crate::{Clock, RemoteError, WriteError};

/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(10);
/// How long a whole call may take, repetitions included.
pub const USUAL_LIMIT: Duration = Duration::from_secs(60);
/// How many decoded bytes an answer may have.
const BODY_CAP: usize = 32 << 20;
/// How often a read is sent at most.
const TRIES: u32 = 3;
/// How many bytes of answers are kept for conditional requests.
const KEPT: usize = 16 << 20;
const AGENT: &str = concat!("Signalbox/", env!("CARGO_PKG_VERSION"));

/// How a connection shows who it is.
pub enum Auth {
    /// No credential.
    None,
    /// `Authorization: Bearer …`.
    Bearer(SecretString),
    /// `Authorization: Basic …`, with an account's name.
    Basic(String, SecretString),
    /// A header of the system's own.
    Header(&'static str, SecretString),
    /// A client certificate with its key, both PEM.
    Certificate(SecretString),
}

/// What is particular to a kind of system.
#[derive(Clone, Copy)]
pub struct Dialect {
    /// The `Accept` header.
    pub accept: &'static str,
    /// Headers that go with every call.
    pub headers: &'static [(&'static str, &'static str)],
    /// Whether the system keeps a session in cookies; they live in memory only.
    pub session: bool,
    /// The host's published manners.
    pub manners: Manners,
    /// Tells when a host that limits us may be asked again; nothing if the answer is no limit.
    pub limited: fn(&Answer) -> Option<DateTime<Utc>>,
}

/// One call.
#[derive(Clone)]
pub struct Call {
    method: Method,
    url: Url,
    headers: Vec<(Cow<'static, str>, String)>,
    body: Option<(&'static str, String)>,
    limit: Duration,
}

impl Call {
    /// Begins a call of an address that [`Http::url`] or [`Http::link`] made.
    pub fn new(method: Method, url: Url) -> Self {
        Self { method, url, headers: Vec::new(), body: None, limit: USUAL_LIMIT }
    }

    /// Begins a read.
    pub fn get(url: Url) -> Self {
        Self::new(Method::GET, url)
    }

    /// Begins a `POST` without a body.
    pub fn post(url: Url) -> Self {
        Self::new(Method::POST, url)
    }

    /// Adds a header.
    pub fn header(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Sends a body whose bytes are fixed already, for example because they are signed.
    pub fn body(mut self, kind: &'static str, body: impl Into<String>) -> Self {
        self.body = Some((kind, body.into()));
        self
    }

    /// Sends a JSON body.
    pub fn json(mut self, body: &Value) -> Self {
        self.body = Some(("application/json", body.to_string()));
        self
    }

    /// Sends a form body.
    pub fn form(mut self, fields: &[(&str, &str)]) -> Self {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(fields);
        self.body = Some(("application/x-www-form-urlencoded", form.finish()));
        self
    }

    /// Gives the call more or less time than usual.
    pub fn limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// Says what would be sent, for a person: method, address, body. No header, so no credential.
    pub fn described(&self) -> String {
        let body = self.body.as_ref().map(|(_, body)| format!(" {body}")).unwrap_or_default();
        format!("{} {}{body}", self.method, self.url)
    }
}

/// Without headers and body, which may hold a secret.
impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.url)
    }
}

/// One connection to one origin.
pub struct Http {
    base: Url,
    reader: Client,
    writer: Client,
    /// Without any credential, for the one hop that GitHub's logs need.
    stranger: Client,
    auth: Option<(HeaderName, HeaderValue)>,
    dialect: Dialect,
    host: Arc<Host>,
    hosts: Hosts,
    redactor: Redactor,
    clock: Clock,
    kept: Mutex<Kept>,
}

/// Earlier answers with their tags.
#[derive(Default)]
struct Kept {
    answers: BTreeMap<Url, (HeaderValue, Answer)>,
    order: VecDeque<Url>,
    bytes: usize,
}

impl Http {
    /// Prepares a connection. Nothing is sent.
    pub fn open(
        address: &Address,
        auth: Auth,
        dialect: Dialect,
        hosts: &Hosts,
        clock: Clock,
    ) -> Result<Self, RemoteError> {
        let base = address.check()?;
        let redactor = match &auth {
            Auth::None => Redactor::default(),
            Auth::Bearer(secret) | Auth::Header(_, secret) | Auth::Certificate(secret) => {
                Redactor::of(None, Some(secret))
            }
            Auth::Basic(account, secret) => Redactor::of(Some(account), Some(secret)),
        };
        let jar = dialect.session.then(|| Arc::new(Jar::default()));
        let client = |own: bool| -> Result<reqwest::ClientBuilder, RemoteError> {
            let mut builder = builder_for(address, is_loopback(&base))?;
            if own {
                if let Some(jar) = &jar {
                    builder = builder.cookie_provider(Arc::clone(jar));
                }
                if let Auth::Certificate(pem) = &auth {
                    let identity = reqwest::Identity::from_pem(pem.expose_secret().as_bytes())
                        .map_err(|error| RemoteError::Tls { detail: chain(&error) })?;
                    builder = builder.identity(identity);
                }
            }
            Ok(builder)
        };
        let build = |builder: reqwest::ClientBuilder| {
            builder.build().map_err(|error| RemoteError::Tls { detail: chain(&error) })
        };
        let reader = build(client(true)?)?;
        // A write gets a connection of its own: one that was kept open may have been closed meanwhile.
        let writer = build(client(true)?.pool_max_idle_per_host(0).http1_only())?;
        let stranger = build(client(false)?)?;
        let auth = header_of(auth)?;
        let host = hosts.host(&base.origin().ascii_serialization(), dialect.manners);
        Ok(Self {
            base,
            reader,
            writer,
            stranger,
            auth,
            dialect,
            host,
            hosts: hosts.clone(),
            redactor,
            clock,
            kept: Mutex::default(),
        })
    }

    /// Keeps to another scheduler than the host's, where limits are counted by account.
    pub fn counted_as(mut self, name: &str) -> Self {
        self.host = self.hosts.host(name, self.dialect.manners);
        self
    }

    /// Returns the base address.
    pub fn base(&self) -> &Url {
        &self.base
    }

    /// Tells the time.
    pub fn now(&self) -> DateTime<Utc> {
        (self.clock)()
    }

    /// Makes an address below the base: every segment is encoded by itself, so none can climb or add one.
    pub fn url<I, S>(&self, segments: I) -> Url
    where
        I: IntoIterator<Item = S>,
        S: AsRef<str>,
    {
        let mut url = self.base.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty();
            for segment in segments {
                // A dot segment would be resolved away even when encoded.
                match segment.as_ref() {
                    "." | ".." => path.push("%"),
                    segment => path.push(segment),
                };
            }
        }
        url
    }

    /// Makes an address below the base with a query.
    pub fn url_with<I, S>(&self, segments: I, query: &[(&str, &str)]) -> Url
    where
        I: IntoIterator<Item = S>,
        S: AsRef<str>,
    {
        let mut url = self.url(segments);
        url.query_pairs_mut().extend_pairs(query);
        url
    }

    /// Accepts an address that the system gave, if it stays on the pinned origin.
    pub fn link(&self, text: &str) -> Result<Url, RemoteError> {
        let url = self.base.join(text).map_err(|_| RemoteError::Protocol {
            detail: "the system gave an address that can't be read".into(),
        })?;
        if url.origin() == self.base.origin() {
            Ok(url)
        } else {
            Err(RemoteError::Protocol { detail: "the system's address leads to another host".into() })
        }
    }

    /// Removes the credential from a text that did not come through [`Answer`].
    pub fn clean(&self, text: String) -> String {
        self.redactor.clean(text)
    }

    /// Reads JSON.
    pub async fn get<T: DeserializeOwned>(&self, url: Url) -> Result<T, RemoteError> {
        self.read(Call::get(url)).await?.json()
    }

    /// Reads, with repetitions and conditional requests; only a success is returned.
    pub async fn read(&self, call: Call) -> Result<Answer, RemoteError> {
        let answer = self.read_any(call).await?;
        if answer.status.is_success() {
            return Ok(answer);
        }
        Err(problem_of(&answer, (self.dialect.limited)(&answer)))
    }

    /// Reads, with repetitions and conditional requests; returns whatever status came at last.
    pub async fn read_any(&self, call: Call) -> Result<Answer, RemoteError> {
        let limit = self.hosts.limit(call.limit);
        tokio::time::timeout(limit, self.repeat(call)).await.unwrap_or(Err(RemoteError::Timeout))
    }

    async fn repeat(&self, mut call: Call) -> Result<Answer, RemoteError> {
        let kept =
            if call.method == Method::GET { self.kept().answers.get(&call.url).cloned() } else { None };
        if let Some((tag, _)) = &kept
            && let Ok(tag) = tag.to_str()
        {
            call.headers.push((IF_NONE_MATCH_NAME.into(), tag.to_owned()));
        }
        let mut tried = 0;
        loop {
            tried += 1;
            let turn = self.host.turn(false).await?;
            let outcome = self.once(&self.reader, &call).await.map_err(Failure::into_remote);
            drop(turn);
            match &outcome {
                Ok(answer) => {
                    self.host.answered();
                    if let Some(until) = (self.dialect.limited)(answer) {
                        self.host.limited(until, answer.at);
                        return outcome;
                    }
                    if !answer.status.is_server_error() || tried >= TRIES {
                        return self.conditional(&call.url, kept, outcome?);
                    }
                }
                Err(RemoteError::Transport { .. }) if tried < TRIES => self.host.unreachable(),
                Err(_) => {
                    self.host.unreachable();
                    return outcome;
                }
            }
            tokio::time::sleep(backoff(tried, Duration::from_secs(4))).await;
        }
    }

    fn conditional(
        &self,
        url: &Url,
        kept: Option<(HeaderValue, Answer)>,
        answer: Answer,
    ) -> Result<Answer, RemoteError> {
        if answer.status == StatusCode::NOT_MODIFIED {
            return kept
                .map(|(_, earlier)| Answer { at: answer.at, ..earlier })
                .ok_or_else(|| RemoteError::Protocol { detail: "unchanged, but nothing was kept".into() });
        }
        if answer.status == StatusCode::OK
            && let Some(tag) = answer.headers.get(ETAG)
        {
            self.kept().keep(url.clone(), tag.clone(), answer.clone());
        }
        Ok(answer)
    }

    /// Sends a write, once. Whatever status comes is returned; see [`Self::accepted`].
    ///
    /// # Errors
    /// [`WriteError::NotApplied`] only when the request can't have been written.
    pub async fn send(&self, call: Call) -> Result<Answer, WriteError> {
        let turn = self.host.turn(true).await?;
        let sent_at = self.now();
        let outcome =
            tokio::time::timeout(self.hosts.limit(call.limit), self.once(&self.writer, &call)).await;
        drop(turn);
        match outcome {
            Ok(Ok(answer)) => {
                self.host.answered();
                if let Some(until) = (self.dialect.limited)(&answer) {
                    self.host.limited(until, answer.at);
                }
                Ok(answer)
            }
            Ok(Err(Failure { written: false, error })) => {
                self.host.unreachable();
                Err(WriteError::NotApplied(error))
            }
            Ok(Err(Failure { written: true, error })) => {
                Err(WriteError::OutcomeUnknown { cause: error, sent_at })
            }
            Err(_) => Err(WriteError::OutcomeUnknown { cause: RemoteError::Timeout, sent_at }),
        }
    }

    /// Tells what the answer to a write means: a plain refusal did nothing; time-outs, server errors,
    /// redirects and pages in place of data leave it unknown.
    pub fn accepted(&self, answer: Answer) -> Result<Answer, WriteError> {
        let unknown = |cause| Err(WriteError::OutcomeUnknown { cause, sent_at: answer.at });
        let limited = (self.dialect.limited)(&answer);
        match answer.status.as_u16() {
            200..=299 if answer.is_page() => {
                unknown(RemoteError::Protocol { detail: "a web page came where data was expected".into() })
            }
            200..=299 => Ok(answer),
            408 | 300..=399 | 500..=599 => unknown(problem_of(&answer, None)),
            _ => Err(WriteError::NotApplied(problem_of(&answer, limited))),
        }
    }

    /// Reads the body of an accepted write; one that can't be read leaves the outcome unknown.
    pub fn answered<T: DeserializeOwned>(&self, answer: &Answer) -> Result<T, WriteError> {
        answer.json().map_err(|cause| WriteError::OutcomeUnknown { cause, sent_at: answer.at })
    }

    /// Reads an address on another host once, without credential, session or redirect: where GitHub keeps
    /// its logs. Encrypted only, unless the connection itself leads to this machine.
    pub async fn read_elsewhere(&self, address: &str) -> Result<Answer, RemoteError> {
        let refused = |detail: &str| RemoteError::Protocol { detail: detail.into() };
        let url =
            Url::parse(address).map_err(|_| refused("the system gave an address that can't be read"))?;
        if url.scheme() != "https" && !(is_loopback(&self.base) && is_loopback(&url)) {
            return Err(refused("the system's address is not encrypted"));
        }
        let request = self.stranger.get(url);
        let whole = async {
            let response = request.send().await.map_err(|error| self.failure(&error))?;
            self.collect(response).await
        };
        let answer = tokio::time::timeout(self.hosts.limit(USUAL_LIMIT), whole)
            .await
            .map_err(|_| RemoteError::Timeout)?;
        let answer = answer.map_err(Failure::into_remote)?;
        if answer.status.is_success() { Ok(answer) } else { Err(problem_of(&answer, None)) }
    }

    async fn once(&self, client: &Client, call: &Call) -> Result<Answer, Failure> {
        let mut request = client
            .request(call.method.clone(), call.url.clone())
            .timeout(call.limit)
            .header(ACCEPT, self.dialect.accept);
        for (name, value) in self.dialect.headers {
            request = request.header(*name, *value);
        }
        for (name, value) in &call.headers {
            request = request.header(name.as_ref(), value);
        }
        if let Some((name, value)) = &self.auth {
            request = request.header(name, value);
        }
        if let Some((kind, body)) = &call.body {
            request = request.header(CONTENT_TYPE, *kind).body(body.clone());
        }
        let response = request.send().await.map_err(|error| self.failure(&error))?;
        self.collect(response).await
    }

    async fn collect(&self, mut response: reqwest::Response) -> Result<Answer, Failure> {
        let status = response.status();
        let headers = std::mem::take(response.headers_mut());
        let mut body = Vec::new();
        while let Some(piece) = response.chunk().await.map_err(|error| {
            let failure = self.failure(&error);
            Failure { written: true, ..failure }
        })? {
            if body.len() + piece.len() > BODY_CAP {
                let detail = format!("the answer is longer than {} MiB", BODY_CAP >> 20);
                return Err(Failure { written: true, error: RemoteError::Protocol { detail } });
            }
            body.extend_from_slice(&piece);
        }
        let body = match String::from_utf8(body) {
            Ok(text) => text,
            Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
        };
        Ok(Answer { status, headers, body: self.redactor.clean(body), at: self.now() })
    }

    fn failure(&self, error: &reqwest::Error) -> Failure {
        let detail = shortened(&self.redactor.clean(chain(error)), 300);
        let words = detail.to_ascii_lowercase();
        let written = !(error.is_connect() || error.is_builder());
        let error = if error.is_timeout() && written {
            RemoteError::Timeout
        } else if words.contains("certificate") || words.contains("handshake") || words.contains("tls") {
            RemoteError::Tls { detail }
        } else if words.contains("proxy") || words.contains("tunnel") {
            RemoteError::Proxy { detail }
        } else {
            RemoteError::Transport { detail }
        };
        Failure { written, error }
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Begins a client that keeps to an address's authorities and proxy: without redirects, repetitions or old TLS.
pub(crate) fn builder_for(address: &Address, loopback: bool) -> Result<reqwest::ClientBuilder, RemoteError> {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| {
        // An error only says that somebody else was quicker, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
    let mut builder = Client::builder()
        .user_agent(AGENT)
        .redirect(redirect::Policy::none())
        .retry(reqwest::retry::never())
        .connect_timeout(CONNECT)
        .tls_version_min(reqwest::tls::Version::TLS_1_2)
        .gzip(true);
    if let Some(file) = &address.ca_file {
        let pem = std::fs::read(file)
            .map_err(|error| RemoteError::File { path: file.clone(), detail: error.to_string() })?;
        let certificates = reqwest::Certificate::from_pem_bundle(&pem)
            .map_err(|error| RemoteError::Tls { detail: chain(&error) })?;
        builder = builder.tls_certs_merge(certificates);
    }
    Ok(match &address.proxy {
        _ if loopback => builder.no_proxy(),
        Proxy::System => builder,
        Proxy::None => builder.no_proxy(),
        Proxy::Url(proxy) => builder
            .no_proxy()
            .proxy(reqwest::Proxy::all(proxy).map_err(|error| RemoteError::Proxy { detail: chain(&error) })?),
    })
}

/// As [`Call`] spells header names.
const IF_NONE_MATCH_NAME: &str = "if-none-match";

/// A call that brought no answer.
struct Failure {
    /// Whether the request may have been written.
    written: bool,
    error: RemoteError,
}

impl Failure {
    fn into_remote(self) -> RemoteError {
        self.error
    }
}

impl Kept {
    fn keep(&mut self, url: Url, tag: HeaderValue, answer: Answer) {
        self.bytes += answer.body.len();
        if let Some((_, old)) = self.answers.insert(url.clone(), (tag, answer)) {
            self.bytes -= old.body.len();
        } else {
            self.order.push_back(url);
        }
        while self.bytes > KEPT
            && let Some(oldest) = self.order.pop_front()
        {
            if let Some((_, old)) = self.answers.remove(&oldest) {
                self.bytes -= old.body.len();
            }
        }
    }
}

fn header_of(auth: Auth) -> Result<Option<(HeaderName, HeaderValue)>, RemoteError> {
    use base64::Engine;
    let (name, value) = match auth {
        Auth::None | Auth::Certificate(_) => return Ok(None),
        Auth::Bearer(secret) => (AUTHORIZATION, format!("Bearer {}", secret.expose_secret())),
        Auth::Basic(account, secret) => {
            let pair = format!("{account}:{}", secret.expose_secret());
            (AUTHORIZATION, format!("Basic {}", base64::prelude::BASE64_STANDARD.encode(pair)))
        }
        Auth::Header(name, secret) => (HeaderName::from_static(name), secret.expose_secret().to_owned()),
    };
    let mut value = HeaderValue::from_str(&value).map_err(|_| RemoteError::Auth {
        reauth: true,
        detail: "the secret holds a line break or another character that can't be sent".into(),
    })?;
    value.set_sensitive(true);
    Ok(Some((name, value)))
}

/// An error with all its causes, without the address, which may hold a token.
pub(crate) fn chain(error: &(dyn Error + 'static)) -> String {
    let mut words = vec![match error.downcast_ref::<reqwest::Error>() {
        Some(error) if error.is_connect() => "the connection could not be made".to_owned(),
        Some(error) if error.is_timeout() => "it took too long".to_owned(),
        Some(_) => "the exchange broke off".to_owned(),
        None => error.to_string(),
    }];
    let mut cause = error.source();
    while let Some(error) = cause {
        let said = error.to_string();
        if words.last() != Some(&said) && !said.contains("://") {
            words.push(said);
        }
        cause = error.source();
    }
    words.join(": ")
}
