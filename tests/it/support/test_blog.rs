//! A project and the store that its posts go to: the same test on both stores.

use std::fs::{self, File};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use rusqlite::types::Value;
use serde_json::Value as Json;

use super::client::Client;
use super::database::TestDatabase;
use super::project::{Output, Project, Running};
use super::schemas;

/// The key of a sync's advisory lock.
pub const LOCK_KEY: i64 = i64::from_be_bytes(*b"blogctl1");

/// Instantiates tests for both stores: each is a function that takes a [`TestBlog`].
macro_rules! on_both_stores {
    ($($case:ident),+ $(,)?) => {
        mod embedded {
            $(
                #[test]
                fn $case() {
                    super::$case(&$crate::support::test_blog::TestBlog::embedded());
                }
            )+
        }
        mod postgres {
            $(
                #[test]
                fn $case() {
                    super::$case(&$crate::support::test_blog::TestBlog::postgres());
                }
            )+
        }
    };
}

pub(crate) use on_both_stores;

/// A project with an empty store.
pub struct TestBlog {
    pub project: Project,
    pub database: Option<TestDatabase>,
}

impl TestBlog {
    /// Posts go to the store in `.blogctl`.
    pub fn embedded() -> Self {
        Self {
            project: Project::new(),
            database: None,
        }
    }

    /// Posts go to a database of the test's own.
    pub fn postgres() -> Self {
        Self {
            project: Project::new(),
            database: Some(TestDatabase::create()),
        }
    }

    /// Runs the program against the store.
    pub fn run(&self, args: &[&str]) -> Output {
        self.spawn(args).wait()
    }

    /// Starts the program and does not wait.
    pub fn spawn(&self, args: &[&str]) -> Running {
        match &self.database {
            Some(database) => {
                let url = database.plain_url();
                self.project.spawn_with(args, &[("DATABASE_URL", &url)])
            }
            None => self.project.spawn(args),
        }
    }

    /// `sync content` with more arguments, which must succeed.
    #[track_caller]
    pub fn sync(&self, args: &[&str]) -> Output {
        self.run(&[&["sync", "content"], args].concat())
            .expect_status(0)
    }

    /// `sync content --format json` with more arguments, which must succeed: its answer.
    #[track_caller]
    pub fn sync_json(&self, args: &[&str]) -> Json {
        let told = json(&self.sync(&[&["--format", "json"], args].concat()));
        schemas::assert_valid("sync", &told);
        told
    }

    /// Runs a command that must succeed, and reads its answer.
    #[track_caller]
    pub fn json(&self, args: &[&str]) -> Json {
        let told = json(&self.run(args).expect_status(0));
        if args[0] != "schema" {
            schemas::assert_valid(args[0], &told);
        }
        told
    }

    /// The state after a run, in the same form for both stores.
    pub fn snapshot(&self, output: &Output) -> String {
        let location = match self.database {
            Some(_) => "postgresql://blogctl@127.0.0.1:[PORT]/[DATABASE]",
            None => "sqlite:[PROJECT]/.blogctl/content.db",
        };
        output.snapshot().replace(location, "[STORE]")
    }

    /// The embedded store's file.
    pub fn file(&self) -> PathBuf {
        self.project.path(".blogctl/content.db")
    }

    /// Returns true if posts go to a database on a server.
    pub fn is_postgres(&self) -> bool {
        self.database.is_some()
    }

    /// The test's database; panics on the embedded store.
    pub fn database(&self) -> &TestDatabase {
        self.database
            .as_ref()
            .expect("the test asks for it on Postgres only")
    }

    /// Runs statements as another program would; the tables are `post`, `tag`, `post_tag`.
    pub fn sql(&self, statements: &str) {
        match &self.database {
            Some(database) => database.client().batch(statements),
            None => rusqlite::Connection::open(self.file())
                .and_then(|connection| connection.execute_batch(statements))
                .unwrap_or_else(|e| panic!("{statements}\nfailed: {e}")),
        }
    }

    /// Says which version the tables have.
    pub fn set_version(&self, version: i32) {
        let table = match self.database {
            Some(_) => "blogctl.state",
            None => "blogctl_state",
        };
        self.sql(&format!("UPDATE {table} SET version = {version}"));
    }

    /// Every row of every table as text, with what tells a rewritten row from one that was
    /// left alone; without tables nothing.
    pub fn dump(&self) -> String {
        match &self.database {
            Some(database) => dump_postgres(&database.client()),
            None if self.file().exists() => dump_sqlite(
                &rusqlite::Connection::open(self.file()).expect("the store is a database"),
            ),
            None => String::new(),
        }
    }

    /// Ids, newest first, as `list --all` answers.
    pub fn ids(&self) -> Vec<i64> {
        ids(&self.json(&["list", "--all", "--format", "json"]))
    }

    /// Holds the lock that syncs take, as another sync does.
    pub fn hold(&self) -> Hold {
        match &self.database {
            Some(database) => {
                let client = database.client();
                client.batch(&format!(
                    "SET application_name = 'ann@laptop'; \
                     BEGIN; SELECT pg_advisory_xact_lock({LOCK_KEY})"
                ));
                Hold::Client(client)
            }
            None => {
                fs::create_dir_all(self.project.path(".blogctl")).expect("the project is ours");
                let file = File::create(self.project.path(".blogctl/content.db.blogctl-lock"))
                    .expect("the project is ours");
                file.lock().expect("nobody else holds it");
                Hold::File(file)
            }
        }
    }

