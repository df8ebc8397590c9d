//! What the SDK sends goes over [`Http`], so that pinning, limits, turns and the classification of every answer
//! are the same as everywhere.

use std::fmt;
use std::sync::Arc;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::{ConnectorError, SdkError};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use chrono::{DateTime, TimeDelta, Utc};
use reqwest::Method;
use serde_json::Value;

use super::credential::NoCredentials;
use crate::http::{Answer, Call, Http, chain, problem_of, shortened};
use crate::{RemoteError, WriteError};

/// The body that the service speaks.
const JSON: &str = "application/x-amz-json-1.1";
/// How long the service is left alone after it throttled; it never says how long.
const PAUSE: TimeDelta = TimeDelta::seconds(5);
/// The codes by which the service throttles.
const THROTTLED: [&str; 6] = [
    "ThrottlingException",
    "Throttling",
    "ThrottledException",
    "TooManyRequestsException",
    "RequestLimitExceeded",
    "SlowDown",
];
/// The codes by which it refuses a credential or a signature.
const CREDENTIALS: [&str; 12] = [
    "UnrecognizedClientException",
    "InvalidClientTokenId",
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidSignatureException",
    "SignatureDoesNotMatch",
    "MissingAuthenticationToken",
    "MissingAuthenticationTokenException",
    "IncompleteSignature",
    "IncompleteSignatureException",
    "RequestExpired",
    "NotAuthorized",
];

/// The SDK's connector.
#[derive(Clone)]
pub(super) struct Wire(pub Arc<Http>);

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Wire")
    }
}

impl HttpClient for Wire {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Wire {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let wire = self.clone();
        HttpConnectorFuture::new(async move { wire.exchange(request).await.map_err(Failure::into_sdk) })
    }
}

impl Wire {
    async fn exchange(&self, request: HttpRequest) -> Result<HttpResponse, Failure> {
        let operation = operation_of(&request).to_owned();
        let call = self.call_of(&request).map_err(Failure::unsent)?;
        let answer = if is_read(&operation) {
            let answer = self.0.read_any(call).await.map_err(Failure::unsent)?;
            if !answer.status.is_success() || answer.is_page() {
                return Err(Failure::unsent(read_problem(&answer)));
            }
            answer
        } else {
            let answer = self.0.send(call).await.map_err(Failure)?;
            self.accepted(answer).map_err(Failure)?
        };
        let silent = matches!(operation.as_str(), "EnableStageTransition" | "DisableStageTransition");
        if answer.body.trim().is_empty() && !silent {
            let cause = RemoteError::Protocol { detail: "the answer is empty".into() };
            return Err(Failure(WriteError::OutcomeUnknown { cause, sent_at: answer.at }));
        }
        respond(&answer).map_err(Failure::unsent)
    }

    /// Tells what the answer to a write means; see [`Http::accepted`]. A modelled refusal did nothing.
    fn accepted(&self, answer: Answer) -> Result<Answer, WriteError> {
        let client_error = answer.status.is_client_error() && answer.status.as_u16() != 408;
        match code_of(&answer) {
            Some(code) if client_error => Err(WriteError::NotApplied(problem(&code, &answer))),
            _ => self.0.accepted(answer),
        }
    }

    fn call_of(&self, request: &HttpRequest) -> Result<Call, RemoteError> {
        let refused = |detail: &str| RemoteError::Protocol { detail: detail.into() };
        let url = self.0.link(request.uri())?;
        let method = Method::from_bytes(request.method().as_bytes())
            .map_err(|_| refused("the SDK uses an unknown method"))?;
        let mut call = Call::new(method, url);
        for (name, value) in request.headers() {
            // The transport writes these itself, as they were signed.
            if !matches!(name, "content-type" | "content-length" | "host" | "user-agent") {
                call = call.header(name.to_owned(), value);
            }
        }
        let kind = request.headers().get("content-type");
        if kind.is_some_and(|kind| kind != JSON) {
            return Err(refused("the SDK speaks another protocol than JSON 1.1"));
        }
        let body = request.body().bytes().ok_or_else(|| refused("the SDK streams a body"))?;
        let body = std::str::from_utf8(body).map_err(|_| refused("the SDK sends no text"))?;
        Ok(call.body(JSON, body))
    }
}

/// Returns the operation that a request names.
fn operation_of(request: &HttpRequest) -> &str {
    let target = request.headers().get("x-amz-target").unwrap_or_default();
    target.rsplit('.').next().unwrap_or_default()
}

/// Says whether an operation changes nothing.
pub(super) fn is_read(operation: &str) -> bool {
    operation.starts_with("List") || operation.starts_with("Get")
}

pub(super) fn respond(answer: &Answer) -> Result<HttpResponse, RemoteError> {
    let unreadable = |_| RemoteError::Protocol { detail: "the answer has no status".into() };
    let status = StatusCode::try_from(answer.status.as_u16()).map_err(unreadable)?;
    let mut response = HttpResponse::new(status, SdkBody::from(answer.body.clone()));
    for (name, value) in &answer.headers {
        if let Ok(value) = value.to_str() {
            // A header that can't be taken over is of no use to the SDK either.
            let _ = response.headers_mut().try_insert(name.as_str().to_owned(), value.to_owned());
        }
    }
    Ok(response)
}

/// Tells when a service that throttles may be asked again.
pub(super) fn throttled(answer: &Answer) -> Option<DateTime<Utc>> {
    if let Some(at) = crate::http::retry_at(answer).filter(|_| answer.header("retry-after").is_some()) {
        return Some(at);
    }
    let says_so = code_of(answer).is_some_and(|code| THROTTLED.contains(&code.as_str()));
    (says_so || answer.status.as_u16() == 429).then(|| answer.at + PAUSE)
}

