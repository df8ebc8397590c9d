//! The project's own text files, as git would list them.

use std::fs;
use std::path::Path;

use anyhow::Result;
use ignore::WalkBuilder;

/// One text file.
#[derive(Clone, Debug)]
pub struct Source {
    /// Its path from the workspace's root, with forward slashes.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// All text files, sorted by path.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: Vec<Source>,
}

impl Sources {
    /// Reads every text file below the root that is not ignored.
    pub fn read(root: &Path) -> Result<Self> {
        let mut files = Vec::new();
        let mut walk = WalkBuilder::new(root);
        // Dot folders hold sources too, and an unpacked archive has no git folder.
        walk.hidden(false).require_git(false).filter_entry(|entry| entry.file_name() != ".git");
        for entry in walk.build() {
            let entry = entry?;
            if !entry.file_type().is_some_and(|kind| kind.is_file()) {
                continue;
            }
            // What is not UTF-8 is a picture or a font.
            let Ok(text) = String::from_utf8(fs::read(entry.path())?) else { continue };
            let path = entry.path().strip_prefix(root)?.to_string_lossy().replace('\\', "/");
            files.push(Source { path, text });
        }
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(Self { files })
    }

    /// A tree for a test.
    #[cfg(test)]
    pub fn of(files: &[(&str, &str)]) -> Self {
        let file =
            |(path, text): &(&str, &str)| Source { path: (*path).to_owned(), text: (*text).to_owned() };
        Self { files: files.iter().map(file).collect() }
    }

    /// The files below a folder that end in one of the extensions.
    pub fn below<'a>(&'a self, folder: &'a str, extensions: &'a [&str]) -> impl Iterator<Item = &'a Source> {
        self.files.iter().filter(move |file| {
            let extension = file.path.rsplit_once('.').map_or("", |(_, extension)| extension);
            file.path.starts_with(folder) && extensions.contains(&extension)
        })
    }

    /// The file at a path.
    pub fn at(&self, path: &str) -> Option<&Source> {
        self.files.iter().find(|file| file.path == path)
    }
}

impl Source {
    /// The lines that are code, numbered from one: comment lines are left out.
    pub fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines = self.text.lines().enumerate().map(|(index, line)| (index + 1, line));
        lines.filter(|(_, line)| !line.trim_start().starts_with("//"))
    }
}
