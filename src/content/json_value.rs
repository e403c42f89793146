//! Values of a front matter as JSON.

use serde_json::{Map, Number, Value as Json};

use super::document::Value;

/// Returns a value as JSON.
///
/// JSON has fewer kinds of values: a tag is left out, and what no number of JSON holds (`.inf`,
/// an integer of more than 64 bits) becomes text, as does a key that is none. Of two keys with
/// one name the first counts.
pub(super) fn to_json(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(value) => Json::Bool(*value),
        Value::Integer(value) => {
            integer(*value).map_or_else(|| Json::String(value.to_string()), Json::Number)
        }
        Value::Float(value) => float(*value),
        Value::Text(text) => Json::String(text.clone()),
        Value::List(items) => items.iter().map(|item| to_json(&item.value)).collect(),
        Value::Map(pairs) => {
            let mut map = Map::new();
            for (key, value) in pairs {
                map.entry(key_text(&key.value))
                    .or_insert_with(|| to_json(&value.value));
            }
            Json::Object(map)
        }
        Value::Tagged(_, inner) => to_json(&inner.value),
    }
}

/// Returns a key as text: a text as it is, a list or mapping as YAML writes it on a line.
///
/// There are no quotes in it: with them, keys in keys would grow twofold with each level.
pub(super) fn key_text(key: &Value) -> String {
    let mut text = String::new();
    add_text(key, &mut text);
    text
}

fn add_text(value: &Value, text: &mut String) {
    match value {
        Value::Text(value) => text.push_str(value),
        Value::List(items) => {
            text.push('[');
            for (number, item) in items.iter().enumerate() {
                text.push_str(if number == 0 { "" } else { ", " });
                add_text(&item.value, text);
            }
            text.push(']');
        }
        Value::Map(pairs) => {
            text.push('{');
            for (number, (key, value)) in pairs.iter().enumerate() {
                text.push_str(if number == 0 { "" } else { ", " });
                add_text(&key.value, text);
                text.push_str(": ");
                add_text(&value.value, text);
            }
            text.push('}');
        }
        Value::Tagged(_, inner) => add_text(&inner.value, text),
        Value::Null | Value::Bool(_) | Value::Integer(_) | Value::Float(_) => {
            match to_json(value) {
                Json::String(special) => text.push_str(&special),
                scalar => text.push_str(&scalar.to_string()),
            }
        }
    }
}

fn integer(value: i128) -> Option<Number> {
    i64::try_from(value)
        .map(Number::from)
        .or_else(|_| u64::try_from(value).map(Number::from))
        .ok()
}

/// Returns a number as every store gives it back: Postgres writes all digits of one without a
/// fraction, and knows no zero below zero.
fn float(value: f64) -> Json {
    if value == 0.0 {
        return Json::from(0.0);
    }
    // From here on JSON would be written with an exponent. The cast is exact within 64 bits.
    if value.fract() == 0.0 && value.abs() >= 1e16 {
        #[allow(clippy::cast_possible_truncation)]
        if let Some(number) = integer(value as i128) {
            return Json::Number(number);
        }
    }
    let special = if value.is_nan() {
        ".nan"
    } else if value.is_sign_negative() {
        "-.inf"
    } else {
        ".inf"
    };
    Number::from_f64(value).map_or_else(|| Json::String(special.to_owned()), Json::Number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::yaml;

    fn json(yaml: &str) -> String {
        let text = format!("k: {yaml}\n");
        let document = yaml::read(&text, 0..text.len()).unwrap();
        to_json(&document.get("k").unwrap().value.value).to_string()
    }

    #[test]
    fn values_keep_their_kind() {
        for (yaml, expected) in [
            ("~", "null"),
            ("true", "true"),
            ("-3", "-3"),
            ("18446744073709551615", "18446744073709551615"),
            ("1.50", "1.5"),
            ("2.0", "2.0"),
            ("2025-11-28", r#""2025-11-28""#),
            ("[a, [1, null]]", r#"["a",[1,null]]"#),
            ("{b: 1, a: {c: x}}", r#"{"a":{"c":"x"},"b":1}"#),
        ] {
            assert_eq!(json(yaml), expected, "{yaml}");
        }
    }

    #[test]
    fn what_json_lacks_becomes_text() {
        for (yaml, expected) in [
            ("18446744073709551616", r#""18446744073709551616""#),
            (".inf", r#"".inf""#),
            ("-.inf", r#""-.inf""#),
            (".nan", r#"".nan""#),
            ("!date 2025-11-28", r#""2025-11-28""#),
            (
                "{1: a, ~: b, 1.5: c, [x, {y: 1}]: d, true: e}",
                r#"{"1":"a","1.5":"c","[x, {y: 1}]":"d","null":"b","true":"e"}"#,
            ),
            ("{1: a, '1': b}", r#"{"1":"a"}"#),
        ] {
            assert_eq!(json(yaml), expected, "{yaml}");
        }
    }

    #[test]
    fn a_number_has_one_form() {
        for (yaml, expected) in [
            ("-0.0", "0.0"),
            ("1e15", "1000000000000000.0"),
            ("1e16", "10000000000000000"),
            ("1e300", "1e+300"),
        ] {
            assert_eq!(json(yaml), expected, "{yaml}");
        }
    }

    #[test]
    fn keys_in_keys_stay_short() {
        let keys = format!("{}a{}", "{".repeat(100), ": 1}".repeat(100));
        assert!(json(&keys).len() < 1_000);
    }
}
