//! Values of rows as values of a front matter.

use jiff::tz::TimeZone;
use serde_json::Value as Json;

use super::document::{Node, Value};
use super::part::WriteError;
use super::time_form::TimeForm;
use crate::post::{Field, StoredPost, Value as Stored};

/// Returns the value of a row's field; `None` for one that is empty, and for `extra`.
pub(super) fn value(
    row: &StoredPost,
    field: Field,
    form: TimeForm,
    zone: &TimeZone,
) -> Result<Option<Value>, WriteError> {
    Ok(match row.get(field) {
        Stored::Text(text) => text.map(|text| Value::Text(text.to_owned())),
        Stored::Integer(number) => number.map(|number| Value::Integer(number.into())),
        Stored::Time(None) | Stored::Json(_) => None,
        Stored::Time(Some(at)) => {
            let text = form.write(at, zone).ok_or(WriteError::Time(field))?;
            Some(Value::Text(text))
        }
        Stored::Names(names) => (!names.is_empty()).then(|| texts(names)),
    })
}

fn node(value: Value) -> Node {
    Node { value, range: 0..0 }
}

/// Returns texts as a list.
pub(super) fn texts(texts: &[String]) -> Value {
    let texts = texts.iter().cloned();
    Value::List(texts.map(Value::Text).map(node).collect())
}

/// Returns a value of JSON as one of a front matter, which is read as the same value of JSON.
pub(super) fn from_json(value: &Json) -> Value {
    match value {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Bool(*value),
        Json::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(number), _) => Value::Integer(number.into()),
            (None, Some(number)) => Value::Integer(number.into()),
            // Any other number of JSON is one.
            (None, None) => Value::Float(number.as_f64().unwrap_or_default()),
        },
        Json::String(text) => Value::Text(text.clone()),
        Json::Array(items) => Value::List(items.iter().map(from_json).map(node).collect()),
        Json::Object(map) => Value::Map(
            map.iter()
                .map(|(key, value)| (node(Value::Text(key.clone())), node(from_json(value))))
                .collect(),
        ),
    }
}
