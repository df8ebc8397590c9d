//! Writes the register to files: rows for people, bytes for auditors.

use crate::act::Signing;
use crate::desk::Desk;
use crate::handle::{filter_from, small};
use crate::wire::{EntryFilter, ExportFormat, ExportView, WireError};
use signalbox_domain::decide::Act;
use signalbox_domain::id::{
    BuildId, FeatureKey, IssueId, PersonId, ProductId, ReleaseId, ServiceId, StageKey,
};
use signalbox_domain::state::State;
use signalbox_ledger::{Hash, PublicKey, export};
use signalbox_reports::{Export, Format, Names, ReportError};
use signalbox_store::{Reader, Scope, StoreError};
use std::path::Path;

impl Desk {
    /// Writes a file and records in the ledger that it was taken.
    pub(crate) fn export(
        &self,
        format: ExportFormat,
        filter: &EntryFilter,
        path: &Path,
    ) -> Result<ExportView, WireError> {
        let (bytes, entries) = match format {
            ExportFormat::Csv | ExportFormat::Jsonl => self.rows(format, filter)?,
            ExportFormat::AllowedSigners => (self.signers()?.into_bytes(), 0),
            ExportFormat::Checkpoint => (self.checkpoint_make(crate::wire::Empty {})?.note.into_bytes(), 0),
        };
        write_whole(path, &bytes)?;
        let sha256 = Hash::of(&bytes).to_string();
        let name = match format {
            ExportFormat::Csv => "csv",
            ExportFormat::Jsonl => "jsonl",
            ExportFormat::AllowedSigners => "allowed-signers",
            ExportFormat::Checkpoint => "checkpoint",
        };
        let act = Act::RecordExport {
            format: name.to_owned(),
            entries,
            filter: in_words(filter),
            sha256: sha256.clone(),
        };
        self.act(None, act, &Signing::default())?;
        Ok(ExportView { path: path.display().to_string(), entries, bytes: small(bytes.len() as u64), sha256 })
    }

    /// The wanted entries as a file, oldest first, and how many they are.
    fn rows(&self, format: ExportFormat, filter: &EntryFilter) -> Result<(Vec<u8>, u32), WireError> {
        const PAGE: u32 = 2_000;
        let wanted = filter_from(filter)?;
        let format = match format {
            ExportFormat::Jsonl => Format::Jsonl,
            _ => Format::Csv,
        };
        let written = self.store.read(|reader| {
            let state = reader.state(&Scope::live())?;
            let names = LedgerNames { state: &state, reader };
            let mut seqs = Vec::new();
            let mut before = None;
            loop {
                let page = reader.entries(&wanted, before, PAGE)?;
                seqs.extend(page.items.iter().map(|listed| listed.stored.seq));
                match page.next {
                    Some(next) => before = Some(next),
                    None => break,
                }
            }
            let mut bytes = Vec::new();
            Ok(fill(reader, &names, format, &seqs, &mut bytes)?.map(|entries| (bytes, entries)))
        })?;
        written.map_err(WireError::inside)
    }

    /// The keys that ever counted, as an `allowed_signers` file for stock tools.
    fn signers(&self) -> Result<String, WireError> {
        let state = self.state(&Scope::desk())?;
        let mut keys = Vec::new();
        for person in state.people.values() {
            for key in &person.keys {
                keys.push((
                    person.id.as_str(),
                    PublicKey::from_openssh(&key.public).map_err(WireError::inside)?,
                ));
            }
        }
        export::allowed_signers(keys.iter().map(|(person, key)| (*person, key))).map_err(WireError::inside)
    }
}

fn fill(
    reader: Reader<'_>,
    names: &LedgerNames<'_>,
    format: Format,
    seqs: &[u64],
    bytes: &mut Vec<u8>,
) -> Result<Result<u32, ReportError>, StoreError> {
    let mut file = match Export::begin(format, bytes) {
        Ok(file) => file,
        Err(error) => return Ok(Err(error)),
    };
    for seq in seqs.iter().rev() {
        if let Some(stored) = reader.entry(*seq)?
            && let Err(error) = file.entry(stored.seq, &stored.entry, names)
        {
            return Ok(Err(error));
        }
    }
    Ok(file.finish().map(|written| small(written.entries)))
}

/// What ids are called: the live state first, then the history.
struct LedgerNames<'a> {
    state: &'a State,
    reader: Reader<'a>,
}

impl Names for LedgerNames<'_> {
    fn name(&self, kind: &str, id: &str) -> Option<String> {
        match kind {
            "person" => self.state.people.get(&PersonId::new(id)).map(|person| person.name.clone()),
            "product" => self.state.products.get(&ProductId::new(id)).map(|product| product.name.clone()),
            "service" => self.state.service(&ServiceId::new(id)).map(|(_, service)| service.name.clone()),
            "stage" => {
                let key = StageKey::new(id);
                let mut processes = self.state.strategies.values().map(|strategy| &strategy.content.process);
                processes.find_map(|process| process.stage(&key)).map(|stage| stage.name.clone())
            }
            "build" => self.reader.build(&BuildId::new(id)).ok()?.map(|build| build.content.label),
            "release" => self.reader.release(&ReleaseId::new(id)).ok()?.map(|release| release.name),
            "feature" => self.reader.feature(&FeatureKey::new(id)).ok()?.map(|feature| feature.title),
            "issue" => self.reader.issue(&IssueId::new(id)).ok()?.map(|issue| issue.key),
            _ => None,
        }
    }
}

/// The filter of an export as people read it; empty when nothing was filtered.
fn in_words(filter: &EntryFilter) -> String {
    let EntryFilter { person, kind, subject_kind, subject, from, until } = filter;
    let subject = subject.as_ref().map(|id| format!("{} {id}", subject_kind.as_deref().unwrap_or("subject")));
    let parts = [
        person.as_ref().map(|person| format!("person {person}")),
        kind.as_ref().map(|kind| format!("kind {kind}")),
        subject,
        from.as_ref().map(|from| format!("from {from}")),
        until.as_ref().map(|until| format!("until {until}")),
    ];
    // A field that a form left empty filters nothing.
    let said = parts.into_iter().flatten().filter(|part| !part.ends_with(' '));
    said.collect::<Vec<_>>().join(", ")
}

/// Writes a file whole or not at all.
fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), WireError> {
    let mut draft = path.as_os_str().to_owned();
    draft.push(".part");
    std::fs::write(&draft, bytes)?;
    std::fs::rename(&draft, path)?;
    Ok(())
}
