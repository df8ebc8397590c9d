//! Builds as they arrive: one folder each, with a manifest and an artifact.
//!
//! The manifest is written last, so a folder without one is still arriving. A build counts only if
//! everything agrees; whatever does not is reported with every reason and never passed over.

use std::collections::HashMap;
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use super::reader::{Section, TomlReader};
use crate::{Artifact, Build, BuildId, BuildProblem, ComponentVersions, Reason};

/// The manifest's name inside an arrival.
pub(super) const MANIFEST: &str = "manifest.toml";
const LONGEST_MANIFEST: u64 = 256 * 1024;
const LONGEST_TEXT: usize = 200;

/// A usable arrival.
#[derive(Clone, Debug)]
pub(super) struct Arrival {
    pub build: Build,
    /// Its artifact, as the manifest promises it.
    pub artifact: Artifact,
    pub file: PathBuf,
}

/// Remembers digests of files that have not changed since; deployments never rely on it.
#[derive(Default)]
pub(super) struct DigestCache {
    seen: Mutex<HashMap<PathBuf, Fingerprint>>,
}

#[derive(Clone)]
struct Fingerprint {
    bytes: u64,
    modified: SystemTime,
    sha256: String,
}

/// Reads all arrivals of a service: the usable ones, newest first, and the others.
pub(super) fn list(
    folder: &Path,
    digests: &DigestCache,
) -> std::io::Result<(Vec<Arrival>, Vec<BuildProblem>)> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        // Nothing has arrived yet.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Default::default()),
        Err(error) => return Err(error),
    };
    let mut arrivals = Vec::new();
    let mut problems = Vec::new();
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        // A leading dot is how copying programs mark what is not there yet.
        if name.starts_with('.') {
            continue;
        }
        match read(folder, &name, digests) {
            Ok(arrival) => arrivals.push(arrival),
            Err(reasons) => problems.push(BuildProblem { name, reasons }),
        }
    }
    let order = |a: &Arrival| (a.build.created, a.build.id.clone());
    arrivals.sort_by_key(|a| std::cmp::Reverse(order(a)));
    problems.sort_by(|a, b| a.name.cmp(&b.name));
    Ok((arrivals, problems))
}

/// Reads one arrival and returns every reason why it can't be used.
pub(super) fn read(arrivals: &Path, label: &str, digests: &DigestCache) -> Result<Arrival, Vec<Reason>> {
    let stop = |code, sentence: String, next_step: &str| {
        Err(vec![Reason { code, place: label.to_owned(), sentence, next_step: next_step.into() }])
    };
    if !is_label(label) {
        return stop(
            "arrival.bad_label",
            "A build's label has 1 to 100 letters, digits, dots, hyphens, underscores and plus \
             signs, and begins with a letter or digit."
                .into(),
            "Rename the arrival's folder and its manifest's label.",
        );
    }
    let folder = arrivals.join(label);
    match fs::symlink_metadata(&folder) {
        Ok(meta) if meta.is_dir() => {}
        Ok(_) => {
            return stop(
                "arrival.not_a_folder",
                "This is not a folder, so it can't be a build.".into(),
                "Deliver each build as a folder with manifest.toml and its artifact.",
            );
        }
        Err(error) => {
            return stop(
                "arrival.unreadable",
                format!("The arrival can't be read: {error}."),
                "Deliver the build again.",
            );
        }
    }
    let manifest = folder.join(MANIFEST);
    let place = format!("{label}/{MANIFEST}");
    let meta = fs::symlink_metadata(&manifest);
    match &meta {
        Ok(meta) if meta.is_file() && meta.len() <= LONGEST_MANIFEST => {}
        Ok(_) => {
            return stop(
                "arrival.manifest_unusable",
                "manifest.toml is not a plain file of at most 256 KiB.".into(),
                "Deliver the build again.",
            );
        }
        Err(_) => {
            return stop(
                "arrival.incomplete",
                "There is no manifest.toml yet, so the build is still arriving.".into(),
                "Nothing to do if the copy is going on; else deliver the build again, manifest last.",
            );
        }
    }
    let text = match fs::read_to_string(&manifest) {
        Ok(text) => text,
        Err(error) => {
            return stop(
                "arrival.manifest_unusable",
                format!("manifest.toml can't be read: {error}."),
                "Deliver the build again; the manifest is UTF-8 text.",
            );
        }
    };
    let (draft, mut reasons) = parse(&place, &text, label);
    let artifact = check_artifact(label, &folder, &draft, digests, &mut reasons);
    match (draft.complete(label), artifact) {
        (Some(build), Some((artifact, file))) if reasons.is_empty() => {
            Ok(Arrival { build: Build { artifact: Some(artifact.clone()), ..build }, artifact, file })
        }
        _ => Err(reasons),
    }
}

