use super::scribe::{Scribe, ledger_opened, open, product};
use signalbox_domain::fact::{Fact, Subject};
use signalbox_domain::feature::FeatureState;
use signalbox_domain::id::{BuildId, FeatureKey, IssueId, ReleaseId};
use signalbox_domain::issue::IssueReport;
use signalbox_domain::line::BuildContent;
use signalbox_domain::moment::Moment;
use signalbox_store::{EntryFilter, FeatureFilter, IssueFilter, ReleaseFilter, Store};

fn harbour(store: &Store) -> Scribe {
    let mut scribe = Scribe::new(0);
    let service = Fact::ServiceAdded { product: "har".into(), service: "web".into(), name: "web".to_owned() };
    scribe.act(store, &[ledger_opened(), product("har"), service]);
    for number in 1..=7_u32 {
        let arrived = Fact::BuildArrived {
            build: BuildId::new(format!("b{number}")),
            service: "web".into(),
            product: "har".into(),
            number,
            content: BuildContent { label: format!("2.{number}"), ..BuildContent::default() },
            author: None,
            strategy: 1,
        };
        scribe.act(store, &[arrived]);
    }
    for (key, title) in [("HAR-301", "Pay by card"), ("HAR-302", "Café list"), ("HAR-31", "Print")] {
        let requested = Fact::FeatureRequested {
            feature: FeatureKey::from(key),
            product: "har".into(),
            title: title.to_owned(),
            requester: "ines".into(),
        };
        scribe.act(store, &[requested]);
    }
    let moved = Fact::FeatureMoved {
        feature: "HAR-301".into(),
        state: FeatureState::InBranch,
        developer: None,
        evidence: String::new(),
    };
    scribe.act(store, &[moved]);
    for (number, (problem, solution, stage)) in [
        ("Login loops after the restart", "Clear the session store", "qa"),
        ("Disk fills with logs", "Rotate the logs", "prod"),
        ("Slow restart", "Warm the cache", "qa"),
    ]
    .into_iter()
    .enumerate()
    {
        let recorded = Fact::IssueRecorded {
            issue: IssueId::new(format!("i{number}")),
            key: format!("HAR-ISS-{number}"),
            product: "har".into(),
            report: IssueReport {
                problem: problem.to_owned(),
                solution: solution.to_owned(),
                service: Some("web".into()),
                stage: Some(stage.into()),
                ..IssueReport::default()
            },
        };
        scribe.act(store, &[recorded]);
    }
    for name in ["Harbour 2.7", "Harbour 2.8"] {
        let created = Fact::ReleaseCreated {
            release: ReleaseId::from(name),
            product: "har".into(),
            name: name.to_owned(),
            strategy: 1,
            planned: None,
        };
        scribe.act(store, &[created]);
    }
    let written = Fact::PlanSectionWritten {
        release: "Harbour 2.8".into(),
        section: "back-out".to_owned(),
        text: "Redeploy the previous build and restore the snapshot.".to_owned(),
        rehearsal: None,
    };
    scribe.act(store, &[written]);
    scribe
}

#[test]
fn lists_are_paged_without_gaps_or_repeats() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("ledger.db"));
    harbour(&store);
    store
        .read(|reader| {
            let (mut before, mut numbers) = (None, Vec::new());
            loop {
                let page = reader.builds(&"web".into(), before, 3)?;
                numbers.extend(page.items.iter().map(|build| build.number));
                before = page.next;
                if before.is_none() {
                    break;
                }
            }
            assert_eq!(numbers, [7, 6, 5, 4, 3, 2, 1]);

            let (mut after, mut keys) = (None, Vec::new());
            loop {
                let page = reader.features(&FeatureFilter::default(), after.as_ref(), 1)?;
                keys.extend(page.items.iter().map(|feature| feature.key.to_string()));
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
            assert_eq!(keys, ["HAR-301", "HAR-31", "HAR-302"]);
            assert_eq!(reader.build_labelled(&"web".into(), "2.3")?.unwrap().number, 3);
            Ok(())
        })
        .unwrap();
}

