//! A replica that fails in any way is answered for by the primary, with one warning.

use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::process::Stdio;
use std::time::{Duration, Instant};

use blogctl::model::SCHEMA_VERSION;

use super::{Blog, titles, warnings};
use crate::support::database::TestDatabase;
use crate::support::project::Project;

const LIST: [&str; 3] = ["list", "--format", "json"];

/// An address where nothing listens.
const NOBODY: &str = "postgresql://me:hunter2@127.0.0.1:1/blog?sslmode=disable";

/// A connect timeout that a missing server does not use up.
const SOON: [&str; 2] = ["--connect-timeout", "1"];

/// Commands that read, each with something to show.
fn readers() -> impl Iterator<Item = Vec<&'static str>> {
    let readers: [&[&str]; 6] = [
        &["list"],
        &["list", "--all", "--format", "csv"],
        &["search", "body", "--format", "json"],
        &["show", "2"],
        &["categories"],
        &["tags", "--format", "jsonl"],
    ];
    readers.into_iter().map(|args| [args, &SOON].concat())
}

#[test]
fn a_replica_that_is_gone_costs_a_warning_and_nothing_else() {
    let blog = Blog::published();
    let url = blog.replica.url(&blog.database);
    let Blog {
        project,
        database,
        replica,
    } = blog;
    drop(replica);
    let primary = database.plain_url();
    for args in readers() {
        let alone = project.run_with(&args, &[("DATABASE_URL", &primary)]);
        let variables = [("DATABASE_URL", &*primary), ("DATABASE_READ_URL", &*url)];
        let output = project.run_with(&args, &variables).expect_status(0);
        assert_eq!(output.stdout, alone.expect_status(0).stdout, "{args:?}");
        let [warning] = &warnings(&output)[..] else {
            panic!("{args:?}: {}", output.stderr);
        };
        assert!(warning.contains("instead of the replica postgresql://blogctl@127.0.0.1:"));
        assert!(
            warning.to_lowercase().contains("connection refused"),
            "{warning}"
        );
        assert!(!output.stderr.contains(&database.endpoint().password));
    }
    // What writes does not notice.
    let variables = [("DATABASE_URL", &*primary), ("DATABASE_READ_URL", &*url)];
    let sync = project.run_with(&["sync", "content"], &variables);
    assert_eq!(sync.expect_status(0).stderr, "");
}

#[test]
fn a_wrong_password_at_the_replica_says_what_to_mend() {
    let blog = Blog::published();
    let right = blog.replica.url(&blog.database);
    let wrong = right.replace(&blog.database.endpoint().password, "hunter2");
    let output = blog.run_reading(&LIST, &wrong).expect_status(0);
    assert_eq!(titles(&output), ["Old 3", "Old 2", "Old 1"]);
    let [warning] = &warnings(&output)[..] else {
        panic!("{}", output.stderr);
    };
    assert!(
        warning.contains("password authentication failed"),
        "{warning}"
    );
    let hint = "hint: DATABASE_READ_URL: check the user and the password";
    assert!(output.stderr.contains(hint), "{}", output.stderr);
    assert!(!output.stderr.contains("hunter2"), "{}", output.stderr);
}

#[test]
fn tables_of_another_version_are_read_at_the_primary() {
    let blog = Blog::published();
    blog.database
        .client()
        .batch("UPDATE blogctl.state SET version = 99");
    blog.replica.catch_up();
    blog.replica.pause();
    blog.database.client().batch(&format!(
        "UPDATE blogctl.state SET version = {SCHEMA_VERSION}"
    ));
    let output = blog.run(&LIST).expect_status(0);
    assert_eq!(titles(&output).len(), 3);
    let [warning] = &warnings(&output)[..] else {
        panic!("{}", output.stderr);
    };
    assert!(
        warning.contains("its tables are of version 99"),
        "{warning}"
    );
}

#[test]
fn a_replica_killed_in_the_middle_of_a_walk_is_followed_by_the_primary() {
    for args in [
        &["list", "--all", "--format", "jsonl"][..],
        &["search", "body", "--all", "--format", "jsonl"],
    ] {
        killed_in_the_middle(args);
    }
}

