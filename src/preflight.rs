//! The preflight: whether posts can be published into the tables as they are.
//!
//! A pure comparison of the [catalog](Catalog) with the [table map](TableMap). `doctor`, `schema
//! status`, `sync --dry-run` and `sync` all show its findings, and a store refuses to publish
//! while one of them is an error. What a table asks of single posts, such as a length or the
//! labels of an enum, becomes [`Constraints`], which are checked where a file is read.

mod constraints;
mod tables;
mod values;

#[cfg(test)]
pub(crate) mod tests;

pub use self::constraints::{Constraints, FieldConstraint};
pub use self::tables::fits;
use crate::catalog::{Catalog, Server};
use crate::finding::{CheckFinding, Level};
use crate::tables::{BlogTable, TableMap};

/// Judges whether posts can be published. `has_records` is true once a sync has written to this
/// database.
pub fn judge(catalog: &Catalog, map: &TableMap, has_records: bool) -> Vec<CheckFinding> {
    let mut found = server(&catalog.server);
    if !map.is_adopted() && !has_records {
        found.extend(unmapped(catalog, map));
        return found;
    }
    found.extend(tables::judge(catalog, map));
    if found.iter().all(|finding| finding.level != Level::Error) {
        let names: Vec<String> = map.tables().map(|table| table.name().to_string()).collect();
        let message = format!("posts fit into {}", names.join(", "));
        found.push(CheckFinding::ok("tables", message));
    }
    found
}

/// Judges the server and the database as a whole.
fn server(server: &Server) -> Vec<CheckFinding> {
    let mut found = Vec::new();
    if server.is_in_recovery {
        found.push(
            CheckFinding::error(
                "writable",
                "this is a replica: nothing can be published to it",
            )
            .help("name the primary; a replica belongs to --read-database"),
        );
    } else if server.is_read_only {
        let message = "default_transaction_read_only is on: nothing can be published";
        found.push(CheckFinding::error("writable", message).help(format!(
            "ALTER ROLE {} RESET default_transaction_read_only, or where it is set else: for \
             the database, the server, or in the connection string's options",
            quoted(&server.role)
        )));
    }
    // SQL_ASCII stores every byte as it is.
    if !matches!(server.encoding.as_str(), "UTF8" | "SQL_ASCII") {
        let message = format!(
            "the database has the encoding {}, which cannot hold every text",
            server.encoding
        );
        found.push(CheckFinding::error("encoding", message).help(
            "make a database with the encoding UTF8: CREATE DATABASE name TEMPLATE template0 \
             ENCODING 'UTF8'",
        ));
    }
    found
}

/// Finds tables that blogctl did not make and that nothing maps, in a database without blogctl's
/// own: a second set of tables would appear beside those that the site reads.
fn unmapped(catalog: &Catalog, map: &TableMap) -> Vec<CheckFinding> {
    const CHECK: &str = "unmapped-table";
    let mut found = Vec::new();
    if !catalog.server.has_public {
        let message = "the database has no schema public, in which blogctl makes its tables";
        found.push(
            CheckFinding::error("schema", message)
                .help("CREATE SCHEMA public, or name your own tables in [tables] of blogctl.toml"),
        );
    }
    let same = BlogTable::ALL
        .into_iter()
        .filter_map(|table| catalog.table(map.table(table).name()))
        .map(|table| format!("{}.{}", table.schema, table.name));
    let mut names: Vec<String> = same.collect();
    let has_room = names.is_empty();
    names.extend(catalog.lookalikes.iter().cloned());
    if !names.is_empty() {
        let (tables, verb) = match names.len() {
            1 => ("the table", "looks"),
            _ => ("the tables", "look"),
        };
        let message = format!(
            "{tables} {} {verb} like a blog's, and [tables] in blogctl.toml names none",
            names.join(", ")
        );
        let mut help = "run `blogctl init` to write [tables]".to_owned();
        if has_room {
            help.push_str(", or `blogctl schema apply` to make blogctl's own tables next to them");
        }
        found.push(CheckFinding::error(CHECK, message).help(help));
    }
    found
}

/// Returns a name as SQL has it.
fn quoted(name: &str) -> String {
    let is_plain = name
        .chars()
        .all(|c| c.is_ascii_lowercase() || c == '_' || c.is_ascii_digit())
        && name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_');
    if is_plain {
        name.to_owned()
    } else {
        format!("\"{}\"", name.replace('"', "\"\""))
    }
}
