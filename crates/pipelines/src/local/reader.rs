//! Reads a TOML file and collects every defect with its line, instead of stopping at the first.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::Reason;

/// Reads one file; defects pile up until [`TomlReader::finish`].
pub(super) struct TomlReader<'t> {
    file: &'t str,
    text: &'t str,
    defects: Vec<Reason>,
}

/// One table of the file, with its dotted path and its place.
#[derive(Clone)]
pub(super) struct Section<'a, 't> {
    table: &'a DeTable<'t>,
    span: Range<usize>,
    path: String,
}

/// One value of the file, with its dotted path and its place.
pub(super) struct Entry<'a, 't> {
    pub key: String,
    pub value: &'a DeValue<'t>,
    pub span: Range<usize>,
    pub path: String,
}

impl<'t> TomlReader<'t> {
    pub fn new(file: &'t str, text: &'t str) -> Self {
        Self { file, text, defects: Vec::new() }
    }

    /// Parses the text; syntax errors become defects and the rest is still read.
    pub fn parse(&mut self) -> Spanned<DeTable<'t>> {
        let (table, errors) = DeTable::parse_recoverable(self.text);
        for error in errors {
            let span = error.span().unwrap_or(0..0);
            self.defect(
                "toml.syntax",
                &span,
                "",
                format!("This is not TOML: {}.", error.message().replace('\n', ", ")),
                "Correct the syntax of this line.",
            );
        }
        table
    }

    /// Notes a defect at a place of the file.
    pub fn defect(
        &mut self,
        code: &'static str,
        span: &Range<usize>,
        path: &str,
        sentence: impl Into<String>,
        next_step: impl Into<String>,
    ) {
        let before = self.text.get(..span.start).unwrap_or(self.text);
        let line = before.matches('\n').count() + 1;
        let place = if path.is_empty() {
            format!("{}:{line}", self.file)
        } else {
            format!("{}:{line} {path}", self.file)
        };
        self.defects.push(Reason { code, place, sentence: sentence.into(), next_step: next_step.into() });
    }

    /// Returns all defects, in the order of the file.
    pub fn finish(mut self) -> Vec<Reason> {
        let line = |reason: &Reason| {
            let rest = reason.place.strip_prefix(self.file).unwrap_or_default();
            let digits: String = rest.chars().skip(1).take_while(char::is_ascii_digit).collect();
            digits.parse::<usize>().unwrap_or(0)
        };
        self.defects.sort_by_key(line);
        self.defects
    }

    /// Reads a required text.
    pub fn text(&mut self, section: &Section<'_, 't>, key: &str) -> Option<String> {
        let entry = self.required(section, key)?;
        self.as_text(&entry)
    }

    /// Reads a text that may be absent.
    pub fn optional_text(&mut self, section: &Section<'_, 't>, key: &str) -> Option<String> {
        let entry = section.entry(key)?;
        self.as_text(&entry)
    }

    /// Reads a list of texts.
    pub fn texts(&mut self, entry: &Entry<'_, 't>) -> Option<Vec<String>> {
        let Some(array) = entry.value.as_array() else {
            self.wrong_type(entry, "a list of texts");
            return None;
        };
        let mut texts = Vec::new();
        for item in array.iter() {
            match item.get_ref().as_str() {
                Some(text) => texts.push(text.to_owned()),
                None => {
                    self.wrong_type(entry, "a list of texts");
                    return None;
                }
            }
        }
        Some(texts)
    }

    /// Finds a required key.
    pub fn required<'a>(&mut self, section: &Section<'a, 't>, key: &str) -> Option<Entry<'a, 't>> {
        let entry = section.entry(key);
        if entry.is_none() {
            self.defect(
                "toml.missing_key",
                &section.span,
                &section.path,
                format!("The key `{key}` is missing."),
                format!("Add `{key}` here."),
            );
        }
        entry
    }

    /// Views a value as a table.
    pub fn section<'a>(&mut self, entry: &Entry<'a, 't>) -> Option<Section<'a, 't>> {
        match entry.value.as_table() {
            Some(table) => Some(Section { table, span: entry.span.clone(), path: entry.path.clone() }),
            None => {
                self.wrong_type(entry, "a table");
                None
            }
        }
    }

    /// Views a value as a list of tables.
    pub fn sections<'a>(&mut self, entry: &Entry<'a, 't>) -> Vec<Section<'a, 't>> {
        let Some(array) = entry.value.as_array() else {
            self.wrong_type(entry, "a list of tables");
            return Vec::new();
        };
        let mut sections = Vec::new();
        for (index, item) in array.iter().enumerate() {
            let entry = Entry {
                key: entry.key.clone(),
                value: item.get_ref(),
                span: item.span(),
                path: format!("{}[{index}]", entry.path),
            };
            sections.extend(self.section(&entry));
        }
        sections
    }

    /// Notes every key that has no meaning here.
    pub fn only(&mut self, section: &Section<'_, 't>, known: &[&str]) {
        for entry in section.entries() {
            if !known.contains(&entry.key.as_str()) {
                let known = known.iter().map(|k| format!("`{k}`")).collect::<Vec<_>>();
                self.defect(
                    "toml.unknown_key",
                    &entry.span,
                    &entry.path,
                    format!("The key `{}` has no meaning here.", entry.key),
                    format!("Remove it, or use one of: {}.", known.join(", ")),
                );
            }
        }
    }

    /// Notes that a value has the wrong type.
    pub fn wrong_type(&mut self, entry: &Entry<'_, 't>, wanted: &str) {
        self.defect(
            "toml.wrong_type",
            &entry.span,
            &entry.path,
            format!("This is {}, but it has to be {wanted}.", entry.value.type_str()),
            format!("Write {wanted}."),
        );
    }

    fn as_text(&mut self, entry: &Entry<'_, 't>) -> Option<String> {
        match entry.value.as_str() {
            Some(text) => Some(text.to_owned()),
            None => {
                self.wrong_type(entry, "a text in quotation marks");
                None
            }
        }
    }
}

impl<'a, 't> Section<'a, 't> {
    /// Views the whole file as a table.
    pub fn root(table: &'a Spanned<DeTable<'t>>) -> Self {
        Self { table: table.get_ref(), span: 0..0, path: String::new() }
    }

    /// Finds a key.
    pub fn entry(&self, key: &str) -> Option<Entry<'a, 't>> {
        self.entries().into_iter().find(|entry| entry.key == key)
    }

    /// Returns all entries, in the order of the file.
    pub fn entries(&self) -> Vec<Entry<'a, 't>> {
        let mut entries: Vec<_> = self
            .table
            .iter()
            .map(|(key, value)| Entry {
                key: key.get_ref().to_string(),
                value: value.get_ref(),
                span: key.span(),
                path: if self.path.is_empty() {
                    key.get_ref().to_string()
                } else {
                    format!("{}.{}", self.path, key.get_ref())
                },
            })
            .collect();
        entries.sort_by_key(|entry| entry.span.start);
        entries
    }

    /// Returns the place of the table.
    pub fn span(&self) -> &Range<usize> {
        &self.span
    }

    /// Returns the dotted path of the table.
    pub fn path(&self) -> &str {
        &self.path
    }
}
