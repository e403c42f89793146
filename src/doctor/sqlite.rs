//! Findings about a store in a SQLite file.

use super::Finding;
use super::facts::{Query, Sqlite};
use super::server::{history, lock, schema_of_file};

/// Judges a store in a SQLite file.
pub fn findings(store: &Sqlite) -> Vec<Finding> {
    let mut found = vec![file(store)];
    found.extend(permissions(&store.open_to_others));
    if store.size.is_none() {
        return found;
    }
    found.push(journal(store));
    found.push(integrity(store));
    found.extend(store.schema.map(schema_of_file));
    if !store.missing.is_empty() {
        let message = format!("missing: {}", store.missing.join(", "));
        found.push(
            Finding::error("indexes", message)
                .help("run `blogctl schema apply`, which makes what is missing"),
        );
    }
    found.extend(queries(&store.queries));
    found.extend(store.holder.as_deref().map(lock));
    found.push(history(store.last_run.as_ref()));
    found
}

fn file(store: &Sqlite) -> Finding {
    const CHECK: &str = "file";
    if let Some(why) = &store.unwritable {
        return Finding::error(CHECK, format!("cannot be written to: {why}")).help(
            "the file and its folder must be writable; correct their permissions, or name another \
             file with `--database sqlite:PATH`",
        );
    }
    match store.size {
        Some(size) => Finding::ok(CHECK, format!("{}, writable", bytes(size))),
        None => Finding::hint(CHECK, "not there yet: the first sync makes it"),
    }
}

/// Makes a finding of files that others may write to: they can change what readers see.
fn permissions(open: &[String]) -> Option<Finding> {
    (!open.is_empty()).then(|| {
        Finding::warning(
            "permissions",
            format!("others may write to {}", open.join(", ")),
        )
        .help("take the right away with `chmod go-w`, unless they are to publish there, too")
    })
}

fn journal(store: &Sqlite) -> Finding {
    const CHECK: &str = "journal";
    let version = &store.version;
    match store.journal.as_deref() {
        Some("wal") => Finding::ok(
            CHECK,
            format!("wal, SQLite {version}: readers go on during a sync"),
        ),
        Some(mode) => Finding::hint(
            CHECK,
            format!("{mode}, SQLite {version}: readers wait while a sync writes"),
        ),
        None => Finding::hint(CHECK, format!("unknown, SQLite {version}")),
    }
}

fn integrity(store: &Sqlite) -> Finding {
    const CHECK: &str = "integrity";
    match &store.damage[..] {
        [] if store.is_check_cut => {
            Finding::hint(CHECK, "nothing wrong as far as a few seconds went")
        }
        [] => Finding::ok(CHECK, "nothing wrong"),
        [first, others @ ..] => {
            let more = match others.len() {
                0 => String::new(),
                more => format!(" (and {more} more)"),
            };
            Finding::error(CHECK, format!("the database is damaged: {first}{more}")).help(
                "restore it from a backup, or move it away and run `blogctl sync`, which builds \
                 it again from the files",
            )
        }
    }
}

fn queries(queries: &[Query]) -> Vec<Finding> {
    const CHECK: &str = "queries";
    let mut found = Vec::new();
    for query in queries {
        if let Some(refusal) = &query.refusal {
            found.push(Finding::error(
                CHECK,
                format!("{} cannot be run: {refusal}", query.name),
            ));
        } else if !query.scans.is_empty() {
            let message = format!("{} reads all of {}", query.name, query.scans.join(", "));
            found.push(Finding::warning(CHECK, message));
        }
    }
    if found.is_empty() && !queries.is_empty() {
        let message = format!(
            "all {} of the readers are answered by an index",
            queries.len()
        );
        found.push(Finding::ok(CHECK, message));
    }
    found
}

/// Formats a size for people: `12 KiB`, `1.5 MiB`.
fn bytes(size: u64) -> String {
    const KIB: f64 = 1024.0;
    let size = size as f64;
    if size < KIB {
        format!("{size} bytes")
    } else if size < KIB * KIB {
        format!("{:.0} KiB", size / KIB)
    } else {
        format!("{:.1} MiB", size / KIB / KIB)
    }
}
