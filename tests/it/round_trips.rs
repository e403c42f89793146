//! Round trips of the program to its database, counted by a relay.
//!
//! Connecting is not counted: a login takes what it takes. What is counted are waits: all
//! that is sent without waiting for the answer before is one round trip.

mod locales;

use std::net::Ipv4Addr;
use std::time::Duration;

use crate::support::cluster;
use crate::support::database::TestDatabase;
use crate::support::figure;
use crate::support::project::{Output, Project, post};
use crate::support::relay::Relay;

/// A project and a database, and a relay between.
struct Far {
    project: Project,
    database: TestDatabase,
    relay: Relay,
}

impl Far {
    fn new() -> Self {
        let database = TestDatabase::create();
        let relay = Relay::before(&database);
        Self::behind(database, relay)
    }

    /// Answers take so long that not even a slow machine is slower in making its next
    /// statement, and looks as if it had waited.
    fn farther(delay: Duration) -> Self {
        let database = TestDatabase::create();
        let port = database.endpoint().port;
        let relay = Relay::with_delay((Ipv4Addr::LOCALHOST, port).into(), delay);
        Self::behind(database, relay)
    }

    fn behind(database: TestDatabase, relay: Relay) -> Self {
        Self {
            project: Project::new(),
            database,
            relay,
        }
    }

    /// Runs the program, which must succeed, and counts its round trips.
    #[track_caller]
    fn round_trips(&self, args: &[&str]) -> (usize, Output) {
        self.relay.reset();
        let url = self.relay.url(&self.database);
        let output = self
            .project
            .run(&[args, &["--database", &url]].concat())
            .expect_status(0);
        assert_eq!(self.relay.counts().logins, 1, "{args:?}");
        (self.relay.round_trips(), output)
    }

    /// Syncs past the relay.
    fn prepared(self) -> Self {
        let url = self.database.plain_url();
        let args = ["sync", "content/", "--database", &url];
        self.project.run(&args).expect_status(0);
        self
    }
}

/// A blog with what every filter asks for.
fn write_posts(project: &Project, ids: std::ops::RangeInclusive<i64>) {
    for id in ids {
        let front_matter = format!(
            "category: guide\ntags: [a, b, \"t{}\"]\ncreated_at: 2025-01-{:02}\n",
            id % 7,
            id % 28 + 1
        );
        project.post_with(id, "A post", &front_matter, "Its body.\n");
    }
}

#[test]
fn a_type_of_the_owners_own_takes_no_more() {
    let far = Far::new();
    write_posts(&far.project, 1..=60);
    let far = far.prepared();
    far.database.client().batch(
        "CREATE TYPE category AS ENUM ('guide', 'note');
         ALTER TABLE post ALTER category TYPE category USING category::category;
         CREATE DOMAIN short AS varchar(90);
         ALTER TABLE post ALTER title TYPE short",
    );
    for args in [
        &["list"][..],
        &["list", "--tag", "a"],
        &["show", "7"],
        &["search", "body"],
    ] {
        let (round_trips, output) = far.round_trips(args);
        assert_eq!(round_trips, 1, "{args:?}");
        assert!(output.stdout.contains("guide"), "{args:?}: {output:#?}");
    }
}

#[test]
fn every_reading_command_takes_one() {
    let far = Far::new();
    write_posts(&far.project, 1..=60);
    let far = far.prepared();
    let span = ["--since", "2025-01-05", "--until", "2025-01-20"];
    let tags = ["--tag", "a", "--tag", "b"];
    let category = ["--category", "guide"];
    let lists: [&[&[&str]]; 7] = [
        &[],
        &[&["--limit", "100"]],
        &[&["--cursor", "30"]],
        &[&category],
        &[&tags],
        &[&span],
        &[&category, &tags, &span, &["--cursor", "50"]],
    ];
    for options in lists {
        let args = [&["list"], options.concat().as_slice()].concat();
        let (round_trips, output) = far.round_trips(&args);
        assert_eq!(round_trips, 1, "{args:?}");
        assert!(output.stdout.contains("A post"), "{args:?}: {output:#?}");
    }
    for args in [
        &["show", "7"][..],
        &["categories"],
        &["tags"],
        &["history"],
        &["schema", "status"],
    ] {
        let (round_trips, output) = far.round_trips(args);
        assert_eq!(round_trips, 1, "{args:?}");
        assert!(!output.stdout.is_empty(), "{args:?}");
    }
}

#[test]
fn a_pull_takes_one_for_the_index_and_one_for_all_rows() {
    let far = Far::new();
    write_posts(&far.project, 1..=60);
    let far = far.prepared();
    let (round_trips, _) = far.round_trips(&["pull"]);
    assert_eq!(round_trips, 1, "nothing to pull");
    let client = far.database.client();
    client.batch("UPDATE post SET title = 'New' WHERE id <= 20");
    client.batch("INSERT INTO post (id, title) SELECT n, 'T' FROM generate_series(100, 199) AS n");
    let (round_trips, output) = far.round_trips(&["pull"]);
    assert_eq!(round_trips, 2);
    assert!(
        output.stdout.contains("100 created, 20 updated"),
        "{output:#?}"
    );
}

