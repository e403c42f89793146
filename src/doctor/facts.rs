//! Facts that `doctor` collects: types only, no judgement and no I/O.

use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;

use crate::catalog::Catalog;
use crate::left_out::LeftOut;
use crate::model::{Run, SchemaState};
use crate::tables::TableMap;

/// All facts of one run; `None` marks what could not be found out.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// The address of the store.
    pub setting: Setting,
    /// The settings files that hold a password.
    pub exposures: Vec<Exposure>,
    /// The failure to reach or to examine the store.
    pub unreachable: Option<Unreachable>,
    /// The store.
    pub store: Option<Store>,
    /// The replica that answers readers, where one is named.
    pub replica: Option<Replica>,
    /// The files.
    pub content: Option<Content>,
    /// The comparison of the files with the rows.
    pub drift: Option<Result<Drift, Problem>>,
}

/// A failure, as a message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problem {
    /// The message, with its causes.
    pub message: String,
    /// The remedy, where one is known.
    pub remedy: Option<String>,
}

/// The address in effect, and its source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Setting {
    /// `--database`, `DATABASE_URL`, `.env.local`, `.env`, `blogctl.toml` or `default`.
    pub source: Option<String>,
    /// The address, without a password.
    pub location: Option<String>,
    /// The reason why it cannot be used.
    pub problem: Option<Problem>,
    /// True if `sync` would refuse it because `CI` is set and no database is named.
    pub is_ephemeral: bool,
    /// Notes on how it was read, each with whether it is a warning.
    pub notes: Vec<(String, bool)>,
}

/// A settings file that holds a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exposure {
    /// Its name at the project's root.
    pub file: String,
    /// Its permissions, if users other than its owner can read it.
    pub readable_mode: Option<u32>,
    /// True if git tracks it; `None` where that cannot be told.
    pub is_tracked: Option<bool>,
}

/// A failure to connect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreachable {
    /// The stage that failed, such as `looking up the host's name`; `None` for a file.
    pub stage: Option<String>,
    /// The cause.
    pub problem: Problem,
}

/// Facts about a store of either kind.
#[derive(Clone, Debug)]
pub enum Store {
    /// A Postgres database.
    Postgres(Box<Postgres>),
    /// A SQLite file.
    Sqlite(Box<Sqlite>),
}

/// Facts about a Postgres database.
#[derive(Clone, Debug)]
pub struct Postgres {
    /// The connection.
    pub link: Link,
    /// The median time of a few empty round trips.
    pub round_trip: Duration,
    /// The server.
    pub server: Server,
    /// The time limit for connecting, retries included.
    pub connect_timeout: Duration,
    /// The time limit for a statement that reads; zero is no limit.
    pub read_timeout: Duration,
    /// The time limit for a statement that writes; zero is no limit.
    pub write_timeout: Duration,
    /// The version of the tables; `None` if it could not be read.
    pub schema: Option<SchemaState>,
    /// The tables that blogctl uses, as far as they exist.
    pub tables: Vec<Table>,
    /// The tables that hold the posts, as the database describes them.
    pub catalog: Catalog,
    /// The names of these tables.
    pub map: TableMap,
    /// Columns, functions and defaults that tables of the current version lack, in words.
    pub missing_parts: Vec<String>,
    /// The indexes of those tables.
    pub indexes: Vec<Index>,
    /// Sequences that a sync uses and that the role lacks a privilege for.
    pub locked_sequences: Vec<LockedSequence>,
    /// The privileges for creating the tables.
    pub create_privileges: CreatePrivileges,
    /// The plan of each reading query; empty if plans could not be requested.
    pub queries: Vec<Query>,
    /// The holder of the sync lock.
    pub holder: Option<String>,
    /// The last run that changed something.
    pub last_run: Option<Run>,
}

/// Facts about a connection to a server.
#[derive(Clone, Debug)]
pub struct Link {
    /// The address or the socket that answered.
    pub peer: String,
    /// The host's name as given; `None` for a socket.
    pub host: Option<String>,
    /// True if the server is this machine.
    pub is_local: bool,
    /// The number of attempts.
    pub attempts: u32,
    /// The time for resolving the host's name.
    pub resolve: Duration,
    /// The time for opening the connection.
    pub reach: Duration,
    /// The time for logging in.
    pub login: Duration,
    /// The TLS session; `None` without TLS.
    pub tls: Option<Tls>,
    /// The route to the server.
    pub route: Route,
}

/// Facts about a TLS session.
#[derive(Clone, Debug)]
pub struct Tls {
    /// The time of the handshake.
    pub took: Duration,
    /// The protocol version, such as `TLS 1.3`.
    pub version: Option<String>,
    /// The cipher suite's registered name.
    pub cipher: Option<String>,
    /// The server's certificate.
    pub certificate: Option<Certificate>,
    /// True if the login used channel binding.
    pub is_channel_bound: bool,
}

/// A server's certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// The names and addresses that it is valid for.
    pub names: Vec<String>,
    /// The time at which it expires.
    pub not_after: Timestamp,
}

/// The route between this program and the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// Nothing visible in between.
    Direct,
    /// A pooler, according to the host's name.
    Pooler,
    /// A pooler or a proxy that answers in place of the server.
    Proxied,
}

impl Route {
    /// Returns the word that output uses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Pooler => "pooler",
            Self::Proxied => "between",
        }
    }
}

