//! Builds as they arrive: only complete and consistent ones count, and the others say why.

use std::fs;
use std::os::unix::fs::symlink;

use signalbox_pipelines::{BuildQuery, PipelineSystem};

use crate::yard::{GOOD, Yard, manifest, sha256};

#[tokio::test]
async fn a_complete_arrival_is_a_build() {
    let yard = Yard::new().stage("dev", GOOD, &[], "60s");
    let page = yard.system().list_builds(&"web".into(), &BuildQuery::default(), None).await.unwrap();
    assert!(page.problems.is_empty(), "{:?}", page.problems);
    let build = page.builds.iter().find(|build| build.label == "web-1").unwrap();
    assert_eq!((build.commit.as_str(), build.author.as_str()), ("9fceb02", "Ada"));
    assert_eq!(build.created.to_rfc3339(), "2026-11-03T10:00:00+00:00");
    assert_eq!(build.features, ["SHOP-1", "SHOP-2"]);
    assert_eq!(build.versions.application.as_deref(), Some("1.4"));
    assert_eq!(build.versions.infrastructure, None);
    let artifact = build.artifact.as_ref().unwrap();
    assert_eq!((artifact.name.as_str(), artifact.bytes), ("app.txt", 3));
    assert_eq!(artifact.sha256, sha256("one"));
}

#[tokio::test]
async fn what_can_not_be_used_is_reported_with_every_reason() {
    let yard = Yard::new().stage("dev", GOOD, &[], "60s");
    let arrivals = yard.path().join("arrivals/web");
    let put = |label: &str, manifest: &str| {
        fs::create_dir_all(arrivals.join(label)).unwrap();
        fs::write(arrivals.join(label).join("manifest.toml"), manifest).unwrap();
    };
    let digest = sha256("secret");
    fs::write(yard.path().join("secret.txt"), "secret").unwrap();

    fs::create_dir_all(arrivals.join("still-copying")).unwrap();
    fs::write(arrivals.join("still-copying/app.txt"), "one").unwrap();
    put("no-artifact", &manifest("no-artifact", "app.txt", &digest));
    put("half", &manifest("half", "app.txt", &digest));
    fs::write(arrivals.join("half/app.txt"), "sec").unwrap();
    put("outside", &manifest("outside", "../../../secret.txt", &digest));
    put("absolute", &manifest("absolute", "/etc/passwd", &digest));
    put("link", &manifest("link", "app.txt", &digest));
    symlink(yard.path().join("secret.txt"), arrivals.join("link/app.txt")).unwrap();
    symlink(arrivals.join("web-1"), arrivals.join("linked-folder")).unwrap();
    put(
        "many",
        "label = \"other\"\nauthor = \"\\u001b\"\ncreated = 2026-11-03\nx = 1\n[artifact]\nfile = \"a\"\nsha256 = \"ABC\"\n",
    );
    put("with space", &manifest("with space", "app.txt", &digest));
    fs::write(arrivals.join("notes.txt"), "").unwrap();
    fs::create_dir_all(arrivals.join(".partial")).unwrap();

    let page = yard.system().list_builds(&"web".into(), &BuildQuery::default(), None).await.unwrap();
    assert_eq!(page.builds.len(), 2);
    let found: Vec<_> = page
        .problems
        .iter()
        .map(|problem| {
            let codes: Vec<_> = problem.reasons.iter().map(|reason| reason.code).collect();
            (problem.name.as_str(), codes)
        })
        .collect();
    let expected: Vec<(&str, Vec<&str>)> = vec![
        ("absolute", vec!["arrival.path_outside"]),
        ("half", vec!["arrival.digest_differs"]),
        ("link", vec!["arrival.path_outside"]),
        ("linked-folder", vec!["arrival.not_a_folder"]),
        (
            "many",
            vec![
                "arrival.label_differs",
                "toml.missing_key",
                "arrival.bad_text",
                "arrival.bad_time",
                "toml.unknown_key",
                "arrival.bad_digest",
                "arrival.artifact_missing",
            ],
        ),
        ("no-artifact", vec!["arrival.artifact_missing"]),
        ("notes.txt", vec!["arrival.not_a_folder"]),
        ("outside", vec!["arrival.path_outside"]),
        ("still-copying", vec!["arrival.incomplete"]),
        ("with space", vec!["arrival.bad_label"]),
    ];
    assert_eq!(found, expected);

    let preflight = yard.system().preflight(&yard.plan("outside", "dev")).await.unwrap();
    assert_eq!(preflight.blockers[0].code, "arrival.path_outside");
}

#[tokio::test]
async fn an_arrival_counts_as_soon_as_it_is_complete() {
    let yard = Yard::new().stage("dev", GOOD, &[], "60s");
    let system = yard.system();
    let count = async || {
        let page = system.list_builds(&"web".into(), &BuildQuery::default(), None).await.unwrap();
        (page.builds.len(), page.problems.len())
    };
    let folder = yard.path().join("arrivals/web/web-3");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("app.txt"), "thr").unwrap();
    assert_eq!(count().await, (2, 1));
    fs::write(folder.join("manifest.toml"), manifest("web-3", "app.txt", &sha256("three"))).unwrap();
    assert_eq!(count().await, (2, 1));
    fs::write(folder.join("app.txt"), "three").unwrap();
    assert_eq!(count().await, (3, 0));
}
