//! Reading: stages, lists and logs.

use signalbox_pipelines::testing::contract::Bench;
use signalbox_pipelines::{BuildQuery, LogCursor, PipelineId, PipelineQuery, RunId};

use super::bench::{GitLabBench, free};
use super::fake::Rules;

async fn stages(bench: &GitLabBench, options: &[(&str, &str)]) -> Vec<String> {
    let states = bench.open(options).stage_states(&PipelineId::new("shop/web")).await.unwrap();
    states.into_iter().map(|state| state.stage.to_string()).collect()
}

#[tokio::test]
async fn stages_are_ordered_by_tier_or_as_the_connection_says() {
    let bench = GitLabBench::new(free()).await;
    assert_eq!(stages(&bench, &[]).await, ["endless", "broken", "staging", "review/idle", "production"]);
    let chosen = [("environments", "staging, production")];
    assert_eq!(stages(&bench, &chosen).await, ["staging", "production"]);
}

#[tokio::test]
async fn what_stands_in_a_quiet_stage_is_found_behind_many_newer_deployments() {
    let bench = GitLabBench::new(free()).await;
    let first = bench.fake.pipeline("shop/web", &["production"]);
    let job = bench.fake.job(first, "production").id;
    let ended = chrono::Utc::now() - chrono::TimeDelta::days(9);
    bench.fake.change(job, |job| {
        job.status = "success";
        (job.started, job.finished) = (Some(ended), Some(ended));
    });
    for _ in 0..120 {
        bench.fake.pipeline("shop/web", &["staging"]);
    }
    let look = bench.system().look(&PipelineId::new("shop/web")).await.unwrap();
    let production = look.stages.iter().find(|state| state.stage.as_str() == "production").unwrap();
    assert_eq!(production.occupant.as_ref().unwrap().build.as_str(), first.to_string());
    assert_eq!(look.gates.len(), 20, "the newest builds that wait");
    assert_eq!(look.builds.builds.len(), 100);
}

#[tokio::test]
async fn pages_are_followed_by_header_or_by_link_and_never_to_another_host() {
    for rules in [free(), Rules { without_links: true, ..free() }, Rules { other_links: true, ..free() }] {
        let bench = GitLabBench::new(rules).await;
        for _ in 0..4 {
            bench.fake.pipeline("shop/web", &[]);
        }
        let (mut seen, mut page) = (Vec::new(), None);
        let (system, query) = (bench.system(), BuildQuery { limit: 2 });
        loop {
            let list = system.list_builds(&PipelineId::new("shop/web"), &query, page.as_ref()).await.unwrap();
            seen.extend(list.builds.into_iter().map(|build| build.author));
            page = list.next;
            if page.is_none() {
                break;
            }
        }
        assert_eq!(seen, ["Grace"; 5]);
        let projects =
            system.list_pipelines(&PipelineQuery { name_prefix: Some("shop/g".into()) }, None).await;
        assert_eq!(projects.unwrap().items.len(), 1);
    }
}

/// A job's log is read in whole lines while it runs and to its end afterwards, whether the server honours
/// ranges or not.
#[tokio::test]
async fn a_log_is_read_on_from_where_it_was_left() {
    for ranges in [false, true] {
        let bench = GitLabBench::new(Rules { ranges, ..free() }).await;
        let pipeline = bench.fake.pipeline("shop/web", &["staging"]);
        let job = bench.fake.job(pipeline, "staging").id;
        let (system, run) = (bench.system(), RunId::new(format!("shop/web#{job}")));
        let none = system.read_log(&run, &LogCursor::start()).await.unwrap();
        assert!(none.text.is_empty() && !none.complete);
        bench.fake.change(job, |job| job.status = "running");
        let first = system.read_log(&run, &none.next).await.unwrap();
        assert_eq!((first.text.as_str(), first.complete), ("Überspiele…\n", false));
        let nothing = system.read_log(&run, &first.next).await.unwrap();
        assert_eq!((nothing.text.as_str(), nothing.complete), ("", false));
        bench.fake.change(job, |job| job.status = "success");
        let last = system.read_log(&run, &nothing.next).await.unwrap();
        assert_eq!((last.text.as_str(), last.complete), ("half a line\nJob ended", true));
        let rest = system.read_log(&run, &last.next).await.unwrap();
        assert!(rest.text.is_empty() && rest.complete);
    }
}