fn killed_in_the_middle(args: &[&str]) {
    const POSTS: i64 = 250;
    let blog = Blog::new();
    // A page is more than a pipe holds, so that the walk waits for its reader.
    let front_matter = format!("description: {}\n", "long ".repeat(400));
    for id in 1..=POSTS {
        let title = format!("Old {id}");
        blog.project
            .post_with(id, &title, &front_matter, "The body.\n");
    }
    blog.run(&["sync", "content"]).expect_status(0);
    blog.replica.catch_up();
    blog.replica.pause();
    blog.database
        .client()
        .batch("UPDATE post SET title = 'New ' || id");

    let mut command = blog.project.command(args);
    let mut child = command
        .env("DATABASE_URL", blog.database.plain_url())
        .env("DATABASE_READ_URL", blog.replica.url(&blog.database))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program can be started");
    let mut stdout = BufReader::new(child.stdout.take().expect("stdout is piped"));
    let mut lines = String::new();
    stdout.read_line(&mut lines).expect("a pipe can be read");
    drop(blog.replica);
    stdout.read_to_string(&mut lines).expect("it is UTF-8");
    let output = child.wait_with_output().expect("the child is ours");
    let stderr = String::from_utf8(output.stderr).expect("it is UTF-8");
    assert_eq!(output.status.code(), Some(0), "{stderr}");

    let posts: Vec<serde_json::Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).expect("it is JSON"))
        .collect();
    let shown: Vec<&str> = posts
        .iter()
        .filter_map(|post| post["title"].as_str())
        .collect();
    let by = |id: i64| if id > POSTS - 100 { "Old" } else { "New" };
    let expected: Vec<String> = (1..=POSTS)
        .rev()
        .map(|id| format!("{} {id}", by(id)))
        .collect();
    assert_eq!(shown, expected, "the page after the kill is the primary's");
    let warned = stderr.lines().filter(|line| line.starts_with("warning: "));
    assert_eq!(warned.count(), 1, "{stderr}");
}

#[test]
fn a_query_that_is_in_the_way_of_the_replication_is_asked_of_the_primary() {
    let blog = Blog::published();
    let client = blog.database.client();
    // A reader that takes its time, at the replica alone.
    client.batch(
        "ALTER TABLE blogctl.state RENAME TO state_rows;
         CREATE VIEW blogctl.state AS SELECT version FROM blogctl.state_rows
             WHERE NOT pg_is_in_recovery() OR pg_sleep(60) IS NOT NULL",
    );
    blog.replica.catch_up();
    let (primary, replica) = (blog.database.plain_url(), blog.replica.url(&blog.database));
    let variables = [
        ("DATABASE_URL", &*primary),
        ("DATABASE_READ_URL", &*replica),
    ];
    let running = blog.project.spawn_with(&LIST, &variables);
    let watcher = blog.replica.client("postgres");
    let begun = Instant::now();
    while watcher.text("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'") != "1"
    {
        assert!(begun.elapsed() < Duration::from_secs(30), "nobody reads");
        std::thread::sleep(Duration::from_millis(5));
    }
    client.batch("BEGIN; LOCK TABLE blogctl.state_rows IN ACCESS EXCLUSIVE MODE; COMMIT");
    let output = running.wait().expect_status(0);
    assert_eq!(titles(&output), ["Old 3", "Old 2", "Old 1"]);
    let [warning] = &warnings(&output)[..] else {
        panic!("{}", output.stderr);
    };
    assert!(warning.contains("conflict with recovery"), "{warning}");
}

/// The address of a server that takes connections and never says a word.
fn silent() -> (TcpListener, String) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("loopback has a free port");
    let address = listener.local_addr().expect("it is bound");
    let url = format!("postgresql://me:hunter2@{address}/blog?sslmode=disable");
    (listener, url)
}

/// A project whose one post is in a database of the shared server.
fn one_post() -> (Project, TestDatabase) {
    let (project, database) = (Project::new(), TestDatabase::create());
    project.post(1, "The only one");
    project
        .run(&["sync", "content", "--database", &database.plain_url()])
        .expect_status(0);
    (project, database)
}

