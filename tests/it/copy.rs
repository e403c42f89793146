//! `blogctl copy`: a store comes to another with all that blogctl keeps, all of it or nothing.

mod adopted;
mod conflicts;
mod texts;
mod translations;

use std::path::PathBuf;

use serde_json::{Value as Json, json as value};

use crate::support::client::Client;
use crate::support::database::TestDatabase;
use crate::support::project::{Output, Project};
use crate::support::schemas::assert_valid;
use crate::support::test_blog::{dump_postgres, dump_sqlite, json};

/// One of the two stores.
pub enum End {
    File(PathBuf),
    Server(TestDatabase),
}

impl End {
    fn new(project: &Project, name: &str, is_server: bool) -> Self {
        match is_server {
            true => Self::Server(TestDatabase::create()),
            false => Self::File(project.path(format!("{name}.db"))),
        }
    }

    /// The address with its password, if it has one.
    pub fn url(&self) -> String {
        match self {
            Self::File(path) => format!("sqlite:{}", path.display()),
            Self::Server(database) => database.plain_url(),
        }
    }

    /// Every row of every table as text; without tables nothing.
    pub fn dump(&self) -> String {
        match self {
            Self::File(path) if path.exists() => dump_sqlite(&connection(path)),
            Self::File(_) => String::new(),
            Self::Server(database) => dump_postgres(&database.client()),
        }
    }

    /// Runs statements as another program would.
    pub fn sql(&self, statements: &str) {
        match self {
            Self::File(path) => connection(path)
                .execute_batch(statements)
                .unwrap_or_else(|e| panic!("{statements}\nfailed: {e}")),
            Self::Server(database) => database.client().batch(statements),
        }
    }

    /// The one value of a statement, in which blogctl's own tables are as in SQLite.
    pub fn text(&self, statement: &str) -> String {
        match self {
            Self::File(path) => connection(path)
                .query_row(&format!("SELECT CAST(({statement}) AS TEXT)"), [], |row| {
                    row.get::<_, Option<String>>(0)
                })
                .unwrap_or_else(|e| panic!("{statement}\nfailed: {e}"))
                .unwrap_or_default(),
            Self::Server(database) => {
                let client: Client = database.client();
                client.text(&statement.replace("blogctl_", "blogctl."))
            }
        }
    }
}

fn connection(path: &std::path::Path) -> rusqlite::Connection {
    rusqlite::Connection::open(path).expect("the store is a database")
}

/// A project with two stores.
pub struct Pair {
    pub project: Project,
    pub source: End,
    pub target: End,
}

impl Pair {
    fn new(source_is_server: bool, target_is_server: bool) -> Self {
        let project = Project::new();
        let source = End::new(&project, "source", source_is_server);
        let target = End::new(&project, "target", target_is_server);
        Self {
            project,
            source,
            target,
        }
    }

    /// Runs a command on one of the stores.
    pub fn run(&self, end: &End, args: &[&str]) -> Output {
        let url = end.url();
        self.project.run(&[args, &["--database", &url]].concat())
    }

    #[track_caller]
    pub fn sync(&self, end: &End) -> Output {
        self.run(end, &["sync", "content"]).expect_status(0)
    }

    /// Runs a copy.
    pub fn copy(&self, args: &[&str]) -> Output {
        let (from, to) = (self.source.url(), self.target.url());
        let ends = ["copy", "--from", &from, "--to", &to];
        self.project.run(&[&ends, args].concat())
    }

    /// Runs a copy that ends with a status: its answer.
    #[track_caller]
    pub fn copy_json(&self, args: &[&str], status: i32) -> Json {
        let args = [&["--format", "json"], args].concat();
        let told = json(&self.copy(&args).expect_status(status));
        assert_valid("copy", &told);
        told
    }

    /// Two posts by hand, one of them with everything, and a row and a tag of the application.
    fn publish(&self) {
        self.project.post_with(
            1,
            "하나: Grüße 👍",
            "slug: 첫-글\ncategory: 안내\ntags: [색인, b]\ndescription: 'A \"text\"'\nimage: /a.png\n\
             created_at: 2025-11-28T09:30:00.123456Z\nupdated_at: 2025-11-29\nlayout: {wide: [1, 넷, null]}",
            "# 본문\n\nneedle\n",
        );
        self.project.post(2, "Two");
        self.sync(&self.source);
        self.source.sql(
            "INSERT INTO post (id, title, category) VALUES (40, 'By the app', 'NEWS');
             INSERT INTO tag (id, name) VALUES (77, 'of the app');
             INSERT INTO post_tag (post_id, tag_id) VALUES (40, 77);
             UPDATE post SET image = 'others.png' WHERE id = 2",
        );
    }

    fn shown(&self, end: &End, id: i32) -> Json {
        let id = id.to_string();
        json(
            &self
                .run(end, &["show", &id, "--format", "json"])
                .expect_status(0),
        )
    }
}

