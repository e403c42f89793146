//! Posts in Postgres, with or without a pooler in between.
//!
//! Every statement is sent unnamed with its types (`query_typed`), because a pooler may give
//! each transaction another server connection, where no prepared statement is known; every
//! setting is local to a transaction, for the same reason.

mod catalog;
mod connect;
mod decode;
mod dependents;
mod doctor;
mod errors;
mod index;
mod list;
mod lock;
mod migrations;
mod missing;
mod options;
mod pipeline;
mod read;
mod refused;
mod said;
mod schema;
mod search;
mod sequence;
pub mod settings;
mod snapshot;
mod statements;
mod sync;
mod table_map;
mod template;
mod waiting;

use std::ops::Deref;
use std::time::Duration;

use tokio::runtime::Runtime;
use tokio::time::timeout;
use tokio_postgres::Client;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::Type;

use self::connect::{AnswerLimit, Connector, Session};
pub use self::connect::{ConnectionInfo, Peer, Phases, Stage, Unconnected};
use self::errors::{is_lost, is_nonsense, is_schema_absent};
use self::lock::LOCK_KEY;
pub use self::migrations::{pending, schema};
pub use self::options::{
    CONNECT_TIMEOUT, ConnectEvent, ConnectOptions, LOCK_TIMEOUT, READ_TIMEOUT, WRITE_TIMEOUT,
    Watcher,
};
use self::settings::{Environment, Note, Settings};
use self::statements::{Shape, Statements};
use self::waiting::Bound;
use super::{
    Begin, Candidate, Reader, Result, SearchRequest, Snapshot, Store, StoreError, SyncTransaction,
    Text,
};
use crate::catalog::Catalog;
use crate::doctor::facts;
use crate::finding::CheckFinding;
use crate::index::Index;
use crate::locale::Locale;
use crate::model::{NameCount, Run, SCHEMA_VERSION, SchemaState};
use crate::page::{Filter, Page, Position, PostKey};
use crate::plan::Dependent;
use crate::post::{Field, PostId, StoredPost};
use crate::tables::TableMap;

/// Returns the statement that reads a page of all posts, to compare with other clients.
#[doc(hidden)]
pub fn plain_page() -> String {
    let statements = Statements::new(&TableMap::default(), None);
    statements.list(Shape::default()).to_owned()
}

/// As many statements of [`schema`] may each take as long as a statement may: those that make
/// an index of a table that was there.
const SCHEMA_STATEMENTS: u32 = 12;

/// Bounds what each statement of a transaction may cost the server.
const SET_STATEMENT_TIMEOUT: &str = "SELECT set_config('statement_timeout', $1, true)";

/// Ends what is left of this process's own syncs: a connection that broke off may leave one
/// open at the server, and its lock in the way of the next. The name alone is not enough: a
/// pooler may hand a session on to a client without a name, which then seems to have this one;
/// but no other program holds or awaits blogctl's lock. `pg_locks` shows a key of 64 bits as two
/// halves.
const END_OWN: &str = "\
    SELECT pg_terminate_backend(a.pid)
    FROM pg_stat_activity a
    WHERE a.application_name = $1 AND a.datname = current_database()
        AND a.usename = current_user AND a.pid <> pg_backend_pid()
        AND EXISTS (
            SELECT FROM pg_locks l
            WHERE l.pid = a.pid AND l.locktype = 'advisory' AND l.objsubid = 1
                AND l.classid::bigint = $2 >> 32 AND l.objid::bigint = $2 & 4294967295
        )";

/// The time limit for ending them, which helps if the role may do it, and is not needed.
const END_OWN_TIMEOUT: Duration = Duration::from_secs(3);

/// A connection to Postgres, and the runtime that drives it.
pub struct PostgresStore {
    connector: Connector,
    /// Notes on how the connection string was read.
    notes: Vec<Note>,
    /// `None` only while it is being dropped.
    session: Option<Session>,
    /// True if there are rows whose `xmin` is not the one kept for them although nobody edited
    /// them, for example after the database was restored from a dump. The next sync that writes
    /// updates what is kept.
    stale_versions: bool,
    /// True if the index had a locale that was never counted.
    has_new_locale: bool,
    statements: Statements,
    /// The tables as they were when the index was read, to explain what they refuse.
    catalog: Option<Catalog>,
    /// Dropped last, after the client that it drives.
    runtime: Background,
}

