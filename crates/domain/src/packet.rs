//! The packet: exactly what a signer was shown, as ordered lines (S3).
//!
//! A packet is text so that what was signed stays readable for ever, whatever the program becomes.

use serde::{Deserialize, Serialize};

/// What a signer was shown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Packet {
    /// What is decided, in one line.
    pub title: String,
    /// The lines, in the order shown.
    pub lines: Vec<PacketLine>,
}

/// One line of a packet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PacketLine {
    /// The part of the sheet, for example `checks`.
    pub part: String,
    /// What the line is about, unique within the part.
    pub label: String,
    /// What was shown.
    pub text: String,
}

/// One line that differs between two packets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The part and label.
    pub line: String,
    /// What it said before; empty when the line is new.
    pub before: String,
    /// What it says now; empty when the line is gone.
    pub now: String,
}

impl Packet {
    /// Adds a line.
    pub fn line(&mut self, part: &str, label: impl Into<String>, text: impl Into<String>) {
        self.lines.push(PacketLine { part: part.to_owned(), label: label.into(), text: text.into() });
    }

    /// The lines in which another packet differs from this one.
    pub fn changes_to(&self, now: &Self) -> Vec<Change> {
        let find = |packet: &Self, wanted: &PacketLine| {
            packet
                .lines
                .iter()
                .find(|line| line.part == wanted.part && line.label == wanted.label)
                .map(|line| line.text.clone())
        };
        let name = |line: &PacketLine| format!("{}: {}", line.part, line.label);
        let mut changes = Vec::new();
        for line in &self.lines {
            let text = find(now, line).unwrap_or_default();
            if text != line.text {
                changes.push(Change { line: name(line), before: line.text.clone(), now: text });
            }
        }
        for line in now.lines.iter().filter(|line| find(self, line).is_none()) {
            changes.push(Change { line: name(line), before: String::new(), now: line.text.clone() });
        }
        changes
    }
}
