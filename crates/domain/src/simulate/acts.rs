//! The acts of a simulation and how they are written.

use crate::refusal::Refusal;
use serde_json::{Deserializer, Value};

/// One act of a simulation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SimAct {
    /// A build with this label arrives.
    Commit(String),
    /// Whoever has to, approves the build in the stage: checks pass, the checklist gets done.
    Approve(String, String),
    /// Someone rejects the build in the stage.
    Reject(String, String),
    /// Someone puts the build into the stage; where a release is needed, a complete one is there.
    Press(String, String),
    /// The build's deployment into the stage fails.
    Fail(String, String),
    /// Someone deploys the failed build again.
    Retry(String, String),
    /// Someone holds the stage.
    Hold(String),
    /// Someone ends the hold of the stage, or opens it after a failure that stopped the line.
    Release(String),
}

impl SimAct {
    /// Reads an act from a JSON list of words, for example `["reject", "c1", "QA"]`.
    ///
    /// # Errors
    /// When the value is no list of words or the words are no act.
    pub fn read(act: &Value) -> Result<Self, Refusal> {
        let words: Option<Vec<&str>> =
            act.as_array().and_then(|words| words.iter().map(Value::as_str).collect());
        let text = |word: &&str| (*word).to_owned();
        match words.as_deref() {
            Some(["commit", build]) => Ok(Self::Commit(text(build))),
            Some(["approve", build, stage]) => Ok(Self::Approve(text(build), text(stage))),
            Some(["reject", build, stage]) => Ok(Self::Reject(text(build), text(stage))),
            Some(["press", build, stage]) => Ok(Self::Press(text(build), text(stage))),
            Some(["fail", build, stage]) => Ok(Self::Fail(text(build), text(stage))),
            Some(["retry", build, stage]) => Ok(Self::Retry(text(build), text(stage))),
            Some(["hold", stage]) => Ok(Self::Hold(text(stage))),
            Some(["release", stage]) => Ok(Self::Release(text(stage))),
            _ => Err(Refusal::one(
                "act.unreadable",
                format!("{act} is no act."),
                "Write [\"commit\", build], [\"approve\" | \"reject\" | \"press\" | \"fail\" | \"retry\", build, \
                 stage] or [\"hold\" | \"release\", stage].",
            )),
        }
    }
}

/// Reads the acts out of a text: JSON lists one after the other, a list of lists, or objects that hold an
/// `act` or `rows` of them.
///
/// What is no JSON comes out as a text value, which [`SimAct::read`] refuses: nothing is skipped in silence.
pub fn read_acts(text: &str) -> Vec<Value> {
    let mut acts = Vec::new();
    let whole: Result<Vec<Value>, _> = Deserializer::from_str(text).into_iter::<Value>().collect();
    match whole {
        Ok(values) => values.into_iter().for_each(|value| collect(value, &mut acts)),
        Err(_) => {
            for line in text.lines().filter(|line| !line.trim().is_empty()) {
                let values: Result<Vec<Value>, _> =
                    Deserializer::from_str(line).into_iter::<Value>().collect();
                match values {
                    Ok(values) => values.into_iter().for_each(|value| collect(value, &mut acts)),
                    Err(_) => acts.push(Value::String(line.trim().to_owned())),
                }
            }
        }
    }
    acts
}

fn collect(value: Value, acts: &mut Vec<Value>) {
    match value {
        Value::Array(parts)
            if !parts.is_empty() && parts.iter().all(|part| part.is_array() || part.is_object()) =>
        {
            parts.into_iter().for_each(|part| collect(part, acts));
        }
        Value::Object(mut fields) => match (fields.remove("act"), fields.remove("rows")) {
            (Some(act), _) => acts.push(act),
            (None, Some(Value::Array(rows))) => rows.into_iter().for_each(|row| collect(row, acts)),
            (None, Some(rows)) => acts.push(rows),
            (None, None) => acts.push(Value::Object(fields)),
        },
        other => acts.push(other),
    }
}
