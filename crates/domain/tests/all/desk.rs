//! People and small processes that the tests share.

use signalbox_domain::id::StageKey;
use signalbox_domain::moment::Moment;
use signalbox_domain::person::{Key, Person};
use signalbox_domain::process::{
    Entry, Gate, OnFailure, Path, Predecessors, Process, Require, Stage, Waiting,
};
use signalbox_domain::rule::{Apart, Rule};

/// A person with a key, who holds these roles.
pub fn person(name: &str, roles: &[&str]) -> Person {
    Person {
        id: name.to_lowercase().into(),
        handle: name.to_lowercase(),
        name: name.to_owned(),
        roles: roles.iter().map(|role| (*role).into()).collect(),
        keys: vec![Key {
            fingerprint: format!("SHA256:{name}"),
            public: String::new(),
            enrolled: Moment::from_millis(0),
            revoked: None,
        }],
        machine: false,
    }
}

/// Five people, one role each: a typical small team.
pub fn team() -> Vec<Person> {
    vec![
        person("Ada", &["developer"]),
        person("Tom", &["tester"]),
        person("Omar", &["operations"]),
        person("Ines", &["business-analyst"]),
        person("Rosa", &["release-manager"]),
    ]
}

/// An automatic on-path stage with an empty gate that comes after all of these.
pub fn stage(key: &str, after: &[&str]) -> Stage {
    Stage {
        key: StageKey::from(key),
        name: key.to_owned(),
        path: Path::On,
        predecessors: Predecessors {
            require: Require::All,
            stages: after.iter().map(|key| StageKey::from(*key)).collect(),
        },
        entry: Entry::Automatic,
        waiting: Waiting::Queue,
        on_failure: OnFailure::Open,
        gate: Gate::default(),
        deployers: Vec::new(),
        needs_release: false,
        asks_passphrase: false,
        marks: None,
        note: String::new(),
    }
}

/// A stage whose gate asks for approval.
pub fn approved(key: &str, after: &[&str], rule: Rule, apart: &[Apart]) -> Stage {
    Stage { gate: Gate { rule: Some(rule), apart: apart.to_vec(), ..Gate::default() }, ..stage(key, after) }
}

/// The same stage, satisfied with any one of its predecessors.
pub fn any(stage: Stage) -> Stage {
    let predecessors = Predecessors { require: Require::Any, ..stage.predecessors };
    Stage { predecessors, ..stage }
}

/// The same stage, off the path.
pub fn off(stage: Stage) -> Stage {
    Stage { path: Path::Off, ..stage }
}

/// The same stage, entered by a press.
pub fn press(stage: Stage) -> Stage {
    Stage { entry: Entry::Press, ..stage }
}

/// A process of these stages.
pub fn process(stages: Vec<Stage>) -> Process {
    Process { stages }
}
