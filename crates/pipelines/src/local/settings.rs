//! `pipeline.toml`: what may be run on this machine, read with every defect at once.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};

use super::reader::{Entry, Section, TomlReader};
use crate::{Reason, RemoteError};

/// The file's name inside the connection's folder.
pub(super) const FILE: &str = "pipeline.toml";

const DEFAULT_DEPLOY_LIMIT: u64 = 600;
const DEFAULT_CHECK_LIMIT: u64 = 300;
const DEFAULT_TEST_LIMIT: u64 = 1800;
const LONGEST_LIMIT: u64 = 24 * 3600;

/// The whole file.
#[derive(Debug)]
pub(super) struct Settings {
    pub services: Vec<ServiceSettings>,
    pub tests: Vec<TestSettings>,
}

/// A pipeline that tests a product as a whole.
#[derive(Debug)]
pub(super) struct TestSettings {
    pub name: String,
    pub step: StepSettings,
}

/// One service.
#[derive(Debug)]
pub(super) struct ServiceSettings {
    pub name: String,
    /// Where its builds arrive.
    pub arrivals: PathBuf,
    pub stages: Vec<StageSettings>,
}

/// One stage of a service.
#[derive(Clone, Debug)]
pub(super) struct StageSettings {
    pub name: String,
    /// As written in the file, for people.
    pub environment_shown: String,
    pub environment: PathBuf,
    pub deploy: StepSettings,
    pub checks: Vec<StepSettings>,
}

/// One command.
#[derive(Clone, Debug)]
pub(super) struct StepSettings {
    pub name: String,
    pub command: Vec<String>,
    pub limit_seconds: u64,
}

impl Settings {
    /// Reads the file in `folder`. `path` is the search path for programs.
    pub fn load(folder: &Path, path: Option<&OsStr>) -> Result<Self, RemoteError> {
        let file = folder.join(FILE);
        // Scripts name the folder in their text and run with another current folder.
        if !folder.is_absolute() || folder.to_str().is_none_or(|f| f.contains('\n')) {
            return Err(invalid(vec![Reason {
                code: "pipeline.folder_unusable",
                place: folder.display().to_string(),
                sentence: "The connection's folder is not an absolute path in Unicode.".into(),
                next_step: "Choose the folder by its full path, or rename it.".into(),
            }]));
        }
        let text = std::fs::read_to_string(&file).map_err(|error| {
            let missing = error.kind() == std::io::ErrorKind::NotFound;
            invalid(vec![Reason {
                code: if missing { "pipeline.file_missing" } else { "pipeline.file_unreadable" },
                place: file.display().to_string(),
                sentence: format!("The file can't be read: {error}."),
                next_step: "Create pipeline.toml in the connection's folder, or choose the folder \
                            that holds it."
                    .into(),
            }])
        })?;
        Self::parse(&text, folder, path).map_err(invalid)
    }

    /// Reads the file's text.
    pub fn parse(text: &str, folder: &Path, path: Option<&OsStr>) -> Result<Self, Vec<Reason>> {
        let mut toml = TomlReader::new(FILE, text);
        let document = toml.parse();
        let root = Section::root(&document);
        toml.only(&root, &["service", "test"]);
        let mut reading = Reading { toml, folder, path, environments: BTreeMap::new() };
        let services = reading.services(&root);
        let tests = reading.tests(&root, &services);
        let defects = reading.toml.finish();
        if defects.is_empty() { Ok(Self { services, tests }) } else { Err(defects) }
    }

    /// Finds a service.
    pub fn service(&self, name: &str) -> Option<&ServiceSettings> {
        self.services.iter().find(|service| service.name == name)
    }

    /// Finds a test.
    pub fn test(&self, name: &str) -> Option<&TestSettings> {
        self.tests.iter().find(|test| test.name == name)
    }
}

impl ServiceSettings {
    /// Finds a stage.
    pub fn stage(&self, name: &str) -> Option<&StageSettings> {
        self.stages.iter().find(|stage| stage.name == name)
    }
}

impl StepSettings {
    /// Returns the command as a person would type it.
    pub fn shown(&self) -> String {
        let words = self.command.iter().map(|word| {
            let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:+@%,".contains(c);
            if !word.is_empty() && word.chars().all(plain) {
                word.clone()
            } else {
                format!("'{}'", word.replace('\'', "'\\''"))
            }
        });
        words.collect::<Vec<_>>().join(" ")
    }
}

struct Reading<'t> {
    toml: TomlReader<'t>,
    folder: &'t Path,
    path: Option<&'t OsStr>,
    /// Who uses which environment folder.
    environments: BTreeMap<PathBuf, String>,
}

