//! Facts about a Postgres server for `doctor`.

mod certificate;
mod names;
mod queries;

use std::time::{Duration, Instant};

use futures_util::future::{join, join4, join5};
use tokio_postgres::Row;
use tokio_postgres::types::{FromSql, ToSql, Type};

use super::catalog;
use super::connect::{AnswerLimit, ConnectionInfo, Peer};
use super::decode::{self, Array};
use super::waiting::Bound;
use super::{PostgresStore, SET_STATEMENT_TIMEOUT, lock, read, schema, timeout_text};
use crate::doctor::facts::{
    self, CreatePrivileges, Index, LockedSequence, Route, Server, Table, Tls,
};
use crate::doctor::needed_tables;
use crate::model::{SCHEMA_VERSION, SchemaState};
use crate::page::{Limit, Position};
use crate::post::Field;
use crate::store::{Result, StoreError};
use crate::tables::{BlogTable, TableMap};

const OPERATION: &str = "examine the database";
/// The number of statements that may each use up the time limit.
const STATEMENTS: u32 = 7;
/// The number of round trips that are measured.
const ROUND_TRIPS: usize = 5;

/// Reads the indexes of the tables.
pub(super) const INDEXES_QUERY: &str = include_str!("doctor/indexes.sql");

/// Reads how far a server has replayed its primary's log.
const REPLAYED: &str = "\
    SELECT pg_is_in_recovery() AS in_recovery,
        extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp())::float8 AS lag";
const GENERATION: &str = "SELECT generation FROM blogctl.state";

/// Collects the facts about the server and the connection. Writes nothing.
///
/// # Errors
/// Whatever the server says to questions that every role may ask.
pub(super) fn examine(store: &PostgresStore) -> Result<facts::Postgres> {
    store
        .wait(OPERATION, bound(store), collect(store))
        .flatten()
}

/// Reads how far a replica is behind; the primary's part is left out.
///
/// # Errors
/// Whatever the server says.
pub(super) fn replica_state(store: &PostgresStore) -> Result<facts::ReplicaState> {
    store
        .wait(OPERATION, bound(store), replica(store))
        .flatten()
}

/// Returns the bound of a whole examination.
fn bound(store: &PostgresStore) -> Bound {
    Bound::of(store.options().read_timeout, AnswerLimit::EXAMINATION).times(STATEMENTS)
}

async fn collect(store: &PostgresStore) -> Result<facts::Postgres> {
    let round_trip = round_trip(store).await?;
    let catalog = catalog(store).await?;
    let schema = match schema::state(store).await {
        Ok(state) => Some(state),
        // A role that may not look. What it lacks shows in its permissions.
        Err(StoreError::Failed { .. }) => None,
        Err(error) => return Err(error),
    };
    let is_current = schema == Some(SchemaState::Version(SCHEMA_VERSION));
    // A label, where the column is an enum: the server refuses any other text.
    let category = catalog
        .described
        .table(store.map().table(BlogTable::Post).name())
        .and_then(|table| table.column(store.map().column(Field::Category)?.as_str()))
        .and_then(|column| column.labels.first().cloned())
        .unwrap_or_else(|| "a category".to_owned());
    let (queries, last_run) = if is_current {
        let newest = Position {
            cursor: None,
            limit: Limit::DEFAULT,
        };
        let (queries, runs) = join(
            queries::explain(store, &category),
            read::history(store, newest),
        )
        .await;
        // Who may not read the history may still publish.
        let runs = runs.ok().into_iter().flat_map(|page| page.items);
        (queries?, runs.max_by_key(|run| run.id))
    } else {
        (Vec::new(), None)
    };
    let holder = lock::holder(store).await;
    let process: i32 = catalog.process;
    let certificate = store.connector.certificate(store.session()).await;
    Ok(facts::Postgres {
        link: link(&store.session().link, process, certificate.as_deref()),
        round_trip,
        server: catalog.server,
        connect_timeout: store.connector.timeout(),
        read_timeout: store.options().read_timeout,
        write_timeout: store.options().write_timeout,
        schema,
        tables: catalog.tables,
        catalog: catalog.described,
        map: store.map().clone(),
        // Tables of another version lack what its migrations add.
        missing_parts: if is_current {
            catalog.missing_parts
        } else {
            Vec::new()
        },
        indexes: catalog.indexes,
        locked_sequences: catalog.locked_sequences,
        create_privileges: catalog.create_privileges,
        queries,
        holder: holder.map_err(|error| store.error(OPERATION, error))?,
        last_run,
    })
}

