//! What only the order of the records shows: sequence, tree, signed history, time, register and rules.
//!
//! One change must be one finding. So a second tree is kept from the *stored* leaf hashes as soon as one of them
//! differs from its bytes: later entries whose signed history agrees with either tree are not reported again. And
//! where the history breaks (entries are missing, added or others), the break is reported once: later entries that are
//! off by the same number of places follow from it, until one agrees with the tree again.

use super::check::Checked;
use super::finding::{Finding, FindingKind};
use super::report::{AppendMark, Report, Waypoint};
use super::run::{Pin, PinSource};
use crate::entry::Header;
use crate::hash::Hash;
use crate::register::{Claim, Denial, Register, Replay};
use crate::tree::Frontier;
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::{BTreeMap, HashSet, VecDeque};

/// How many entry ids are remembered to find repetitions. A repeated entry further apart is found by its signed
/// history.
const REMEMBERED_IDS: usize = 1 << 17;

/// How many unknown kinds are told apart.
const UNKNOWN_KINDS: usize = 1000;

pub(super) struct Fold<'a> {
    ledger: String,
    skew: TimeDelta,
    pins: VecDeque<Pin>,
    expected_size: Option<u64>,
    keep: usize,
    register: &'a mut dyn Register,
    replay: Option<&'a mut (dyn Replay + 'a)>,

    from: u64,
    /// The number that the next record should have.
    next: u64,
    /// The tree over the bytes.
    tree: Frontier,
    /// The tree over the stored leaf hashes, once they differ.
    stored_tree: Option<Frontier>,
    /// The history was broken, and by how many places later signers are off since.
    broken: Option<i128>,
    latest: Option<DateTime<Utc>>,
    append: Option<AppendMark>,
    ids: RecentIds,

    findings: Vec<Finding>,
    findings_total: u64,
    redacted: Vec<u64>,
    redacted_total: u64,
    unknown_kinds: BTreeMap<String, u64>,
}

