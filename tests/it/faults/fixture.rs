//! A sync that is about to be made: the files, the database before it, and what the database
//! is to hold after it.

use std::net::{Ipv4Addr, SocketAddr};

use crate::support::client::Client;
use crate::support::database::TestDatabase;
use crate::support::project::{Output, Project, Running};
use crate::support::relay::{Messages, Relay};
use crate::support::test_blog::dump_postgres;

/// A project and a database that a sync is about to change. Every run gets a database of its
/// own, a copy that is the same to the last transaction's number.
pub struct Fixture {
    pub name: &'static str,
    pub project: Project,
    template: TestDatabase,
    /// Every row and its version, before the sync.
    old: String,
    /// The expected rows after the sync, however often it was retried.
    new: String,
    /// The output of an undisturbed sync.
    summary: String,
    /// The messages of an undisturbed sync, after its login.
    pub messages: Messages,
    /// The same from its first byte on.
    pub messages_from_connect: Messages,
}

/// The content of a database.
#[derive(Debug, PartialEq, Eq)]
pub enum State {
    Old,
    New,
    /// Neither: how it differs from the new one.
    Mixed(String),
}

impl Fixture {
    /// A first sync, which makes the tables.
    pub fn first(database: TestDatabase) -> Self {
        let project = Project::new();
        post(&project, 1, "One", "tags: [a, b]\ncategory: guide");
        post(&project, 2, "Two", "");
        Self::of("first sync", database, project)
    }

    /// A sync that creates, updates, moves and removes, and changes tags and categories.
    pub fn every_kind(database: TestDatabase) -> Self {
        let project = Project::new();
        for id in 1..=6 {
            let more = format!("tags: [a, t{id}]\ncategory: c{id}");
            post(&project, id, &format!("Post {id}"), &more);
        }
        Self::synced(&project, &database);
        post(&project, 1, "Edited", "tags: [b]\ncategory: new");
        project.rename("content/2.md", "content/moved/2.md");
        project.remove("content/3.md");
        post(&project, 4, "Post 4", "tags: [t4]");
        post(&project, 7, "Seven", "tags: [a, c]\ncategory: c1");
        Self::of("sync of every kind", database, project)
    }

    /// The same with so many posts that it takes a while.
    pub fn large(database: TestDatabase) -> Self {
        let project = Project::new();
        write_many(&project);
        Self::synced(&project, &database);
        change_many(&project);
        Self::of("large sync", database, project)
    }

    fn synced(project: &Project, database: &TestDatabase) {
        sync(project, &database.plain_url(), &[]).expect_status(0);
        database.settle();
    }

    fn of(name: &'static str, template: TestDatabase, project: Project) -> Self {
        let old = dump_postgres(&template.client());
        template.settle();
        let twin = template.copy();
        let relay = Relay::breaking(address(&twin));
        let output = sync(&project, &relay.url(&twin), &[]).expect_status(0);
        let counts = relay.counts();
        assert_eq!(counts.logins, 1, "{output:#?}");
        let new = meaning(&twin.client());
        Self {
            name,
            project,
            template,
            old,
            new,
            summary: summary(&output),
            messages: counts.messages,
            messages_from_connect: counts.messages_from_connect,
        }
    }

    /// A database as it was before the sync.
    pub fn database(&self) -> TestDatabase {
        self.template.copy()
    }

    /// Runs the sync against an address, with more options.
    pub fn sync(&self, url: &str, options: &[&str]) -> Output {
        sync(&self.project, url, options)
    }

    /// Starts the sync and does not wait.
    pub fn spawn(&self, url: &str, options: &[&str]) -> Running {
        spawn(&self.project, url, options)
    }

    /// Returns the content of a database after its last session has ended.
    pub fn state(&self, database: &TestDatabase) -> State {
        database.settle();
        self.state_now(database)
    }

    /// Returns the content of a database while other sessions are open, such as a pooler's.
    pub fn state_now(&self, database: &TestDatabase) -> State {
        let client = database.client();
        if dump_postgres(&client) == self.old {
            return State::Old;
        }
        let found = meaning(&client);
        if found == self.new {
            return State::New;
        }
        let has = |text: &str, line: &str| text.lines().any(|other| other == line);
        let more = found.lines().filter(|line| !has(&self.new, line));
        let less = self.new.lines().filter(|line| !has(&found, line));
        let more = more.map(|line| format!("+ {line}"));
        let less = less.map(|line| format!("- {line}"));
        State::Mixed(more.chain(less).collect::<Vec<_>>().join("\n"))
    }

    /// Returns true if a run's output is that of an undisturbed run.
    pub fn says_what_it_did(&self, output: &Output) -> bool {
        summary(output) == self.summary
    }