/// Measures the median time of a few round trips.
async fn round_trip(store: &PostgresStore) -> Result<Duration> {
    let mut took = [Duration::ZERO; ROUND_TRIPS];
    for took in &mut took {
        let begun = Instant::now();
        let answered = store.client().simple_query("SELECT 1").await;
        answered.map_err(|error| store.error(OPERATION, error))?;
        *took = begun.elapsed();
    }
    took.sort_unstable();
    Ok(took[ROUND_TRIPS / 2])
}

/// Facts from the catalogs.
struct Catalog {
    server: Server,
    process: i32,
    create_privileges: CreatePrivileges,
    tables: Vec<Table>,
    indexes: Vec<Index>,
    described: crate::catalog::Catalog,
    missing_parts: Vec<String>,
    locked_sequences: Vec<LockedSequence>,
}

async fn catalog(store: &PostgresStore) -> Result<Catalog> {
    let client = store.client();
    let timeout = timeout_text(store.options().read_timeout);
    let timeout: [(&(dyn ToSql + Sync), Type); 1] = [(&timeout, Type::TEXT)];
    let map = store.map();
    let names = needed_tables(map).map(|table| names::found(map, table.name));
    let names: Vec<String> = names.collect();
    let names: [(&(dyn ToSql + Sync), Type); 1] = [(&names, Type::TEXT_ARRAY)];
    let ((begun, bounded), server, tables, indexes, (described, parts, sequences, ended)) = join5(
        join(
            client.batch_execute("BEGIN READ ONLY"),
            client.query_typed(SET_STATEMENT_TIMEOUT, &timeout),
        ),
        client.query_typed(include_str!("doctor/server.sql"), &[]),
        client.query_typed(include_str!("doctor/tables.sql"), &names),
        client.query_typed(INDEXES_QUERY, &names),
        join4(
            catalog::ask(client, store.map()),
            client.query_typed(&store.statements.missing_parts, &[]),
            client.query_typed(&store.statements.locked_sequences, &[]),
            client.batch_execute("COMMIT"),
        ),
    )
    .await;
    let fail = |error| store.error(OPERATION, error);
    begun.map_err(fail)?;
    bounded.map_err(fail)?;
    let server = server.map_err(fail)?;
    let server = server
        .first()
        .ok_or_else(|| StoreError::failed(OPERATION)("the server answers no row"))?;
    let catalog = Catalog {
        process: get(server, "process")?,
        create_privileges: CreatePrivileges {
            schema: get(server, "may_make_schema")?,
            public: get(server, "may_make_in_public")?,
        },
        server: Server {
            version: get(server, "version")?,
            version_number: get(server, "version_number")?,
            is_in_recovery: get(server, "in_recovery")?,
            is_read_only: get(server, "read_only")?,
            user: get(server, "role")?,
        },
        tables: tables
            .map_err(fail)?
            .iter()
            .map(|row| table(row, map))
            .collect::<Result<_>>()?,
        indexes: indexes
            .map_err(fail)?
            .iter()
            .map(|row| index(row, map))
            .collect::<Result<_>>()?,
        described: catalog::read(&described.map_err(fail)?)?,
        missing_parts: parts
            .map_err(fail)?
            .iter()
            .map(|row| get(row, "name"))
            .collect::<Result<_>>()?,
        locked_sequences: sequences
            .map_err(fail)?
            .iter()
            .map(sequence)
            .collect::<Result<_>>()?,
    };
    ended.map_err(fail)?;
    Ok(catalog)
}

fn table(row: &Row, map: &TableMap) -> Result<Table> {
    Ok(Table {
        name: names::own(map, get(row, "name")?),
        granted: get::<Array<String>>(row, "granted")?.0,
        is_owned: get(row, "owned")?,
        has_policies: get(row, "policies")?,
        bytes: get(row, "bytes")?,
    })
}

/// Reads an index. Its table and its keys have the names of blogctl's own.
pub(super) fn index(row: &Row, map: &TableMap) -> Result<Index> {
    let table = names::own(map, get(row, "table_name")?);
    let Array::<String>(keys) = get(row, "keys")?;
    let keys = keys.iter().map(|key| names::own_key(map, &table, key));
    Ok(Index {
        name: get(row, "name")?,
        keys: keys.collect(),
        table,
        method: get(row, "method")?,
        is_unique: get(row, "is_unique")?,
        is_valid: get(row, "is_valid")?,
        is_partial: get(row, "is_partial")?,
    })
}

