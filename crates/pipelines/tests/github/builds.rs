//! Builds are published releases, each with the commit that its tag stands on.

use signalbox_pipelines::testing::contract::Bench;
use signalbox_pipelines::{BuildQuery, StageId};

use super::bench::{GitHub, pipeline};
use super::fake::{Release, sha_of};

#[tokio::test]
async fn drafts_are_no_builds_and_a_release_whose_tag_is_gone_is_a_problem() {
    let github = GitHub::start().await;
    {
        let mut world = github.world();
        world.publish("shop", "v1.5.0");
        let shop = world.repo("shop");
        shop.releases.insert(0, Release { id: 7, tag: "v9.9.9".into(), published: None });
        shop.tags.insert("v9.9.9".into(), sha_of("v9.9.9"));
        shop.tags.remove("v1.4.1");
    }
    let page = github.system().list_builds(&pipeline("shop"), &BuildQuery::default(), None).await.unwrap();
    let builds: Vec<_> =
        page.builds.iter().map(|build| (build.label.as_str(), build.commit.clone())).collect();
    assert_eq!(builds, [("v1.5.0", sha_of("v1.5.0")), ("v1.4.2", sha_of("v1.4.2"))]);
    assert_eq!(page.problems.len(), 1);
    assert_eq!(page.problems[0].reasons[0].code, "github.release-without-tag");
}

#[tokio::test]
async fn a_deployment_of_a_branch_is_the_release_of_its_commit_or_the_commit_itself() {
    let github = GitHub::start().await;
    {
        let mut world = github.world();
        let shop = world.repo("shop");
        // Both are branches of that name; the first stands on a release's commit.
        shop.tags.insert("main".into(), sha_of("v1.4.1"));
        shop.tags.insert("next".into(), sha_of("next"));
        world.start("shop", "deploy.yml", "qa", "main", "push".into());
        world.start("shop", "deploy.yml", "slow", "next", "push".into());
        let shop = world.repo("shop");
        shop.tags.remove("main");
        shop.tags.remove("next");
    }
    let states = github.system().stage_states(&pipeline("shop")).await.unwrap();
    let build = |stage: &str| {
        let state = states.iter().find(|state| state.stage == StageId::new(stage)).unwrap();
        state.occupant.as_ref().unwrap().build.to_string()
    };
    assert_eq!(build("qa"), "v1.4.1");
    assert_eq!(build("slow"), sha_of("next"));
}

#[tokio::test]
async fn a_release_beyond_the_newest_hundred_is_still_named() {
    let github = GitHub::start().await;
    {
        let mut world = github.world();
        world.publish("shop", "v0.0.1-old");
        // Named so that its tag is not on the first page of tags either.
        world.start("shop", "deploy.yml", "qa", "v0.0.1-old", "old".into());
        for number in 0..120 {
            world.publish("shop", &format!("v2.{number:03}"));
        }
    }
    let states = github.system().stage_states(&pipeline("shop")).await.unwrap();
    assert_eq!(states[0].occupant.as_ref().unwrap().build, "v0.0.1-old".into());
}

#[tokio::test]
async fn a_place_in_one_list_is_none_in_another() {
    let github = GitHub::start().await;
    let system = github.system();
    let query = BuildQuery { limit: 1 };
    let next = system.list_builds(&pipeline("shop"), &query, None).await.unwrap().next.unwrap();
    assert!(system.list_builds(&pipeline("till"), &query, Some(&next)).await.is_err());
    let elsewhere = format!("{} https://evil.example/", next.as_str().split(' ').next().unwrap());
    assert!(system.list_builds(&pipeline("shop"), &query, Some(&elsewhere.into())).await.is_err());
}