impl PostgresStore {
    /// Connects, over TLS with everything verified unless the host is this machine.
    ///
    /// # Errors
    /// [`StoreError::Target`] if the string cannot be used, [`StoreError::Unreachable`] if
    /// no connection could be made.
    pub fn connect(connection: &str, options: &ConnectOptions) -> Result<Self> {
        let environment = Environment::current();
        let settings = Settings::parse(connection, &environment, options.allow_plaintext)?;
        let notes = settings.notes.clone();
        for note in &notes {
            options.watcher.tell(ConnectEvent::Noted(note.clone()));
        }
        // One worker drives the connection while this thread reads files.
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .map_err(StoreError::failed("start the runtime"))?;
        let runtime = Background(Some(runtime));
        let connector = Connector::new(settings, options.clone());
        let session = open(&connector, &runtime)?;
        Ok(Self {
            connector,
            notes,
            session: Some(session),
            stale_versions: false,
            has_new_locale: false,
            statements: Statements::new(&options.tables, None).reading(options.locale),
            catalog: None,
            runtime,
        })
    }

    /// Returns the facts about the connection.
    pub fn link(&self) -> &ConnectionInfo {
        &self.session().link
    }

    fn session(&self) -> &Session {
        self.session
            .as_ref()
            .expect("there is a session until the store is dropped")
    }

    fn client(&self) -> &Client {
        &self.session().client
    }

    fn map(&self) -> &TableMap {
        &self.options().tables
    }

    /// Checks that the fields are stored by which posts are to be found.
    ///
    /// # Errors
    /// [`StoreError::NotStored`] for the first that is not.
    fn check_stored(&self, fields: impl IntoIterator<Item = Field>) -> Result<()> {
        let mut fields = fields.into_iter();
        match fields.find(|field| !self.map().stores(*field)) {
            Some(field) => Err(StoreError::NotStored { field }),
            None => Ok(()),
        }
    }

    fn options(&self) -> &ConnectOptions {
        self.connector.options()
    }

    /// Connects again, in place of a connection that was lost.
    fn reconnect(&mut self) -> Result<()> {
        self.session().abort();
        self.session = Some(open(&self.connector, &self.runtime)?);
        Ok(())
    }

    /// The same, where a sync was lost that may still hold its lock.
    fn reconnect_to_write(&mut self) -> Result<()> {
        self.reconnect()?;
        let Some(name) = self.connector.process_name() else {
            return Ok(());
        };
        let parameters = [(&name as _, Type::TEXT), (&LOCK_KEY as _, Type::INT8)];
        let ended = self.client().query_typed(END_OWN, &parameters);
        // Not by its silence: the new connection is as good as it was.
        let ended = async { timeout(END_OWN_TIMEOUT, ended).await };
        let bound = Bound::none(AnswerLimit::SHORT);
        match self.wait("end the lost sync", bound, ended) {
            Err(interrupted @ StoreError::Interrupted(_)) => Err(interrupted),
            _ => Ok(()),
        }
    }

    /// Reads; if the connection is lost, connects again and reads once more.
    fn read<T>(&mut self, read: impl AsyncFn(&Self) -> Result<T>) -> Result<T> {
        const OPERATION: &str = "read";
        let bound = Bound::of(self.options().read_timeout, AnswerLimit::READ);
        if self.client().is_closed() {
            self.reconnect()?;
        }
        match self.wait(OPERATION, bound, read(self)).flatten() {
            Err(StoreError::Lost { .. }) => {
                self.reconnect()?;
                self.wait(OPERATION, bound, read(self)).flatten()
            }
            answered => answered,
        }
    }

    /// The bound of a statement that writes.
    fn bound_of_writes(&self) -> Bound {
        Bound::of(self.options().write_timeout, AnswerLimit::SHORT)
    }