/// The name of the modelled error, as header or body carry it, without its namespace.
fn code_of(answer: &Answer) -> Option<String> {
    if answer.status.is_success() {
        return None;
    }
    let body: Value = serde_json::from_str(&answer.body).unwrap_or_default();
    let named = answer.header("x-amzn-errortype").map(str::to_owned).or_else(|| {
        let named = body.get("__type").or_else(|| body.get("code"))?;
        named.as_str().map(str::to_owned)
    })?;
    let plain = named.split(':').next().unwrap_or_default();
    let plain = plain.rsplit('#').next().unwrap_or_default().trim();
    (!plain.is_empty()).then(|| shortened(plain, 100))
}

fn read_problem(answer: &Answer) -> RemoteError {
    if answer.status.is_success() {
        return RemoteError::Protocol { detail: "a web page came where data was expected".into() };
    }
    match code_of(answer) {
        Some(code) if answer.status.is_client_error() => problem(&code, answer),
        _ => problem_of(answer, throttled(answer)),
    }
}

/// Reads a modelled error.
fn problem(code: &str, answer: &Answer) -> RemoteError {
    let words = answer.words();
    let detail = format!("{code}: {words}");
    match code {
        _ if THROTTLED.contains(&code) => {
            RemoteError::RateLimited { retry_at: throttled(answer).unwrap_or(answer.at + PAUSE) }
        }
        _ if CREDENTIALS.contains(&code) => RemoteError::Auth { reauth: true, detail },
        "AccessDeniedException" | "AccessDenied" | "OptInRequired" => {
            RemoteError::Forbidden { needs: needed(&words), detail }
        }
        "InvalidNextTokenException" => {
            RemoteError::Stale { detail: "the list changed; read it from the beginning".into() }
        }
        "InvalidApprovalTokenException" => {
            RemoteError::Stale { detail: "the gate was answered or has expired; look at it again".into() }
        }
        "ApprovalAlreadyCompletedException" => RemoteError::AlreadyDecided { by: None, verdict: None },
        "NotLatestPipelineExecutionException" | "PipelineExecutionOutdatedException" => {
            RemoteError::Stale { detail }
        }
        "ConflictException"
        | "PipelineExecutionNotStoppableException"
        | "DuplicatedStopRequestException"
        | "StageNotRetryableException"
        | "UnableToRollbackStageException"
        | "ConcurrentPipelineExecutionsLimitExceededException"
        | "ConcurrentModificationException" => RemoteError::Conflict { detail },
        _ if code.ends_with("NotFoundException") => RemoteError::NotFound(detail),
        _ => RemoteError::Invalid { reasons: Vec::new(), detail },
    }
}

/// Finds in IAM's sentence which permission is missing, and on what.
fn needed(words: &str) -> Option<String> {
    let (_, rest) = words.split_once("not authorized to perform: ")?;
    let mut parts = rest.split_whitespace();
    let action = parts.next()?;
    let on = rest.split_once("on resource: ").and_then(|(_, on)| on.split_whitespace().next());
    Some(match on {
        Some(on) => format!("{action} on {on}"),
        None => action.to_owned(),
    })
}

/// What [`Wire`] hands through the SDK; a failed read counts as not applied.
#[derive(Clone, Debug)]
struct Failure(WriteError);

impl Failure {
    /// A read that failed, or a write that never left.
    fn unsent(error: RemoteError) -> Self {
        Self(WriteError::NotApplied(error))
    }

    fn into_sdk(self) -> ConnectorError {
        ConnectorError::other(BoxError::from(self), None)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Failure {}

/// Reads what became of a write out of the SDK's error.
pub(super) fn write_error<E>(error: SdkError<E, HttpResponse>, now: DateTime<Utc>) -> WriteError
where
    E: std::error::Error + Send + Sync + 'static,
{
    let told = match &error {
        SdkError::DispatchFailure(failure) => failure
            .as_connector_error()
            .and_then(|error| std::error::Error::source(error))
            .and_then(|source| source.downcast_ref::<Failure>())
            .map(|Failure(told)| told.clone()),
        _ => None,
    };
    if let Some(told) = told {
        return told;
    }
    let detail = no_credentials(&error).unwrap_or_else(|| shortened(&chain(&error), 300));
    match error {
        // Built or signed nowhere: the credential could not be had.
        SdkError::ConstructionFailure(_) | SdkError::DispatchFailure(_) => {
            WriteError::NotApplied(RemoteError::Auth { reauth: true, detail })
        }
        _ => WriteError::OutcomeUnknown { cause: RemoteError::Protocol { detail }, sent_at: now },
    }
}

/// Finds our own words about missing credentials behind the SDK's.
fn no_credentials(error: &(dyn std::error::Error + 'static)) -> Option<String> {
    let mut cause = error.source();
    while let Some(error) = cause {
        if let Some(NoCredentials(words)) = error.downcast_ref() {
            return Some(words.clone());
        }
        cause = error.source();
    }
    None
}

/// Reads why a read failed out of the SDK's error.
pub(super) fn read_error<E>(error: SdkError<E, HttpResponse>, now: DateTime<Utc>) -> RemoteError
where
    E: std::error::Error + Send + Sync + 'static,
{
    match write_error(error, now) {
        WriteError::NotApplied(error) | WriteError::OutcomeUnknown { cause: error, .. } => error,
    }
}