#[test]
fn a_list_of_all_takes_one_a_page() {
    let far = Far::new();
    write_posts(&far.project, 1..=250);
    let far = far.prepared();
    let (round_trips, output) = far.round_trips(&["list", "--all", "--format", "jsonl"]);
    assert_eq!(output.stdout.lines().count(), 250);
    assert_eq!(round_trips, 3, "pages have at most a hundred rows");
}

#[test]
fn a_search_takes_one_and_two_with_very_long_posts() {
    let far = Far::new();
    write_posts(&far.project, 1..=60);
    let far = far.prepared();
    for words in [
        &["body"][..],
        &["\"its body\"", "--limit", "50"],
        &["body", "-nothing", "--category", "guide", "--tag", "a"],
        &["body", "--since", "2025-01-05", "--cursor", "50"],
        &["body", "--sort", "relevance"],
    ] {
        let (round_trips, output) = far.round_trips(&[&["search"], words].concat());
        assert_eq!(round_trips, 1, "{words:?}");
        assert!(output.stdout.contains("A post"), "{words:?}: {output:#?}");
    }
    let very_long = "Words of a post that is far too long.\n".repeat(10_000);
    for id in 55..=60 {
        far.project.post_with(id, "Long", "", &very_long);
    }
    let far = far.prepared();
    let (round_trips, output) = far.round_trips(&["search", "words"]);
    assert!(output.stdout.contains("Long"), "{output:#?}");
    assert_eq!(
        round_trips, 2,
        "one for the posts, one for what is too long to come along"
    );
    let (round_trips, _) = far.round_trips(&["search", "body"]);
    assert_eq!(round_trips, 1, "none of the long ones is on the page");
    let (round_trips, output) = far.round_trips(&["search", "body", "--all", "--ids"]);
    assert_eq!((round_trips, output.stdout.lines().count()), (1, 54));
}

#[test]
fn a_sync_without_a_change_takes_one() {
    let far = Far::new();
    write_posts(&far.project, 1..=60);
    let far = far.prepared();
    let (round_trips, output) = far.round_trips(&["sync", "content/"]);
    assert!(output.stdout.contains("60 posts"), "{output:#?}");
    assert_eq!(round_trips, 1);
    let (round_trips, _) = far.round_trips(&["sync", "content/", "--dry-run"]);
    assert_eq!(round_trips, 1);
}

#[test]
fn a_diff_takes_one_and_one_more_for_the_rows_that_differ() {
    let far = Far::new();
    write_posts(&far.project, 1..=60);
    let (round_trips, _) = far.round_trips(&["diff"]);
    assert_eq!(round_trips, 1, "there is no row yet");
    let far = far.prepared();
    let (round_trips, output) = far.round_trips(&["diff"]);
    assert!(output.stdout.contains("no differences"), "{output:#?}");
    assert_eq!(round_trips, 1);
    let edit = "UPDATE post SET title = 'Another' WHERE id <= 50";
    far.database.client().batch(edit);
    far.project.post(55, "Another").post(61, "New");
    let (round_trips, output) = far.round_trips(&["diff"]);
    assert!(
        output.stdout.contains("51 posts differ from their files"),
        "{output:#?}"
    );
    assert_eq!(round_trips, 2);
}

/// The index; all writes; COMMIT, which is sent when every write has been seen to take effect.
const WRITING: usize = 3;

#[test]
fn a_sync_with_one_change_takes_three() {
    let far = Far::new();
    write_posts(&far.project, 1..=60);
    let far = far.prepared();
    let takes_three = |action: &str, options: &[&str]| {
        let args = [&["sync", "content/"], options].concat();
        let (round_trips, output) = far.round_trips(&args);
        let said = format!("1 {action}");
        assert!(output.stdout.contains(&said), "{output:#?}");
        assert_eq!(round_trips, WRITING, "{action}");
    };
    far.project.post(61, "New");
    takes_three("created", &[]);
    far.project.post(61, "Newer");
    takes_three("updated", &[]);
    far.project.rename("content/61.md", "content/a/61.md");
    takes_three("moved", &[]);
    far.project.remove("content/a/61.md");
    takes_three("removed", &["--prune"]);
    let tagged = "category: new\ntags: [new]\n";
    far.project.post_with(62, "Tagged", tagged, "x\n");
    takes_three("created", &[]);
}

#[test]
fn a_first_sync_takes_three() {
    let far = Far::new();
    write_posts(&far.project, 1..=60);
    let (round_trips, output) = far.round_trips(&["sync", "content/"]);
    assert!(output.stdout.contains("60 created"), "{output:#?}");
    // The keys of a table that may have been there before are asked for with the index; the
    // tables are made among the writes.
    assert_eq!(round_trips, WRITING);
}

