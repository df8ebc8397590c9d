//! The one rule by which an Ed25519 signature is accepted, alone and in batches.
//!
//! A signature (R, S) by the key A over a message M is accepted when
//!
//! 1. A is canonical, of large order and free of torsion ([`PublicKey`] is nothing else),
//! 2. S is below the group order,
//! 3. R is canonical, not the identity, and free of torsion, and
//! 4. `S·B = R + SHA-512(R || A || M)·A`, without a cofactor.
//!
//! Alone, 2 to 4 are `verify_strict` of `ed25519-dalek`: with A free of torsion, the R it computes and compares byte
//! by byte is so too. In a batch the equations are added up with random weights; that sum alone would let a torsion
//! component of one R be cancelled by another, so the batch first shows that no R has one: 128 random subsets of
//! the Rs are summed, and each sum must lie in the prime-order group. One R outside it spoils every sum with
//! probability one half or more. A batch therefore accepts what single checks accept, but for a chance of 2^-127;
//! it is accepted or refused as a whole, and the refused one is searched for by halving.

use crate::key::PublicKey;
use curve25519_dalek::constants::ED25519_BASEPOINT_POINT;
use curve25519_dalek::edwards::{CompressedEdwardsY, EdwardsPoint};
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::{Identity, IsIdentity, VartimeMultiscalarMul};
use ed25519_dalek::{Signature, VerifyingKey};
use sha2::{Digest, Sha512};
use std::collections::HashMap;
use std::num::NonZeroUsize;

/// A signature to be checked.
#[derive(Clone, Copy, Debug)]
pub struct Signed<'a> {
    /// The key that is said to have signed.
    pub key: &'a PublicKey,
    /// What is said to be signed.
    pub message: &'a [u8],
    /// R and S.
    pub signature: &'a [u8; 64],
}

/// Fewer signatures than this are cheaper to check one by one.
const SMALLEST_BATCH: usize = 96;

/// How many random subsets are summed to show that no R has torsion.
const SUBSETS: usize = 128;

/// Checks one signature.
pub fn verify_one(key: &PublicKey, message: &[u8], signature: &[u8; 64]) -> bool {
    key.verifying().verify_strict(message, &Signature::from_bytes(signature)).is_ok()
}

