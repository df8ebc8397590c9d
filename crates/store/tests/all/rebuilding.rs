use super::scribe::{Scribe, dump, open};
use super::trace::{TracedAct, acts, beginning};
use proptest::prelude::*;
use signalbox_domain::fact::Fact;
use signalbox_domain::id::ProductId;
use signalbox_domain::state::State;
use signalbox_ledger::Header;
use signalbox_store::{Appended, Scope, Store};

/// Records an act whose state was loaded for one product, or for none.
fn scrawl(scribe: &mut Scribe, store: &Store, product: Option<&ProductId>, facts: &[Fact]) {
    let scope = product.cloned().map_or_else(Scope::desk, Scope::product);
    let act = scribe.next_id();
    store
        .act(&scope, |basis| {
            let entries = facts.iter().map(|fact| scribe.scrawl(&basis.head, &act, fact)).collect();
            Ok::<_, ()>(Appended { entries, value: () })
        })
        .unwrap();
}

/// Folds the stored entries with nothing but the domain.
fn folded(store: &Store) -> State {
    let mut state = State::default();
    store
        .read(|reader| {
            reader.each_entry(0..u64::MAX, |stored| {
                let header = Header::parse(&stored.entry.header).unwrap();
                let payload = serde_json::from_slice(&stored.entry.payload.unwrap()).unwrap();
                let fact = Fact::read(&header.kind, payload).unwrap();
                let meta = signalbox_domain::fact::Meta {
                    id: header.id.into(),
                    at: signalbox_domain::moment::Moment::new(header.at),
                    author: header.author.into(),
                };
                state.apply(&meta, &fact);
                Ok::<_, signalbox_store::StoreError>(())
            })
        })
        .unwrap();
    state.touched.clear();
    state
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn incremental_equals_rebuilt(acts in acts()) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.db");
        let mut scribe = Scribe::new(0);
        let mut store = open(&path);
        scrawl(&mut scribe, &store, None, &beginning());
        let half = acts.len() / 2;
        for (place, TracedAct { product, facts }) in acts.iter().enumerate() {
            if place == half {
                drop(store);
                store = open(&path);
                prop_assert!(!store.opened().rebuilt);
            }
            scrawl(&mut scribe, &store, product.as_ref(), facts);
        }
        let incremental = dump(&store);
        let whole = store.read(|reader| reader.state(&Scope::whole())).unwrap();
        prop_assert_eq!(&whole, &folded(&store));
        store.rebuild().unwrap();
        let rebuilt = dump(&store);
        for (before, after) in incremental.iter().zip(&rebuilt) {
            prop_assert_eq!(before, after);
        }
        prop_assert_eq!(incremental.len(), rebuilt.len());
    }
}

#[test]
fn what_an_act_loads_does_not_grow_with_the_history() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("ledger.db"));
    let mut scribe = Scribe::new(0);
    scrawl(&mut scribe, &store, None, &beginning());
    let process = signalbox_domain::starters::starter("three-environments").unwrap().process;
    let last = process.on_path().last().unwrap().key.clone();
    let mut loaded = Vec::new();
    for number in 1..=60_u32 {
        let build = signalbox_domain::id::BuildId::new(format!("web-{number}"));
        let arrived = Fact::BuildArrived {
            build: build.clone(),
            service: "web".into(),
            product: "har".into(),
            number,
            content: signalbox_domain::line::BuildContent::default(),
            author: None,
            strategy: 1,
        };
        let passed = Fact::BuildPassed { build, service: "web".into(), stage: last.clone() };
        scrawl(&mut scribe, &store, None, &[arrived, passed]);
        let scope = Scope::product("har".into());
        loaded.push(store.read(|reader| reader.state(&scope)).unwrap().builds.len());
    }
    let most = *loaded.iter().max().unwrap();
    assert!(most <= 12, "{loaded:?}");
    let whole = store.read(|reader| reader.state(&Scope::whole())).unwrap();
    assert_eq!(whole.builds.len(), 60);
}
