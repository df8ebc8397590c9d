//! Migrations never change once they have landed: somebody's database has been through them.

use std::fmt::Write as _;
use std::fs;

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use super::Finding;
use super::sources::{Source, Sources};
use crate::workspace::Workspace;

/// The folders of numbered SQL, each with its list of digests.
const FOLDERS: &[&str] = &["migrations/sqlite/", "migrations/postgres/"];

/// In the format of `sha256sum`, which can check it too.
const CHECKSUMS: &str = "CHECKSUMS";

/// Changed, lost and unnoted migrations.
pub fn check(sources: &Sources) -> Vec<Finding> {
    FOLDERS.iter().flat_map(|folder| check_folder(sources, folder)).collect()
}

fn check_folder(sources: &Sources, folder: &str) -> Vec<Finding> {
    let noted = noted(sources, folder);
    let mut findings = Vec::new();
    for (digest, name) in &noted {
        let path = format!("{folder}{name}");
        match sources.at(&path) {
            None => findings.push(Finding::new(path, "a migration that has landed is gone")),
            Some(file) if sha256(file.text.as_bytes()) != *digest => {
                findings
                    .push(Finding::new(path, "changed after it landed: write a further migration instead"));
            }
            Some(_) => {}
        }
    }
    for file in unnoted(sources, folder, &noted) {
        let problem = "a new migration: run `cargo xtask tidy --accept-new-migrations`";
        findings.push(Finding::new(&file.path, problem));
    }
    findings
}

/// Adds the digests of new migrations to the lists; the digests of old ones stay as they are.
pub fn accept_new(workspace: &Workspace) -> Result<()> {
    let sources = Sources::read(&workspace.root)?;
    for folder in FOLDERS {
        let lines = lines_with_new(&sources, folder);
        let path = workspace.path(folder).join(CHECKSUMS);
        if sources.at(&format!("{folder}{CHECKSUMS}")).map_or("", |file| file.text.as_str()) != lines {
            fs::write(&path, lines).with_context(|| path.display().to_string())?;
        }
    }
    Ok(())
}

fn lines_with_new(sources: &Sources, folder: &str) -> String {
    let noted = noted(sources, folder);
    let mut lines = String::new();
    for (digest, name) in &noted {
        let _ = writeln!(lines, "{digest}  {name}");
    }
    for file in unnoted(sources, folder, &noted) {
        let _ = writeln!(lines, "{}  {}", sha256(file.text.as_bytes()), &file.path[folder.len()..]);
    }
    lines
}

fn noted<'a>(sources: &'a Sources, folder: &str) -> Vec<(&'a str, &'a str)> {
    let list = sources.at(&format!("{folder}{CHECKSUMS}")).map_or("", |file| file.text.as_str());
    list.lines().filter_map(|line| line.split_once("  ")).collect()
}

fn unnoted<'a>(
    sources: &'a Sources,
    folder: &'a str,
    noted: &'a [(&str, &str)],
) -> impl Iterator<Item = &'a Source> + 'a {
    let files = sources.below(folder, &["sql"]);
    files.filter(move |file| !noted.iter().any(|(_, name)| file.path[folder.len()..] == **name))
}

/// The SHA-256 of some bytes, in hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: &str = "migrations/sqlite/V1__ledger.sql";
    const LIST: &str = "migrations/sqlite/CHECKSUMS";

    fn list() -> String {
        format!("{}  V1__ledger.sql\n", sha256(b"create table entry (seq integer) strict;"))
    }

    fn problems(files: &[(&str, &str)]) -> Vec<String> {
        check(&Sources::of(files)).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_migration_as_it_landed_is_fine() {
        assert!(problems(&[(FIRST, "create table entry (seq integer) strict;"), (LIST, &list())]).is_empty());
    }

    #[test]
    fn a_migration_changed_after_it_landed_is_found() {
        let found = problems(&[(FIRST, "create table entry (seq text) strict;"), (LIST, &list())]);
        assert!(found[0].contains("changed after it landed"), "{found:?}");
    }

    #[test]
    fn a_lost_migration_is_found() {
        let found = problems(&[(LIST, &list())]);
        assert!(found[0].contains("is gone"), "{found:?}");
    }

    #[test]
    fn a_new_migration_is_found_until_it_is_accepted() {
        let second = ("migrations/sqlite/V2__more.sql", "create table more (id text) strict;");
        let first = (FIRST, "create table entry (seq integer) strict;");
        let found = problems(&[first, second, (LIST, &list())]);
        assert!(found[0].contains("--accept-new-migrations"), "{found:?}");

        let accepted = lines_with_new(&Sources::of(&[first, second, (LIST, &list())]), "migrations/sqlite/");
        assert!(accepted.starts_with(&list()));
        assert!(problems(&[first, second, (LIST, &accepted)]).is_empty());
    }

    #[test]
    fn accepting_does_not_bless_a_change() {
        let changed = (FIRST, "create table entry (seq text) strict;");
        assert_eq!(lines_with_new(&Sources::of(&[changed, (LIST, &list())]), "migrations/sqlite/"), list());
    }
}