impl<'a> Fold<'a> {
    #[expect(clippy::too_many_arguments, reason = "the options, taken apart")]
    pub(super) fn new(
        ledger: String,
        skew: TimeDelta,
        mut pins: Vec<Pin>,
        expected_size: Option<u64>,
        start: Waypoint,
        keep: usize,
        register: &'a mut dyn Register,
        replay: Option<&'a mut (dyn Replay + 'a)>,
    ) -> Self {
        let from = start.frontier.size();
        // What lies before the start was compared when the start was verified.
        pins.retain(|pin| pin.size >= from);
        pins.sort_by_key(|pin| pin.size);
        Self {
            ledger,
            skew,
            pins: pins.into(),
            expected_size,
            keep,
            register,
            replay,
            from,
            next: from,
            tree: start.frontier,
            stored_tree: None,
            broken: None,
            latest: start.latest,
            append: start.append,
            ids: RecentIds::default(),
            findings: Vec::new(),
            findings_total: 0,
            redacted: Vec::new(),
            redacted_total: 0,
            unknown_kinds: BTreeMap::new(),
        }
    }

    /// How many entries of the ledger are done.
    pub(super) fn done(&self) -> u64 {
        self.tree.size()
    }

    /// Takes up the next record.
    pub(super) fn take(&mut self, checked: Checked) {
        self.compare_pins();
        let Checked { seq, payload, header, leaf, stored_leaf, payload_holds, signature_holds, findings } =
            checked;
        let id = header.as_ref().map(|header| header.id.clone());
        self.sequence(seq, id.as_deref());
        for (kind, reason) in findings {
            self.find(Some(seq), id.as_deref(), kind, reason);
        }
        if payload.is_none() {
            self.redacted_total += 1;
            if self.redacted.len() < self.keep {
                self.redacted.push(seq);
            }
        }
        match header {
            // Without a signature that holds, what the header says is nobody's word.
            Some(header) if signature_holds => {
                self.order(seq, &header);
                self.meaning(seq, &header, payload.as_deref(), payload_holds);
                self.append = Some(AppendMark { act: header.act, after: header.after });
            }
            _ => self.append = None,
        }
        if let Some(stored) = stored_leaf
            && self.stored_tree.is_none()
        {
            let mut tree = self.tree.clone();
            tree.append(stored);
            self.stored_tree = Some(tree);
        } else if let Some(tree) = &mut self.stored_tree {
            tree.append(stored_leaf.unwrap_or(leaf));
        }
        self.tree.append(leaf);
    }

    /// Ends the ledger here.
    pub(super) fn finish(mut self) -> Report {
        self.compare_pins();
        let size = self.next;
        for pin in std::mem::take(&mut self.pins) {
            self.find(
                None,
                None,
                FindingKind::LedgerRolledBack,
                format!(
                    "the ledger has {size} entries, but {} with {} was seen before: \
                     the end is missing, or this is an older copy",
                    source(pin.source),
                    pin.size
                ),
            );
        }
        match self.expected_size {
            Some(expected) if expected > size => self.find(
                Some(size),
                None,
                FindingKind::LedgerMissing,
                format!("the last {} entries are missing: there should be {expected}", expected - size),
            ),
            Some(expected) if expected < self.tree.size() => self.find(
                Some(expected),
                None,
                FindingKind::LedgerExtra,
                format!("there are {} entries, and there should be {expected}", self.tree.size()),
            ),
            _ => {}
        }
        if let Some(replay) = self.replay.take() {
            for violation in replay.finish() {
                self.find(violation.index, None, FindingKind::RuleViolated, sentence(&violation));
            }
        }
        let waypoint = (self.findings_total == 0).then(|| Waypoint {
            frontier: self.tree.clone(),
            latest: self.latest,
            append: self.append,
        });
        Report {
            size: self.tree.size(),
            root: self.tree.root(),
            from: self.from,
            findings: self.findings,
            findings_total: self.findings_total,
            redacted: self.redacted,
            redacted_total: self.redacted_total,
            unknown_kinds: self.unknown_kinds,
            waypoint,
        }
    }

    fn find(&mut self, index: Option<u64>, entry: Option<&str>, kind: FindingKind, reason: String) {
        self.findings_total += 1;
        if self.findings.len() < self.keep {
            self.findings.push(Finding { index, entry: entry.map(str::to_owned), kind, reason });
        }
    }

    /// Whether the record has the number that comes next.
    fn sequence(&mut self, seq: u64, id: Option<&str>) {
        if seq > self.next {
            let last = seq - 1;
            let which = if self.next == last {
                format!("entry {last} is missing")
            } else {
                format!("entries {} to {last} are missing", self.next)
            };
            self.find(Some(self.next), None, FindingKind::LedgerMissing, which);
        } else if seq < self.next {
            let reason = format!("it stands where entry {} should", self.next);
            self.find(Some(seq), id, FindingKind::LedgerOrder, reason);
        }
        if seq != self.next {
            self.broken = Some(0);
            self.append = None;
        }
        self.next = self.next.max(seq.saturating_add(1));
    }

    /// What an authentic header says about its place: ledger, history, id, time.
    fn order(&mut self, seq: u64, header: &Header) {
        let id = Some(header.id.as_str());
        if header.ledger != self.ledger {
            let reason = format!("it belongs to the ledger {}", header.ledger);
            self.find(Some(seq), id, FindingKind::EntryForeign, reason);
        }
        if let Some(reason) = self.history(seq, header) {
            self.find(Some(seq), id, FindingKind::HistoryDiffers, reason);
        }
        if !self.ids.insert(&header.id) {
            let reason = format!("the id {} occurred before", header.id);
            self.find(Some(seq), id, FindingKind::EntryRepeated, reason);
        }
        if let Some(latest) = self.latest
            && latest.signed_duration_since(header.at) > self.skew
        {
            let seconds = latest.signed_duration_since(header.at).num_seconds();
            let reason = format!("its time lies {seconds} s before that of an earlier entry");
            self.find(Some(seq), id, FindingKind::TimeBackwards, reason);
        }
        self.latest = self.latest.max(Some(header.at));
    }

    /// `after` names the tree right before this entry, or that before the append it belongs to.
    fn history(&mut self, seq: u64, header: &Header) -> Option<String> {
        let after = &header.after;
        let agrees = |tree: &Frontier| tree.root() == after.root;
        if after.size == seq && (agrees(&self.tree) || self.stored_tree.as_ref().is_some_and(agrees)) {
            self.broken = None;
            return None;
        }
        match &self.append {
            Some(append) if append.act == header.act && append.after == *after => return None,
            // The entry before is lost or not authentic: it cannot be told whether this one belongs to it.
            None if after.size < seq && self.findings_total > 0 => return None,
            _ => {}
        }
        let shift = i128::from(after.size) - i128::from(seq);
        if self.broken.replace(shift) == Some(shift) {
            return None;
        }
        Some(match shift {
            0 => format!("its signer saw other bytes in the {seq} entries before it"),
            _ => format!("it was signed after {} entries, and {seq} stand before it", after.size),
        })
    }

    /// What the entry means: who may sign it, whether its kind is known, what the rules say.
    fn meaning(&mut self, seq: u64, header: &Header, payload: Option<&[u8]>, payload_holds: bool) {
        let id = Some(header.id.as_str());
        if !self.register.knows(&header.kind)
            && (self.unknown_kinds.len() < UNKNOWN_KINDS || self.unknown_kinds.contains_key(&header.kind))
        {
            *self.unknown_kinds.entry(header.kind.clone()).or_default() += 1;
        }
        if payload.is_none() && self.register.needs_payload(&header.kind) {
            let reason = format!("its payload was removed, and {} is never redacted", header.kind);
            self.find(Some(seq), id, FindingKind::PayloadMissing, reason);
        }
        // A changed payload is nobody's word either.
        if !payload_holds {
            return;
        }
        let claim = Claim {
            index: seq,
            key: &header.key,
            author: &header.author,
            role: &header.role,
            kind: &header.kind,
            payload,
        };
        if let Err(denial) = self.register.may_sign(&claim) {
            let (kind, reason) = denied(denial, header);
            self.find(Some(seq), id, kind, reason);
            return;
        }
        self.register.apply(seq, header, payload);
        if let Some(replay) = &mut self.replay {
            for violation in replay.entry(seq, header, payload) {
                let entry = id.filter(|_| violation.index == Some(seq));
                self.find(violation.index, entry, FindingKind::RuleViolated, sentence(&violation));
            }
        }
    }

    /// Compares the tree with the pins of its size.
    fn compare_pins(&mut self) {
        while self.pins.front().is_some_and(|pin| pin.size <= self.tree.size()) {
            let Some(pin) = self.pins.pop_front() else { return };
            let agrees = |tree: &Frontier| tree.size() == pin.size && tree.root() == pin.root;
            if agrees(&self.tree) || self.stored_tree.as_ref().is_some_and(agrees) {
                continue;
            }
            let kind = match pin.source {
                PinSource::Checkpoint => FindingKind::CheckpointMismatch,
                PinSource::SeenHead => FindingKind::LedgerForked,
            };
            let found: Hash = self.tree.root();
            let reason = format!(
                "the first {} entries have the root {found}, and {} has {}",
                pin.size,
                source(pin.source),
                pin.root
            );
            self.find(None, None, kind, reason);
        }
    }
}

