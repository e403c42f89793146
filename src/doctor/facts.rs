//! What was found out: types only, no judgement and no I/O.

use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;

use crate::model::{Run, SchemaState};

/// All that was found out. What could not be is `None`.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// Where the address came from.
    pub setting: Setting,
    /// The settings files that hold a password.
    pub exposures: Vec<Exposure>,
    /// What stood in the way of looking at the store at all.
    pub unreachable: Option<Unreachable>,
    /// The store.
    pub store: Option<Store>,
    /// The replica that answers readers, where one is named.
    pub replica: Option<Replica>,
    /// The files.
    pub content: Option<Content>,
    /// The files beside the store.
    pub drift: Option<Result<Drift, Problem>>,
}

/// Something that failed, in words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problem {
    /// What, with its causes.
    pub message: String,
    /// What to do about it, where that is known.
    pub remedy: Option<String>,
}

/// The address that counts, and who gave it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Setting {
    /// `--database`, `DATABASE_URL`, `.env`, `blogctl.toml` or `default`.
    pub source: Option<String>,
    /// Where it leads, without a password.
    pub location: Option<String>,
    /// What is wrong with it.
    pub problem: Option<Problem>,
    /// Whether `sync` would refuse it because `CI` is set and nothing is.
    pub is_nowhere: bool,
    /// What was noticed in reading it, and whether that is a warning.
    pub notes: Vec<(String, bool)>,
}

/// A settings file that holds a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exposure {
    /// Its name at the project's root.
    pub file: String,
    /// Its permissions, where others than its owner can read it.
    pub readable_mode: Option<u32>,
    /// True if git tracks it; `None` where that cannot be told.
    pub is_tracked: Option<bool>,
}

/// Why there is no connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreachable {
    /// What was being done: `looking up the host's name`; `None` for a file.
    pub stage: Option<String>,
    /// Why that failed.
    pub problem: Problem,
}

/// Either kind of store.
#[derive(Clone, Debug)]
pub enum Store {
    /// A database on a server.
    Postgres(Box<Postgres>),
    /// A file.
    Sqlite(Box<Sqlite>),
}

/// A database on a server.
#[derive(Clone, Debug)]
pub struct Postgres {
    /// The connection.
    pub link: Link,
    /// How long a statement that asks for nothing takes, there and back: the median of a few.
    pub round_trip: Duration,
    /// The server.
    pub server: Server,
    /// How long connecting may take in all.
    pub connect_timeout: Duration,
    /// How long a statement that reads may take; zero is no limit.
    pub read_timeout: Duration,
    /// How long one that writes may take; zero is no limit.
    pub write_timeout: Duration,
    /// The version of the tables; `None` if it could not be read.
    pub schema: Option<SchemaState>,
    /// The tables that blogctl uses, as far as they are there.
    pub tables: Vec<Table>,
    /// Columns whose type blogctl cannot use.
    pub column_mismatches: Vec<ColumnMismatch>,
    /// The indexes of those tables.
    pub indexes: Vec<Index>,
    /// Sequences that a sync draws numbers from and may not.
    pub locked_sequences: Vec<String>,
    /// Whether the role may do what making the tables takes.
    pub create_privileges: CreatePrivileges,
    /// How each reading query would be run; empty if that could not be asked.
    pub queries: Vec<Query>,
    /// Who holds the lock of a sync.
    pub holder: Option<String>,
    /// The last sync that changed something.
    pub last_run: Option<Run>,
}

/// A connection.
#[derive(Clone, Debug)]
pub struct Link {
    /// The address or the socket that answered.
    pub peer: String,
    /// The name it was asked for by; `None` for a socket.
    pub host: Option<String>,
    /// Whether the server is this machine.
    pub is_local: bool,
    /// How many attempts it took.
    pub attempts: u32,
    /// Asking for the addresses of the host's name.
    pub resolve: Duration,
    /// Opening the connection.
    pub reach: Duration,
    /// Logging in.
    pub login: Duration,
    /// What is known of TLS; `None` without TLS.
    pub tls: Option<Tls>,
    /// What stands between.
    pub route: Route,
}

/// What is known of a channel.
#[derive(Clone, Debug)]
pub struct Tls {
    /// How long agreeing on it took.
    pub took: Duration,
    /// `TLS 1.3`.
    pub version: Option<String>,
    /// The cipher suite's registered name.
    pub cipher: Option<String>,
    /// The server's certificate.
    pub certificate: Option<Certificate>,
    /// Whether the login was tied to the channel.
    pub is_channel_bound: bool,
}

/// A server's certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// The names and addresses that it is for.
    pub names: Vec<String>,
    /// When it ends.
    pub not_after: Timestamp,
}

/// What stands between this program and the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// Nothing that shows.
    Direct,
    /// A pooler, by the host's name.
    Pooler,
    /// Something that answers in the server's place: a pooler or a proxy.
    Proxied,
}

impl Route {
    /// The word that output uses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Pooler => "pooler",
            Self::Proxied => "between",
        }
    }
}