    /// Lets a sync take its lock and stop there, as one that writes much does.
    pub fn stall(&self) -> Hold {
        match &self.database {
            Some(database) => {
                let client = database.client();
                client.batch("BEGIN; LOCK TABLE blogctl.run IN SHARE MODE");
                Hold::Client(client)
            }
            None => {
                let connection =
                    rusqlite::Connection::open(self.file()).expect("the store is there");
                connection
                    .execute_batch("BEGIN IMMEDIATE")
                    .expect("nobody else writes");
                Hold::Connection(connection)
            }
        }
    }

    /// Waits until a sync waits for the lock that syncs take.
    pub fn wait_until_it_waits(&self, sync: &Running) {
        self.wait_until(sync, "advisory", || {
            // Whoever has the file open waits for its lock, or will in a moment.
            fs::read_dir(format!("/proc/{}/fd", sync.id())).is_ok_and(|open| {
                open.flatten()
                    .filter_map(|entry| fs::read_link(entry.path()).ok())
                    .any(|path| path.ends_with("content.db.blogctl-lock"))
            })
        });
    }

    /// Waits until a sync that is [stalled](Self::stall) has its lock.
    pub fn wait_until_it_holds(&self, sync: &Running) {
        let inode = || {
            let lock = self.project.path(".blogctl/content.db.blogctl-lock");
            let lock = fs::metadata(lock).ok()?;
            Some(std::os::unix::fs::MetadataExt::ino(&lock))
        };
        let process = sync.id().to_string();
        self.wait_until(sync, "relation", || {
            let Some(inode) = inode() else { return false };
            let locks = fs::read_to_string("/proc/locks").expect("Linux has it");
            locks.lines().any(|line| {
                let words: Vec<_> = line.split_whitespace().collect();
                words.get(1) == Some(&"FLOCK")
                    && words.get(4) == Some(&process.as_str())
                    && words[5].ends_with(&format!(":{inode}"))
            })
        });
    }

    /// Waits until so many wait for the lock that syncs take, on Postgres.
    pub fn wait_until_as_many_wait(&self, sessions: usize) {
        let client = self.database().client();
        let begun = Instant::now();
        let waiting = "SELECT count(*) FROM pg_stat_activity \
            WHERE datname = current_database() AND wait_event = 'advisory'";
        while client.text(waiting) != sessions.to_string() {
            assert!(
                begun.elapsed() < Duration::from_secs(30),
                "fewer wait for the lock"
            );
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn wait_until(&self, sync: &Running, event: &str, embedded: impl Fn() -> bool) {
        let client = self.database.as_ref().map(TestDatabase::client);
        let begun = Instant::now();
        let waiting = format!(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
             AND wait_event_type = 'Lock' AND wait_event = '{event}'"
        );
        let reached = || match &client {
            Some(client) => client.text(&waiting) != "0",
            None => embedded(),
        };
        while !reached() {
            assert!(
                begun.elapsed() < Duration::from_secs(30),
                "process {} never comes to the lock",
                sync.id()
            );
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

/// A lock that the test holds until it is dropped.
pub enum Hold {
    Client(Client),
    File(File),
    Connection(rusqlite::Connection),
}

impl Hold {
    /// Gives it back.
    pub fn release(self) {
        match self {
            Self::Client(client) => client.batch("ROLLBACK"),
            Self::File(file) => file.unlock().expect("it is held"),
            Self::Connection(connection) => connection
                .execute_batch("ROLLBACK")
                .expect("the transaction is open"),
        }
    }
}

/// A JSON answer.
#[track_caller]
pub fn json(output: &Output) -> Json {
    serde_json::from_str(&output.stdout)
        .unwrap_or_else(|e| panic!("{e}:\n{}{}", output.stdout, output.stderr))
}

/// The ids of a list's answer.
#[track_caller]
pub fn ids(list: &Json) -> Vec<i64> {
    let posts = list["posts"].as_array().expect("a list has posts");
    let id = |post: &Json| post["id"].as_i64().expect("a post has an id");
    posts.iter().map(id).collect()
}

/// As [`TestBlog::dump`], of a database.
pub fn dump_postgres(client: &Client) -> String {
    let tables = client.text(
        "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables \
         WHERE schemaname IN ('public', 'blogctl') ORDER BY 1",
    );
    let rows = |table: &str| {
        let sql = format!("SELECT t.xmin, t::text FROM {table} t ORDER BY t::text");
        format!("{table}\n{}\n", client.text(&sql))
    };
    tables.lines().map(rows).collect()
}

/// As [`TestBlog::dump`], of a file.
pub fn dump_sqlite(connection: &rusqlite::Connection) -> String {
    let read = || -> rusqlite::Result<String> {
        let mut dump = String::new();
        let mut tables =
            connection.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY 1")?;
        let tables = tables
            .query_map([], |row| row.get::<_, String>(0))?
            .collect::<Result<Vec<_>, _>>()?;
        for table in tables {
            let mut statement = connection.prepare(&format!("SELECT * FROM \"{table}\""))?;
            let columns = statement.column_count();
            let mut rows = statement
                .query_map([], |row| {
                    let values: Result<Vec<Value>, _> = (0..columns).map(|i| row.get(i)).collect();
                    Ok(format!("{:?}", values?))
                })?
                .collect::<Result<Vec<_>, _>>()?;
            rows.sort();
            dump += &format!("{table}\n{}\n", rows.join("\n"));
        }
        Ok(dump)
    };
    read().expect("the store is a database")
}
