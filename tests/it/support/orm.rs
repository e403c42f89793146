//! Applications on an ORM, with a database that the ORM made: Prisma and Drizzle, run by Node.
//!
//! The applications are in `tests/orm`; their packages are installed in `target/orm` by the
//! first test that needs them.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::OnceLock;

use serde_json::{Value, json};

use super::client::Client;
use super::database::TestDatabase;

/// The applications that there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum App {
    /// Prisma, whose models are mapped to tables `post`, `tag` and `post_tag`.
    PrismaMapped,
    /// Prisma with its own names and types: `"Post"`, `"Tag"`, `"_PostToTag"`, `"createdAt"`.
    PrismaPlain,
    /// Prisma with the text of each locale in `post_translation`.
    PrismaTranslated,
    /// Drizzle with tables `post`, `tag` and `post_tag`, and ids GENERATED ALWAYS.
    Drizzle,
}

impl App {
    fn arguments(self) -> &'static [&'static str] {
        match self {
            Self::PrismaMapped => &["prisma.mjs", "mapped"],
            Self::PrismaPlain => &["prisma.mjs", "plain"],
            Self::PrismaTranslated => &["prisma.mjs", "translated"],
            Self::Drizzle => &["drizzle.mjs"],
        }
    }
}

/// A database with an application that stays connected to it. Both end when it is dropped.
#[derive(Debug)]
pub struct OrmDatabase {
    node: Node,
    database: TestDatabase,
}

/// What an ORM would change in its database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drift {
    /// True if the database is not as the ORM's models are.
    pub differs: bool,
    /// The statements that would make it so.
    pub sql: String,
}

impl OrmDatabase {
    /// Makes a database whose tables are made by the application's own migration.
    pub fn deploy(app: App) -> Self {
        let mut made = Self::attach(app, TestDatabase::create());
        made.call("deploy", json!({}));
        made
    }

    /// Connects an application to a database as it is.
    pub fn attach(app: App, database: TestDatabase) -> Self {
        let node = Node::start(app.arguments(), &database.plain_url());
        Self { node, database }
    }

    /// Returns the database.
    pub fn database(&self) -> &TestDatabase {
        &self.database
    }

    /// Connects as the superuser, to look into the database.
    pub fn client(&self) -> Client {
        self.database.client()
    }

    /// Makes posts as the application does; returns their ids. A post's keys are those of the
    /// model (`title`, `content`, `category`, `createdAt`, `wordCount`, ...) and `tags`, a list
    /// of names.
    pub fn insert(&mut self, posts: &[Value]) -> Vec<i64> {
        let ids = self.call("insert", json!({ "posts": posts }));
        serde_json::from_value(ids).expect("the application answers with ids")
    }

    /// As [`OrmDatabase::insert`], for inserts that may fail: returns the ORM's words.
    pub fn try_insert(&mut self, posts: &[Value]) -> Result<Value, String> {
        self.node.request("insert", json!({ "posts": posts }))
    }

    /// Edits columns of a post in the application; `updatedAt` follows by itself.
    pub fn edit(&mut self, id: i64, data: &Value) {
        self.call("edit", json!({ "id": id, "data": data }));
    }

    /// Counts a view of a post, as each request of its page does; `updatedAt` follows by itself.
    pub fn view(&mut self, id: i64) {
        self.call("view", json!({ "id": id }));
    }

    /// Reads a page of the site: the newest posts below an id, at most 20, with their tags.
    pub fn page(&mut self, before: Option<i64>) -> Vec<Value> {
        let page = match before {
            Some(before) => self.call("page", json!({ "before": before })),
            None => self.call("page", json!({})),
        };
        serde_json::from_value(page).expect("the application answers with posts")
    }

    /// Reads a page of the site in a locale, as [`Self::page`] does: the posts that have a text in it.
    pub fn page_in(&mut self, locale: &str, before: Option<i64>) -> Vec<Value> {
        let mut page = json!({ "locale": locale });
        if let Some(before) = before {
            page["before"] = before.into();
        }
        let page = self.call("pageIn", page);
        serde_json::from_value(page).expect("the application answers with posts")
    }