    /// Demands that a sync to which nothing happens ends with the new state; otherwise tells
    /// what is wrong.
    pub fn next_sync(&self, database: &TestDatabase) -> Result<(), String> {
        let output = self.sync(&database.plain_url(), &[]);
        match (output.status, self.state(database)) {
            (0, State::New) => Ok(()),
            (status, state) => Err(format!(
                "the next sync ended with {status} and left {state:?}: {}",
                output.stderr
            )),
        }
    }
}

/// Returns the address that a relay to a database connects to.
pub fn address(database: &TestDatabase) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, database.endpoint().port).into()
}

/// Checks a failed run's report on the database: that it is a permitted one, and true.
pub fn judge_words(output: &Output, state: &State, may_be_unknown: bool) -> Result<(), String> {
    let Output { stderr, .. } = output;
    let nothing = stderr.contains("nothing was written");
    let unknown = stderr.contains("everything was written, or nothing")
        && stderr.contains("run the sync again");
    match state {
        State::Old if nothing || unknown && may_be_unknown => Ok(()),
        State::New if unknown && may_be_unknown => Ok(()),
        _ => Err(format!("{state:?} is not what it says: {stderr}")),
    }
}

/// 600 posts of 2 KB with tags and categories.
pub fn write_many(project: &Project) {
    for id in 1..=600 {
        let more = format!("tags: [a, t{}]\ncategory: c{}", id % 20, id % 7);
        post(project, id, &format!("Post {id}"), &more);
    }
}

/// Changes a third of them in every way.
pub fn change_many(project: &Project) {
    for id in (1..=600).step_by(6) {
        post(project, id, "Edited", "tags: [b, new]\ncategory: new");
        let moved = id + 1;
        project.rename(
            format!("content/{moved}.md"),
            format!("content/moved/{moved}.md"),
        );
        project.remove(format!("content/{}.md", id + 2));
        post(project, 1000 + id, "New", "tags: [a, c]\ncategory: c1");
    }
}

/// Writes a post that says nothing of the time at which it is written.
fn post(project: &Project, id: i64, title: &str, more: &str) {
    let dates = "created_at: 2025-01-02T03:04:05Z\nupdated_at: 2025-02-03T04:05:06Z\n";
    let body = "Words that fill the lines of a post, as many as it may have.\n".repeat(30);
    project.post_with(id, title, &format!("{dates}{more}"), &body);
}

/// Removing a third of a blog is more than the guard lets pass.
const SYNC: [&str; 4] = ["sync", "content", "--prune", "--force"];

fn sync(project: &Project, url: &str, options: &[&str]) -> Output {
    spawn(project, url, options).wait()
}

fn spawn(project: &Project, url: &str, options: &[&str]) -> Running {
    project.spawn_with(&[&SYNC, options].concat(), &[("DATABASE_URL", url)])
}

fn summary(output: &Output) -> String {
    let steady = output.snapshot();
    let (stdout, _) = steady.split_once("--- stderr ---").expect("it is there");
    stdout.to_owned()
}

/// Returns the rows of a database without the times of runs, and without numbers that a failed
/// sync leaves out.
fn meaning(client: &Client) -> String {
    if client.text("SELECT to_regclass('blogctl.state') IS NULL") == "t" {
        return format!("no tables\n{}", dump_postgres(client));
    }
    const QUERIES: [(&str, &str); 7] = [
        (
            "posts",
            "SELECT p.*, ARRAY(SELECT t.name FROM public.post_tag l \
             JOIN public.tag t ON t.id = l.tag_id WHERE l.post_id = p.id ORDER BY 1) \
             FROM public.post p ORDER BY p.id",
        ),
        (
            "tags",
            "SELECT t.name, c.posts, c.stale, c.created FROM public.tag t \
             FULL JOIN blogctl.tag_count c ON c.tag_id = t.id ORDER BY 1",
        ),
        (
            "categories",
            "SELECT * FROM blogctl.category_count ORDER BY category",
        ),
        (
            "sources",
            "SELECT s.post_id, s.path, s.file_digest, s.post_digest, s.row_digest, s.tags, \
             s.terms_version, s.row_xmin = p.xmin FROM blogctl.source s \
             LEFT JOIN public.post p ON p.id = s.post_id ORDER BY 1",
        ),
        (
            "terms",
            "SELECT post_id, md5(terms::text) FROM blogctl.search ORDER BY 1",
        ),
        ("state", "SELECT version, generation FROM blogctl.state"),
        (
            "runs",
            "SELECT created, updated, moved, removed, unchanged, directory, actor \
             FROM blogctl.run ORDER BY id",
        ),
    ];
    let answers = QUERIES.map(|(name, query)| {
        let rows = client.text(query);
        let lines = rows.lines().map(|line| format!("{name} {line}\n"));
        lines.collect::<String>()
    });
    answers.concat()
}
