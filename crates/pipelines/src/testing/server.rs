//! A server on loopback that plays a remote system, and spoils its answers when asked to.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

/// What arrived.
#[derive(Clone, Debug)]
pub struct Request {
    /// The method, in capitals.
    pub method: String,
    /// The path, still encoded.
    pub path: String,
    /// The query's pairs, decoded.
    pub query: Vec<(String, String)>,
    /// The headers, with names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

impl Request {
    /// Returns a header's text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Returns a query parameter's text.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Reads the body as JSON; null when it is none.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }

    /// Reads the body as a form.
    pub fn form(&self) -> Vec<(String, String)> {
        url::form_urlencoded::parse(self.body.as_bytes()).into_owned().collect()
    }

    /// Splits the path, decoded segment by segment.
    pub fn segments(&self) -> Vec<String> {
        let decode = |segment: &str| {
            // A plus sign stands for itself in a path.
            let pair = format!("x={}", segment.replace('+', "%2B"));
            url::form_urlencoded::parse(pair.as_bytes()).next().map(|(_, text)| text.into_owned())
        };
        self.path.split('/').filter(|segment| !segment.is_empty()).filter_map(decode).collect()
    }

    /// Says whether the request changes something, by its method.
    pub fn is_write(&self) -> bool {
        !matches!(self.method.as_str(), "GET" | "HEAD" | "OPTIONS")
    }
}

/// What goes back.
#[derive(Clone, Debug)]
pub struct Response {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

impl Response {
    /// Answers with JSON.
    pub fn json(status: u16, body: &serde_json::Value) -> Self {
        Self::text(status, body.to_string()).with("content-type", "application/json")
    }

    /// Answers with a text.
    pub fn text(status: u16, body: impl Into<String>) -> Self {
        Self { status, headers: Vec::new(), body: body.into() }
    }

    /// Adds a header.
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }
}

/// What goes wrong with one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The connection breaks before the system has seen the request.
    ResetBefore,
    /// The system carries it out, and the connection breaks before the answer.
    ResetAfter,
    /// The system carries it out and never answers.
    Silence,
    /// The system carries it out and answers with a server error.
    ErrorAfter(u16),
    /// Something before the system answers with a server error.
    ErrorBefore(u16),
    /// The system carries it out and answers with an empty success.
    EmptySuccess,
    /// A guard before the system redirects to a login page.
    LoginRedirect,
    /// A guard before the system shows a login page, as a success.
    LoginPage,
    /// A proxy's page for people stands in place of the answer; the system carried it out.
    PageAfter,
    /// The system limits us; with the seconds that it asks to wait, if it says.
    Limited(Option<u32>),
    /// The answer comes twice on the wire.
    TwiceAnswered,
}

impl Fault {
    /// Every fault.
    pub const ALL: [Self; 13] = [
        Self::ResetBefore,
        Self::ResetAfter,
        Self::Silence,
        Self::ErrorAfter(500),
        Self::ErrorAfter(504),
        Self::ErrorBefore(503),
        Self::EmptySuccess,
        Self::LoginRedirect,
        Self::LoginPage,
        Self::PageAfter,
        Self::Limited(Some(1)),
        Self::Limited(None),
        Self::TwiceAnswered,
    ];

    /// Says whether the system itself sees the request.
    pub fn arrives(self) -> bool {
        matches!(
            self,
            Self::ResetAfter
                | Self::Silence
                | Self::ErrorAfter(_)
                | Self::EmptySuccess
                | Self::PageAfter
                | Self::TwiceAnswered
        )
    }
}

type Handler = dyn Fn(&Request) -> Response + Send + Sync;
type Chooser = dyn Fn(&Request) -> bool + Send + Sync;

struct Inner {
    handler: Box<Handler>,
    faults: Mutex<VecDeque<(Fault, Box<Chooser>)>>,
    seen: Mutex<Vec<Request>>,
}

