//! The format's bytes, fixed. `UPDATE_GOLDEN=1` writes the files anew; a difference means a changed format.

use crate::sample::{LEDGER, key, sample};
use signalbox_ledger::checkpoint::verifier_key;
use signalbox_ledger::export::{EntryFiles, allowed_signers};
use signalbox_ledger::proof::{consistency, inclusion, verify_consistency, verify_inclusion};
use signalbox_ledger::tree::{Frontier, leaf_hash, root};
use signalbox_ledger::{Hash, Header, SignedCheckpoint};
use std::path::PathBuf;

pub fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/golden/ledger"))
}

fn assert_golden(name: &str, bytes: &[u8]) {
    let path = folder().join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::create_dir_all(folder()).unwrap();
        std::fs::write(&path, bytes).unwrap();
    }
    let golden = std::fs::read(&path).unwrap_or_else(|e| panic!("{name}: {e}"));
    assert!(
        golden == bytes,
        "{name} differs\n  golden: {}\n  made:   {}",
        String::from_utf8_lossy(&golden),
        String::from_utf8_lossy(bytes)
    );
}

#[test]
fn entries_keep_their_bytes() {
    for (seq, entry) in sample().entries.iter().enumerate() {
        let files = EntryFiles::new(seq as u64, entry);
        for file in [Some(files.header), Some(files.signature), files.payload].into_iter().flatten() {
            assert_golden(&file.name, &file.bytes);
        }
    }
}

#[test]
fn a_golden_header_is_read_field_by_field() {
    let bytes = std::fs::read(folder().join("entry-00000004.header.json")).unwrap();
    let header = Header::parse(&bytes).unwrap();
    assert_eq!(header.author, "machine");
    assert_eq!(header.at.timestamp_millis() % 1000, 120);
    assert_eq!(header.after.size, 3);
    assert_eq!(header.cause.as_deref(), Some("019aa6e2-8b40-7000-8000-000000000003"));
    assert_eq!(header.to_bytes().unwrap(), bytes);
}

#[test]
fn leaves_and_roots_keep_their_bytes() {
    let mut frontier = Frontier::default();
    let mut leaves = String::new();
    let mut roots = format!("{}\n", frontier.root());
    for entry in &sample().entries {
        frontier.append(entry.leaf());
        leaves += &format!("{}\n", entry.leaf());
        roots += &format!("{}\n", frontier.root());
    }
    assert_golden("leaves.txt", leaves.as_bytes());
    assert_golden("roots.txt", roots.as_bytes());
}

#[test]
fn checkpoint_and_keys_keep_their_bytes() {
    let machine = key("machine");
    let signed = sample().checkpoint().sign(&machine).unwrap();
    assert_golden("checkpoint.txt", signed.as_bytes());
    assert_golden("machine.vkey", format!("{}\n", verifier_key(LEDGER, machine.public_key())).as_bytes());
    let people = ["ada", "bo", "machine"].map(|person| (person, key(person)));
    let signers = allowed_signers(people.iter().map(|(person, key)| (*person, key.public_key()))).unwrap();
    assert_golden("allowed_signers", signers.as_bytes());
}

#[test]
fn a_golden_checkpoint_is_verified_and_cosigned() {
    let bytes = std::fs::read(folder().join("checkpoint.txt")).unwrap();
    let signed = SignedCheckpoint::parse(&bytes).unwrap();
    let (machine, other) = (key("machine"), key("other machine"));
    assert_eq!(signed.checkpoint(), &sample().checkpoint());
    assert_eq!(signed.verify(&[machine.public_key().clone()]).unwrap().len(), 1);
    assert!(signed.verify(&[other.public_key().clone()]).is_err());

    let both = signed.cosign(&other).unwrap();
    let known = [machine.public_key().clone(), other.public_key().clone()];
    assert_eq!(both.verify(&known).unwrap().len(), 2);
    assert_eq!(both.cosign(&other).unwrap(), both);
    assert_eq!(SignedCheckpoint::parse(both.as_bytes()).unwrap(), both);

    for position in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[position] ^= 1;
        let accepted = SignedCheckpoint::parse(&changed).and_then(|note| note.verify(&known));
        assert!(accepted.is_err(), "byte {position}");
    }
}

/// The vectors of the Certificate Transparency project's Merkle tree tests.
const CT_LEAVES: [&[u8]; 8] = [
    b"",
    b"\x00",
    b"\x10",
    b"\x20\x21",
    b"\x30\x31",
    b"\x40\x41\x42\x43",
    b"\x50\x51\x52\x53\x54\x55\x56\x57",
    b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
];
const CT_ROOTS: [&str; 9] = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

#[test]
fn the_tree_is_that_of_certificate_transparency() {
    let leaves: Vec<Hash> = CT_LEAVES.iter().map(|data| leaf_hash(data)).collect();
    let roots: Vec<Hash> = CT_ROOTS.iter().map(|text| text.parse().unwrap()).collect();
    for size in 0..=leaves.len() {
        assert_eq!(root(&leaves[..size]), roots[size]);
    }
    let hashes = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect::<Vec<Hash>>();
    let paths = [
        (
            0,
            8,
            hashes(&[
                "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
            ]),
        ),
        (
            5,
            8,
            hashes(&[
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            ]),
        ),
        (2, 3, hashes(&["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"])),
        (
            1,
            5,
            hashes(&[
                "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            ]),
        ),
    ];
    for (index, size, path) in paths {
        assert_eq!(inclusion(&leaves[..size], index).unwrap(), path);
        let leaf = &leaves[index as usize];
        assert_eq!(verify_inclusion(leaf, index, size as u64, &path, &roots[size]), Ok(()));
    }
    let proofs = [
        (1, 1, hashes(&[])),
        (
            1,
            8,
            hashes(&[
                "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
            ]),
        ),
        (
            6,
            8,
            hashes(&[
                "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            ]),
        ),
        (
            2,
            5,
            hashes(&[
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            ]),
        ),
    ];
    for (old, new, path) in proofs {
        assert_eq!(consistency(&leaves[..new], old as u64).unwrap(), path);
        assert_eq!(verify_consistency(old as u64, &roots[old], new as u64, &roots[new], &path), Ok(()));
    }
}
