//! `export`: the register in files.

use crate::args::{Export, Format};
use crate::exit::{Exit, Trouble};
use crate::host::Place;
use crate::out::{Out, Tint};
use signalbox_app::wire::{ExportFormat, ExportView, LedgerExport};

pub async fn run(place: &Place, args: Export, out: &mut Out) -> Result<Exit, Trouble> {
    let path = std::path::absolute(&args.to).map_err(|error| Trouble::file(args.to.display(), &error))?;
    let host = place.open_existing()?;
    let format = match args.format {
        Format::Csv => ExportFormat::Csv,
        Format::Jsonl => ExportFormat::Jsonl,
        Format::AllowedSigners => ExportFormat::AllowedSigners,
        Format::Checkpoint => ExportFormat::Checkpoint,
    };
    let filter = args.filter.resolve(&host).await?;
    let request = LedgerExport { format, filter, path: path.display().to_string() };
    let view: ExportView = host.call("ledger_export", &request).await?;
    print_export(&view, matches!(format, ExportFormat::Csv | ExportFormat::Jsonl), out)?;
    host.close().await;
    Ok(Exit::Done)
}

fn print_export(view: &ExportView, rows: bool, out: &mut Out) -> Result<(), Trouble> {
    if out.is_json() {
        return out.value(view);
    }
    let ExportView { path, entries, bytes, sha256 } = view;
    let lead = out.tint(Tint::Go, "✓ written");
    out.line(&format!("{lead} {path}"))?;
    let what = if rows { format!("{entries} entries, ") } else { String::new() };
    out.line(&format!("  {what}{bytes} bytes, sha256 {sha256}"))
}
