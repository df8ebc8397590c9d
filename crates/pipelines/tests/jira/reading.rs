//! Features and versions are read alike from both kinds of Jira.

use std::sync::Arc;

use secrecy::SecretString;
use signalbox_pipelines::http::{Address, Hosts};
use signalbox_pipelines::testing::server::{Response, Server};
use signalbox_pipelines::{ConnectionId, Feature, FeatureTracker, Opening, RemoteError, open_tracker};

use crate::fake::{MAIL, Quirk, Site, TOKEN, VERSIONS};

async fn server(site: &Site) -> Server {
    let site = site.clone();
    Server::start(move |request| site.answer(request)).await.unwrap()
}

fn tracker(server: &Server, cloud: bool, token: &str) -> Arc<dyn FeatureTracker> {
    let account = cloud.then(|| MAIL.to_owned());
    let address = Address { base: server.base().into(), account, ..Address::default() };
    open_tracker(Opening {
        connection: ConnectionId::new("jira"),
        address: &address,
        secret: Some(SecretString::from(token)),
        hosts: &Hosts::hurried(),
        clock: Arc::new(chrono::Utc::now),
    })
    .unwrap()
}

async fn all(tracker: &dyn FeatureTracker, version: &str) -> Result<Vec<Feature>, RemoteError> {
    let (mut all, mut page) = (Vec::new(), None);
    for _ in 0..20 {
        let read = tracker.features_in_version("SHOP", version, page.as_ref()).await?;
        all.extend(read.items);
        page = read.next;
        if page.is_none() {
            return Ok(all);
        }
    }
    panic!("the list never ends");
}

fn keys(features: &[Feature]) -> Vec<&str> {
    features.iter().map(|feature| feature.key.as_str()).collect()
}

const IN_1_4_2: [&str; 7] = ["SHOP-2", "SHOP-3", "SHOP-4", "SHOP-5", "SHOP-6", "SHOP-7", "SHOP-8"];

#[tokio::test]
async fn the_probe_tells_the_kind_of_jira_and_the_account() {
    for (cloud, name) in [(true, "Jira Cloud"), (false, "Jira Data Center 9.12.4")] {
        let server = server(&Site::new(cloud)).await;
        let info = tracker(&server, cloud, TOKEN).probe().await.unwrap();
        assert_eq!((info.server.as_str(), info.who.as_str()), (name, "Ada (ada@example.org)"));
    }
}

#[tokio::test]
async fn the_features_of_a_version_come_page_by_page_from_both() {
    for cloud in [true, false] {
        let server = server(&Site { cap: 3, ..Site::new(cloud) }).await;
        let tracker = tracker(&server, cloud, TOKEN);
        let features = all(&*tracker, "1.4.2").await.unwrap();
        assert_eq!(keys(&features), IN_1_4_2);
        let first = &features[0];
        assert_eq!((first.title.as_str(), first.status.as_str()), ("Feature 2", "Live"));
        assert_eq!(first.fix_versions, ["1.4.2"]);
        assert_eq!(first.link, format!("{}/browse/SHOP-2", server.base()));
    }
}

#[tokio::test]
async fn done_is_what_the_category_says_and_not_the_name_of_the_state() {
    for cloud in [true, false] {
        let server = server(&Site::new(cloud)).await;
        let features = all(&*tracker(&server, cloud, TOKEN), "1.4.2").await.unwrap();
        let done: Vec<_> = features.iter().filter(|feature| feature.done).collect();
        assert_eq!(done.len(), 2);
        assert!(features.iter().any(|feature| feature.status == "Done" && !feature.done));
    }
}

#[tokio::test]
async fn a_list_of_jira_cloud_ends_whatever_its_last_page_says() {
    for quirk in [Quirk::NeverLast, Quirk::EmptyPage, Quirk::TokenOnLast] {
        let server = server(&Site { cap: 3, quirk, ..Site::new(true) }).await;
        if quirk == Quirk::TokenOnLast {
            // With a whole page, so that only `isLast` tells.
            let server = self::server(&Site { quirk, ..Site::new(true) }).await;
            let read =
                tracker(&server, true, TOKEN).features_in_version("SHOP", "1.4.2", None).await.unwrap();
            assert!(read.next.is_none());
        }
        let features = all(&*tracker(&server, true, TOKEN), "1.4.2").await.unwrap();
        assert_eq!(keys(&features), IN_1_4_2, "{quirk:?}");
    }
    let server = server(&Site { cap: 2, quirk: Quirk::SameToken, ..Site::new(true) }).await;
    let features = all(&*tracker(&server, true, TOKEN), "1.4.2").await.unwrap();
    assert_eq!(features.len(), 4, "a token that leads to itself is not followed again");
}

