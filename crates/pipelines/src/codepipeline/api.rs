//! One account in one region: the SDK's client over our wire, and nothing that it does by itself.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_config::{BehaviorVersion, Region};
use aws_sdk_codepipeline::Client;
use aws_sdk_codepipeline::config::{IdentityCache, StalledStreamProtectionConfig, retry, timeout};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use chrono::{DateTime, Utc};
use secrecy::SecretString;

use super::credential::{Provider, SignIn, Source};
use super::shape::Shape;
use super::wire::{Wire, read_error, throttled, write_error};
use crate::http::{Address, Auth, Dialect, FormField, Hosts, Http, Manners};
use crate::{BuildId, Clock, PipelineId, Reason, RemoteError, WriteError};

/// What the form asks for.
pub(crate) const FIELDS: &[FormField] = &[
    FormField {
        name: "region",
        title: "Region",
        hint: "The region of the pipelines, as the console's address spells it: eu-west-1.",
        required: true,
    },
    FormField {
        name: "profile",
        title: "Profile",
        hint: "The name of a profile in ~/.aws/config; SSO, assumed roles and credential processes all work. Left empty, the usual AWS credentials of this machine are used. The role needs to list pipelines, executions and actions, to get pipelines and their state; PutApprovalResult only on the gates that you answer.",
        required: false,
    },
    FormField {
        name: "account",
        title: "Access key ID",
        hint: "Only without a profile: a long-lived key of an IAM user, beginning with AKIA. A profile is safer.",
        required: false,
    },
    FormField {
        name: "secret",
        title: "Secret access key",
        hint: "Belongs to the access key ID. It stays in this machine's keychain.",
        required: false,
    },
    FormField {
        name: "operation_input",
        title: "Variable for the operation",
        hint: "The variable of your V2 pipelines that takes Signalbox's operation key, by which a lost start is found again. Usually OPERATION; pipelines without it work too.",
        required: false,
    },
    FormField {
        name: "config_file",
        title: "AWS configuration file",
        hint: "Only if it is not in its usual place: the full path of the file with the profile.",
        required: false,
    },
    FormField {
        name: "endpoint",
        title: "Endpoint",
        hint: "Only for a VPC endpoint of CodePipeline: its address, with https://.",
        required: false,
    },
    FormField {
        name: "sts_endpoint",
        title: "STS endpoint",
        hint: "Only with an endpoint of your own: the VPC endpoint of STS, which tells who the connection is.",
        required: false,
    },
];

/// AWS publishes no limits per operation; people with many pipelines report throttling well above this.
const MANNERS: Manners = Manners {
    per_second: 2.0,
    background_per_second: 0.2,
    burst: 10.0,
    at_once: 2,
    between_writes: Duration::from_secs(1),
};
/// How long finding credentials may take.
const SIGN_IN: Duration = Duration::from_secs(30);
/// How much of either is kept.
const KEPT: usize = 1000;

/// The account.
pub(super) struct Api {
    pub sdk: Client,
    pub sts: Option<aws_sdk_sts::Client>,
    pub http: Arc<Http>,
    pub region: String,
    /// As whom the connection was opened.
    pub source: String,
    /// The pipelines' variable that takes our operation key.
    pub operation_input: String,
    kept: Mutex<Kept>,
}

/// What never changes once it was read: a version of a pipeline, and the build that an execution carries.
#[derive(Default)]
struct Kept {
    shapes: BTreeMap<(PipelineId, i32), Arc<Shape>>,
    builds: BTreeMap<(PipelineId, String), BuildId>,
}

impl Api {
    /// Prepares the account. Nothing is sent.
    pub fn open(
        address: &Address,
        secret: Option<SecretString>,
        hosts: &Hosts,
        clock: Clock,
    ) -> Result<Self, RemoteError> {
        let Settings { region, base, sts, source } = Settings::read(address, secret)?;
        let way = Address { base, plain_http: false, account: None, ..address.clone() };
        let dialect =
            Dialect { accept: "*/*", headers: &[], session: false, manners: MANNERS, limited: throttled };
        let name = source.name();
        let http = Http::open(&way, Auth::None, dialect, hosts, clock.clone())?
            .counted_as(&format!("codepipeline {region} {name}"));
        let http = Arc::new(http);
        let loopback = http.base().scheme() == "http";
        let sign_in = SignIn::open(&way, loopback, clock)?;
        let provider = source.provider(&region, sign_in.clone());
        Ok(Self {
            sdk: client(&region, &http, provider.clone()),
            sts: sts.map(|endpoint| sts_client(&region, &endpoint, sign_in, provider)),
            http,
            region,
            source: name,
            operation_input: address.option("operation_input").unwrap_or("OPERATION").to_owned(),
            kept: Mutex::default(),
        })
    }

