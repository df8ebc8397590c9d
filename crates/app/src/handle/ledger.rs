//! The register: list, show, verify, export, checkpoint.

use super::desk::{done, full_path, small};
use super::release::instant;
use crate::desk::Desk;
use crate::register::{meta_of, read_fact};
use crate::view;
use crate::wire::*;
use signalbox_domain::fact::{KINDS, Subject};
use signalbox_domain::id::EntryId;
use signalbox_domain::person::role_name;
use signalbox_domain::state::{Ref, State};
use signalbox_ledger::{Checkpoint, Header};
use signalbox_store::{KeptCheckpoint, Scope, StoredEntry};
use std::sync::atomic::Ordering;

/// The most entries that one page holds.
const PAGE: u32 = 500;

impl Desk {
    pub(crate) fn ledger_list(&self, request: LedgerList) -> Result<Entries, WireError> {
        let filter = filter_from(&request.filter)?;
        let before = request.before.map(u64::from);
        let limit = request.limit.clamp(1, PAGE);
        let (page, size, state) = self.store.read(|reader| {
            let page = reader.entries(&filter, before, limit)?;
            let scope =
                page.items.iter().fold(Scope::live(), |scope, listed| named_in(scope, &listed.stored));
            Ok((page, reader.head()?.size, reader.state(&scope)?))
        })?;
        let more = page.next.is_some();
        let entries = page.items.into_iter().filter_map(|listed| row(&state, &listed.stored)).collect();
        Ok(Entries {
            entries,
            size: small(size),
            more,
            kinds: KINDS.iter().map(|kind| (*kind).to_owned()).collect(),
        })
    }

    pub(crate) fn ledger_entry(&self, request: LedgerEntry) -> Result<EntryView, WireError> {
        let id = EntryId::new(request.entry);
        let found = self.store.read(|reader| {
            let Some(stored) = reader.entry_called(&id)? else { return Ok(None) };
            let state = reader.state(&named_in(Scope::live(), &stored))?;
            Ok(Some((stored, state)))
        })?;
        let (stored, state) = found.ok_or_else(|| WireError::unknown("entry"))?;
        let header = Header::parse(&stored.entry.header).map_err(WireError::inside)?;
        let row = row(&state, &stored).ok_or_else(|| WireError::unknown("entry"))?;
        Ok(EntryView {
            row,
            key: header.key,
            after_size: small(header.after.size),
            after_root: header.after.root.to_string(),
            cause: header.cause,
            packet: header.packet.map(|packet| packet.to_string()),
            header: text(&stored.entry.header),
            payload: stored.entry.payload.as_deref().map(text),
            signature: text(&stored.entry.signature),
            leaf: stored.entry.leaf().to_string(),
        })
    }

    pub(crate) fn ledger_verify(&self, _: LedgerVerify) -> Result<VerifyView, WireError> {
        self.verify_all()
    }

    pub(crate) fn verify_progress(&self, _: Empty) -> Result<ProgressView, WireError> {
        Ok(self.verification_progress())
    }

    pub(crate) fn verify_cancel(&self, _: Empty) -> Result<Done, WireError> {
        self.verification.cancel.store(true, Ordering::SeqCst);
        Ok(done("The verification stops."))
    }

    pub(crate) fn ledger_export(&self, request: LedgerExport) -> Result<ExportView, WireError> {
        let LedgerExport { format, filter, path } = request;
        let path = full_path(&path)?.to_owned();
        self.export(format, &filter, &path)
    }

    pub(crate) fn checkpoint_make(&self, _: Empty) -> Result<CheckpointView, WireError> {
        let head = self.store.head()?;
        let ledger = self.ledger_id()?;
        let checkpoint = Checkpoint { ledger, size: head.size, root: head.root };
        let signed = checkpoint.sign(self.machine_key()?.as_ref()).map_err(WireError::inside)?;
        let note = text(signed.as_bytes());
        let kept = KeptCheckpoint { size: head.size, note: note.clone(), at: self.now() };
        self.store.write(|writer| writer.keep_checkpoint(&kept).map_err(WireError::from))?;
        self.tell(&["ledger"]);
        Ok(CheckpointView { size: small(head.size), root: head.root.to_string(), note })
    }
}

/// The filter as the store knows it.
pub(crate) fn filter_from(filter: &EntryFilter) -> Result<signalbox_store::EntryFilter, WireError> {
    let EntryFilter { person, kind, subject_kind, subject, from, until } = filter.clone();
    let given = |text: Option<String>| text.filter(|text| !text.is_empty());
    let subject = match (given(subject_kind), given(subject)) {
        (Some(kind), Some(id)) => Some(Subject { kind, id }),
        _ => None,
    };
    Ok(signalbox_store::EntryFilter {
        person: given(person).map(Into::into),
        kind: given(kind),
        subject,
        from: given(from).as_deref().map(instant).transpose()?,
        until: given(until).as_deref().map(instant).transpose()?,
    })
}

/// Adds what an entry is about, so that its sentence has names.
fn named_in(scope: Scope, stored: &StoredEntry) -> Scope {
    let Ok(header) = Header::parse(&stored.entry.header) else { return scope };
    header.subjects.into_iter().fold(scope, |scope, subject| match subject.kind.as_str() {
        "build" => scope.and(Ref::Build(subject.id.into())),
        "release" => scope.and(Ref::Release(subject.id.into())),
        "feature" => scope.and(Ref::Feature(subject.id.into())),
        "issue" => scope.and(Ref::Issue(subject.id.into())),
        _ => scope,
    })
}

/// One entry as people read it; unreadable ones are shown as what they are, never skipped.
fn row(state: &State, stored: &StoredEntry) -> Option<EntryRow> {
    let header = Header::parse(&stored.entry.header).ok()?;
    let meta = meta_of(&header);
    let sentence = match read_fact(&header.kind, stored.entry.payload.as_deref()) {
        Some(fact) => view::say::sentence(&fact, &meta.author, state),
        None if stored.entry.payload.is_none() => "Redacted: only the digest is left.".to_owned(),
        None => format!("An entry of the kind {}, which this version does not know.", header.kind),
    };
    Some(EntryRow {
        seq: small(stored.seq),
        id: header.id,
        at: meta.at.to_string(),
        author_name: state.name_of(&meta.author),
        author: header.author,
        role: role_name(&header.role.as_str().into()),
        kind: header.kind,
        sentence,
        act: header.act,
    })
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