    /// Reads the page's titles with the tags behind them: `Two [a]`.
    pub fn titles(&mut self) -> Vec<String> {
        let title = |post: &Value| {
            let tags = post["tags"].as_array().into_iter().flatten();
            let tags: Vec<_> = tags.filter_map(Value::as_str).collect();
            format!("{} [{}]", text(&post["title"]), tags.join(", "))
        };
        self.page(None).iter().map(title).collect()
    }

    /// Asks the ORM what it would change: `prisma migrate diff`, `drizzle-kit push`.
    pub fn drift(&mut self) -> Drift {
        let answer = self.call("drift", json!({}));
        Drift {
            differs: answer["differs"].as_bool().expect("it differs or not"),
            sql: text(&answer["sql"]),
        }
    }

    /// Asks Prisma what `migrate dev` would do first: `createMigration` if all is well, else
    /// `reset` with the reason behind a colon.
    pub fn diagnose(&mut self) -> String {
        let action = self.call("diagnose", json!({}));
        match action["reason"].as_str() {
            Some(reason) => format!("{}: {reason}", text(&action["tag"])),
            None => text(&action["tag"]),
        }
    }

    /// Runs `prisma db push`; returns its answer, whose `unexecutable` and `warnings` are lists.
    pub fn push(&mut self, force: bool) -> Value {
        self.call("push", json!({ "force": force }))
    }

    fn call(&mut self, action: &str, arguments: Value) -> Value {
        let answer = self.node.request(action, arguments);
        answer.unwrap_or_else(|words| panic!("{action} failed: {words}"))
    }
}

fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("{value} is no text"))
        .to_owned()
}

/// A Node process that answers requests, one line of JSON each.
#[derive(Debug)]
struct Node {
    process: Child,
    /// `None` once the process is to end.
    requests: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Node {
    fn start(arguments: &[&str], url: &str) -> Self {
        let mut process = Command::new("node")
            .args(arguments)
            .arg(url)
            .current_dir(installed())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // The kit draws a progress line.
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|e| panic!("cannot run node: {e}"));
        let requests = process.stdin.take();
        let answers = BufReader::new(process.stdout.take().expect("stdout is piped"));
        Self {
            process,
            requests,
            answers,
        }
    }

    /// Returns the answer, or the words of the error.
    fn request(&mut self, action: &str, mut arguments: Value) -> Result<Value, String> {
        arguments["do"] = action.into();
        let requests = self.requests.as_mut().expect("only drop takes it");
        let mut line = String::new();
        writeln!(requests, "{arguments}")
            .and_then(|()| self.answers.read_line(&mut line))
            .unwrap_or_else(|e| panic!("cannot talk to node: {e}"));
        let mut answer: Value = serde_json::from_str(&line)
            .unwrap_or_else(|e| panic!("{action}: node answers {line:?}: {e}"));
        match answer["error"].take() {
            Value::Null => Ok(answer["ok"].take()),
            words => Err(text(&words)),
        }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // It ends with its input.
        drop(self.requests.take());
        let _ = self.process.wait();
    }
}

/// Installs the applications where that is not done yet; returns their directory.
fn installed() -> &'static Path {
    static INSTALLED: OnceLock<PathBuf> = OnceLock::new();
    INSTALLED.get_or_init(|| {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/orm/install");
        let output = Command::new(&script)
            .output()
            .unwrap_or_else(|e| panic!("cannot run {}: {e}", script.display()));
        assert!(
            output.status.success(),
            "these tests run Prisma and Drizzle on Node.\n{}\
             Without Node, run the others by ./test.",
            String::from_utf8_lossy(&output.stderr),
        );
        String::from_utf8_lossy(&output.stdout).trim().into()
    })
}