#[test]
fn a_sync_with_five_thousand_changes_takes_three_and_what_the_data_needs() {
    const POSTS: i64 = 5_000;
    let far = Far::farther(Duration::from_secs(2));
    let line = "Words that fill a line of a post, so that it has its four kilobytes.\n";
    let body = line.repeat(4096 / line.len());
    let write = |title: &str| {
        for id in 1..=POSTS {
            let path = format!("content/{}/{id}.md", id / 100);
            let front_matter = format!("category: guide\ntags: [a, \"t{}\"]\n", id % 100);
            far.project
                .write(path, post(id, title, &front_matter, &body));
        }
    };
    for (title, action) in [("First", "created"), ("Second", "updated")] {
        write(title);
        let (round_trips, output) = far.round_trips(&["sync", "content/"]);
        let counts = far.relay.counts();
        println!("{POSTS} {action}: {counts:?}");
        assert!(
            output.stdout.contains(&format!("{POSTS} {action}")),
            "{output:#?}"
        );
        // Something is always under way until all is written, so that nothing idles: had each
        // statement been waited for, there would be as many round trips as statements. What
        // is waited for besides is the window, once for every WINDOW_BYTES of the data; how
        // often depends on how fast the posts are read, so it is shown and not judged.
        assert!(counts.bytes_sent > POSTS as usize * 4000, "{counts:?}");
        assert!(counts.statements > 60, "{counts:?}");
        assert_eq!(round_trips, WRITING, "{action}: {counts:?}");
    }
}

/// The statement of a plain page as psql takes it, with the values that the command binds.
fn plain_page() -> String {
    let statement = blogctl::store::postgres::plain_page();
    // One more than the greatest id, no span, and one row more than a page shows.
    let values = [
        ("$1", "2147483648"),
        ("$2", "NULL::timestamptz"),
        ("$3", "NULL::timestamptz"),
        ("$4", "21"),
    ];
    values
        .into_iter()
        .fold(statement, |statement, (name, value)| {
            statement.replace(name, value)
        })
}

#[test]
fn a_list_over_tls_takes_no_more_than_psql_with_the_same_query() {
    let far = Far::new();
    write_posts(&far.project, 1..=60);
    let far = far.prepared();
    let relay = Relay::opaque(&far.database);
    let database = &far.database;

    let query = plain_page();
    let psql = psql(&far.project, &relay, database, &query);
    let rows = psql.stdout.lines().count();
    let theirs = relay.round_trips();
    assert_eq!(relay.counts().connections, 1, "{psql:#?}");

    relay.reset();
    let url = relay
        .tls_url(database)
        .replace("sslmode=require", "sslmode=verify-full");
    let args = ["list", "--format", "jsonl", "--database", &url];
    let list = far.project.run(&args).expect_status(0);
    let ours = relay.round_trips();
    assert_eq!(relay.counts().connections, 1, "{list:#?}");

    // psql shows the row that tells whether there is another page.
    assert_eq!((list.stdout.lines().count(), rows), (20, 21));
    figure(format_args!(
        "round trips over TLS, login and all: list {ours}, psql -c {theirs}"
    ));
    assert!(theirs > 3, "psql cannot have logged in with {theirs}");
    assert!(ours <= theirs, "list takes {ours}, psql {theirs}");
}

/// Runs one statement by `psql -c` over TLS, verified.
fn psql(project: &Project, relay: &Relay, database: &TestDatabase, statement: &str) -> Output {
    let endpoint = database.endpoint();
    let certificate = endpoint.ca_file.to_string_lossy();
    let port = relay.port().to_string();
    project
        .run_other(
            &cluster::psql(),
            &["-X", "-At", "-c", statement],
            &[
                ("PGHOST", "127.0.0.1"),
                ("PGPORT", &port),
                ("PGUSER", "blogctl"),
                ("PGPASSWORD", &endpoint.password),
                ("PGDATABASE", database.name()),
                ("PGSSLMODE", "verify-full"),
                ("PGSSLROOTCERT", &certificate),
                ("PGGSSENCMODE", "disable"),
            ],
        )
        .expect_status(0)
}

#[test]
fn rows_to_compare_take_one_more() {
    let far = Far::new();
    write_posts(&far.project, 1..=60);
    let far = far.prepared();
    let client = far.database.client();
    client.batch("UPDATE post SET title = 'Another' WHERE id IN (3, 4)");
    for id in [3, 4] {
        let front_matter = format!(
            "category: guide\ntags: [a, b, \"t{id}\"]\ncreated_at: 2025-01-{:02}\n",
            id + 1
        );
        far.project
            .post_with(id, "Another", &front_matter, "Its body.\n");
    }
    let (round_trips, output) = far.round_trips(&["sync", "content/", "--dry-run"]);
    assert!(output.stdout.contains("2 adopted"), "{output:#?}");
    assert_eq!(round_trips, 2);
    let (round_trips, output) = far.round_trips(&["sync", "content/"]);
    assert!(output.stdout.contains("2 adopted"), "{output:#?}");
    assert_eq!(round_trips, WRITING + 1);
    let (round_trips, _) = far.round_trips(&["sync", "content/"]);
    assert_eq!(round_trips, 1);
}
