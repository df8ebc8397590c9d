//! As whom a connection acts, what it may do, and how it is told no.

use std::io::Write;

use signalbox_pipelines::http::Address;
use signalbox_pipelines::testing::contract::Bench;
use signalbox_pipelines::testing::server::{Response, Server};
use signalbox_pipelines::{Opening, SystemKind};
use signalbox_pipelines::{PipelineQuery, RemoteError, WriteError, fields, open};

use super::bench::Yard;
use super::fake::{KEY, ME, SECRET};

/// A connection by a profile of a configuration file of its own.
fn by_profile(yard: &Yard, file: &tempfile::NamedTempFile, profile: &str) -> Address {
    let mut address = Address { account: None, ..yard.address() };
    address.options.insert("profile".into(), profile.into());
    address.options.insert("config_file".into(), file.path().to_str().unwrap().into());
    address
}

fn configuration(text: &str) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file
}

#[tokio::test]
async fn a_profile_may_hold_keys_or_name_a_program_that_tells_them() {
    let yard = Yard::new().await;
    let told = format!(
        r#"{{"Version":1,"AccessKeyId":"{KEY}","SecretAccessKey":"{SECRET}","SessionToken":"short-lived"}}"#
    );
    let answer = configuration(&told);
    let file = configuration(&format!(
        "[profile keys]\naws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\n\n[profile program]\ncredential_process = cat {}\n",
        answer.path().display()
    ));
    for profile in ["keys", "program"] {
        let system = yard.at(&by_profile(&yard, &file, profile), None);
        let page = system.list_pipelines(&PipelineQuery::default(), None).await.unwrap();
        assert_eq!(page.items.len(), 7, "{profile}");
    }
    let tokens: Vec<_> =
        yard.server.seen().iter().map(|r| r.header("x-amz-security-token").map(str::to_owned)).collect();
    assert_eq!(tokens, [None, Some("short-lived".to_owned())]);
}

#[tokio::test]
async fn a_profile_that_gives_nothing_says_how_to_sign_in_and_nothing_is_sent() {
    let yard = Yard::new().await;
    let file = configuration(
        "[profile release]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = Release\n\n[sso-session corp]\nsso_region = eu-west-1\nsso_start_url = https://corp.awsapps.com/start\n",
    );
    let plan = yard.plan(signalbox_pipelines::testing::contract::Course::Succeeds);
    for profile in ["release", "no-such-profile"] {
        let system = yard.at(&by_profile(&yard, &file, profile), None);
        let read = system.probe().await.unwrap_err();
        let hint = format!("aws sso login --profile {profile}");
        assert!(
            matches!(&read, RemoteError::Auth { reauth: true, detail } if detail.contains(&hint)),
            "{read}"
        );
        let write = system.promote(&plan, &yard.fresh_key()).await;
        assert!(matches!(write, Err(WriteError::NotApplied(RemoteError::Auth { .. }))), "{write:?}");
    }
    assert!(yard.server.seen().is_empty());
}

#[tokio::test]
async fn a_wrong_secret_is_told_as_such_and_stands_nowhere() {
    let yard = Yard::new().await;
    let error = yard.at(&yard.address(), Some("not-the-secret")).probe().await.unwrap_err();
    assert!(matches!(error, RemoteError::Auth { reauth: true, .. }), "{error}");
    assert!(!format!("{error:?} {error}").contains("not-the-secret"));
    for request in yard.server.seen() {
        assert!(!format!("{request:?}").contains("not-the-secret"));
    }
}

#[tokio::test]
async fn a_denied_call_names_the_permission_that_is_missing() {
    let yard = Yard::new().await;
    yard.fake().denied = vec!["PutApprovalResult", "ListPipelines"];
    let plan = yard.plan(signalbox_pipelines::testing::contract::Course::Succeeds);
    let system = yard.system();
    let outcome = system.promote(&plan, &yard.fresh_key()).await;
    let Err(WriteError::NotApplied(RemoteError::Forbidden { needs: Some(needs), .. })) = outcome else {
        panic!("{outcome:?}")
    };
    assert!(needs.starts_with("codepipeline:PutApprovalResult on arn:aws:codepipeline:"), "{needs}");
    let info = system.probe().await.unwrap();
    assert_eq!(info.missing.len(), 1);
    assert!(info.missing[0].next_step.contains("codepipeline:ListPipelines"));
}

#[tokio::test]
async fn a_probe_tells_the_account_by_the_word_of_sts_or_of_a_pipeline() {
    let yard = Yard::new().await;
    let who = yard.system().probe().await.unwrap().who;
    assert_eq!(who, format!("access key {KEY} in account 123456789012"));
    // The answer's form is that of the STS reference, GetCallerIdentity.
    let sts = Server::start(|_| {
        Response::text(
            200,
            format!(
                "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult><Arn>{ME}</Arn><UserId>AROA:ada</UserId><Account>123456789012</Account></GetCallerIdentityResult><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></GetCallerIdentityResponse>"
            ),
        )
    })
    .await
    .unwrap();
    let mut address = yard.address();
    address.options.insert("sts_endpoint".into(), sts.base().into());
    assert_eq!(yard.at(&address, Some(SECRET)).probe().await.unwrap().who, ME);
}

#[tokio::test]
async fn throttling_quiets_the_account_and_a_throttled_write_did_nothing() {
    let yard = Yard::new().await;
    let plan = yard.plan(signalbox_pipelines::testing::contract::Course::Succeeds);
    let system = yard.system();
    yard.fake().throttled = 1;
    let read = system.stage_states(&plan.pipeline).await;
    assert!(matches!(read, Err(RemoteError::RateLimited { .. })), "{read:?}");
    assert_eq!(yard.server.seen().len(), 1, "a throttled read was repeated at once");
    // After a short quiet the same connection works again.
    assert!(system.stage_states(&plan.pipeline).await.is_ok());
}

#[tokio::test]
async fn a_look_takes_three_calls() {
    let yard = Yard::new().await;
    let system = yard.system();
    yard.waiting("shop-gates");
    system.look(&"shop-gates".into()).await.unwrap();
    let before = yard.server.seen().len();
    let look = system.look(&"shop-gates".into()).await.unwrap();
    assert_eq!((look.gates.len(), look.stages.len()), (1, 3));
    let calls = yard.server.seen().len() - before;
    assert!(calls <= 3, "{calls} calls");
}

#[tokio::test]
async fn settings_that_can_not_be_kept_to_are_refused() {
    let yard = Yard::new().await;
    let base = yard.address();
    let with = |name: &str, value: &str| {
        let mut address = base.clone();
        address.options.insert(name.into(), value.into());
        address
    };
    let refused = [
        with("endpoint", "http://codepipeline.example.org"),
        Address { plain_http: true, ..with("endpoint", "http://codepipeline.example.org") },
        Address { base: "https://ci.example.org".into(), ..base.clone() },
        with("region", "nowhere"),
    ];
    for address in refused {
        let opening = Opening {
            connection: "aws".into(),
            address: &address,
            secret: Some(SECRET.into()),
            hosts: &signalbox_pipelines::http::Hosts::hurried(),
            clock: std::sync::Arc::new(chrono::Utc::now),
        };
        let refused = open(SystemKind::CodePipeline, opening).map(drop).unwrap_err();
        assert!(matches!(refused, RemoteError::Invalid { .. }), "{refused}");
    }
    let asked: Vec<_> = fields(SystemKind::CodePipeline).iter().map(|field| field.name).collect();
    assert!(asked.contains(&"profile") && asked.contains(&"region") && !asked.contains(&"base"));
}