    /// Gives an error of the driver its meaning.
    fn error(&self, operation: &'static str, error: tokio_postgres::Error) -> StoreError {
        if is_schema_absent(&error) {
            return StoreError::SchemaAbsent {
                location: self.connector.location().to_owned(),
            };
        }
        if let Some(breach) = self.session().conduct().breach() {
            let source = breach.into();
            return StoreError::Protocol { operation, source };
        }
        if is_lost(&error) {
            let source = said::cause(error);
            return StoreError::Lost { operation, source };
        }
        if is_nonsense(&error) {
            let source = error.into();
            return StoreError::Protocol { operation, source };
        }
        let option = match error.code() {
            Some(&SqlState::QUERY_CANCELED) => "--statement-timeout",
            Some(&SqlState::LOCK_NOT_AVAILABLE) => "--lock-timeout",
            _ => return StoreError::failed(operation)(said::cause(error)),
        };
        StoreError::TimedOut {
            operation,
            option,
            source: said::cause(error),
        }
    }

    /// Refuses tables of another version.
    fn check_version(&self, found: i32) -> Result<()> {
        if found == SCHEMA_VERSION {
            return Ok(());
        }
        Err(StoreError::SchemaVersion {
            location: self.connector.location().to_owned(),
            found,
        })
    }
}

/// A runtime that ends without waiting for its threads: one may be asking for the addresses
/// of a name, and nothing calls that off.
struct Background(Option<Runtime>);

impl Deref for Background {
    type Target = Runtime;

