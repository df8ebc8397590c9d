//! One acceptance rule: batches and single checks agree, above all on signatures made to divide them.

use curve25519_dalek::constants::{ED25519_BASEPOINT_POINT as B, EIGHT_TORSION};
use curve25519_dalek::edwards::EdwardsPoint;
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::Identity;
use ed25519_dalek::{Signature, Signer as _, Verifier as _};
use proptest::prelude::*;
use sha2::{Digest, Sha512};
use signalbox_ledger::PublicKey;
use signalbox_ledger::accept::{Signed, raw_batch, verify_all, verify_one};
use std::num::NonZeroUsize;

const COUNT: usize = 300;

struct Case {
    key: PublicKey,
    message: Vec<u8>,
    signature: [u8; 64],
}

fn honest(count: usize) -> Vec<Case> {
    (0..count)
        .map(|i| {
            let secret = ed25519_dalek::SigningKey::from_bytes(&[1 + (i % 3) as u8; 32]);
            let message = format!("message {i}").into_bytes();
            let signature = secret.sign(&message).to_bytes();
            let key = PublicKey::from_bytes(secret.verifying_key().as_bytes()).unwrap();
            Case { key, message, signature }
        })
        .collect()
}

/// A signature by the holder of the key 1 whose R is `r·B + offset`; it satisfies the equation with cofactor.
fn crafted(message: &[u8], r: u64, offset: EdwardsPoint) -> Case {
    let secret = ed25519_dalek::SigningKey::from_bytes(&[1; 32]);
    let key = PublicKey::from_bytes(secret.verifying_key().as_bytes()).unwrap();
    let r = Scalar::from(r);
    let point = (r * B + offset).compress();
    let k = Sha512::new().chain_update(point.0).chain_update(key.as_bytes()).chain_update(message).finalize();
    let s = r + Scalar::from_bytes_mod_order_wide(&k.into()) * secret.to_scalar();
    let mut signature = [0; 64];
    signature[..32].copy_from_slice(&point.0);
    signature[32..].copy_from_slice(s.as_bytes());
    Case { key, message: message.to_vec(), signature }
}

fn refused(cases: &[Case]) -> Vec<usize> {
    let signed: Vec<_> = cases
        .iter()
        .map(|case| Signed { key: &case.key, message: &case.message, signature: &case.signature })
        .collect();
    let batch = verify_all(&signed);
    let single: Vec<_> = (0..cases.len())
        .filter(|i| !verify_one(&cases[*i].key, &cases[*i].message, &cases[*i].signature))
        .collect();
    assert_eq!(batch, single, "batch and single checks must agree");
    batch
}

#[test]
fn honest_signatures_are_accepted() {
    assert_eq!(refused(&honest(COUNT)), Vec::<usize>::new());
    assert_eq!(refused(&[crafted(b"m", 5, EdwardsPoint::identity())]), Vec::<usize>::new());
    assert_eq!(refused(&[]), Vec::<usize>::new());
}

#[test]
fn a_torsioned_r_is_refused_alone_and_in_a_batch() {
    for torsion in &EIGHT_TORSION[1..] {
        let mut cases = honest(COUNT);
        cases[150] = crafted(b"m", 5, *torsion);
        assert_eq!(refused(&cases), vec![150]);
    }
}

#[test]
fn torsion_that_cancels_out_within_a_batch_is_refused() {
    for pair in [(1, 7), (2, 6), (4, 4), (3, 5)] {
        let mut cases = honest(COUNT);
        cases[10] = crafted(b"one", 5, EIGHT_TORSION[pair.0]);
        cases[200] = crafted(b"two", 6, EIGHT_TORSION[pair.1]);
        assert_eq!(refused(&cases), vec![10, 200]);
    }
}

#[test]
fn the_equation_of_the_batch_alone_would_accept_torsion() {
    // Why the rule has its third condition: the library's batch lets some torsioned signatures through.
    let accepted = (0..64).filter(|i| {
        let case = crafted(format!("m{i}").as_bytes(), 5 + i, EIGHT_TORSION[4]);
        let signature = Signature::from_bytes(&case.signature);
        assert!(case.key.verifying().verify(&case.message, &signature).is_err());
        ed25519_dalek::verify_batch(&[&case.message], &[signature], &[*case.key.verifying()]).is_ok()
    });
    assert!(accepted.count() > 0);
}

#[test]
fn other_spellings_of_a_signature_are_refused() {
    const ORDER: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let mut cases = honest(COUNT);
    // S + order.
    let mut carry = 0;
    for (byte, order) in cases[0].signature[32..].iter_mut().zip(ORDER) {
        let sum = u16::from(*byte) + u16::from(order) + carry;
        *byte = sum as u8;
        carry = sum >> 8;
    }
    // R the identity, and the identity with a set sign bit.
    cases[1] = crafted(b"m", 0, EdwardsPoint::identity());
    cases[2] = crafted(b"m", 0, EdwardsPoint::identity());
    cases[2].signature[31] |= 0x80;
    // R as the points of order two and four.
    cases[3] = crafted(b"m", 0, EIGHT_TORSION[4]);
    cases[4] = crafted(b"m", 0, EIGHT_TORSION[2]);
    // R = y + p for a small y.
    for (case, low) in cases[5..24].iter_mut().zip(0xed..=0xff) {
        case.signature[..32].fill(0xff);
        case.signature[0] = low;
        case.signature[31] = 0x7f;
    }
    assert_eq!(refused(&cases), (0..24).collect::<Vec<_>>());
}

#[test]
fn the_raw_floor_checks_signatures() {
    let cases = honest(COUNT);
    let mut raw: Vec<_> = cases
        .iter()
        .map(|case| (*case.key.verifying(), case.message.as_slice(), Signature::from_bytes(&case.signature)))
        .collect();
    let threads = NonZeroUsize::new(2).unwrap();
    assert!(raw_batch(&raw, threads));
    raw[299].1 = b"another message";
    assert!(!raw_batch(&raw, threads));
    assert!(raw_batch(&[], threads));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_damage_is_found_where_it_is(
        damage in prop::collection::btree_map(0..COUNT, (0usize..64, 1u8..=255), 0..4),
    ) {
        let mut cases = honest(COUNT);
        for (at, (byte, flip)) in &damage {
            cases[*at].signature[*byte] ^= flip;
        }
        prop_assert_eq!(refused(&cases), damage.keys().copied().collect::<Vec<_>>());
    }
}