/// Computes a file's SHA-256 as 64 lower-case hexadecimal digits.
pub(super) fn sha256_of(file: &Path) -> std::io::Result<String> {
    let mut hash = Sha256::new();
    let mut source = fs::File::open(file)?;
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let read = std::io::Read::read(&mut source, &mut buffer)?;
        if read == 0 {
            break;
        }
        hash.update(&buffer[..read]);
    }
    Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

/// What a manifest says, as far as it says it.
#[derive(Default)]
struct Draft {
    commit: Option<String>,
    author: Option<String>,
    created: Option<DateTime<Utc>>,
    file: Option<String>,
    sha256: Option<String>,
    versions: ComponentVersions,
    features: Vec<String>,
}

impl Draft {
    fn complete(self, label: &str) -> Option<Build> {
        Some(Build {
            id: BuildId::new(label),
            label: label.to_owned(),
            commit: self.commit?,
            author: self.author?,
            created: self.created?,
            artifact: None,
            versions: self.versions,
            features: self.features,
        })
    }
}

fn is_label(label: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b".-_+".contains(&b);
    (1..=100).contains(&label.len())
        && label.bytes().all(plain)
        && label.starts_with(|c: char| c.is_ascii_alphanumeric())
}

fn parse(place: &str, text: &str, label: &str) -> (Draft, Vec<Reason>) {
    let mut toml = TomlReader::new(place, text);
    let document = toml.parse();
    let root = Section::root(&document);
    toml.only(&root, &["label", "commit", "author", "created", "features", "artifact", "versions"]);
    let mut draft = Draft::default();
    if let Some(written) = plain_text(&mut toml, &root, "label", true)
        && written != label
        && let Some(entry) = root.entry("label")
    {
        toml.defect(
            "arrival.label_differs",
            &entry.span,
            &entry.path,
            format!("The manifest says \"{written}\", but the folder is \"{label}\"."),
            "Make both the same.",
        );
    }
    draft.commit = plain_text(&mut toml, &root, "commit", true);
    draft.author = plain_text(&mut toml, &root, "author", true);
    draft.created = created(&mut toml, &root);
    if let Some(entry) = root.entry("features") {
        draft.features = toml.texts(&entry).unwrap_or_default();
        if draft.features.iter().any(|f| !is_plain(f)) {
            toml.defect(
                "arrival.bad_text",
                &entry.span,
                &entry.path,
                "A feature's key is 1 to 200 printable characters.",
                "Correct the list of features.",
            );
        }
    }
    if let Some(artifact) = toml.required(&root, "artifact").and_then(|e| toml.section(&e)) {
        toml.only(&artifact, &["file", "sha256"]);
        draft.file = toml.text(&artifact, "file").and_then(|file| {
            let parts = Path::new(&file).components();
            let plain = !file.is_empty()
                && !file.chars().any(char::is_control)
                && parts.clone().all(|part| matches!(part, Component::Normal(_)));
            if !plain && let Some(entry) = artifact.entry("file") {
                toml.defect(
                    "arrival.path_outside",
                    &entry.span,
                    &entry.path,
                    format!("\"{}\" does not stay inside the arrival's folder.", file.escape_debug()),
                    "Name a file of this folder.",
                );
            }
            plain.then_some(file)
        });
        draft.sha256 = toml.text(&artifact, "sha256").and_then(|digest| {
            let hex = digest.len() == 64 && digest.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
            if !hex && let Some(entry) = artifact.entry("sha256") {
                toml.defect(
                    "arrival.bad_digest",
                    &entry.span,
                    &entry.path,
                    "A SHA-256 has 64 lower-case hexadecimal digits.",
                    "Write the artifact's SHA-256, as sha256sum prints it.",
                );
            }
            hex.then_some(digest)
        });
    }
    if let Some(versions) = root.entry("versions").and_then(|e| toml.section(&e)) {
        toml.only(&versions, &["application", "configuration", "infrastructure", "data"]);
        draft.versions = ComponentVersions {
            application: plain_text(&mut toml, &versions, "application", false),
            configuration: plain_text(&mut toml, &versions, "configuration", false),
            infrastructure: plain_text(&mut toml, &versions, "infrastructure", false),
            data: plain_text(&mut toml, &versions, "data", false),
        };
    }
    (draft, toml.finish())
}