/// A server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// As it calls it: `15.18`.
    pub version: String,
    /// As a number: 150018.
    pub version_number: i32,
    /// Whether it only follows another one.
    pub is_in_recovery: bool,
    /// Whether transactions cannot write unless they ask to.
    pub is_read_only: bool,
    /// The role.
    pub user: String,
}

/// A table that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// With its schema: `public.post`.
    pub name: String,
    /// What the role may do: `SELECT`, `INSERT`, `UPDATE`, `DELETE`.
    pub granted: Vec<String>,
    /// Whether the role has the owner's rights.
    pub is_owned: bool,
    /// Whether policies may hide rows from the role.
    pub has_policies: bool,
    /// Its size, without indexes and without long texts kept beside it.
    pub bytes: i64,
}

/// A column of a type that blogctl cannot use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnMismatch {
    /// `public.post.id`.
    pub column: String,
    /// Its type.
    pub found: String,
    /// What it should be.
    pub needed: String,
}

/// An index that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    /// Its name, without the schema.
    pub name: String,
    /// Its table, with the schema.
    pub table: String,
    /// `btree`, `gin`.
    pub method: String,
    /// Its columns or expressions.
    pub keys: Vec<String>,
    /// Whether it forbids two of the same.
    pub is_unique: bool,
    /// Whether it can be used.
    pub is_valid: bool,
    /// Whether it leaves rows out.
    pub is_partial: bool,
}

/// Whether a role may make the tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CreatePrivileges {
    /// It may make schemas in the database, or there is the one that is needed and it may
    /// make tables there.
    pub schema: bool,
    /// It may make tables in `public`.
    pub public: bool,
}

/// How a query would be run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// The command that sends it: `list --category`.
    pub name: &'static str,
    /// The tables that it would read from end to end, though it should not.
    pub scans: Vec<String>,
    /// The indexes that it would use.
    pub indexes: Vec<String>,
    /// Those that it is made for, by their names in the schema.
    pub expected: &'static [&'static str],
    /// What the server said instead of a plan.
    pub refusal: Option<String>,
}

/// A store in a file.
#[derive(Clone, Debug)]
pub struct Sqlite {
    /// The file.
    pub path: PathBuf,
    /// Bytes; `None` if there is no file yet.
    pub size: Option<u64>,
    /// Why it cannot be written to.
    pub unwritable: Option<String>,
    /// The store's files, and its folder, that others than their owner may write to.
    pub open_to_others: Vec<String>,
    /// `wal`, `delete`, ...
    pub journal: Option<String>,
    /// What a check of the file found, a line each; empty if nothing.
    pub damage: Vec<String>,
    /// Whether the check was ended before it was through.
    pub is_check_cut: bool,
    /// The version of SQLite.
    pub version: String,
    /// The version of the tables.
    pub schema: Option<SchemaState>,
    /// Indexes and triggers that the schema makes and that are not there.
    pub missing: Vec<String>,
    /// How each reading query would be run.
    pub queries: Vec<Query>,
    /// Who holds the lock of a sync.
    pub holder: Option<String>,
    /// The last sync that changed something.
    pub last_run: Option<Run>,
}

/// A replica, and how it stands to the primary.
#[derive(Clone, Debug)]
pub struct Replica {
    /// Who named it.
    pub source: String,
    /// Where it is, without a password.
    pub location: String,
    /// What was found out, or why it was not.
    pub state: Result<ReplicaState, Problem>,
    /// Whether readers end with an error, and do not ask the primary instead.
    pub is_refused: bool,
    /// Whether there is a primary that stands in for it.
    pub is_backed: bool,
}

/// How a replica stands to the primary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReplicaState {
    /// Whether it follows another server; `None` for a file.
    pub is_in_recovery: Option<bool>,
    /// How long ago the primary wrote what it wrote last; `None` if nothing was replayed.
    pub lag: Option<Duration>,
    /// How many syncs its tables have seen.
    pub generation: Option<i64>,
    /// How many those of the primary have; `None` where there is none behind it, or it
    /// cannot be asked.
    pub primary_generation: Option<i64>,
}

/// The files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Content {
    /// The directory, as it was given.
    pub directory: String,
    /// Why it cannot be read.
    pub problem: Option<Problem>,
    /// Whether nobody named it.
    pub is_default: bool,
    /// Posts that are to be published.
    pub published: usize,
    /// Posts that are not.
    pub drafts: usize,
    /// The errors in the files, `path:line: message`.
    pub errors: Vec<String>,
    /// The warnings, likewise.
    pub warnings: Vec<String>,
}

/// How the files stand to the rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drift {
    /// Posts that a sync would insert.
    pub created: u32,
    /// Posts that it would update.
    pub updated: u32,
    /// Posts whose file has another path.
    pub moved: u32,
    /// Posts whose file is gone, which a sync with `--prune` would remove.
    pub orphaned: usize,
    /// Posts that are as their files say.
    pub unchanged: u32,
    /// Rows that others changed, deleted or wrote: `path (id 7): why`.
    pub conflicts: Vec<String>,
}
