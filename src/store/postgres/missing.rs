//! Parts of the tables that are missing although the version is current, and their restoration.

use std::fmt;
use std::time::Duration;

use futures_util::future::join3;
use tokio_postgres::Error;
use tokio_postgres::types::{ToSql, Type};

use super::doctor;
use super::lock::{SET_LOCK_TIMEOUT, lock_timeout_text};
use super::table_map::resolve;
use super::template::render;
use super::{PostgresStore, SET_STATEMENT_TIMEOUT, timeout_text};
use crate::doctor::{NeededIndex, missing_indexes, needed_tables};
use crate::post::Field;
use crate::store::{Result, StoreError};

pub const OPERATION: &str = "look for missing parts of the tables";

/// Names the tables that exist. Unlike their sizes, their names can be read while one is locked.
const PRESENT: &str = "\
    SELECT n.nspname || '.' || c.relname AS name
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname || '.' || c.relname = ANY ($1)
        AND c.relkind IN ('r', 'p')";

/// The templates of the statements that fill restored tables from rows that are still there. The counts are made
/// again at once; what only the files hold is left to the next sync, which takes each post of
/// [`WRITE_AGAIN`] for changed.
const FILL: [(&str, &str); 6] = [
    (
        "table blogctl.category_count",
        "INSERT INTO blogctl.category_count (category, posts)
         SELECT p.{post.category}::text, count(*) FROM {post} p
         WHERE p.{post.category} IS NOT NULL GROUP BY 1
         ON CONFLICT DO NOTHING",
    ),
    (
        "table blogctl.tag_count",
        "INSERT INTO blogctl.tag_count (tag_id, posts)
         SELECT l.{post_tag.tag_id}, count(*) FROM {post_tag} l GROUP BY 1
         ON CONFLICT DO NOTHING",
    ),
    (
        "table blogctl.search",
        "UPDATE blogctl.source SET terms_version = 0",
    ),
    ("table blogctl.extra_value", WRITE_AGAIN),
    // The next sync writes texts that it has no record of.
    (
        "table public.post_translation",
        "DELETE FROM blogctl.translation",
    ),
    (
        "table blogctl.translation_search",
        "UPDATE blogctl.translation SET terms_version = 0",
    ),
];

/// Makes the digests of each post those of no file.
const WRITE_AGAIN: &str = "\
    UPDATE blogctl.source
    SET file_digest = decode(repeat('00', 16), 'hex'), post_digest = decode(repeat('00', 16), 'hex')";

/// Tells syncs that read the index before that it is old.
const NEXT_GENERATION: &str = "UPDATE blogctl.state SET generation = generation + 1";

/// A part of the tables that is missing.
#[derive(Clone, Debug)]
pub enum Part {
    /// A table, by its name with the schema.
    Table(&'static str),
    /// An index of a table that is there.
    Index(&'static NeededIndex),
    /// A column, a function or a default, in words.
    Other(String),
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Table(name) => write!(f, "table {name}"),
            Self::Index(index) => write!(f, "index {}", index.name),
            Self::Other(words) => f.write_str(words),
        }
    }
}

