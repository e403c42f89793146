//! The differences between files and rows, for programs.

use std::io::{self, Write};

use serde::{Serialize, Serializer};

use super::Sum;
use crate::clean::json;
use crate::diff::{FieldDiff, PostDiff, Unified};
use crate::finding::Finding;
use crate::locale::Locale;
use crate::output::fields::JsonValue;
use crate::output::findings::json::FindingJson;
use crate::post::{SourcePath, Value};

/// A writer of differences for programs: one JSON object with a post per line.
pub struct Json<W> {
    out: W,
    any: bool,
}

impl<W: Write> Json<W> {
    /// Creates a writer to `out`, and begins the object.
    ///
    /// # Errors
    /// Any error of the stream.
    pub fn begin(mut out: W) -> io::Result<Self> {
        writeln!(out, "{{\"posts\":[")?;
        Ok(Self { out, any: false })
    }

    /// Writes the differences of one post.
    ///
    /// # Errors
    /// Any error of the stream.
    pub fn post(&mut self, post: &PostDiff<'_>) -> io::Result<()> {
        if self.any {
            self.out.write_all(b",\n")?;
        }
        self.any = true;
        json::write_value(&mut self.out, &PostJson::from(post))
    }

    /// Writes the rest of the object, and flushes.
    ///
    /// # Errors
    /// Any error of the stream.
    pub fn end(&mut self, sum: Sum, findings: &[Finding]) -> io::Result<()> {
        if self.any {
            self.out.write_all(b"\n")?;
        }
        let Sum {
            different,
            only_in_files,
            only_in_database,
            equal,
        } = sum;
        let findings: Vec<_> = findings.iter().map(FindingJson::from).collect();
        let findings = json::text(&findings);
        write!(
            self.out,
            r#"],"different":{different},"only_in_files":{only_in_files},"#
        )?;
        writeln!(
            self.out,
            r#""only_in_database":{only_in_database},"equal":{equal},"findings":{findings}}}"#
        )?;
        self.out.flush()
    }
}

#[derive(Serialize)]
struct PostJson<'a> {
    id: i32,
    #[serde(skip_serializing_if = "Option::is_none")]
    locale: Option<&'a str>,
    path: Option<&'a str>,
    from: Option<&'a str>,
    state: &'a str,
    fields: Vec<FieldJson<'a>>,
    tags: TagsJson<'a>,
    #[serde(serialize_with = "unified")]
    content: Option<Unified<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unreadable: Vec<&'a str>,
}

#[derive(Serialize)]
struct FieldJson<'a> {
    field: &'a str,
    #[serde(serialize_with = "value")]
    file: Option<Value<'a>>,
    #[serde(serialize_with = "value")]
    row: Option<Value<'a>>,
}

#[derive(Serialize)]
struct TagsJson<'a> {
    added: &'a [&'a str],
    removed: &'a [&'a str],
}

fn value<S: Serializer>(value: &Option<Value<'_>>, serializer: S) -> Result<S::Ok, S::Error> {
    value.map(JsonValue).serialize(serializer)
}

fn unified<S: Serializer>(unified: &Option<Unified<'_>>, serializer: S) -> Result<S::Ok, S::Error> {
    match unified {
        Some(unified) => serializer.collect_str(unified),
        None => serializer.serialize_none(),
    }
}

impl<'a> From<&'a PostDiff<'_>> for PostJson<'a> {
    fn from(post: &'a PostDiff<'_>) -> Self {
        let field = |one: &FieldDiff<'a>| FieldJson {
            field: one.field.name(),
            file: one.file,
            row: one.row,
        };
        Self {
            id: post.pair.id.get(),
            locale: post.pair.locale.as_ref().map(Locale::as_str),
            path: post.path().map(SourcePath::as_str),
            from: post.pair.from.as_ref().map(|from| from.as_str()),
            state: post.pair.state(),
            fields: post.fields.iter().map(field).collect(),
            tags: TagsJson {
                added: &post.tags.added,
                removed: &post.tags.removed,
            },
            content: (!post.body.is_empty()).then_some(Unified {
                hunks: &post.body,
                keeps_returns: false,
            }),
            unreadable: post.unreadable.iter().map(|one| one.column).collect(),
        }
    }
}
