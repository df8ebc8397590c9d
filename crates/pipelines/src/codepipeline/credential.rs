//! As whom the connection acts: a profile of this machine with all that AWS's own tools understand, or one
//! access key.

use std::fmt;
use std::sync::Arc;

use aws_config::default_provider::credentials::DefaultCredentialsChain;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::{BehaviorVersion, Region};
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{self, ProvideCredentials, future};
use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::OnceCell;
use url::{Host, Url};

use super::wire::respond;
use crate::http::{Address, Answer, builder_for, chain, shortened};
use crate::{Clock, RemoteError};

/// Where credentials come from.
pub(super) enum Source {
    /// One long-lived key.
    Key {
        /// Its public half.
        id: String,
        /// Its secret half.
        secret: SecretString,
    },
    /// A profile of AWS's own files, or the usual chain.
    Machine {
        /// The profile; without one, the usual chain decides.
        profile: Option<String>,
        /// The configuration file, where it is not in its usual place.
        file: Option<String>,
    },
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name())
    }
}

impl Source {
    /// Names it for people, and as what calls are counted before the account is known.
    pub fn name(&self) -> String {
        match self {
            Self::Key { id, .. } => format!("access key {id}"),
            Self::Machine { profile: Some(profile), .. } => format!("profile {profile}"),
            Self::Machine { profile: None, .. } => "the AWS credentials of this machine".to_owned(),
        }
    }

    /// Prepares the provider. Nothing is read or sent before the first call.
    pub fn provider(self, region: &str, sign_in: SignIn) -> Provider {
        let config = ProviderConfig::empty()
            .with_behavior_version(Some(BehaviorVersion::latest()))
            .with_region(Some(Region::new(region.to_owned())))
            .with_http_client(sign_in);
        Provider { source: Arc::new(self), config, made: Arc::default() }
    }
}

/// Credentials, found when they are first needed.
pub(super) struct Provider {
    source: Arc<Source>,
    config: ProviderConfig,
    made: Arc<OnceCell<Box<dyn ProvideCredentials>>>,
}

impl Clone for Provider {
    fn clone(&self) -> Self {
        Self { source: Arc::clone(&self.source), config: self.config.clone(), made: Arc::clone(&self.made) }
    }
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Provider").field(&self.source).finish()
    }
}

impl Provider {
    async fn make(&self) -> Box<dyn ProvideCredentials> {
        let files = |file: &Option<String>| {
            let builder = EnvConfigFiles::builder();
            match file {
                Some(file) => builder.with_file(EnvConfigFileKind::Config, file).build(),
                None => EnvConfigFiles::default(),
            }
        };
        match &*self.source {
            Source::Key { id, secret } => {
                Box::new(Credentials::new(id, secret.expose_secret(), None, None, "Signalbox"))
            }
            // A profile that a person named goes before whatever the environment holds.
            Source::Machine { profile: Some(profile), file } => Box::new(
                ProfileFileCredentialsProvider::builder()
                    .configure(&self.config)
                    .profile_files(files(file))
                    .profile_name(profile)
                    .build(),
            ),
            Source::Machine { profile: None, .. } => {
                Box::new(DefaultCredentialsChain::builder().configure(self.config.clone()).build().await)
            }
        }
    }
}

impl ProvideCredentials for Provider {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async move {
            let provider = self.made.get_or_init(|| self.make()).await;
            let found: provider::Result = provider.provide_credentials().await;
            found.map_err(|error| CredentialsError::provider_error(NoCredentials(self.in_words(&error))))
        })
    }
}

impl Provider {
    fn in_words(&self, error: &CredentialsError) -> String {
        let next = match &*self.source {
            Source::Machine { profile: Some(profile), .. } => {
                format!("sign in with: aws sso login --profile {profile}")
            }
            _ => "name a profile, or sign in with: aws sso login".to_owned(),
        };
        let words = format!("{} gives no credentials; {next} ({})", self.source.name(), chain(error));
        shortened(&words, 400)
    }
}

/// Says why there are no credentials, and what would bring them.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct NoCredentials(pub String);

/// Carries what signing in needs to AWS's own hosts, with the connection's authorities and proxy.
#[derive(Clone)]
pub(super) struct SignIn {
    client: reqwest::Client,
    /// Whether the connection itself leads to this machine, as tests do.
    loopback: bool,
    clock: Clock,
}

impl fmt::Debug for SignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SignIn")
    }
}

/// The domains under which AWS signs people in.
const DOMAINS: [&str; 3] = [".amazonaws.com", ".amazonaws.com.cn", ".api.aws"];
/// How long one step of signing in may take.
const LIMIT: std::time::Duration = std::time::Duration::from_secs(15);
/// How many bytes an answer may have.
const CAP: usize = 1 << 20;

impl SignIn {
    /// Prepares it. Nothing is sent.
    pub fn open(address: &Address, loopback: bool, clock: Clock) -> Result<Self, RemoteError> {
        let builder = builder_for(address, loopback)?.timeout(LIMIT);
        let client = builder.build().map_err(|error| RemoteError::Tls { detail: chain(&error) })?;
        Ok(Self { client, loopback, clock })
    }

    fn may_reach(&self, url: &Url) -> bool {
        match url.host() {
            Some(Host::Domain(name)) if url.scheme() == "https" => {
                DOMAINS.iter().any(|domain| name.ends_with(domain))
            }
            Some(Host::Ipv4(ip)) => self.loopback && ip.is_loopback(),
            _ => false,
        }
    }

    async fn exchange(&self, mut request: HttpRequest) -> Result<HttpResponse, BoxError> {
        let url = Url::parse(request.uri())?;
        if !self.may_reach(&url) {
            let host = url.host_str().unwrap_or_default();
            return Err(format!("{host} is no place where AWS signs people in").into());
        }
        let body = request.take_body();
        let mut call = self.client.request(request.method().parse()?, url);
        for (name, value) in request.headers() {
            if !matches!(name, "content-length" | "host" | "user-agent") {
                call = call.header(name, value);
            }
        }
        let mut response = call.body(body.bytes().unwrap_or_default().to_vec()).send().await?;
        let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
        let mut whole = Vec::new();
        while let Some(piece) = response.chunk().await? {
            if whole.len() + piece.len() > CAP {
                return Err("the answer is too long".into());
            }
            whole.extend_from_slice(&piece);
        }
        let answer = Answer { status, headers, body: String::from_utf8(whole)?, at: (self.clock)() };
        Ok(respond(&answer)?)
    }
}

impl HttpClient for SignIn {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for SignIn {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let sign_in = self.clone();
        HttpConnectorFuture::new(async move { sign_in.exchange(request).await.map_err(ConnectorError::io) })
    }
}