impl<'t> Reading<'t> {
    fn services(&mut self, root: &Section<'_, 't>) -> Vec<ServiceSettings> {
        let services = root.entry("service").and_then(|entry| self.toml.section(&entry));
        let entries = services.as_ref().map(Section::entries).unwrap_or_default();
        if entries.is_empty() {
            self.toml.defect(
                "pipeline.no_services",
                root.span(),
                "",
                "The file names no service.",
                "Add a table such as [service.web].",
            );
        }
        entries.iter().filter_map(|entry| self.service(entry)).collect()
    }

    fn tests(&mut self, root: &Section<'_, 't>, services: &[ServiceSettings]) -> Vec<TestSettings> {
        let tests = root.entry("test").and_then(|entry| self.toml.section(&entry));
        let entries = tests.as_ref().map(Section::entries).unwrap_or_default();
        let mut found = Vec::new();
        for entry in &entries {
            self.name(entry, "test");
            if services.iter().any(|service| service.name == entry.key) {
                self.toml.defect(
                    "pipeline.test_name_taken",
                    &entry.span,
                    &entry.path,
                    format!("A service is called \"{}\", too.", entry.key),
                    "Give the test a name of its own.",
                );
            }
            let Some(section) = self.toml.section(entry) else { continue };
            self.toml.only(&section, &["command", "time_limit"]);
            let command = self.command(&section, "command");
            let limit_seconds = self.limit(&section, "time_limit", DEFAULT_TEST_LIMIT);
            if let Some(command) = command {
                let step = StepSettings { name: "test".into(), command, limit_seconds };
                found.push(TestSettings { name: entry.key.clone(), step });
            }
        }
        found
    }

    fn service(&mut self, entry: &Entry<'_, 't>) -> Option<ServiceSettings> {
        self.name(entry, "service");
        let section = self.toml.section(entry)?;
        self.toml.only(&section, &["arrivals", "stage"]);
        let arrivals = self.folder_of(&section, "arrivals");
        let stages = section.entry("stage").and_then(|entry| self.toml.section(&entry));
        let entries = stages.as_ref().map(Section::entries).unwrap_or_default();
        if entries.is_empty() {
            self.toml.defect(
                "pipeline.no_stages",
                section.span(),
                section.path(),
                "The service has no stage.",
                format!("Add a table such as [service.{}.stage.dev].", entry.key),
            );
        }
        let stages = entries.iter().filter_map(|entry| self.stage(entry)).collect();
        Some(ServiceSettings { name: entry.key.clone(), arrivals: arrivals?.1, stages })
    }

    fn stage(&mut self, entry: &Entry<'_, 't>) -> Option<StageSettings> {
        self.name(entry, "stage");
        let section = self.toml.section(entry)?;
        self.toml.only(&section, &["environment", "deploy", "deploy_time_limit", "check"]);
        let environment = self.folder_of(&section, "environment");
        if let Some((_, folder)) = &environment
            && let Some(other) = self.environments.insert(folder.clone(), entry.path.clone())
        {
            self.toml.defect(
                "pipeline.environment_shared",
                section.span(),
                section.path(),
                format!("{other} uses the same environment folder."),
                "Give every stage of every service its own folder.",
            );
        }
        let deploy = self.command(&section, "deploy");
        let limit = self.limit(&section, "deploy_time_limit", DEFAULT_DEPLOY_LIMIT);
        let checks = match section.entry("check") {
            Some(entry) => self.checks(&entry),
            None => Vec::new(),
        };
        let (environment_shown, environment) = environment?;
        Some(StageSettings {
            name: entry.key.clone(),
            environment_shown,
            environment,
            deploy: StepSettings { name: "deploy".into(), command: deploy?, limit_seconds: limit },
            checks,
        })
    }

    fn checks(&mut self, entry: &Entry<'_, 't>) -> Vec<StepSettings> {
        let mut checks: Vec<StepSettings> = Vec::new();
        for section in self.toml.sections(entry) {
            self.toml.only(&section, &["name", "command", "time_limit"]);
            let name = self.toml.text(&section, "name");
            let command = self.command(&section, "command");
            let limit_seconds = self.limit(&section, "time_limit", DEFAULT_CHECK_LIMIT);
            let Some(name) = name else { continue };
            if name.trim().is_empty() || name.len() > 200 || name.chars().any(char::is_control) {
                self.toml.defect(
                    "pipeline.bad_name",
                    section.span(),
                    section.path(),
                    "A check's name is 1 to 200 printable characters.",
                    "Give the check a short name on one line.",
                );
            } else if name == "deploy" || checks.iter().any(|check| check.name == name) {
                self.toml.defect(
                    "pipeline.check_name_taken",
                    section.span(),
                    section.path(),
                    format!("Another step of this stage is called \"{name}\"."),
                    "Give every check of a stage its own name; `deploy` is the deployment's.",
                );
            }
            if let Some(command) = command {
                checks.push(StepSettings { name, command, limit_seconds });
            }
        }
        checks
    }