#[test]
fn a_replica_that_says_nothing_is_not_waited_for_as_long_as_a_primary() {
    let (project, database) = one_post();
    let (_listener, url) = silent();
    let primary = database.plain_url();
    let variables = [("DATABASE_URL", &*primary), ("DATABASE_READ_URL", &*url)];
    let begun = Instant::now();
    let output = project.run_with(&LIST, &variables).expect_status(0);
    assert_eq!(titles(&output), ["The only one"]);
    assert_eq!(warnings(&output).len(), 1, "{}", output.stderr);
    // A primary would be waited for half a minute.
    assert!(begun.elapsed() < Duration::from_secs(25));

    let soon = [&LIST[..], &SOON].concat();
    let begun = Instant::now();
    let output = project.run_with(&soon, &variables).expect_status(0);
    assert_eq!(warnings(&output).len(), 1, "{}", output.stderr);
    assert!(begun.elapsed() < Duration::from_secs(8));
}

#[test]
fn an_interrupt_is_no_failure_of_the_replica() {
    let (project, database) = one_post();
    let (listener, url) = silent();
    let primary = database.plain_url();
    let variables = [("DATABASE_URL", &*primary), ("DATABASE_READ_URL", &*url)];
    let running = project.spawn_with(&LIST, &variables);
    let _connection = listener.accept().expect("the program connects");
    let pid = i32::try_from(running.id()).expect("process ids are small");
    // SAFETY: kill takes numbers, and the process is ours and not waited for yet.
    assert_eq!(unsafe { libc::kill(pid, libc::SIGINT) }, 0);
    let output = running.wait().expect_status(130);
    assert_eq!(output.stdout, "");
    assert_eq!(warnings(&output), [""; 0]);
}

#[test]
fn where_the_primary_fails_as_well_the_error_is_its_own() {
    let project = Project::new();
    let other = NOBODY.replace("/blog", "/replica");
    let variables = [("DATABASE_URL", NOBODY), ("DATABASE_READ_URL", &*other)];
    for args in readers() {
        let output = project.run_with(&args, &variables).expect_status(3);
        let said = &output.stderr;
        let (before, after) = said.split_once("error: ").expect(said);
        assert!(
            before.starts_with("warning: ") && before.contains("/replica:"),
            "{said}"
        );
        assert!(
            after.contains("/blog\n") && !after.contains("/replica"),
            "{said}"
        );
        assert!(!said.contains("hunter2"), "{said}");
        assert_eq!(output.stdout, "");
    }
}

#[test]
fn a_post_that_only_the_primary_could_have_is_not_said_to_be_absent() {
    let blog = Blog::published();
    let variables = [
        ("DATABASE_URL", NOBODY),
        ("DATABASE_READ_URL", &*blog.replica.url(&blog.database)),
    ];
    // As long as the replica has the answer nobody misses the primary.
    let shown = blog.project.run_with(&["show", "2"], &variables);
    assert_eq!(shown.expect_status(0).stderr, "");
    let output = blog.project.run_with(&["show", "9"], &variables);
    let said = output.expect_status(3).stderr;
    let (before, after) = said.split_once("error: ").expect(&said);
    assert!(before.contains("has no post 9, and the primary"), "{said}");
    assert!(after.contains("cannot connect"), "{said}");
}

#[test]
fn a_read_address_alone_is_read_and_nothing_stands_in_for_it() {
    let blog = Blog::published();
    let url = blog.replica.url(&blog.database);
    let project = Project::new();
    project.post(9, "Of the embedded store");
    project.run(&["sync", "content"]).expect_status(0);
    let output = project.run_with(&LIST, &[("DATABASE_READ_URL", &url)]);
    assert_eq!(titles(&output.expect_status(0)).len(), 3);
    let absent = project.run_with(&["show", "9"], &[("DATABASE_READ_URL", &url)]);
    absent.expect_status(6);
    let output = project.run(&[&LIST[..], &["--read-database", NOBODY]].concat());
    let output = output.expect_status(3);
    assert!(
        output.stderr.starts_with("error: cannot connect"),
        "{}",
        output.stderr
    );
    assert_eq!(output.stdout, "");
    // Without it, the store of the project is read.
    assert_eq!(titles(&project.run(&LIST)), ["Of the embedded store"]);
}
