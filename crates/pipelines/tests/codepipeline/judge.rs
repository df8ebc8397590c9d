//! The judge: the vendor's own model of every request and every answer, as JSON Schema.

use std::collections::BTreeMap;
use std::path::Path;

use jsonschema::Validator;
use serde_json::{Value, json};

const SCHEMA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/tools/codepipeline/schema.json");

pub struct Judge {
    operations: Value,
    definitions: Value,
    target: String,
    known: BTreeMap<String, Validator>,
}

/// The service refuses with these on any operation; the model doesn't list them.
const COMMON: [&str; 3] = ["AccessDeniedException", "ThrottlingException", "IncompleteSignatureException"];

impl Judge {
    pub fn new() -> Self {
        let text = std::fs::read_to_string(Path::new(SCHEMA)).unwrap_or_else(|_| {
            panic!("the model of CodePipeline is missing; run:\n\n    cargo xtask setup\n\nand try again")
        });
        let mut schema: Value = serde_json::from_str(&text).unwrap();
        Self {
            operations: schema["operations"].take(),
            definitions: schema["$defs"].take(),
            target: schema["target"].as_str().unwrap().to_owned(),
            known: BTreeMap::new(),
        }
    }

    /// Returns what is wrong with a value of a shape.
    pub fn defects(&mut self, shape: &str, value: &Value) -> Vec<String> {
        let definitions = &self.definitions;
        assert!(definitions.get(shape).is_some(), "the model has no shape {shape}");
        let validator = self.known.entry(shape.to_owned()).or_insert_with(|| {
            let schema = json!({
                "$schema": "https://json-schema.org/draft/2020-12/schema",
                "$defs": definitions, "$ref": format!("#/$defs/{shape}"),
            });
            jsonschema::draft202012::new(&schema).unwrap()
        });
        validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect()
    }

    /// Returns what is wrong with a request, whose operation stands in a header.
    pub fn of_request(&mut self, target: &str, body: &Value) -> Vec<String> {
        let Some(operation) = target.strip_prefix(&format!("{}.", self.target)) else {
            return vec![format!("{target} is not addressed to this service")];
        };
        match self.operations[operation]["input"].as_str().map(str::to_owned) {
            Some(shape) => self.defects(&shape, body),
            None => vec![format!("there is no operation {operation}")],
        }
    }

    /// Returns what is wrong with an answer of our own fake.
    pub fn of_answer(&mut self, operation: &str, status: u16, body: &Value) -> Vec<String> {
        let described = self.operations[operation].clone();
        if status == 200 {
            return match described["output"].as_str() {
                Some(shape) => self.defects(shape, body),
                None if body.is_null() => Vec::new(),
                None => vec![format!("{operation} has no output")],
            };
        }
        let code = body["__type"].as_str().unwrap_or_default();
        let modelled = described["errors"].as_array().unwrap();
        match COMMON.contains(&code) || modelled.iter().any(|error| error == code) {
            true => Vec::new(),
            false => vec![format!("{operation} never answers {code}")],
        }
    }
}