    fn name(&mut self, entry: &Entry<'_, 't>, what: &str) {
        let plain = |c: char| c.is_ascii_alphanumeric() || " ._-".contains(c);
        let starts = entry.key.starts_with(|c: char| c.is_ascii_alphanumeric());
        if !starts || entry.key.len() > 64 || !entry.key.chars().all(plain) {
            self.toml.defect(
                "pipeline.bad_name",
                &entry.span,
                &entry.path,
                format!(
                    "A {what}'s name has at most 64 letters, digits, spaces, dots, underscores and \
                     hyphens, and begins with a letter or digit."
                ),
                format!("Rename the {what}."),
            );
        }
    }

    /// Reads a folder that is plain, so that nobody has to resolve it in the head.
    fn folder_of(&mut self, section: &Section<'_, 't>, key: &str) -> Option<(String, PathBuf)> {
        let text = self.toml.text(section, key)?;
        let entry = section.entry(key)?;
        let path = Path::new(&text);
        let mut named = false;
        let plain = path.components().all(|part| match part {
            Component::Normal(_) => {
                named = true;
                true
            }
            Component::RootDir | Component::Prefix(_) => true,
            Component::CurDir | Component::ParentDir => false,
        });
        if !plain || !named || text.contains('\0') {
            self.toml.defect(
                "pipeline.bad_path",
                &entry.span,
                &entry.path,
                format!("\"{text}\" is not a plain folder: no `.` and no `..`, please."),
                "Write a path below this folder, or an absolute one.",
            );
            return None;
        }
        Some((text.clone(), self.folder.join(path)))
    }

    fn command(&mut self, section: &Section<'_, 't>, key: &str) -> Option<Vec<String>> {
        let entry = self.toml.required(section, key)?;
        let words = self.toml.texts(&entry)?;
        let program = words.first().map(String::as_str).unwrap_or_default();
        if program.is_empty() || program.starts_with('-') || words.iter().any(|w| w.contains('\0')) {
            self.toml.defect(
                "pipeline.bad_command",
                &entry.span,
                &entry.path,
                "A command is a list of words, and the first one is the program.",
                "Write for example [\"sh\", \"scripts/deploy.sh\"].",
            );
            return None;
        }
        if !self.program_exists(program) {
            self.toml.defect(
                "pipeline.program_missing",
                &entry.span,
                &entry.path,
                format!("There is no program \"{program}\" on this machine."),
                "Install it, or correct its name; a path is taken from this folder.",
            );
        }
        Some(words)
    }

    fn program_exists(&self, program: &str) -> bool {
        if program.contains('/') {
            return self.folder.join(program).is_file();
        }
        let Some(path) = self.path else { return false };
        std::env::split_paths(path).any(|folder| folder.join(program).is_file())
    }

    fn limit(&mut self, section: &Section<'_, 't>, key: &str, default: u64) -> u64 {
        let Some(text) = self.toml.optional_text(section, key) else { return default };
        let seconds = parse_limit(&text);
        if let Some(seconds) = seconds.filter(|s| (1..=LONGEST_LIMIT).contains(s)) {
            return seconds;
        }
        if let Some(entry) = section.entry(key) {
            self.toml.defect(
                "pipeline.bad_time_limit",
                &entry.span,
                &entry.path,
                format!("\"{text}\" is not a time limit between 1s and 24h."),
                "Write whole seconds, minutes or hours: \"90s\", \"5m\", \"1h\".",
            );
        }
        default
    }
}

fn parse_limit(text: &str) -> Option<u64> {
    let unit = match text.chars().last()? {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        _ => return None,
    };
    text.get(..text.len() - 1)?.parse::<u64>().ok()?.checked_mul(unit)
}

fn invalid(reasons: Vec<Reason>) -> RemoteError {
    RemoteError::Invalid { reasons, detail: format!("{FILE} can't be used") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_limits_are_whole_seconds_minutes_or_hours() {
        assert_eq!(parse_limit("90s"), Some(90));
        assert_eq!(parse_limit("5m"), Some(300));
        assert_eq!(parse_limit("1h"), Some(3600));
        for bad in ["", "5", "-5s", "1.5m", "s", "5 m", "99999999999999999999s", "5µ"] {
            assert_eq!(parse_limit(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_command_is_shown_as_it_would_be_typed() {
        let step = StepSettings {
            name: "deploy".into(),
            command: ["sh", "-c", "echo 'a b'", ""].map(String::from).to_vec(),
            limit_seconds: 1,
        };
        assert_eq!(step.shown(), "sh -c 'echo '\\''a b'\\''' ''");
    }
}