/// Checks many signatures; returns the positions of those that are not accepted.
pub fn verify_all(items: &[Signed<'_>]) -> Vec<usize> {
    let mut refused = Vec::new();
    search(items, 0, &mut refused);
    refused
}

/// Checks raw signatures with the library's batch equation on all given threads, as a measure of what the machine
/// can do at best; `true` when all hold.
///
/// This is the floor of the verification benchmark and nothing else: it knows no rule for torsion.
pub fn raw_batch(items: &[(VerifyingKey, &[u8], Signature)], threads: NonZeroUsize) -> bool {
    let share = items.len().div_ceil(threads.get()).max(1);
    std::thread::scope(|scope| {
        let checks: Vec<_> = items
            .chunks(share)
            .map(|items| {
                scope.spawn(move || {
                    items.chunks(2048).all(|items| {
                        let keys: Vec<_> = items.iter().map(|(key, _, _)| *key).collect();
                        let messages: Vec<_> = items.iter().map(|(_, message, _)| *message).collect();
                        let signatures: Vec<_> = items.iter().map(|(_, _, signature)| *signature).collect();
                        ed25519_dalek::verify_batch(&messages, &signatures, &keys).is_ok()
                    })
                })
            })
            .collect();
        checks.into_iter().all(|check| check.join().unwrap_or(false))
    })
}

fn search(items: &[Signed<'_>], offset: usize, refused: &mut Vec<usize>) {
    if items.len() < SMALLEST_BATCH {
        refused.extend(
            items
                .iter()
                .enumerate()
                .filter(|(_, item)| !verify_one(item.key, item.message, item.signature))
                .map(|(position, _)| offset + position),
        );
    } else if !verify_batch(items) {
        let middle = items.len() / 2;
        search(&items[..middle], offset, refused);
        search(&items[middle..], offset + middle, refused);
    }
}

fn verify_batch(items: &[Signed<'_>]) -> bool {
    let Some(parts) = items.iter().map(Parts::read).collect::<Option<Vec<_>>>() else { return false };
    let mut weights = Weights::new(&parts);
    torsion_free(&parts, &mut weights) && equations_hold(items, &parts, &mut weights)
}

/// A signature taken apart: what the equation needs.
struct Parts {
    r: EdwardsPoint,
    s: Scalar,
    k: Scalar,
}

impl Parts {
    /// Conditions 2 and 3 but for torsion.
    fn read(item: &Signed<'_>) -> Option<Self> {
        let (r_bytes, s_bytes) = item.signature.split_first_chunk::<32>()?;
        let s = Option::from(Scalar::from_canonical_bytes(s_bytes.try_into().ok()?))?;
        if !is_reduced(r_bytes) {
            return None;
        }
        let r = CompressedEdwardsY(*r_bytes).decompress()?;
        if r.is_identity() {
            return None;
        }
        let k = Sha512::new()
            .chain_update(r_bytes)
            .chain_update(item.key.as_bytes())
            .chain_update(item.message)
            .finalize();
        Some(Self { r, s, k: Scalar::from_bytes_mod_order_wide(&k.into()) })
    }
}

/// Tells whether the y coordinate is below the field's prime 2^255 - 19. The only other non-canonical spellings are
/// those of points with x = 0 (the identity, and a point of order two), which are refused for their order.
fn is_reduced(bytes: &[u8; 32]) -> bool {
    bytes[31] & 0x7f != 0x7f || bytes[1..31].iter().any(|byte| *byte != 0xff) || bytes[0] < 0xed
}

/// Shows that no R has a torsion component, by the sums of 128 random subsets.
///
/// Eight subsets at a time: a random byte for each point says in which of them it is. Points with the same byte are
/// summed first, which leaves 256 sums to be combined, however many points there are.
fn torsion_free(parts: &[Parts], weights: &mut Weights) -> bool {
    let picks: Vec<[u8; SUBSETS / 8]> = parts.iter().map(|_| weights.draw()).collect();
    // (order - 1)·P = -P exactly when P is in the prime-order group; quicker than a multiplication in constant time.
    let order_less_one = -Scalar::ONE;
    let in_group = |point: &EdwardsPoint| {
        EdwardsPoint::vartime_double_scalar_mul_basepoint(&order_less_one, point, &Scalar::ZERO) == -point
    };
    (0..SUBSETS / 8).all(|eight| {
        let mut sums = [EdwardsPoint::identity(); 256];
        for (part, pick) in parts.iter().zip(&picks) {
            sums[usize::from(pick[eight])] += part.r;
        }
        // The upper half holds the points whose leading bit is set: one subset. Folded onto the lower half, the next
        // bit leads.
        let mut sums = sums.as_mut_slice();
        while sums.len() > 1 {
            let (lower, upper) = sums.split_at_mut(sums.len() / 2);
            if !in_group(&upper.iter().sum()) {
                return false;
            }
            lower.iter_mut().zip(upper).for_each(|(low, high)| *low += *high);
            sums = lower;
        }
        true
    })
}

/// Checks `Σ z·(R + k·A - S·B) = 0`, the terms of each key taken together.
fn equations_hold(items: &[Signed<'_>], parts: &[Parts], weights: &mut Weights) -> bool {
    let mut base = Scalar::ZERO;
    let mut by_key: HashMap<&[u8; 32], (Scalar, &EdwardsPoint)> = HashMap::new();
    let mut scalars = Vec::with_capacity(parts.len() + 8);
    for (item, part) in items.iter().zip(parts) {
        let z = Scalar::from(u128::from_le_bytes(weights.draw()));
        base -= z * part.s;
        by_key.entry(item.key.as_bytes()).or_insert((Scalar::ZERO, item.key.point())).0 += z * part.k;
        scalars.push(z);
    }
    scalars.extend(by_key.values().map(|(scalar, _)| *scalar));
    scalars.push(base);
    let points = parts
        .iter()
        .map(|part| &part.r)
        .chain(by_key.values().map(|(_, point)| *point))
        .chain([&ED25519_BASEPOINT_POINT]);
    EdwardsPoint::vartime_multiscalar_mul(&scalars, points).is_identity()
}

/// Weights that nobody can foresee before the batch is fixed: SHA-512 in counter mode, seeded with all of it.
///
/// k binds R, A and the message; S is added, so that no part of a signature can be chosen after the weights.
struct Weights {
    seed: [u8; 64],
    counter: u64,
    block: [u8; 64],
    used: usize,
}

impl Weights {
    fn new(parts: &[Parts]) -> Self {
        let mut hasher = Sha512::new();
        hasher.update(b"signalbox batch verification 1");
        for part in parts {
            hasher.update(part.k.as_bytes());
            hasher.update(part.s.as_bytes());
        }
        Self { seed: hasher.finalize().into(), counter: 0, block: [0; 64], used: 64 }
    }

    fn draw<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        for byte in &mut bytes {
            if self.used == self.block.len() {
                let hasher = Sha512::new().chain_update(self.seed).chain_update(self.counter.to_be_bytes());
                self.block = hasher.finalize().into();
                self.counter += 1;
                self.used = 0;
            }
            *byte = self.block[self.used];
            self.used += 1;
        }
        bytes
    }
}
