//! Posts in Postgres, through whatever pooler stands before it.
//!
//! Every statement is sent unnamed with its types (`query_typed`), because a pooler may give
//! each transaction another server connection, where no prepared statement is known; every
//! setting is local to a transaction, for the same reason.

mod connect;
mod index;
mod list;
mod lock;
mod pipeline;
mod read;
mod schema;
mod search;
pub mod settings;
mod sync;

use std::time::Duration;

use tokio::runtime::Runtime;
use tokio_postgres::Client;
use tokio_postgres::error::SqlState;

use self::settings::{Note, Settings, Surroundings};
use super::{
    Begin, Candidate, Reader, Result, Run, SCHEMA_VERSION, SchemaState, SearchRequest, Store,
    StoreError, SyncTransaction, Tally,
};
use crate::index::Index;
use crate::page::{Filter, Page, Position};
use crate::post::{PostId, StoredPost};

/// The tables, as `blogctl schema print` shows them.
pub const SCHEMA: &str = include_str!("../../../schema.sql");

/// How to connect, beside what the connection string says.
#[derive(Clone, Debug, Default)]
pub struct ConnectOptions {
    /// Whether `sslmode=disable` is granted for a host that is not this machine.
    pub allow_plaintext: bool,
    /// Who runs this, for others who look at the server.
    pub actor: String,
}

/// A connection to Postgres, and the runtime that drives it.
pub struct PostgresStore {
    client: Client,
    location: String,
    /// Rows whose `xmin` is not the one kept for them although nobody edited them: the
    /// database was restored from a dump, say. The next sync that writes mends them.
    stale_versions: bool,
    /// Dropped last, after the client that it drives.
    runtime: Runtime,
}

impl PostgresStore {
    /// Connects, over TLS with everything verified unless the host is this machine. Returns
    /// beside the store what there is to say about how the string was read.
    ///
    /// # Errors
    /// [`StoreError::Target`] if the string cannot be used, [`StoreError::Unreachable`] if
    /// no connection could be made.
    pub fn connect(connection: &str, options: &ConnectOptions) -> Result<(Self, Vec<Note>)> {
        let surroundings = Surroundings::of_this_process();
        let settings = Settings::parse(connection, &surroundings, options.allow_plaintext)?;
        let location = connect::location(&settings.config);
        let notes = settings.notes.clone();
        // One worker drives the connection while this thread reads files.
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .map_err(StoreError::failed("start the runtime"))?;
        let client = runtime.block_on(connect::connect(settings, &options.actor))?;
        let store = Self {
            client,
            location,
            stale_versions: false,
            runtime,
        };
        Ok((store, notes))
    }

    /// Gives an error of the driver its meaning.
    fn error(&self, operation: &'static str, error: tokio_postgres::Error) -> StoreError {
        if is_schema_absent(&error) {
            return StoreError::SchemaAbsent {
                location: self.location.clone(),
            };
        }
        StoreError::failed(operation)(error)
    }

    /// Refuses tables of another version.
    fn check_version(&self, found: i32) -> Result<()> {
        if found == SCHEMA_VERSION {
            return Ok(());
        }
        Err(StoreError::SchemaVersion {
            location: self.location.clone(),
            found,
        })
    }
}

/// Whether a statement failed because blogctl's tables are not there.
fn is_schema_absent(error: &tokio_postgres::Error) -> bool {
    [&SqlState::UNDEFINED_TABLE, &SqlState::INVALID_SCHEMA_NAME]
        .into_iter()
        .any(|state| error.code() == Some(state))
}

impl Reader for PostgresStore {
    fn location(&self) -> String {
        self.location.clone()
    }

    fn list(&mut self, filter: &Filter, position: Position) -> Result<Page<StoredPost>> {
        self.runtime.block_on(list::list(self, filter, position))
    }

    fn show(&mut self, id: PostId) -> Result<Option<(StoredPost, String)>> {
        self.runtime.block_on(read::show(self, id))
    }

    fn search(&mut self, request: &SearchRequest) -> Result<Vec<Candidate>> {
        self.runtime.block_on(search::search(self, request))
    }

    fn bodies(&mut self, ids: &[PostId]) -> Result<Vec<(PostId, String)>> {
        self.runtime.block_on(search::bodies(self, ids))
    }

    fn categories(&mut self) -> Result<Vec<Tally>> {
        self.runtime.block_on(read::categories(self))
    }

    fn tags(&mut self) -> Result<Vec<Tally>> {
        self.runtime.block_on(read::tags(self))
    }
}

impl Store for PostgresStore {
    fn index(&mut self) -> Result<Index> {
        let (index, stale_versions) = self.runtime.block_on(index::read(self))?;
        self.stale_versions = stale_versions;
        Ok(index)
    }

    fn begin(&mut self, begin: Begin) -> Result<Box<dyn SyncTransaction + '_>> {
        Ok(Box::new(sync::Transaction::begin(self, begin)?))
    }

    fn history(&mut self, position: Position) -> Result<Page<Run>> {
        self.runtime.block_on(read::history(self, position))
    }

    fn schema_state(&mut self) -> Result<SchemaState> {
        self.runtime.block_on(schema::state(self))
    }

    fn apply_schema(&mut self, lock_timeout: Duration) -> Result<SchemaState> {
        self.runtime.block_on(schema::apply(self, lock_timeout))
    }
}
