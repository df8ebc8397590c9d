use super::scribe::{filled, issue, open};
use signalbox_ledger::{proof, tree};
use signalbox_store::HeadCheck;
use std::fs;

#[test]
fn the_root_at_every_size_is_that_of_the_leaves() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("ledger.db"));
    filled(&store, 20);
    store
        .read(|reader| {
            let head = reader.head()?;
            let leaves = reader.leaves(0..head.size)?;
            for size in 0..=head.size {
                let expected = tree::root(&leaves[..usize::try_from(size).unwrap()]);
                assert_eq!(reader.root_at(size)?, expected);
            }
            assert_eq!(reader.root_at(head.size)?, head.root);
            let path = proof::inclusion(&leaves, 7).unwrap();
            assert!(proof::verify_inclusion(&leaves[7], 7, head.size, &path, &head.root).is_ok());
            Ok(())
        })
        .unwrap();
}

#[test]
fn a_roll_back_to_an_older_copy_and_a_fork_are_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    let copy = folder.path().join("copy.db");
    let store = open(&path);
    assert_eq!(store.check_head(None).unwrap(), HeadCheck::First);
    let mut scribe = filled(&store, 3);
    store.back_up(&copy).unwrap();
    assert_eq!(store.back_up(&copy).unwrap_err().code(), "store.access", "a copy is never overwritten");
    let copied = store.head().unwrap();
    scribe.act(&store, &[issue("8", "har", "after the copy")]);
    scribe.act(&store, &[issue("9", "har", "after the copy")]);
    let seen = store.head().unwrap();
    let seen = Some((seen.size, seen.root));
    assert_eq!(store.check_head(seen).unwrap(), HeadCheck::Same);
    assert_eq!(store.check_head(Some((copied.size, copied.root))).unwrap(), HeadCheck::Grown);
    store.close().unwrap();

    fs::rename(&copy, &path).unwrap();
    let store = open(&path);
    let older = HeadCheck::Older { seen: copied.size + 2, found: copied.size };
    assert_eq!(store.check_head(seen).unwrap(), older);
    for number in 20..23 {
        scribe.act(&store, &[issue(&number.to_string(), "har", "another history")]);
    }
    let HeadCheck::Forked { seen: size, seen_root, found_root } = store.check_head(seen).unwrap() else {
        panic!("the fork was not noticed");
    };
    assert_eq!(Some((size, seen_root)), seen);
    assert_ne!(seen_root, found_root);
}