#[test]
fn entries_are_found_by_person_kind_subject_and_period() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("ledger.db"));
    harbour(&store);
    let head = store.head().unwrap();
    let found = |filter: EntryFilter| {
        store
            .read(|reader| {
                let (mut before, mut seqs) = (None, Vec::new());
                loop {
                    let page = reader.entries(&filter, before, 2)?;
                    seqs.extend(page.items.iter().map(|listed| listed.stored.seq));
                    before = page.next;
                    if before.is_none() {
                        return Ok(seqs);
                    }
                }
            })
            .unwrap()
    };
    let all: Vec<u64> = (0..head.size).rev().collect();
    assert_eq!(found(EntryFilter::default()), all);
    assert_eq!(found(EntryFilter { person: Some("ines".into()), ..EntryFilter::default() }), all);
    assert!(found(EntryFilter { person: Some("otto".into()), ..EntryFilter::default() }).is_empty());
    let arrived = Some("build-arrived.v1".to_owned());
    assert_eq!(found(EntryFilter { kind: arrived.clone(), ..EntryFilter::default() }), [9, 8, 7, 6, 5, 4, 3]);
    let subject = Some(Subject { kind: "build".to_owned(), id: "b2".to_owned() });
    assert_eq!(found(EntryFilter { subject: subject.clone(), ..EntryFilter::default() }), [4]);
    assert_eq!(found(EntryFilter { subject, kind: arrived, ..EntryFilter::default() }), [4]);
    let moment = |seq: i64| Some(Moment::from_millis(super::scribe::START + seq));
    assert_eq!(found(EntryFilter { from: moment(2), until: moment(5), ..EntryFilter::default() }), [4, 3, 2]);

    store
        .read(|reader| {
            let first = reader.entry(0)?.unwrap();
            let header = first.entry.open().unwrap();
            assert_eq!(reader.entry_called(&header.id.clone().into())?.unwrap(), first);
            let act = reader.entries_of_act(&header.act)?;
            assert_eq!(act.iter().map(|stored| stored.seq).collect::<Vec<_>>(), [0, 1, 2]);
            let mut seen = 0;
            reader.each_entry(1..4, |stored| {
                seen += stored.seq;
                Ok::<_, signalbox_store::StoreError>(())
            })?;
            assert_eq!(seen, 6);
            assert_eq!(reader.records(0).count() as u64, head.size);
            assert_eq!(reader.records(5).next().unwrap()?.seq, 5);
            Ok(())
        })
        .unwrap();
}

#[test]
fn text_is_found_by_the_beginning_of_words_in_any_order_and_without_accents() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("ledger.db"));
    let mut scribe = harbour(&store);
    let issues = |filter: IssueFilter| -> Vec<String> {
        let page = store.read(|reader| reader.issues(&filter, None, 10)).unwrap();
        page.items.iter().map(|issue| issue.id.to_string()).collect()
    };
    let text = |text: &str| IssueFilter { text: text.to_owned(), ..IssueFilter::default() };
    assert_eq!(issues(text("restart")), ["i2", "i0"]);
    assert_eq!(issues(text("sess log")), ["i0"]);
    assert_eq!(issues(text("rotate")), ["i1"]);
    assert!(issues(text("\"OR* nothing")).is_empty());
    assert_eq!(issues(IssueFilter { stage: Some("qa".into()), ..text("") }), ["i2", "i0"]);
    assert_eq!(issues(IssueFilter { open: Some(false), ..text("") }), [""; 0]);

    let features = |text: &str| -> Vec<String> {
        let filter = FeatureFilter { text: text.to_owned(), ..FeatureFilter::default() };
        let page = store.read(|reader| reader.features(&filter, None, 10)).unwrap();
        page.items.iter().map(|feature| feature.key.to_string()).collect()
    };
    assert_eq!(features("har-30"), ["HAR-301", "HAR-302"]);
    assert_eq!(features("cafe"), ["HAR-302"]);
    let in_branch = FeatureFilter { state: Some(FeatureState::InBranch), ..FeatureFilter::default() };
    assert_eq!(store.read(|reader| reader.features(&in_branch, None, 10)).unwrap().items.len(), 1);

    let plans = |text: &str| -> Vec<String> {
        let filter = ReleaseFilter { text: text.to_owned(), ..ReleaseFilter::default() };
        let page = store.read(|reader| reader.releases(&filter, None, 10)).unwrap();
        page.items.iter().map(|release| release.name.clone()).collect()
    };
    assert_eq!(plans("snapshot"), ["Harbour 2.8"]);
    assert_eq!(plans("harbour"), ["Harbour 2.8", "Harbour 2.7"]);

    // A changed text is found by its new words only.
    let amended = Fact::IssueAmended {
        issue: "i1".into(),
        report: IssueReport { problem: "Disk fills with dumps".to_owned(), ..IssueReport::default() },
    };
    scribe.act(&store, &[amended]);
    assert_eq!(issues(text("dumps")), ["i1"]);
    assert!(issues(text("rotate")).is_empty());
}