fn created(toml: &mut TomlReader<'_>, root: &Section<'_, '_>) -> Option<DateTime<Utc>> {
    // A reborrow with the section's own lifetime is not possible here, so the entry is found twice.
    let entry = root.entry("created");
    let text = entry.as_ref().and_then(|entry| match entry.value.as_datetime() {
        Some(datetime) => Some(datetime.to_string()),
        None => entry.value.as_str().map(str::to_owned),
    });
    let time = text.as_deref().and_then(|text| DateTime::parse_from_rfc3339(text).ok());
    if time.is_none() {
        let span = entry.as_ref().map_or(0..0, |entry| entry.span.clone());
        toml.defect(
            "arrival.bad_time",
            &span,
            "created",
            "The time of building is missing or has no offset from UTC.",
            "Write for example created = 2026-11-03T10:00:00Z.",
        );
    }
    time.map(|time| time.with_timezone(&Utc))
}

fn plain_text<'t>(
    toml: &mut TomlReader<'t>,
    section: &Section<'_, 't>,
    key: &str,
    required: bool,
) -> Option<String> {
    let text = if required { toml.text(section, key) } else { toml.optional_text(section, key) };
    let text = text?;
    if is_plain(&text) {
        return Some(text);
    }
    if let Some(entry) = section.entry(key) {
        toml.defect(
            "arrival.bad_text",
            &entry.span,
            &entry.path,
            format!("`{key}` is 1 to {LONGEST_TEXT} printable characters."),
            "Write a short text on one line.",
        );
    }
    None
}

fn is_plain(text: &str) -> bool {
    !text.trim().is_empty() && text.len() <= LONGEST_TEXT && !text.chars().any(char::is_control)
}

fn check_artifact(
    label: &str,
    folder: &Path,
    draft: &Draft,
    digests: &DigestCache,
    reasons: &mut Vec<Reason>,
) -> Option<(Artifact, PathBuf)> {
    let name = draft.file.as_deref()?;
    let file = folder.join(name);
    let mut refuse = |code, sentence: String, next_step: &str| {
        reasons.push(Reason {
            code,
            place: format!("{label}/{name}"),
            sentence,
            next_step: next_step.into(),
        });
        None
    };
    // A symbolic link could lead out of the folder, however plain the name is.
    let inside = match (file.canonicalize(), folder.canonicalize()) {
        (Ok(file), Ok(folder)) => file.starts_with(folder),
        _ => {
            return refuse(
                "arrival.artifact_missing",
                "The artifact that the manifest names is not there.".into(),
                "Deliver the build again, manifest last.",
            );
        }
    };
    if !inside || !file.is_file() {
        return refuse(
            "arrival.path_outside",
            "The artifact is not a plain file inside the arrival's folder.".into(),
            "Deliver the artifact itself, not a link to it.",
        );
    }
    let (bytes, found) = match digests.sha256(&file) {
        Ok(found) => found,
        Err(error) => {
            return refuse(
                "arrival.unreadable",
                format!("The artifact can't be read: {error}."),
                "Allow this account to read the file.",
            );
        }
    };
    let promised = draft.sha256.as_deref()?;
    if found != promised {
        return refuse(
            "arrival.digest_differs",
            format!("The manifest promises SHA-256 {promised}, but the file has {found}."),
            "Wait until the copy has ended, or deliver the build again under a new label.",
        );
    }
    Some((Artifact { name: name.to_owned(), sha256: found, bytes }, file))
}

impl DigestCache {
    fn sha256(&self, file: &Path) -> std::io::Result<(u64, String)> {
        let meta = fs::metadata(file)?;
        let (bytes, modified) = (meta.len(), meta.modified()?);
        let known = self.lock().get(file).cloned();
        if let Some(known) = known.filter(|k| k.bytes == bytes && k.modified == modified) {
            return Ok((bytes, known.sha256));
        }
        let sha256 = sha256_of(file)?;
        let fingerprint = Fingerprint { bytes, modified, sha256: sha256.clone() };
        self.lock().insert(file.to_owned(), fingerprint);
        Ok((bytes, sha256))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<PathBuf, Fingerprint>> {
        // The map is valid after every single call, so a panic elsewhere does no harm.
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