    /// Tells the time.
    pub fn now(&self) -> DateTime<Utc> {
        self.http.now()
    }

    /// Waits for a read.
    pub async fn read<T, E>(
        &self,
        call: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    ) -> Result<T, RemoteError>
    where
        E: std::error::Error + Send + Sync + 'static,
    {
        call.await.map_err(|error| read_error(error, self.now()))
    }

    /// Waits for a write, which is sent once.
    pub async fn write<T, E>(
        &self,
        call: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    ) -> Result<T, WriteError>
    where
        E: std::error::Error + Send + Sync + 'static,
    {
        call.await.map_err(|error| write_error(error, self.now()))
    }

    /// Says what a call would send, for a person.
    pub fn described(&self, operation: &str, body: &serde_json::Value) -> String {
        format!("POST {} {operation} {body}", self.http.base())
    }

    /// Returns a version of a pipeline; the newest without one.
    pub async fn shape(
        &self,
        pipeline: &PipelineId,
        version: Option<i32>,
    ) -> Result<Arc<Shape>, RemoteError> {
        super::id::check_name(pipeline.as_str(), "pipeline")?;
        if let Some(version) = version {
            let known = self.kept().shapes.get(&(pipeline.clone(), version)).cloned();
            if let Some(known) = known {
                return Ok(known);
            }
        }
        let call = self.sdk.get_pipeline().name(pipeline.as_str()).set_version(version).send();
        let shape = Arc::new(Shape::of(self.read(call).await?)?);
        let mut kept = self.kept();
        if kept.shapes.len() >= KEPT {
            kept.shapes.clear();
        }
        kept.shapes.insert((pipeline.clone(), shape.version), Arc::clone(&shape));
        Ok(shape)
    }

    pub fn known_build(&self, pipeline: &PipelineId, execution: &str) -> Option<BuildId> {
        self.kept().builds.get(&(pipeline.clone(), execution.to_owned())).cloned()
    }

    pub fn remember_build(&self, pipeline: &PipelineId, execution: &str, build: &BuildId) {
        let mut kept = self.kept();
        if kept.builds.len() >= KEPT {
            kept.builds.clear();
        }
        kept.builds.insert((pipeline.clone(), execution.to_owned()), build.clone());
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn client(region: &str, http: &Arc<Http>, provider: Provider) -> Client {
    let config = aws_sdk_codepipeline::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(region.to_owned()))
        .endpoint_url(http.base().as_str())
        .credentials_provider(provider)
        .identity_cache(IdentityCache::lazy().load_timeout(SIGN_IN).build())
        .http_client(Wire(Arc::clone(http)))
        // The SDK repeats writes when it is left alone.
        .retry_config(retry::RetryConfig::disabled())
        .timeout_config(timeout::TimeoutConfig::disabled())
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .build();
    Client::from_conf(config)
}

fn sts_client(region: &str, endpoint: &str, sign_in: SignIn, provider: Provider) -> aws_sdk_sts::Client {
    let config = aws_sdk_sts::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(region.to_owned()))
        .endpoint_url(endpoint)
        .credentials_provider(provider)
        .http_client(sign_in)
        .retry_config(retry::RetryConfig::disabled())
        .timeout_config(timeout::TimeoutConfig::disabled())
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .build();
    aws_sdk_sts::Client::from_conf(config)
}

/// A connection's settings, checked.
struct Settings {
    region: String,
    base: String,
    sts: Option<String>,
    source: Source,
}