fn source(source: PinSource) -> &'static str {
    match source {
        PinSource::Checkpoint => "a signed checkpoint",
        PinSource::SeenHead => "the last head",
    }
}

fn sentence(violation: &crate::register::Violation) -> String {
    format!("{}: {}", violation.rule, violation.reason)
}

fn denied(denial: Denial, header: &Header) -> (FindingKind, String) {
    let Header { key, author, role, .. } = header;
    match denial {
        Denial::KeyUnknown => (FindingKind::KeyUnknown, format!("the key {key} is not enrolled")),
        Denial::KeyRevoked => (FindingKind::KeyRevoked, format!("the key {key} was revoked before")),
        Denial::KeyOfAnother => {
            (FindingKind::KeyOfAnother, format!("the key {key} is not enrolled for {author}"))
        }
        Denial::RoleNotHeld => (FindingKind::RoleNotHeld, format!("{author} did not hold the role {role}")),
    }
}

/// The ids of the last entries.
#[derive(Default)]
struct RecentIds {
    order: VecDeque<u128>,
    known: HashSet<u128>,
}

impl RecentIds {
    /// Remembers an id; `false` when it is known already.
    fn insert(&mut self, id: &str) -> bool {
        let Ok(id) = uuid::Uuid::try_parse(id).map(|id| id.as_u128()) else { return true };
        if !self.known.insert(id) {
            return false;
        }
        self.order.push_back(id);
        if self.order.len() > REMEMBERED_IDS
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        true
    }
}