fn sequence(row: &Row) -> Result<LockedSequence> {
    Ok(LockedSequence {
        name: get(row, "name")?,
        is_advanced: get(row, "is_advanced")?,
    })
}

/// Reads a column of an answer. It fails rather than panics, since the catalogs may change while
/// they are read.
pub(super) fn get<'r, T: FromSql<'r>>(row: &'r Row, column: &str) -> Result<T> {
    decode::value(row, column)
        .map_err(|words| StoreError::failed(OPERATION)(format!("{column} {words}")))
}

/// Returns the facts about a connection; `process` is the process number that the server reports.
fn link(link: &ConnectionInfo, process: i32, certificate: Option<&[u8]>) -> facts::Link {
    let (peer, is_local) = match &link.peer {
        Peer::Address(address) => (address.to_string(), address.ip().is_loopback()),
        #[cfg(unix)]
        Peer::Socket(path) => (path.display().to_string(), true),
    };
    let label = link.host.as_deref().and_then(|host| host.split('.').next());
    let route = if label.is_some_and(|label| label.ends_with("-pooler")) {
        Route::Pooler
    } else if link.startup.process().is_some_and(|told| told != process) {
        Route::Proxied
    } else {
        Route::Direct
    };
    let hello = link.startup.hello();
    facts::Link {
        peer,
        host: link.host.clone(),
        is_local,
        attempts: link.attempts,
        resolve: link.phases.resolve,
        reach: link.phases.reach,
        login: link.phases.login,
        tls: link.phases.tls.map(|took| Tls {
            took,
            version: hello.map(|hello| hello.version_name()),
            cipher: hello.map(|hello| hello.cipher_name()),
            certificate: certificate.and_then(certificate::read),
            is_channel_bound: link.startup.is_channel_bound(),
        }),
        route,
    }
}

async fn replica(store: &PostgresStore) -> Result<facts::ReplicaState> {
    let rows = store.client().query_typed(REPLAYED, &[]).await;
    let rows = rows.map_err(|error| store.error(OPERATION, error))?;
    let row = rows
        .first()
        .ok_or_else(|| StoreError::failed(OPERATION)("the server answers no row"))?;
    let seconds: Option<f64> = get(row, "lag")?;
    Ok(facts::ReplicaState {
        is_in_recovery: Some(get(row, "in_recovery")?),
        lag: seconds.map(|seconds| Duration::from_secs_f64(seconds.clamp(0.0, 1e9))),
        generation: generation(store).await?,
        primary_generation: None,
    })
}

async fn generation(store: &PostgresStore) -> Result<Option<i64>> {
    let rows = store.client().query_typed(GENERATION, &[]).await;
    match rows.map_err(|error| store.error(OPERATION, error)) {
        Ok(rows) => rows.first().map(|row| get(row, "generation")).transpose(),
        Err(StoreError::SchemaAbsent { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use crate::store::postgres::schema;
    use crate::tables::TableMap;

    #[test]
    fn the_columns_that_are_looked_at_are_those_that_the_schema_refuses() {
        let map = TableMap::default();
        let looked_at: BTreeSet<String> = crate::store::postgres::table_map::needed_columns(&map)
            .split("), (")
            .map(|row| row.trim_matches(['(', ')']).replace("'public', ", ""))
            .collect();
        let mut refused = BTreeSet::new();
        for part in schema(&map).split("(VALUES").skip(1) {
            let (values, _) = part.split_once(") AS n").unwrap();
            let rows = values.split('(').skip(1);
            refused.extend(rows.map(|row| row.split(')').next().unwrap().to_owned()));
        }
        assert_eq!(looked_at, refused);
    }

    #[test]
    fn what_makes_an_index_is_what_the_schema_says() {
        let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let mut map = TableMap::default();
        let korean = crate::locale::Locale::new("ko").unwrap();
        map.with_translations(crate::locale::Locales::new(korean, [], None));
        let schema = plain(&schema(&map));
        for index in crate::doctor::INDEXES {
            if let Some(made) = index.create.strip_prefix("CREATE INDEX CONCURRENTLY ") {
                let made = format!("CREATE INDEX IF NOT EXISTS {};", plain(made));
                assert!(schema.contains(&made), "{made}");
            }
        }
        for table in crate::doctor::needed_tables(&map) {
            let made = format!("CREATE TABLE IF NOT EXISTS {} (", table.name);
            assert!(schema.contains(&made), "{made}");
        }
    }
}