/// A running server; it ends when it is dropped.
pub struct Server {
    base: String,
    inner: Arc<Inner>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    /// Starts a server on a free port of loopback.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start(
        handler: impl Fn(&Request) -> Response + Send + Sync + 'static,
    ) -> std::io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let base = format!("http://{}", listener.local_addr()?);
        let inner =
            Arc::new(Inner { handler: Box::new(handler), faults: Mutex::default(), seen: Mutex::default() });
        let serving = Arc::clone(&inner);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let inner = Arc::clone(&serving);
                tokio::spawn(async move { serve(stream, inner).await });
            }
        });
        Ok(Self { base, inner, task })
    }

    /// Returns the address, without a slash at its end.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Spoils the next request that fits. Several faults are used up in their order.
    pub fn spoil(&self, fault: Fault, which: impl Fn(&Request) -> bool + Send + Sync + 'static) {
        lock(&self.inner.faults).push_back((fault, Box::new(which)));
    }

    /// Says how many faults have not been used up, and drops them.
    pub fn unspoil(&self) -> usize {
        let mut faults = lock(&self.inner.faults);
        let left = faults.len();
        faults.clear();
        left
    }

    /// Says whether a fault still waits for its request.
    pub fn is_spoilt(&self) -> bool {
        !lock(&self.inner.faults).is_empty()
    }

    /// Returns everything that arrived, spoilt or not.
    pub fn seen(&self) -> Vec<Request> {
        lock(&self.inner.seen).clone()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How long a silent system stays silent; longer than any limit of a test.
const SILENCE: Duration = Duration::from_secs(600);

async fn serve(stream: TcpStream, inner: Arc<Inner>) {
    // A pair of pipes stands between the wire and the server, so that a fault can break or double what goes out.
    let (near, far) = tokio::io::duplex(1 << 20);
    let spoilt: Arc<Mutex<Option<Fault>>> = Arc::default();
    let noted = Arc::clone(&spoilt);
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let (inner, noted) = (Arc::clone(&inner), Arc::clone(&noted));
        async move { Ok::<_, Infallible>(answer(request, &inner, &noted).await) }
    });
    let server = tokio::spawn(async move {
        // An error here is a connection that broke, which is what a fault is for.
        let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(far), service).await;
    });
    let (mut from_near, mut to_near) = tokio::io::split(near);
    let (mut from_wire, mut to_wire) = stream.into_split();
    let inward = tokio::spawn(async move {
        // Ends when either side closes.
        let _ = tokio::io::copy(&mut from_wire, &mut to_near).await;
        let _ = to_near.shutdown().await;
    });
    let mut buffer = vec![0; 1 << 16];
    loop {
        let read = from_near.read(&mut buffer).await.unwrap_or(0);
        let fault = *lock(&spoilt);
        match fault {
            Some(Fault::ResetBefore | Fault::ResetAfter) => {
                // Without a word: the sockets are dropped below.
                break;
            }
            Some(Fault::TwiceAnswered) if read > 0 => {
                let twice = [&buffer[..read], &buffer[..read]].concat();
                let _ = to_wire.write_all(&twice).await;
                break;
            }
            _ if read == 0 => break,
            _ => {
                if to_wire.write_all(&buffer[..read]).await.is_err() {
                    break;
                }
            }
        }
    }
    let _ = to_wire.shutdown().await;
    inward.abort();
    server.abort();
}

async fn answer(
    request: hyper::Request<Incoming>,
    inner: &Inner,
    noted: &Mutex<Option<Fault>>,
) -> hyper::Response<Full<Bytes>> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
    let query = Url::parse(&format!("http://x/?{}", head.uri.query().unwrap_or_default()));
    let request = Request {
        method: head.method.to_string(),
        path: head.uri.path().to_owned(),
        query: query.map(|url| url.query_pairs().into_owned().collect()).unwrap_or_default(),
        headers: head
            .headers
            .iter()
            .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
            .collect(),
        body: String::from_utf8_lossy(&body).into_owned(),
    };
    lock(&inner.seen).push(request.clone());
    let fault = {
        let mut faults = lock(&inner.faults);
        let fits = faults.front().is_some_and(|(_, which)| which(&request));
        if fits { faults.pop_front().map(|(fault, _)| fault) } else { None }
    };
    *lock(noted) = fault;
    let handle = || (inner.handler)(&request);
    let page = "<!DOCTYPE html><html><body>Please sign in</body></html>";
    let response = match fault {
        None | Some(Fault::TwiceAnswered) => handle(),
        Some(Fault::ResetBefore) => Response::text(200, ""),
        Some(Fault::ResetAfter) => {
            handle();
            Response::text(200, "")
        }
        Some(Fault::Silence) => {
            handle();
            tokio::time::sleep(SILENCE).await;
            Response::text(200, "")
        }
        Some(Fault::ErrorAfter(status)) => {
            handle();
            Response::text(status, "upstream failed")
        }
        Some(Fault::ErrorBefore(status)) => Response::text(status, "no upstream"),
        Some(Fault::EmptySuccess) => {
            handle();
            Response::text(200, "")
        }
        Some(Fault::LoginRedirect) => {
            Response::text(302, "").with("location", "https://sso.example.org/login")
        }
        Some(Fault::LoginPage) => Response::text(200, page).with("content-type", "text/html"),
        Some(Fault::PageAfter) => {
            handle();
            Response::text(502, page).with("content-type", "text/html")
        }
        Some(Fault::Limited(wait)) => {
            let limited = Response::text(429, "slow down");
            match wait {
                Some(seconds) => limited.with("retry-after", seconds.to_string()),
                None => limited,
            }
        }
    };
    let mut built = hyper::Response::builder().status(response.status);
    for (name, value) in &response.headers {
        built = built.header(name, value);
    }
    built.body(Full::new(Bytes::from(response.body))).unwrap_or_default()
}
