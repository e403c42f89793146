//! The parts of a server's error that tell why a write was refused.
//!
//! Messages are in the server's language, so that only names, codes and punctuation are read.

use tokio_postgres::error::DbError;

use crate::store::refusal::brief;

/// An error of the server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// The code.
    pub code: String,
    /// The message.
    pub message: String,
    /// The remedy in the server's words.
    pub hint: Option<String>,
    /// The values in question. A failing row in it is never shown.
    pub detail: Option<String>,
    /// The schema of the table or the type.
    pub schema: Option<String>,
    /// The table.
    pub table: Option<String>,
    /// The column.
    pub column: Option<String>,
    /// The type.
    pub datatype: Option<String>,
    /// The constraint.
    pub constraint: Option<String>,
    /// The functions and statements that ran, innermost first.
    pub context: Option<String>,
    /// The function of the server's source that reported it.
    pub routine: Option<String>,
}

/// A key in a detail, of one column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key<'s> {
    /// The column.
    pub column: &'s str,
    /// The value.
    pub value: &'s str,
}

impl Said {
    /// Takes the parts of an error.
    pub fn of(error: &DbError) -> Self {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        Self {
            code: error.code().code().to_owned(),
            message: error.message().to_owned(),
            hint: owned(error.hint()),
            detail: owned(error.detail()),
            schema: owned(error.schema()),
            table: owned(error.table()),
            column: owned(error.column()),
            datatype: owned(error.datatype()),
            constraint: owned(error.constraint()),
            context: owned(error.where_()),
            routine: owned(error.routine()),
        }
    }

    /// Returns the key in the detail: of `Key (post_id)=(3) is not present in ...`.
    pub fn key(&self) -> Option<Key<'_>> {
        let detail = self.detail.as_deref()?;
        let (before, after) = detail.split_once(")=(")?;
        let (_, column) = before.split_once('(')?;
        let (value, _) = after.split_once(')')?;
        Some(Key {
            column: column.trim_matches('"'),
            value,
        })
    }

    /// Returns the function that ran, with its parentheses: of `PL/pgSQL function guard() line 3
    /// at RAISE`. The functions of triggers take no arguments.
    pub fn function(&self) -> Option<String> {
        let context = self.context.as_deref()?;
        let mut lines = context.lines().filter(|line| line.contains("PL/pgSQL"));
        let line = lines.next()?;
        let end = line.find("()")?;
        let start = line[..end]
            .rfind(char::is_whitespace)
            .map_or(0, |at| at + 1);
        let name = line[start..end].trim_start_matches(['"', '«', '»', '„']);
        (!name.is_empty()).then(|| brief(&format!("{name}()")))
    }

    /// Returns true if the message has the name of a type in it.
    pub fn names_type(&self, name: &str) -> bool {
        let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '(' | '.');
        self.message.match_indices(name).any(|(at, _)| {
            let before = self.message[..at].chars().next_back();
            let after = self.message[at + name.len()..].chars().next();
            !before.is_some_and(is_part) && !after.is_some_and(is_part)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_of_one_column_is_read_in_any_language() {
        for detail in [
            "Key (post_id)=(3) is not present in table \"post\".",
            "키 (post_id)=(3) is not present",
            "Schlüssel »(post_id)=(3)« existiert bereits.",
            "Key (\"post_id\")=(3) already exists.",
        ] {
            let said = Said {
                detail: Some(detail.to_owned()),
                ..Said::default()
            };
            let key = said.key().unwrap();
            assert_eq!((key.column, key.value), ("post_id", "3"), "{detail}");
        }
    }

    #[test]
    fn a_function_is_found_in_any_language() {
        for context in [
            "PL/pgSQL function guard() line 3 at RAISE",
            "SQL statement \"INSERT INTO log SELECT f()\"\nPL/pgSQL function guard() line 4 at SQL statement",
            "PL/pgSQL-Funktion guard() Zeile 3 bei RAISE",
            "guard() PL/pgSQL 함수, 3번째 줄, RAISE",
        ] {
            let said = Said {
                context: Some(context.to_owned()),
                ..Said::default()
            };
            assert_eq!(said.function().as_deref(), Some("guard()"), "{context}");
        }
        let said = Said {
            context: Some("SQL function \"f\" statement 1".to_owned()),
            ..Said::default()
        };
        assert_eq!(said.function(), None);
    }

    #[test]
    fn a_type_is_named_as_a_whole() {
        let said = Said {
            message: "value too long for type character varying(20)".to_owned(),
            ..Said::default()
        };
        assert!(said.names_type("character varying(20)"));
        for other in ["character varying(2", "character varying", "char"] {
            assert!(!said.names_type(other), "{other}");
        }
        let said = Said {
            message: "smallint out of range".to_owned(),
            ..Said::default()
        };
        assert!(said.names_type("smallint") && !said.names_type("int"));
    }
}
