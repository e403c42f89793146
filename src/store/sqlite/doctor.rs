//! Facts about a SQLite file for `doctor`.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode};

use super::error::failed;
use super::{SCHEMA, SqliteStore, files, list, lock, rows, schema, statements};
use crate::doctor::facts::{Query, Sqlite};
use crate::index::Generation;
use crate::model::{SCHEMA_VERSION, SchemaState};
use crate::page::{Limit, Position};
use crate::store::Result;

const OPERATION: &str = "examine the store";
/// The time limit for the check of the file.
const CHECK_PATIENCE: Duration = Duration::from_secs(5);

/// The statements of the readers, by command. Each names the index that it uses, and SQLite
/// refuses it if that is missing.
fn reading(has_locales: bool) -> [(&'static str, &'static str); 9] {
    let pick = |plain: &'static statements::Statement,
                in_locale: &'static statements::Statement| {
        let statement: &'static str = if has_locales { in_locale } else { plain };
        statement
    };
    [
        ("list", pick(&statements::BY_ID, &statements::BY_LOCALE)),
        (
            "list --category",
            pick(&statements::BY_CATEGORY, &statements::BY_CATEGORY_IN_LOCALE),
        ),
        (
            "list --tag",
            pick(&statements::BY_TAG, &statements::BY_TAG_IN_LOCALE),
        ),
        (
            "list --where",
            pick(&statements::BY_EXTRA, &statements::BY_EXTRA_IN_LOCALE),
        ),
        ("list --since", list::NEWEST_BLOCK),
        ("list --until", list::OLDEST_BLOCK),
        ("show", pick(&statements::SHOW, &statements::SHOW_IN_LOCALE)),
        (
            "show --slug",
            pick(&statements::SHOW_SLUG, &statements::SHOW_SLUG_IN_LOCALE),
        ),
        (
            "search",
            pick(&statements::FOUND, &statements::FOUND_IN_LOCALE),
        ),
    ]
}

/// The tables that must not be scanned in full, by their names in the statements.
const TABLES: [(&str, &str); 11] = [
    ("p", "post"),
    ("post", "post"),
    ("pt", "post_tag"),
    ("post_tag", "post_tag"),
    ("t", "tag"),
    ("tag", "tag"),
    ("s", "blogctl_source"),
    ("blogctl_source", "blogctl_source"),
    ("has", "blogctl_extra_value"),
    ("tr", "post_translation"),
    ("post_translation", "post_translation"),
];

/// Collects the facts about the file. Writes nothing.
///
/// # Errors
/// If the file cannot be read.
pub(super) fn examine(store: &mut SqliteStore) -> Result<Sqlite> {
    store.bounded(collect)
}

fn collect(store: &mut SqliteStore) -> Result<Sqlite> {
    let path = store.path.clone();
    let (own, clock, limit) = (
        store.own_folder,
        store.clock.clone(),
        store.options.read_timeout,
    );
    let has_locales = store.locale.is_some();
    let mut facts = Sqlite {
        size: fs::metadata(&path).ok().map(|metadata| metadata.len()),
        unwritable: unwritable(&path).err().map(|error| error.to_string()),
        open_to_others: files::open_to_others(&path),
        journal: None,
        damage: Vec::new(),
        is_check_cut: false,
        version: rusqlite::version().to_owned(),
        schema: None,
        missing: Vec::new(),
        queries: Vec::new(),
        holder: lock::current_holder(&path),
        last_run: None,
        path,
    };
    let Some(connection) = store.connected()? else {
        return Ok(facts);
    };
    let state = schema::state(connection, own)?;
    let journal = connection.query_row("PRAGMA journal_mode", [], |row| row.get(0));
    facts.journal = Some(journal.map_err(failed(connection, OPERATION))?);
    // The check has a bound of its own.
    clock.start(Duration::ZERO);
    (facts.damage, facts.is_check_cut) =
        check(connection).map_err(failed(connection, OPERATION))?;
    clock.start(limit);
    facts.schema = Some(state);
    if state == SchemaState::Version(SCHEMA_VERSION) {
        facts.missing = missing(connection).map_err(failed(connection, OPERATION))?;
        facts.queries = reading(has_locales)
            .iter()
            .map(|(name, statement)| explain(connection, name, statement))
            .collect();
        let newest = Position {
            cursor: None,
            limit: Limit::DEFAULT,
        };
        let runs = rows::runs(connection, newest).map_err(failed(connection, OPERATION))?;
        facts.last_run = runs.items.into_iter().next();
    }
    Ok(facts)
}