/// A failure of a statement, or of reading its answer.
pub enum Failure {
    /// The driver's error.
    Server(Error),
    /// An error that has its meaning already.
    Store(StoreError),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Server(error)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// Lists the missing parts of tables of the current version. The server locks a table only while
/// it prints the keys of its indexes, and only against changes of its columns.
///
/// # Errors
/// Whatever the server says.
pub async fn parts(store: &PostgresStore, lock_timeout: Duration) -> Result<Vec<Part>> {
    let client = store.client();
    let lock = lock_timeout_text(lock_timeout);
    let lock: [(&(dyn ToSql + Sync), Type); 1] = [(&lock, Type::TEXT)];
    let read = store.options().read_timeout;
    let statement = match read.is_zero() {
        true => read,
        false => read.saturating_add(lock_timeout),
    };
    let statement = timeout_text(statement);
    let statement: [(&(dyn ToSql + Sync), Type); 1] = [(&statement, Type::TEXT)];
    let (begun, waited, bounded) = join3(
        client.batch_execute("BEGIN READ ONLY"),
        client.query_typed(SET_LOCK_TIMEOUT, &lock),
        client.query_typed(SET_STATEMENT_TIMEOUT, &statement),
    )
    .await;
    let fail = |error| store.error(OPERATION, error);
    begun.map_err(fail)?;
    let found = match waited.and(bounded) {
        Ok(_) => look(store).await,
        Err(error) => Err(error.into()),
    };
    // A transaction that failed is rolled back by this, too.
    let ended = client.batch_execute("COMMIT").await;
    let found = found.map_err(|failure| match failure {
        Failure::Server(error) => fail(error),
        Failure::Store(error) => error,
    })?;
    ended.map_err(fail)?;
    Ok(found)
}

/// Lists the missing parts, in the caller's transaction.
async fn look(store: &PostgresStore) -> std::result::Result<Vec<Part>, Failure> {
    let client = store.client();
    let map = store.map();
    // Tables of others are never made or changed; whether they fit, the preflight says.
    let is_own = |name: &str| !map.is_adopted() || name.starts_with("blogctl.");
    let names = needed_tables(map).map(|table| table.name);
    let names: Vec<&str> = names.filter(|name| is_own(name)).collect();
    let needed = names.clone();
    let names: [(&(dyn ToSql + Sync), Type); 1] = [(&names, Type::TEXT_ARRAY)];
    let (tables, indexes, parts) = join3(
        client.query_typed(PRESENT, &names),
        client.query_typed(doctor::INDEXES_QUERY, &names),
        client.query_typed(&store.statements.missing_parts, &[]),
    )
    .await;
    let tables: Vec<String> = tables?
        .iter()
        .map(|row| doctor::get(row, "name"))
        .collect::<Result<_>>()?;
    let indexes: Vec<_> = indexes?
        .iter()
        .map(|row| doctor::index(row, map))
        .collect::<Result<_>>()?;
    let absent = needed
        .into_iter()
        .filter(|name| tables.iter().all(|table| table != name));
    let mut found: Vec<Part> = absent.map(Part::Table).collect();
    found.extend(missing_indexes(&tables, &indexes).map(Part::Index));
    for row in &parts? {
        found.push(Part::Other(doctor::get(row, "name")?));
    }
    Ok(found)
}

/// Restores what is missing, in the caller's transaction, by running the migrations again.
///
/// # Errors
/// [`StoreError::Tables`] if a part is missing that no migration adds to a table that is there.
pub async fn restore(store: &PostgresStore) -> std::result::Result<(), Failure> {
    let client = store.client();
    let missing = look(store).await?;
    if missing.is_empty() {
        // Another process restored it meanwhile.
        return Ok(());
    }
    client.batch_execute(&store.statements.schema).await?;
    let mut lasting = Vec::new();
    for part in look(store).await? {
        match part {
            // The keys of a table are made with it, and not by a statement of their own.
            Part::Index(index) => client.batch_execute(&index.create_in_transaction()).await?,
            part => lasting.push(part.to_string()),
        }
    }
    if !lasting.is_empty() {
        return Err(Failure::Store(StoreError::Tables {
            operation: "restore the tables",
            what: format!("missing: {}", lasting.join(", ")),
            help: "restore it from a backup",
            source: "no migration adds it to a table that is there".into(),
        }));
    }
    let map = store.map();
    for statement in filling(&missing) {
        let is_stored = match statement {
            _ if statement.contains("category_count") => map.stores(Field::Category),
            _ if statement.contains("tag_count") => map.stores_tags(),
            _ => true,
        };
        if is_stored {
            let statement = render(statement, &|_| false, &|name| resolve(map, name));
            client.batch_execute(&statement).await?;
        }
    }
    Ok(())
}

/// Returns the statements that fill what was restored.
fn filling(restored: &[Part]) -> Vec<&'static str> {
    let mut statements = Vec::new();
    for part in restored {
        let name = part.to_string();
        let fill = FILL.iter().find(|(restored, _)| *restored == name);
        let fill = match fill {
            Some((_, statement)) => Some(*statement),
            // An added column is empty, and leaves each row's version as it was.
            None => name.starts_with("column ").then_some(WRITE_AGAIN),
        };
        statements.extend(fill.filter(|statement| !statements.contains(statement)));
    }
    if !statements.is_empty() {
        statements.push(NEXT_GENERATION);
    }
    statements
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::locale::{Locale, Locales};
    use crate::tables::TableMap;

    #[test]
    fn every_table_that_is_filled_is_one_that_is_looked_for() {
        let mut map = TableMap::default();
        let korean = Locale::new("ko").expect("it is a locale");
        map.with_translations(Locales::new(korean, [], None));
        for (name, _) in FILL {
            let known =
                needed_tables(&map).any(|table| Part::Table(table.name).to_string() == name);
            assert!(known, "{name}");
        }
    }

    #[test]
    fn a_restored_column_is_filled_once_and_an_index_not_at_all() {
        let column = |name: &str| Part::Other(format!("column public.post.{name}"));
        let parts = [
            column("image"),
            column("slug"),
            Part::Table("blogctl.extra_value"),
        ];
        assert_eq!(filling(&parts), [WRITE_AGAIN, NEXT_GENERATION]);
        let index = Part::Index(&crate::doctor::INDEXES[0]);
        assert_eq!(filling(&[index]), [""; 0]);
    }
}