/// Runs a test with each kind of store at either end.
macro_rules! in_all_directions {
    ($($case:ident),+ $(,)?) => {
        mod file_to_file {
            $(#[test] fn $case() { super::$case(&super::Pair::new(false, false)); })+
        }
        mod file_to_server {
            $(#[test] fn $case() { super::$case(&super::Pair::new(false, true)); })+
        }
        mod server_to_file {
            $(#[test] fn $case() { super::$case(&super::Pair::new(true, false)); })+
        }
        mod server_to_server {
            $(#[test] fn $case() { super::$case(&super::Pair::new(true, true)); })+
        }
    };
}

in_all_directions!(everything_comes_along_and_again_nothing_does,);

fn everything_comes_along_and_again_nothing_does(pair: &Pair) {
    pair.publish();
    let before = pair.source.dump();
    let plan = pair.copy_json(&["--dry-run"], 0);
    assert_eq!(plan["counts"]["created"], 3);
    pair.copy(&["--dry-run", "--exit-code"]).expect_status(5);
    let told = pair.copy_json(&[], 0);
    assert_eq!(
        told["counts"],
        value!({"created": 3, "updated": 0, "recorded": 0, "unchanged": 0, "runs": 1})
    );
    assert_eq!(told["changes"], plan["changes"]);
    assert_eq!(
        told["changes"][2],
        value!({"action": "create", "id": 40, "path": null, "fields": []})
    );

    // Each post as it is shown, with its times.
    for id in [1, 2, 40] {
        assert_eq!(pair.shown(&pair.target, id), pair.shown(&pair.source, id));
    }
    // Readers find the same by category, tag, words and extra keys.
    for args in [
        &["list", "--all"][..],
        &["list", "--category", "안내"],
        &["list", "--tag", "색인"],
        &["list", "--tag", "of the app"],
        &["search", "needle"],
        &["search", "본문"],
        &["search", "--all", "app"],
    ] {
        let args = [args, &["--format", "json"]].concat();
        let of = |end: &End| pair.run(end, &args).expect_status(0).stdout;
        assert_eq!(of(&pair.target), of(&pair.source), "{args:?}");
    }
    // The rows of the application count as well, which no sync of the source has counted yet.
    let counts = |command: &str| {
        let told = pair.run(&pair.target, &[command, "--format", "json"]);
        json(&told.expect_status(0))[command].to_string()
    };
    let count = |name: &str| format!("{{\"name\":\"{name}\",\"posts\":1}}");
    let expected = ["b", "of the app", "색인"].map(count).join(",");
    assert_eq!(counts("tags"), format!("[{expected}]"));
    let expected = ["NEWS", "안내"].map(count).join(",");
    assert_eq!(counts("categories"), format!("[{expected}]"));
    // Tags are whose they were.
    let made = "SELECT count(*) FROM blogctl_tag_count c JOIN tag t ON t.id = c.tag_id \
                WHERE c.created AND t.name IN ('색인', 'b')";
    assert_eq!(pair.target.text(made), "2");
    let others = made.replace("('색인', 'b')", "('of the app')");
    assert_eq!(pair.target.text(&others), "0");
    // The history goes on after that of the source.
    let history = json(
        &pair
            .run(&pair.target, &["history", "--format", "json"])
            .expect_status(0),
    );
    let runs = history["runs"].as_array().unwrap();
    assert_eq!(runs.len(), 2);
    assert_eq!(
        (&runs[0]["created"], &runs[1]["created"]),
        (&value!(3), &value!(2))
    );
    assert_eq!(runs[1]["directory"], "content");

    // Nothing is left to do, by a sync or by another copy, and nothing is written.
    let after = pair.target.dump();
    let synced = pair.sync(&pair.target);
    assert!(
        synced.stdout.starts_with("nothing changed: 2 posts"),
        "{}",
        synced.stdout
    );
    let again = pair.copy(&[]).expect_status(0);
    assert!(
        again.stdout.starts_with("nothing changed: 3 posts in "),
        "{}",
        again.stdout
    );
    assert_eq!(pair.target.dump(), after);
    assert_eq!(pair.source.dump(), before);

    // The application adds a post without meeting one of these ids.
    pair.target.sql("INSERT INTO post (title) VALUES ('Next')");
    let next = "SELECT max(id) FROM post";
    assert_eq!(pair.target.text(next), "41");

    // What changes at the source follows, value by value, also to none.
    pair.project
        .post_with(2, "Two again", "tags: [b]", "Another body.\n");
    pair.sync(&pair.source);
    pair.source
        .sql("UPDATE post SET image = NULL, slug = 'app' WHERE id = 2");
    let told = pair.copy_json(&[], 0);
    assert_eq!(told["counts"]["updated"], 1);
    let fields = value!([
        "title",
        "tags",
        "image",
        "updated_at",
        "word_count",
        "slug",
        "content"
    ]);
    assert_eq!(told["changes"][0]["fields"], fields);
    assert_eq!(told["only_in_target"], value!([{"id": 41, "path": null}]));
    assert_eq!(pair.shown(&pair.target, 2), pair.shown(&pair.source, 2));
    let again = pair.copy(&[]).expect_status(0);
    assert!(
        again.stdout.starts_with("nothing changed"),
        "{}",
        again.stdout
    );
    let synced = pair.sync(&pair.target);
    assert!(
        synced.stdout.starts_with("nothing changed"),
        "{}",
        synced.stdout
    );
}
