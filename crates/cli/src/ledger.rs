//! `ledger verify` and `ledger show`.

use crate::args::Show;
use crate::exit::{Exit, Trouble};
use crate::host::{Host, Place};
use crate::out::{Out, Tint};
use signalbox_app::wire::{
    Entries, EntryFilter, EntryRow, EntryView, FindingView, LedgerEntry, LedgerList, LedgerVerify, VerifyView,
};

/// How many entries are read at once.
const PAGE: u32 = 500;

pub async fn verify(place: &Place, out: &mut Out) -> Result<Exit, Trouble> {
    let host = place.open_existing()?;
    let view: VerifyView = host.call("ledger_verify", &LedgerVerify {}).await?;
    print_verification(&view, out)?;
    Ok(if view.findings.is_empty() { Exit::Done } else { Exit::Findings })
}

/// Prints what a verification found.
pub fn print_verification(view: &VerifyView, out: &mut Out) -> Result<(), Trouble> {
    if out.is_json() {
        return out.value(view);
    }
    let count = view.findings.len();
    let (tint, lead) = match count {
        0 => (Tint::Go, format!("✓ all {} entries hold", view.size)),
        1 => (Tint::Stop, format!("■ 1 finding in {} entries", view.size)),
        _ => (Tint::Stop, format!("■ {count} findings in {} entries", view.size)),
    };
    let lead = out.tint(tint, &lead);
    out.line(&lead)?;
    out.line(&format!("  root    {}", view.root))?;
    out.line(&format!(
        "  checked {} in {} ms: bytes, signatures, order, authority, rules",
        view.checked_at, view.millis
    ))?;
    for finding in &view.findings {
        out.beside("  ■ ", 4, &told(finding))?;
    }
    Ok(())
}

fn told(finding: &FindingView) -> String {
    let FindingView { index, entry, code, sentence } = finding;
    let place = match (index, entry) {
        (Some(index), Some(entry)) => format!("entry {index} ({entry}): "),
        (Some(index), None) => format!("entry {index}: "),
        (None, Some(entry)) => format!("entry {entry}: "),
        (None, None) => String::new(),
    };
    format!("{place}{sentence} ({code})")
}

pub async fn show(place: &Place, args: Show, out: &mut Out) -> Result<Exit, Trouble> {
    let host = place.open_existing()?;
    if let Some(named) = args.entry {
        return show_one(&host, &named, out).await;
    }
    let filter = args.filter.resolve(&host).await?;
    let wanted = if args.limit == 0 { u32::MAX } else { args.limit };
    let (mut before, mut shown) = (args.before, 0);
    loop {
        let request = LedgerList { filter: filter.clone(), before, limit: PAGE.min(wanted - shown) };
        let page: Entries = host.call("ledger_list", &request).await?;
        for row in &page.entries {
            print_row(row, out)?;
        }
        shown += u32::try_from(page.entries.len()).unwrap_or(u32::MAX);
        before = page.entries.last().map(|row| row.seq);
        if !page.more || page.entries.is_empty() || shown >= wanted {
            if !out.is_json() {
                let more = if page.more { "; there are more, see --limit" } else { "" };
                let foot = out.tint(Tint::Quiet, &format!("{shown} of {} entries{more}", page.size));
                out.line(&foot)?;
            }
            return Ok(Exit::Done);
        }
    }
}

fn print_row(row: &EntryRow, out: &mut Out) -> Result<(), Trouble> {
    if out.is_json() {
        return out.value(row);
    }
    let EntryRow { seq, id: _, at, author: _, author_name, role, kind: _, sentence, act: _ } = row;
    let at = at.get(..19).unwrap_or(at).replace('T', " ");
    let lead = format!("{:>6}  {}  ", seq, out.tint(Tint::Quiet, &at));
    out.beside(&lead, 29, sentence)?;
    let by = out.tint(Tint::Quiet, &format!("{author_name}, {}", role.replace('-', " ")));
    out.beside(&" ".repeat(29), 29, &by)
}

async fn show_one(host: &Host, named: &str, out: &mut Out) -> Result<Exit, Trouble> {
    let entry = match named.parse::<u32>() {
        Ok(seq) => {
            let request = LedgerList { filter: EntryFilter::default(), before: seq.checked_add(1), limit: 1 };
            let page: Entries = host.call("ledger_list", &request).await?;
            let found = page.entries.into_iter().find(|row| row.seq == seq).map(|row| row.id);
            found.ok_or_else(|| {
                Trouble::new(
                    Exit::Refused,
                    "entry.unknown",
                    format!(
                        "There is no entry {seq}; the register has {} entries, counted from 0.",
                        page.size
                    ),
                    "`signalbox ledger show` lists them.",
                )
            })?
        }
        Err(_) => named.to_owned(),
    };
    let view: EntryView = host.call("ledger_entry", &LedgerEntry { entry }).await?;
    if out.is_json() {
        out.value(&view)?;
        return Ok(Exit::Done);
    }
    let EntryView { row, key, after_size, after_root, cause, packet, header, payload, signature, leaf } =
        view;
    print_row(&row, out)?;
    for (name, text) in [
        ("id", row.id.as_str()),
        ("kind", row.kind.as_str()),
        ("act", row.act.as_str()),
        ("key", key.as_str()),
        ("after", format!("{after_size} entries, root {after_root}").as_str()),
        ("cause", cause.as_deref().unwrap_or("-")),
        ("packet", packet.as_deref().unwrap_or("-")),
        ("leaf", leaf.as_str()),
    ] {
        out.line(&format!("  {name:<8}{text}"))?;
    }
    for (name, text) in [
        ("header", header.as_str()),
        ("payload", payload.as_deref().unwrap_or("redacted; its digest is in the header")),
        ("signature", signature.as_str()),
    ] {
        let title = out.tint(Tint::Strong, name);
        out.line(&format!("\n{title}"))?;
        out.line(text.trim_end())?;
    }
    Ok(Exit::Done)
}
