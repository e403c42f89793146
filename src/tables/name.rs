//! Names of schemas, tables and columns.

use std::fmt;

/// The most bytes of a name: the server cuts longer ones off.
const MAX_NAME: usize = 63;

/// A valid name of a schema, a table or a column, as the database has it: without quotes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identifier(String);

/// The reason why a text is not a valid name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidName {
    /// The text is empty.
    #[error("is empty")]
    Empty,
    /// The text is longer than a name may be.
    #[error("is longer than 63 bytes")]
    TooLong,
    /// The text has a character that no name has.
    #[error("has a NUL character")]
    Nul,
    /// The text has more parts than a schema and a table.
    #[error("has more parts than a schema and a table")]
    TooManyParts,
    /// A quote does not end.
    #[error("has a quote that does not end")]
    OpenQuote,
}

impl Identifier {
    /// Makes a name of a text as the database has it, without quotes.
    ///
    /// # Errors
    /// [`InvalidName`] if no name in a database is like that.
    pub fn new(name: impl Into<String>) -> Result<Self, InvalidName> {
        let name = name.into();
        if name.is_empty() {
            Err(InvalidName::Empty)
        } else if name.len() > MAX_NAME {
            Err(InvalidName::TooLong)
        } else if name.contains('\0') {
            Err(InvalidName::Nul)
        } else {
            Ok(Self(name))
        }
    }

    /// Returns one of blogctl's own names, all of which are valid.
    pub(super) fn own(name: &'static str) -> Self {
        Self(name.to_owned())
    }

    /// Returns the name as the database has it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The name of a table and of its schema.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TableName {
    /// The schema.
    pub schema: Identifier,
    /// The table.
    pub name: Identifier,
}

impl TableName {
    pub(super) fn own(name: &'static str) -> Self {
        Self {
            schema: Identifier::own("public"),
            name: Identifier::own(name),
        }
    }

    /// Reads `table` or `schema.table`, each as it is spelled in the database. A part with a dot
    /// in it is written in double quotes, in which two quotes are one. Without a schema it is
    /// `public`.
    ///
    /// # Errors
    /// [`InvalidName`] if a part is no name, or there are more than two.
    pub fn parse(text: &str) -> Result<Self, InvalidName> {
        let mut parts = parts(text)?;
        let name = parts.pop().ok_or(InvalidName::Empty)?;
        let schema = parts.pop().unwrap_or_else(|| "public".to_owned());
        if !parts.is_empty() {
            return Err(InvalidName::TooManyParts);
        }
        Ok(Self {
            schema: Identifier::new(schema)?,
            name: Identifier::new(name)?,
        })
    }
}

/// Shows `schema.table` in a form that [`TableName::parse`] reads back.
impl fmt::Display for TableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = |name: &Identifier| {
            if name.0.contains(['.', '"']) {
                format!("\"{}\"", name.0.replace('"', "\"\""))
            } else {
                name.0.clone()
            }
        };
        write!(f, "{}.{}", part(&self.schema), part(&self.name))
    }
}

/// Splits a name at the dots outside quotes.
fn parts(text: &str) -> Result<Vec<String>, InvalidName> {
    let mut parts = vec![String::new()];
    let mut is_quoted = false;
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        // There is always a part.
        let Some(part) = parts.last_mut() else { break };
        match c {
            '"' if is_quoted && characters.peek() == Some(&'"') => {
                characters.next();
                part.push('"');
            }
            '"' if is_quoted => is_quoted = false,
            '"' if part.is_empty() => is_quoted = true,
            '.' if !is_quoted => parts.push(String::new()),
            c => part.push(c),
        }
    }
    if is_quoted {
        return Err(InvalidName::OpenQuote);
    }
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_no_database_has_are_refused() {
        assert_eq!(Identifier::new(""), Err(InvalidName::Empty));
        assert_eq!(Identifier::new("a\0b"), Err(InvalidName::Nul));
        assert_eq!(Identifier::new("가".repeat(22)), Err(InvalidName::TooLong));
        assert!(Identifier::new("가".repeat(21)).is_ok());
    }

    #[test]
    fn tables_are_read_as_they_are_spelled() {
        for (text, schema, name) in [
            ("post", "public", "post"),
            ("Post", "public", "Post"),
            ("blog.Post", "blog", "Post"),
            ("_PostToTag", "public", "_PostToTag"),
            ("my blog.my posts", "my blog", "my posts"),
            ("\"a.b\".\"say \"\"hi\"\"\"", "a.b", "say \"hi\""),
        ] {
            let read = TableName::parse(text).unwrap();
            assert_eq!((read.schema.as_str(), read.name.as_str()), (schema, name));
            assert_eq!(TableName::parse(&read.to_string()), Ok(read));
        }
    }

    #[test]
    fn what_is_no_table_is_refused() {
        for (text, reason) in [
            ("", InvalidName::Empty),
            ("blog.", InvalidName::Empty),
            (".post", InvalidName::Empty),
            ("a.b.c", InvalidName::TooManyParts),
            ("\"post", InvalidName::OpenQuote),
        ] {
            assert_eq!(TableName::parse(text), Err(reason), "{text}");
        }
    }
}
