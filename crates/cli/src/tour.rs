//! `tour`: the sample product and the whole main job, told while it happens.
//!
//! Owns the folder of the tour, the passphrase of its keys and the layout of the story. What is played is the
//! sample product's.

use crate::exit::{Exit, Trouble};
use crate::host::{Host, Place};
use crate::ledger::print_verification;
use crate::out::{Out, Tint};
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use signalbox_app::sample::{Player, Proof, Said, Sign};
use signalbox_app::wire::{
    DeskView, Empty, ExportView, Reason, SampleCreate, SecretStore, VerifyView, WhereShow, WhereView,
    WireError,
};
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::mpsc;
use uuid::Uuid;

/// How wide the column of signs and the column of names are.
const SIGNS: usize = 12;
const NAMES: usize = 16;
/// How many lines of a deployment's log are told.
const LOG_LINES: usize = 4;

/// An artifact where it was deployed.
#[derive(Debug, Serialize)]
struct Landed {
    stage: String,
    service: String,
    build: String,
    file: PathBuf,
    sha256: String,
    arrived_sha256: String,
    /// The deployed file is, to the byte, the one that arrived.
    same: bool,
}

/// Everything at the end, for machines.
#[derive(Debug, Serialize)]
struct End<'a> {
    act: &'static str,
    folder: &'a Path,
    artifacts: &'a [Landed],
    exports: &'a [ExportView],
    verified: &'a VerifyView,
}

pub async fn run(place: Place, out: &mut Out) -> Result<Exit, Trouble> {
    let folder = new_folder(place.folder)?;
    let passphrase = Uuid::new_v4().to_string();
    let secret = folder.join("passphrase");
    write_secret(&secret, &passphrase).map_err(|error| Trouble::file(secret.display(), &error))?;
    begin(&folder, &secret, out)?;

    let harbour = folder.join("harbour");
    let host = Host::open(&folder, None)?;
    host.desk.start();
    let sample = SampleCreate {
        folder: Some(harbour.display().to_string()),
        secrets: SecretStore::File,
        passphrase: Some(passphrase),
    };
    let exports = folder.join("exports");
    fs::create_dir_all(&exports).map_err(|error| Trouble::file(exports.display(), &error))?;
    let proof = play(&host, sample, &harbour, &exports, out).await?;

    let landed = landed(&host, &harbour).await?;
    end(&folder, &secret, &landed, &proof, out)?;
    host.close().await;
    Ok(if proof.verified.findings.is_empty() { Exit::Done } else { Exit::Findings })
}

/// Plays everything on a thread of its own, and tells it while it happens.
async fn play(
    host: &Host,
    sample: SampleCreate,
    harbour: &Path,
    exports: &Path,
    out: &mut Out,
) -> Result<Proof, Trouble> {
    let (tell, mut told) = mpsc::unbounded_channel::<Said>();
    let (desk, harbour, exports) = (Arc::clone(&host.desk), harbour.to_owned(), exports.to_owned());
    let playing = tokio::task::spawn_blocking(move || -> Result<Proof, WireError> {
        // Where nobody listens any more, the program is about to end.
        let mut say = |said| drop(tell.send(said));
        desk.make_sample(sample, &mut say)?;
        let mut player = Player::new(&desk, &harbour, &mut say);
        player.main_job()?;
        player.prove(&exports)
    });
    let mut story = Story { chapters: 0 };
    while let Some(said) = told.recv().await {
        story.print(&said, out)?;
    }
    let played = playing.await.map_err(|error| {
        Trouble::new(Exit::Inside, "program.inside", format!("The tour broke off: {error}."), "Report it.")
    })?;
    Ok(played?)
}

fn new_folder(asked: Option<PathBuf>) -> Result<PathBuf, Trouble> {
    let folder = asked
        .unwrap_or_else(|| std::env::temp_dir().join(format!("signalbox-tour-{}", Uuid::now_v7().simple())));
    let failed = |error: io::Error| Trouble::file(folder.display(), &error);
    fs::create_dir_all(&folder).map_err(failed)?;
    if fs::read_dir(&folder).map_err(failed)?.next().is_some() {
        return Err(Trouble::new(
            Exit::Unusable,
            "tour.folder-used",
            format!("The folder {} is not empty.", folder.display()),
            "Name a new folder; the tour makes it.",
        ));
    }
    folder.canonicalize().map_err(failed)
}

fn write_secret(path: &Path, secret: &str) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    writeln!(options.open(path)?, "{secret}")
}

fn begin(folder: &Path, secret: &Path, out: &mut Out) -> Result<(), Trouble> {
    let keys = format!(
        "The sample's signing keys are encrypted in {}; the passphrase was made up just now and lies beside them in {}, \
         readable by you alone. Keeping both together is fine here only because these keys protect nothing.",
        folder.join("keys").display(),
        secret.display()
    );
    if out.is_json() {
        return out
            .value(&json!({ "act": "tour", "folder": folder, "passphrase_file": secret, "what": keys }));
    }
    let title = out.tint(Tint::Strong, "Signalbox tour");
    out.line(&title)?;
    out.beside("", 0, "From a build's arrival to production, and back. Files, deployments, smoke tests and signatures are real.")?;
    out.line("")?;
    out.beside("  Folder  ", 10, &folder.display().to_string())?;
    out.beside("  Keys    ", 10, &keys)
}

/// The layout of the story.
struct Story {
    chapters: u32,
}