/// Reads the number of syncs that the tables have seen; `None` where there are no tables.
///
/// # Errors
/// If the file cannot be read.
pub(super) fn generation(store: &mut SqliteStore) -> Result<Option<i64>> {
    let own = store.own_folder;
    store.bounded(|store| {
        let Some(connection) = store.connected()? else {
            return Ok(None);
        };
        match schema::state(connection, own)? {
            SchemaState::Version(SCHEMA_VERSION) => {
                let Generation(generation) = schema::generation(connection)?;
                Ok(Some(generation))
            }
            _ => Ok(None),
        }
    })
}

/// Returns whether the file, or the folder that it would be in, may be written to. Neither is, nor is
/// the file opened: closing it would take away the locks that SQLite has on it.
fn unwritable(path: &Path) -> io::Result<()> {
    match may_write(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    match path.ancestors().skip(1).find(|folder| folder.exists()) {
        Some(folder) => may_write(folder)
            .map_err(|error| io::Error::new(error.kind(), format!("its folder: {error}"))),
        None => Ok(()),
    }
}

#[cfg(unix)]
fn may_write(path: &Path) -> io::Result<()> {
    use std::os::unix::ffi::OsStrExt as _;
    let name = std::ffi::CString::new(path.as_os_str().as_bytes())?;
    // SAFETY: `name` ends with a null byte and lives until the call returns, which only reads it.
    let answer =
        unsafe { libc::faccessat(libc::AT_FDCWD, name.as_ptr(), libc::W_OK, libc::AT_EACCESS) };
    match answer {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

#[cfg(not(unix))]
fn may_write(path: &Path) -> io::Result<()> {
    match fs::metadata(path)?.permissions().readonly() {
        true => Err(io::ErrorKind::PermissionDenied.into()),
        false => Ok(()),
    }
}

/// Looks for damage; returns what was found, and whether the time was up before the end.
fn check(connection: &Connection) -> rusqlite::Result<(Vec<String>, bool)> {
    let handle = connection.get_interrupt_handle();
    let (done, is_done) = mpsc::channel::<()>();
    let watch = thread::spawn(move || {
        if is_done.recv_timeout(CHECK_PATIENCE) == Err(RecvTimeoutError::Timeout) {
            handle.interrupt();
        }
    });
    let found = connection
        .prepare("PRAGMA quick_check(10)")
        .and_then(|mut statement| {
            let lines = statement.query_map([], |row| row.get::<_, String>(0))?;
            lines.collect::<rusqlite::Result<Vec<_>>>()
        });
    drop(done);
    // It has nothing left to do, and does not panic.
    let _ = watch.join();
    match found {
        Ok(lines) => Ok((
            lines.into_iter().filter(|line| line != "ok").collect(),
            false,
        )),
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::OperationInterrupted) => {
            Ok((Vec::new(), true))
        }
        Err(error) => Err(error),
    }
}

/// Lists the tables, indexes and triggers of the schema that a store lacks.
///
/// # Errors
/// If the file cannot be read.
pub(super) fn missing_parts(store: &mut SqliteStore) -> Result<Vec<String>> {
    store.bounded(|store| match store.connected()? {
        None => Ok(Vec::new()),
        Some(connection) => missing(connection).map_err(failed(connection, OPERATION)),
    })
}

/// Lists the indexes and triggers of the schema that are missing.
fn missing(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut statement =
        connection.prepare("SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = ?1)")?;
    let mut missing = Vec::new();
    for name in made_by(SCHEMA) {
        if !statement.query_row([name], |row| row.get::<_, bool>(0))? {
            missing.push(name.to_owned());
        }
    }
    Ok(missing)
}

/// Lists the tables, indexes and triggers that statements create.
fn made_by(schema: &str) -> impl Iterator<Item = &str> {
    schema
        .split("IF NOT EXISTS ")
        .skip(1)
        .filter_map(|rest| rest.split([' ', '(', '\n']).next())
}

fn explain(connection: &Connection, name: &'static str, statement: &str) -> Query {
    let mut query = Query {
        name,
        scans: Vec::new(),
        indexes: Vec::new(),
        expected: &[],
        refusal: None,
    };
    match steps(connection, statement) {
        Ok(steps) => query.scans = steps.iter().filter_map(|step| scanned(step)).collect(),
        Err(error) => query.refusal = Some(error.to_string()),
    }
    query
}

/// Returns the steps of a statement's plan as SQLite prints them.
fn steps(connection: &Connection, statement: &str) -> rusqlite::Result<Vec<String>> {
    let mut explained = connection.prepare(&format!("EXPLAIN QUERY PLAN {statement}"))?;
    let mut rows = explained.raw_query();
    let mut steps = Vec::new();
    while let Some(row) = rows.next()? {
        steps.push(row.get("detail")?);
    }
    Ok(steps)
}

/// Returns the table that a step scans in full, even if it does so in the order of an index.
fn scanned(step: &str) -> Option<String> {
    let mut words = step.strip_prefix("SCAN ")?.split(' ');
    let alias = words.next()?;
    let table = TABLES.iter().find(|(name, _)| *name == alias);
    table.map(|(_, table)| (*table).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store;

    fn store() -> (tempfile::TempDir, SqliteStore) {
        let folder = tempfile::tempdir().unwrap();
        let mut store = SqliteStore::open(&folder.path().join("content.db")).unwrap();
        store.apply_schema(Duration::ZERO).unwrap();
        (folder, store)
    }

    fn execute(store: &mut SqliteStore, sql: &str) {
        let connection = store.connected().unwrap().unwrap();
        connection.execute_batch(sql).unwrap();
    }

    #[test]
    fn a_new_store_lacks_nothing_and_is_read_by_index() {
        let (_folder, mut store) = store();
        let facts = examine(&mut store).unwrap();
        assert_eq!(facts.missing, [""; 0]);
        assert_eq!(facts.damage, [""; 0]);
        assert_eq!(facts.unwritable, None);
        assert_eq!(facts.journal.as_deref(), Some("wal"));
        assert_eq!(facts.holder, None);
        assert_eq!(facts.queries.len(), reading(false).len());
        for query in &facts.queries {
            assert!(
                query.scans.is_empty() && query.refusal.is_none(),
                "{query:?}"
            );
        }
    }

    #[test]
    fn what_was_dropped_is_missing_and_who_relies_on_it_is_refused() {
        let (_folder, mut store) = store();
        execute(
            &mut store,
            "DROP INDEX post_category_id_idx; DROP TRIGGER blogctl_tag_renamed",
        );
        let facts = examine(&mut store).unwrap();
        assert_eq!(
            facts.missing,
            ["post_category_id_idx", "blogctl_tag_renamed"]
        );
        let refused: Vec<_> = facts
            .queries
            .iter()
            .filter_map(|query| query.refusal.as_ref().map(|_| query.name))
            .collect();
        assert_eq!(refused, ["list --category"]);
    }

    #[test]
    fn a_table_that_is_read_from_end_to_end_is_named() {
        let (_folder, mut store) = store();
        let connection = store.connected().unwrap().unwrap();
        let query = explain(
            connection,
            "x",
            "SELECT * FROM post AS p WHERE p.title = 'a'",
        );
        assert_eq!(query.scans, ["post"]);
        let query = explain(connection, "x", "SELECT * FROM post AS p WHERE p.id = 1");
        assert_eq!(query.scans, [""; 0]);
    }

    #[test]
    fn damage_is_found() {
        let (folder, mut store) = store();
        execute(&mut store, "PRAGMA wal_checkpoint(TRUNCATE)");
        drop(store);
        let path = folder.path().join("content.db");
        let mut bytes = fs::read(&path).unwrap();
        // Beyond the first pages, which the schema is read from.
        let half = bytes.len() / 2;
        bytes[half..].fill(0x5a);
        fs::write(&path, bytes).unwrap();
        let examined = SqliteStore::open(&path).and_then(|mut store| examine(&mut store));
        match examined {
            Ok(facts) => assert_ne!(facts.damage, [""; 0]),
            // So much of it that the file is not taken for a database any more.
            Err(error) => assert!(error.to_string().starts_with("cannot "), "{error}"),
        }
    }

    #[test]
    fn a_store_that_is_not_there_is_not_made() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("content.db");
        let facts = examine(&mut SqliteStore::open(&path).unwrap()).unwrap();
        assert_eq!((facts.size, facts.schema), (None, None));
        assert!(!path.exists());
    }
}