/// Facts about a Postgres server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// The version as the server reports it: `15.18`.
    pub version: String,
    /// The version as a number: 150018.
    pub version_number: i32,
    /// True if it is a replica.
    pub is_in_recovery: bool,
    /// True if transactions are read-only by default.
    pub is_read_only: bool,
    /// The role that is logged in.
    pub user: String,
}

/// A Postgres table as found in the catalog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// Its name with the schema: `public.post`.
    pub name: String,
    /// The role's privileges: `SELECT`, `INSERT`, `UPDATE`, `DELETE`.
    pub granted: Vec<String>,
    /// True if the role has the owner's privileges.
    pub is_owned: bool,
    /// True if row-level security may hide rows from the role.
    pub has_policies: bool,
    /// Its size in bytes, without indexes and TOAST data.
    pub bytes: i64,
}

/// A sequence that the role lacks a privilege for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockedSequence {
    /// Its name, with the schema.
    pub name: String,
    /// True if a sync advances it past the ids that it writes; otherwise a sync draws ids from it.
    pub is_advanced: bool,
}

/// A Postgres index as found in the catalog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    /// Its name, without the schema.
    pub name: String,
    /// Its table, with the schema.
    pub table: String,
    /// Its access method: `btree` or `gin`.
    pub method: String,
    /// Its columns or expressions.
    pub keys: Vec<String>,
    /// True if it is unique.
    pub is_unique: bool,
    /// True if it is valid.
    pub is_valid: bool,
    /// True if it is partial, and leaves out rows in which the first of its keys has a value.
    pub is_partial: bool,
}

/// Privileges for creating the tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CreatePrivileges {
    /// True if the role may create schemas in the database, or tables in the schema `blogctl`
    /// where that exists.
    pub schema: bool,
    /// True if the role may create tables in `public`.
    pub public: bool,
}

/// The plan of a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// The command that sends it: `list --category`.
    pub name: &'static str,
    /// The tables that it scans in full although it should not.
    pub scans: Vec<String>,
    /// The indexes that it uses.
    pub indexes: Vec<String>,
    /// The indexes that it is meant to use, by their names in the schema.
    pub expected: &'static [&'static str],
    /// The server's error, if it gave no plan.
    pub refusal: Option<String>,
}

/// Facts about a store in a SQLite file.
#[derive(Clone, Debug)]
pub struct Sqlite {
    /// The path of the file.
    pub path: PathBuf,
    /// Its size in bytes; `None` if there is no file yet.
    pub size: Option<u64>,
    /// The reason why it cannot be written to.
    pub unwritable: Option<String>,
    /// The store's files, and its folder, that users other than their owner may write to.
    pub open_to_others: Vec<String>,
    /// The journal mode: `wal`, `delete` and so on.
    pub journal: Option<String>,
    /// The damage that a check of the file found, one line each.
    pub damage: Vec<String>,
    /// True if the check ran out of time before its end.
    pub is_check_cut: bool,
    /// The version of SQLite.
    pub version: String,
    /// The version of the tables.
    pub schema: Option<SchemaState>,
    /// Indexes and triggers of the schema that are missing.
    pub missing: Vec<String>,
    /// The plan of each reading query.
    pub queries: Vec<Query>,
    /// The holder of the sync lock.
    pub holder: Option<String>,
    /// The last run that changed something.
    pub last_run: Option<Run>,
}

/// Facts about the replica that answers readers.
#[derive(Clone, Debug)]
pub struct Replica {
    /// The source of its address.
    pub source: String,
    /// Its address, without a password.
    pub location: String,
    /// Its state, or the reason why that is unknown.
    pub state: Result<ReplicaState, Problem>,
    /// True if readers fail instead of asking the primary.
    pub is_refused: bool,
    /// True if reads fall back to a primary.
    pub is_backed: bool,
}

/// The state of a replica compared with its primary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReplicaState {
    /// True if it follows another server; `None` for a file.
    pub is_in_recovery: Option<bool>,
    /// The age of the last transaction that it replayed; `None` if it replayed none.
    pub lag: Option<Duration>,
    /// The number of syncs that its tables have seen.
    pub generation: Option<i64>,
    /// The number of syncs that the primary's tables have seen; `None` where there is no primary,
    /// or it cannot be asked.
    pub primary_generation: Option<i64>,
}

/// Facts about the content directory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Content {
    /// The directory as given.
    pub directory: String,
    /// The reason why it cannot be read.
    pub problem: Option<Problem>,
    /// True if it is the default directory.
    pub is_default: bool,
    /// Posts to be published.
    pub published: usize,
    /// Drafts, which are not published.
    pub drafts: usize,
    /// The errors in the files, as `path:line: message`.
    pub errors: Vec<String>,
    /// The warnings in the files, as `path:line: message`.
    pub warnings: Vec<String>,
    /// The files that are left out.
    pub left_out: LeftOut,
}

/// Differences between the files and the rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drift {
    /// Posts that a sync would insert.
    pub created: u32,
    /// Posts that a sync would update.
    pub updated: u32,
    /// Posts whose file has moved.
    pub moved: u32,
    /// Orphaned posts: their file is gone, and a sync with `--prune` would remove them.
    pub orphaned: usize,
    /// Posts that match their files.
    pub unchanged: u32,
    /// Rows that others changed, deleted or wrote, as `path (id 7): reason`.
    pub conflicts: Vec<String>,
}