    fn deref(&self) -> &Runtime {
        self.0.as_ref().expect("it is there until it is dropped")
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

impl Drop for PostgresStore {
    fn drop(&mut self) {
        if let Some(session) = self.session.take() {
            let left = self.options().interrupt.left();
            self.runtime.block_on(session.close(left));
        }
    }
}

/// Connects, unless an interrupt comes.
fn open(connector: &Connector, runtime: &Runtime) -> Result<Session> {
    let interrupt = &connector.options().interrupt;
    let _deferral = interrupt.defer();
    runtime.block_on(async {
        tokio::select! {
            connected = connector.connect() => connected,
            interrupted = interrupt.wait() => Err(interrupted.into()),
        }
    })
}

/// The text of a setting that limits a time; zero is no limit.
fn timeout_text(timeout: Duration) -> String {
    format!("{}ms", timeout.as_millis().min(i32::MAX as u128))
}

impl Reader for PostgresStore {
    fn location(&self) -> String {
        self.connector.location().to_owned()
    }

    fn list(&mut self, filter: &Filter, position: Position) -> Result<Page<StoredPost>> {
        self.check_stored(filter.fields())?;
        self.read(async |store| list::list(store, filter, position).await)
    }

    fn show(&mut self, key: PostKey<'_>) -> Result<Option<(StoredPost, String)>> {
        self.check_stored(key.field())?;
        self.read(async |store| read::show(store, key).await)
    }

    fn search(&mut self, request: &SearchRequest) -> Result<Vec<Candidate>> {
        self.check_stored(request.filter.fields())?;
        self.read(async |store| search::search(store, request).await)
    }

    fn bodies(&mut self, ids: &[PostId]) -> Result<Vec<(PostId, String)>> {
        self.read(async |store| read::bodies(store, ids).await)
    }

    fn posts(
        &mut self,
        ids: &[PostId],
        locale: Option<Locale>,
    ) -> Result<Vec<(StoredPost, String)>> {
        self.read(async |store| read::posts(store, ids, locale).await)
    }

    fn texts(
        &mut self,
        ids: &[PostId],
        locales: &[Locale],
        with_content: bool,
    ) -> Result<Vec<Text>> {
        self.read(async |store| read::texts(store, ids, locales, with_content).await)
    }

    fn categories(&mut self, locale: Option<Locale>) -> Result<Vec<NameCount>> {
        self.read(async |store| read::categories(store, locale).await)
    }

    fn tags(&mut self, locale: Option<Locale>) -> Result<Vec<NameCount>> {
        self.read(async |store| read::tags(store, locale).await)
    }

    fn replica_state(&mut self) -> Result<facts::ReplicaState> {
        doctor::replica_state(self)
    }
}

impl Store for PostgresStore {
    fn index(&mut self) -> Result<Index> {
        if self.client().is_closed() {
            self.reconnect_to_write()?;
        }
        // Two statements, each as long as one may take.
        let bound = Bound::of(self.options().write_timeout, AnswerLimit::INDEX).times(2);
        let read = index::read(self);
        let index::Read {
            index,
            stale_versions,
        } = self.wait("read the index", bound, read).flatten()?;
        self.stale_versions = stale_versions;
        self.has_new_locale = index.has_new_locale;
        // What writes depends on the types of the columns.
        let statements = Statements::new(&self.options().tables, index.catalog.as_ref());
        self.statements = statements.reading(self.options().locale);
        self.catalog.clone_from(&index.catalog);
        Ok(index)
    }

    fn untracked_posts(
        &mut self,
        ids: &[PostId],
        locale: Option<Locale>,
    ) -> Result<Vec<(StoredPost, String)>> {
        self.read(async |store| read::untracked_posts(store, ids, locale).await)
    }

    fn dependents(&mut self, index: &Index, ids: &[PostId]) -> Result<Vec<Dependent>> {
        let references = index
            .catalog
            .as_ref()
            .map(|catalog| &catalog.references[..]);
        let references = references.unwrap_or_default();
        let mut found = self.read(async |store| dependents::count(store, references, ids).await)?;
        found.extend(dependents::foreign_translations(index, self.map(), ids));
        Ok(found)
    }

    fn snapshot(&mut self) -> Result<(Index, Box<dyn Snapshot + '_>)> {
        if self.client().is_closed() {
            self.reconnect()?;
        }
        let (index, snapshot) = snapshot::open(self)?;
        Ok((index, Box::new(snapshot)))
    }

    fn begin(&mut self, begin: Begin) -> Result<Box<dyn SyncTransaction + '_>> {
        Ok(Box::new(sync::Transaction::begin(self, begin)?))
    }

    fn history(&mut self, position: Position) -> Result<Page<Run>> {
        self.read(async |store| read::history(store, position).await)
    }

    fn schema_state(&mut self) -> Result<SchemaState> {
        self.read(schema::state)
    }

    fn missing(&mut self, lock_timeout: Duration) -> Result<Vec<String>> {
        let bound = Bound::of(self.options().read_timeout, AnswerLimit::EXAMINATION);
        let look = missing::parts(self, lock_timeout);
        let parts = self.wait(missing::OPERATION, bound.after(lock_timeout), look);
        let parts = parts.flatten()?;
        Ok(parts.iter().map(ToString::to_string).collect())
    }

    fn apply_schema(&mut self, lock_timeout: Duration) -> Result<SchemaState> {
        let bound = self.bound_of_writes().times(SCHEMA_STATEMENTS);
        let bound = bound.after(lock_timeout);
        let apply = |store: &Self| {
            let applied = schema::apply(store, lock_timeout);
            store.wait("apply the schema", bound, applied).flatten()
        };
        match apply(self) {
            // It finds out by itself what the first attempt has come to.
            Err(StoreError::Lost { .. }) => {
                self.reconnect_to_write()?;
                apply(self)
            }
            applied => applied,
        }
    }

    fn preflight(&mut self) -> Result<(SchemaState, Vec<CheckFinding>)> {
        self.read(schema::preflight)
    }

    fn survey(&mut self) -> Result<Option<Catalog>> {
        self.read(catalog::survey).map(Some)
    }

    fn last_drawn_id(&mut self) -> Result<Option<PostId>> {
        self.read(sequence::last_drawn_id)
    }

    fn examine(&mut self) -> Result<facts::Store> {
        let found = doctor::examine(self)?;
        Ok(facts::Store::Postgres(Box::new(found)))
    }

    fn notes(&self) -> &[Note] {
        &self.notes
    }
}