impl Settings {
    fn read(address: &Address, secret: Option<SecretString>) -> Result<Self, RemoteError> {
        let mut reasons = Vec::new();
        let mut refuse = |code, sentence: &str, next_step: &str| {
            let place = "connection".into();
            reasons.push(Reason { code, place, sentence: sentence.into(), next_step: next_step.into() });
        };
        let region = address.option("region").unwrap_or_default().to_owned();
        if !is_region(&region) {
            refuse(
                "codepipeline.region",
                "There is no AWS region of that name.",
                "Write it as the console's address does, for example eu-west-1.",
            );
        }
        if !address.base.trim().is_empty() {
            refuse(
                "codepipeline.address",
                "CodePipeline is found by its region and not by an address.",
                "Leave the address out; a VPC endpoint goes into its own field.",
            );
        }
        let endpoint = address.option("endpoint");
        let suffix = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
        if endpoint.is_none() && (region.contains("-iso") || region.starts_with("eusc-")) {
            refuse(
                "codepipeline.partition",
                "The addresses of this region's partition are not known here.",
                "Write the address of CodePipeline there as the endpoint.",
            );
        }
        let account = address.account.as_deref().map(str::trim).filter(|id| !id.is_empty());
        let profile = address.option("profile").map(str::to_owned);
        let file = address.option("config_file").map(str::to_owned);
        if file.as_ref().is_some_and(|file| !std::path::Path::new(file).is_absolute()) {
            refuse(
                "codepipeline.config-file",
                "The AWS configuration file is not named by its full path.",
                "Choose the file.",
            );
        }
        if file.is_some() && profile.is_none() {
            refuse(
                "codepipeline.profile-missing",
                "A configuration file is named, and no profile of it.",
                "Name the profile.",
            );
        }
        let source = match (account, secret, profile) {
            (Some(_), _, Some(_)) | (None, Some(_), Some(_)) => {
                refuse(
                    "codepipeline.two-credentials",
                    "There is a profile and an access key.",
                    "Keep the profile and remove the key.",
                );
                None
            }
            (Some(id), Some(_), None) if !id.starts_with("AKIA") => {
                refuse(
                    "codepipeline.key-id",
                    "This is no ID of a long-lived access key; those begin with AKIA.",
                    "Use a profile for temporary credentials.",
                );
                None
            }
            (Some(id), Some(secret), None) => Some(Source::Key { id: id.to_owned(), secret }),
            (Some(_), None, None) | (None, Some(_), None) => {
                refuse(
                    "codepipeline.half-key",
                    "Only one half of the access key is there.",
                    "Fill in the ID and the secret, or use a profile.",
                );
                None
            }
            (None, None, profile) => Some(Source::Machine { profile, file }),
        };
        match source {
            Some(source) if reasons.is_empty() => Ok(Self {
                base: endpoint
                    .map_or_else(|| format!("https://codepipeline.{region}.{suffix}/"), str::to_owned),
                sts: match (address.option("sts_endpoint"), endpoint) {
                    (Some(own), _) => Some(own.to_owned()),
                    (None, Some(_)) => None,
                    (None, None) => Some(format!("https://sts.{region}.{suffix}/")),
                },
                region,
                source,
            }),
            _ => Err(RemoteError::Invalid {
                reasons,
                detail: "The connection can't be used like this.".into(),
            }),
        }
    }
}

/// Regions are a few lower-case words and a number: `eu-west-1`, `us-gov-east-1`.
fn is_region(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let Some((number, words)) = parts.split_last() else { return false };
    let word = |word: &&str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase());
    let number = number.len() <= 2 && !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    number && (2..=4).contains(&words.len()) && words.iter().all(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(address: &Address, secret: Option<&str>) -> Vec<&'static str> {
        match Settings::read(address, secret.map(SecretString::from)) {
            Ok(_) => Vec::new(),
            Err(error) => error.reasons().iter().map(|reason| reason.code).collect(),
        }
    }

    fn with(options: &[(&str, &str)]) -> Address {
        let options = options.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        Address { options, ..Address::default() }
    }

    #[test]
    fn the_region_decides_the_endpoint_and_a_crafted_one_is_refused() {
        let read = |region: &str| Settings::read(&with(&[("region", region)]), None).map(|s| s.base);
        assert_eq!(read("eu-west-1").unwrap(), "https://codepipeline.eu-west-1.amazonaws.com/");
        assert_eq!(read("cn-north-1").unwrap(), "https://codepipeline.cn-north-1.amazonaws.com.cn/");
        for bad in ["", "eu", "x.evil.example/-1", "EU-WEST-1", "eu-west-1.evil.org", "eu-west-123"] {
            assert!(read(bad).is_err(), "{bad}");
        }
        assert_eq!(codes(&with(&[("region", "us-iso-east-1")]), None), ["codepipeline.partition"]);
    }

    #[test]
    fn a_credential_is_a_profile_or_a_whole_long_lived_key() {
        let base = with(&[("region", "eu-west-1")]);
        let key = |id: &str| Address { account: Some(id.into()), ..base.clone() };
        assert_eq!(codes(&base, None), [""; 0]);
        assert_eq!(codes(&key("AKIAIOSFODNN7EXAMPLE"), Some("s")), [""; 0]);
        assert_eq!(codes(&key("AKIAIOSFODNN7EXAMPLE"), None), ["codepipeline.half-key"]);
        assert_eq!(codes(&base, Some("s")), ["codepipeline.half-key"]);
        assert_eq!(codes(&key("ASIAIOSFODNN7EXAMPLE"), Some("s")), ["codepipeline.key-id"]);
        let both = Address {
            account: Some("AKIAIOSFODNN7EXAMPLE".into()),
            ..with(&[("region", "eu-west-1"), ("profile", "release")])
        };
        assert_eq!(codes(&both, Some("s")), ["codepipeline.two-credentials"]);
    }
}