#[tokio::test]
async fn a_place_in_a_list_that_has_expired_is_stale() {
    let server = server(&Site::new(true)).await;
    let tracker = tracker(&server, true, TOKEN);
    for page in ["2 old", "nonsense"] {
        let read = tracker.features_in_version("SHOP", "1.4.2", Some(&page.into())).await;
        assert!(matches!(read, Err(RemoteError::Stale { .. })), "{read:?}");
    }
}

#[tokio::test]
async fn a_version_is_one_value_whatever_its_name_holds() {
    for cloud in [true, false] {
        let server = server(&Site::new(cloud)).await;
        let tracker = tracker(&server, cloud, TOKEN);
        assert_eq!(keys(&all(&*tracker, VERSIONS[2]).await.unwrap()), ["SHOP-9"]);
        let injected = all(&*tracker, "1.4.1\" OR project = \"SHOP").await;
        assert!(matches!(injected, Err(RemoteError::NotFound(_))), "{injected:?}");
        let before = server.seen().len();
        assert!(matches!(all(&*tracker, "a\nb").await, Err(RemoteError::Invalid { .. })));
        let project = tracker.versions("SHOP\" OR", None).await;
        assert!(matches!(project, Err(RemoteError::NotFound(_))), "{project:?}");
        assert_eq!(server.seen().len(), before, "nothing was asked");
    }
}

#[tokio::test]
async fn unknown_keys_are_left_out_and_malformed_ones_never_asked_for() {
    for cloud in [true, false] {
        let server = server(&Site { cap: 2, ..Site::new(cloud) }).await;
        let tracker = tracker(&server, cloud, TOKEN);
        let wanted = ["SHOP-1", "SHOP-404", "SHOP-3", "SHOP-5", "shop-2", "SHOP-7\") OR key in (\"SHOP-8"];
        let features = tracker.features_by_key(&wanted.map(String::from)).await.unwrap();
        assert_eq!(keys(&features), ["SHOP-1", "SHOP-3", "SHOP-5"]);
        let asked = server.seen().iter().any(|request| format!("{request:?}").contains("SHOP-8"));
        assert!(!asked, "a malformed key was asked for");
    }
}

#[tokio::test]
async fn versions_tell_how_much_of_them_is_open() {
    for (cloud, released) in [(true, Some(0)), (false, None)] {
        let server = server(&Site { cap: 2, ..Site::new(cloud) }).await;
        let tracker = tracker(&server, cloud, TOKEN);
        let first = tracker.versions("SHOP", None).await.unwrap();
        let rest = tracker.versions("SHOP", first.next.as_ref()).await.unwrap();
        assert!(rest.next.is_none());
        let all = [first.items, rest.items].concat();
        let told: Vec<_> =
            all.iter().map(|version| (version.name.as_str(), version.released, version.unresolved)).collect();
        let expected =
            [(VERSIONS[0], true, released), (VERSIONS[1], false, Some(5)), (VERSIONS[2], false, Some(1))];
        assert_eq!(told, expected);
    }
}

#[tokio::test]
async fn a_wrong_token_is_an_error_and_not_an_empty_list() {
    for cloud in [true, false] {
        let server = server(&Site::new(cloud)).await;
        let read = all(&*tracker(&server, cloud, "wrong-token"), "1.4.2").await;
        assert!(matches!(read, Err(RemoteError::Auth { .. })), "{read:?}");
    }
}

#[tokio::test]
async fn limits_are_read_from_their_headers() {
    let soon = (chrono::Utc::now() + chrono::TimeDelta::seconds(40)).to_rfc3339();
    for (status, header, value, seconds) in [
        (429, "retry-after", "20".to_owned(), 20),
        (429, "x-ratelimit-reset", soon, 40),
        (503, "retry-after", "30".to_owned(), 30),
    ] {
        let server = Server::start(move |_| {
            Response::text(status, "")
                .with(header, value.clone())
                .with("ratelimit-reason", "jira-burst-based")
        })
        .await
        .unwrap();
        let asked = chrono::Utc::now();
        match tracker(&server, true, TOKEN).probe().await {
            Err(RemoteError::RateLimited { retry_at }) => {
                let wait = (retry_at - asked).num_seconds();
                assert!((seconds - 3..=seconds + 3).contains(&wait), "{wait} instead of {seconds}");
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(server.seen().len(), 1, "a host that limits us is not asked again");
    }
}
