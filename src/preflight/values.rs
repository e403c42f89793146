//! The texts that columns take, as far as a type tells without the server.

use crate::catalog::Column;

/// Returns the reason why a column does not take a text; `None` if it does, or if only the server
/// can tell.
pub(super) fn problem(column: &Column, text: &str) -> Option<String> {
    if !column.labels.is_empty() && column.category == "E" {
        let is_label = column.labels.iter().any(|label| label == text);
        return (!is_label).then(|| format!("has no label {text:?}"));
    }
    if let Some(length) = column.length {
        let count = text.chars().count();
        let fits = usize::try_from(length).is_ok_and(|length| {
            // Blanks at the end are cut.
            text.trim_end_matches(' ').chars().count() <= length
        });
        return (!fits).then(|| format!("holds {length} characters, and {text:?} has {count}"));
    }
    let number = text.trim();
    let takes = match column.base.as_str() {
        "int2" => number.parse::<i16>().is_ok(),
        "int4" => number.parse::<i32>().is_ok(),
        "int8" => number.parse::<i64>().is_ok(),
        // The server knows a few more names of numbers than Rust, and none less.
        "float4" | "float8" | "numeric" => number.parse::<f64>().is_ok(),
        "bool" => is_boolean(number),
        "uuid" => is_uuid(text),
        "json" | "jsonb" => serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok(),
        _ => true,
    };
    // Hexadecimal and grouped digits are numbers to newer servers.
    let is_unusual = column.category == "N" && number.contains(['x', 'o', 'b', 'X', 'O', 'B', '_']);
    let is_number = number.starts_with(|c: char| c.is_ascii_digit() || c == '-' || c == '+');
    if takes || is_unusual && is_number {
        return None;
    }
    Some(format!(
        "is of type {}, and takes no {text:?}",
        column.type_name
    ))
}

/// Returns true for what the server reads as a boolean: the words and each of their beginnings
/// that is unique.
fn is_boolean(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    let is_start = |word: &str, least: usize| text.len() >= least && word.starts_with(&text);
    matches!(text.as_str(), "1" | "0")
        || is_start("true", 1)
        || is_start("false", 1)
        || is_start("yes", 1)
        || is_start("no", 1)
        || is_start("on", 2)
        || is_start("off", 2)
}

/// Returns true for 32 hexadecimal digits, with or without hyphens and braces.
fn is_uuid(text: &str) -> bool {
    let inner = text
        .strip_prefix('{')
        .and_then(|rest| rest.strip_suffix('}'));
    let digits = inner.unwrap_or(text).replace('-', "");
    digits.len() == 32 && digits.chars().all(|c| c.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(base: &str) -> Column {
        Column {
            base: base.to_owned(),
            type_name: base.to_owned(),
            category: if base.starts_with(['i', 'f', 'n']) {
                "N"
            } else {
                "U"
            }
            .to_owned(),
            ..Column::default()
        }
    }

    #[test]
    fn texts_are_judged_by_the_type() {
        for (base, good, bad) in [
            (
                "int2",
                &["7", "-32768", " 1 ", "0x1F", "1_000"][..],
                &["70000", "x", "", "1.5"][..],
            ),
            ("int4", &["2147483647"], &["2147483648", "true"]),
            ("int8", &["5000000000"], &["99999999999999999999"]),
            ("numeric", &["1.25", "NaN", "1e3"], &["one"]),
            ("float8", &["2.5", "Infinity", "-inf"], &["1,5"]),
            (
                "bool",
                &["true", "T", "off", "of", "n", "1"],
                &["o", "maybe", "2", ""],
            ),
            (
                "uuid",
                &[
                    "00000000-0000-0000-0000-000000000001",
                    "{a0eebc999c0b4ef8bb6d6bb9bd380a11}",
                ],
                &["1", ""],
            ),
            ("jsonb", &["{\"a\": 1}", "null"], &["{", ""]),
            // The server alone knows.
            ("timestamptz", &["yesterday", "soon"], &[]),
        ] {
            let column = column(base);
            for text in good {
                assert_eq!(problem(&column, text), None, "{base} {text}");
            }
            for text in bad {
                let words = format!("is of type {base}, and takes no {text:?}");
                assert_eq!(problem(&column, text), Some(words), "{base} {text}");
            }
        }
    }

    #[test]
    fn texts_are_judged_by_labels_and_length() {
        let mut label = column("mood");
        label.category = "E".to_owned();
        label.labels = vec!["sad".to_owned()];
        assert_eq!(problem(&label, "sad"), None);
        assert_eq!(problem(&label, "happy").unwrap(), "has no label \"happy\"");
        let mut short = column("varchar");
        short.length = Some(3);
        assert_eq!(problem(&short, "abc  "), None);
        assert_eq!(
            problem(&short, "abcd").unwrap(),
            "holds 3 characters, and \"abcd\" has 4"
        );
    }
}
