//! The JSON Schemas under `docs/schemas`, and the check that output is as they say.

use std::collections::HashMap;
use std::fs;
use std::path::PathBuf;
use std::sync::{LazyLock, Mutex};

use jsonschema::Validator;
use serde_json::Value;

static VALIDATORS: LazyLock<Mutex<HashMap<String, &'static Validator>>> =
    LazyLock::new(Mutex::default);

/// Checks the output of a command against its schema, in which every key has to be.
#[track_caller]
pub fn assert_valid(command: &str, output: &Value) {
    let path = format!("docs/schemas/{command}.json");
    assert_conforms(&path, output);
}

/// Checks a value against the schema at a path in the repository.
#[track_caller]
pub fn assert_conforms(path: &str, value: &Value) {
    let errors: Vec<String> = validator(path)
        .iter_errors(value)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{path}: {errors:#?}\n{value:#}");
}

fn validator(path: &str) -> &'static Validator {
    let mut validators = VALIDATORS
        .lock()
        .expect("no check panics while it holds the lock");
    validators.entry(path.to_owned()).or_insert_with(|| {
        let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path);
        let text = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{path}: {error}"));
        let mut schema: Value = serde_json::from_str(&text).expect("a schema is JSON");
        close(&mut schema);
        let validator = jsonschema::validator_for(&schema).expect("a schema is valid");
        // One for each schema, kept until the tests end.
        Box::leak(Box::new(validator))
    })
}

/// Forbids the keys that a schema does not name. The published schemas allow them, because later
/// versions may add some.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            if object.contains_key("properties") {
                object.insert("additionalProperties".into(), false.into());
            }
            object.values_mut().for_each(close);
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}