impl Story {
    fn print(&mut self, said: &Said, out: &mut Out) -> Result<(), Trouble> {
        if out.is_json() {
            return out.value(said);
        }
        let (tint, sign) = match said.sign {
            Sign::Chapter => {
                self.chapters += 1;
                let title = out.tint(Tint::Strong, &format!("{}  {}", self.chapters, said.what));
                return out.line(&format!("\n{title}"));
            }
            Sign::Done => (Tint::Go, "✓ done"),
            Sign::Waits => (Tint::Wait, "◆ waits"),
            Sign::Stopped => (Tint::Stop, "■ stopped"),
        };
        let who = said.who.as_deref().unwrap_or("Machine");
        let blank = |text: &str, width: usize| " ".repeat(width.saturating_sub(text.chars().count()));
        let lead = format!("  {}{}{who}{}", out.tint(tint, sign), blank(sign, SIGNS - 2), blank(who, NAMES));
        out.beside(&lead, SIGNS + NAMES, &said.what)?;
        self.print_log(&said.detail, out)?;
        self.print_reasons(&said.detail, out)
    }

    fn print_log(&self, detail: &Value, out: &mut Out) -> Result<(), Trouble> {
        let lines: Vec<&str> = detail
            .get("log")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let lead = format!("{}{} ", " ".repeat(SIGNS + NAMES), out.tint(Tint::Quiet, "│"));
        for line in &lines[lines.len().saturating_sub(LOG_LINES)..] {
            let line = out.tint(Tint::Quiet, line);
            out.line(&format!("{lead}{line}"))?;
        }
        Ok(())
    }

    fn print_reasons(&self, detail: &Value, out: &mut Out) -> Result<(), Trouble> {
        let reasons = detail.get("refused").and_then(|refused| refused.get("reasons"));
        let reasons: Vec<Reason> =
            reasons.and_then(|reasons| serde_json::from_value(reasons.clone()).ok()).unwrap_or_default();
        let indent = " ".repeat(SIGNS + NAMES);
        for reason in &reasons {
            out.beside(&format!("{indent}■ "), SIGNS + NAMES + 2, &reason.sentence)?;
            out.beside(&format!("{indent}  → "), SIGNS + NAMES + 4, &reason.next_step)?;
        }
        Ok(())
    }
}

/// Looks where the artifacts landed, and compares them with what arrived.
async fn landed(host: &Host, harbour: &Path) -> Result<Vec<Landed>, Trouble> {
    let view: DeskView = host.call("desk_show", &Empty {}).await?;
    let Some(product) = view.products.into_iter().next() else { return Ok(Vec::new()) };
    let place: WhereView = host.call("where_show", &WhereShow { product: product.id }).await?;
    let mut landed = Vec::new();
    for row in &place.rows {
        for cell in &row.cells {
            let Some(build) = &cell.build else { continue };
            let service = row.service.name.as_str();
            let environment = harbour.join("environments").join(&cell.stage).join(service);
            // The deployment itself says which build is current; the register is not asked.
            let current = environment.join("current");
            let current =
                fs::read_to_string(&current).map_err(|error| Trouble::file(current.display(), &error))?;
            let current = current.trim();
            let file = environment.join("releases").join(current).join("service.sh");
            let arrived = harbour.join("arrivals").join(service).join(&build.label).join("service.sh");
            let (sha256, arrived_sha256) = (digest(&file)?, digest(&arrived)?);
            landed.push(Landed {
                stage: cell.stage.clone(),
                service: service.to_owned(),
                build: current.to_owned(),
                same: sha256 == arrived_sha256,
                file,
                sha256,
                arrived_sha256,
            });
        }
    }
    Ok(landed)
}

fn digest(file: &Path) -> Result<String, Trouble> {
    let bytes = fs::read(file).map_err(|error| Trouble::file(file.display(), &error))?;
    Ok(Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect())
}

fn end(folder: &Path, secret: &Path, landed: &[Landed], proof: &Proof, out: &mut Out) -> Result<(), Trouble> {
    if out.is_json() {
        let end = End {
            act: "tour_end",
            folder,
            artifacts: landed,
            exports: &proof.exports,
            verified: &proof.verified,
        };
        return out.value(&end);
    }
    let title = out.tint(Tint::Strong, "Where the artifacts landed");
    out.line(&format!("\n{title}"))?;
    for Landed { stage, service, build, file, sha256, same, .. } in landed {
        let shown = file.strip_prefix(folder).unwrap_or(file).display();
        let sign = if *same {
            out.tint(Tint::Go, "✓ same bytes")
        } else {
            out.tint(Tint::Stop, "■ other bytes")
        };
        let short = sha256.get(..12).unwrap_or(sha256);
        out.line(&format!("  {sign}  {stage:<11} {service:<4} {build:<7} {short}…  {shown}"))?;
    }
    let title = out.tint(Tint::Strong, "The register holds");
    out.line(&format!("\n{title}"))?;
    print_verification(&proof.verified, out)?;
    let title = out.tint(Tint::Strong, "Look around");
    out.line(&format!("\n{title}"))?;
    let place = format!("--folder {}", folder.display());
    for line in [
        format!("signalbox ledger show {place}"),
        format!("signalbox ledger verify {place}"),
        format!("signalbox call inbox_list {place} --passphrase-file {}", secret.display()),
        format!("SIGNALBOX_DATA_DIR={} signalbox-desktop", folder.display()),
    ] {
        out.line(&format!("  {line}"))?;
    }
    Ok(())
}
