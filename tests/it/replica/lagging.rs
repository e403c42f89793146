//! A replica that is behind shows the state before, and decides nothing.

use super::{Blog, titles, warnings};

const LIST: [&str; 3] = ["list", "--format", "json"];

#[test]
fn readers_see_the_replicas_state_and_a_sync_that_of_the_primary() {
    let blog = Blog::published();
    blog.replica.pause();
    blog.project.post(2, "New 2").post(4, "New 4");
    let done = blog.run(&["sync", "content"]).expect_status(0);
    assert!(
        done.stdout.contains("1 created, 1 updated"),
        "{}",
        done.stdout
    );

    // The replica still shows the state before.
    let list = blog.run(&LIST).expect_status(0);
    assert_eq!(titles(&list), ["Old 3", "Old 2", "Old 1"]);
    assert_eq!(list.stderr, "");
    let found = blog.run(&["search", "new", "--format", "json"]);
    assert_eq!(titles(&found.expect_status(0)), [""; 0]);
    let tags = blog.run(&["tags", "--format", "csv"]).expect_status(0);
    assert!(tags.stdout.contains("common,3"), "{}", tags.stdout);
    let categories = blog.run(&["categories", "--format", "csv"]);
    let categories = categories.expect_status(0);
    assert!(
        categories.stdout.contains("guide,3"),
        "{}",
        categories.stdout
    );

    // A sync decides by the primary, where nothing is left to do.
    for args in [
        &["sync", "content", "--dry-run", "--exit-code"][..],
        &["sync", "content"],
    ] {
        let again = blog.run(args).expect_status(0);
        assert!(again.stdout.contains("nothing changed"), "{}", again.stdout);
    }
    // What the replica does not have yet is an update, and no second post.
    blog.project.post(4, "Newer 4");
    for args in [&["sync", "content", "--dry-run"][..], &["sync", "content"]] {
        let update = blog.run(args).expect_status(0);
        assert!(
            update.stdout.contains("update  content/4.md"),
            "{}",
            update.stdout
        );
        assert!(!update.stdout.contains("create "), "{}", update.stdout);
    }

    // The primary alone knows of these runs.
    let history = blog.run(&["history", "--format", "csv"]).expect_status(0);
    assert_eq!(history.stdout.lines().count(), 4, "{}", history.stdout);

    blog.replica.resume();
    blog.replica.catch_up();
    let list = blog.run(&LIST).expect_status(0);
    assert_eq!(titles(&list), ["Newer 4", "Old 3", "New 2", "Old 1"]);
}

#[test]
fn who_answers_is_connected_to_and_nobody_else() {
    let blog = Blog::published();
    let counted = |args: &[&str]| {
        blog.connections_of(|| {
            let output = blog.run(args);
            assert_eq!((output.status, &*output.stderr), (0, ""), "{args:?}");
        })
    };
    for args in [
        &["list", "--all", "--format", "csv"][..],
        &["search", "body", "--format", "csv"],
        &["show", "1"],
        &["categories"],
        &["tags"],
    ] {
        assert_eq!(counted(args), (0, 1), "{args:?}");
    }
    for args in [
        &["sync", "content", "--dry-run"][..],
        &["sync", "content"],
        &["history"],
        &["schema", "status"],
        &["schema", "apply"],
    ] {
        assert_eq!(counted(args), (1, 0), "{args:?}");
        let url = blog.replica.url(&blog.database);
        let told = [args, &["--read-database", &url]].concat();
        assert_eq!(counted(&told), (1, 0), "{told:?}");
    }
}

#[test]
fn a_post_that_is_too_new_for_the_replica_is_shown_from_the_primary() {
    let blog = Blog::published();
    blog.replica.pause();
    blog.project.post(42, "Just published");
    blog.run(&["sync", "content"]).expect_status(0);
    let shown = blog.run(&["show", "42"]).expect_status(0);
    assert!(shown.stdout.contains("Just published"), "{}", shown.stdout);
    assert_eq!(shown.stderr, "");

    // What neither has is looked for at both, in this order.
    let both = blog.connections_of(|| {
        let absent = blog.run(&["show", "43"]).expect_status(6);
        assert!(
            absent.stderr.contains("has no post 43"),
            "{}",
            absent.stderr
        );
        let primary = format!(":{}/", blog.database.endpoint().port);
        assert!(absent.stderr.contains(&primary), "{}", absent.stderr);
    });
    assert_eq!(both, (1, 1));
}

#[test]
fn tables_that_have_not_arrived_yet_are_read_at_the_primary() {
    let blog = Blog::new();
    blog.replica.catch_up();
    blog.replica.pause();
    blog.project.post(1, "The first");
    blog.run(&["sync", "content"]).expect_status(0);
    let list = blog.run(&LIST).expect_status(0);
    assert_eq!(titles(&list), ["The first"]);
    insta::assert_snapshot!(list.stderr.replace(&port(&blog), ":[REPLICA]/").replace(blog.database.name(), "[DATABASE]"), @"
    warning: reading from the primary instead of the replica postgresql://blogctl@127.0.0.1:[REPLICA]/[DATABASE]: it has no blogctl tables yet
    hint: DATABASE_READ_URL: it is far behind, or it is no replica of the primary
    ");

    // A database that has not arrived yet.
    let later = super::primary().database();
    let variables = [
        ("DATABASE_URL", &*later.plain_url()),
        ("DATABASE_READ_URL", &*blog.replica.url(&later)),
    ];
    let project = &blog.project;
    project
        .run_with(&["sync", "content"], &variables)
        .expect_status(0);
    let list = project.run_with(&LIST, &variables).expect_status(0);
    assert_eq!(titles(&list), ["The first"]);
    let [warning] = &warnings(&list)[..] else {
        panic!("{}", list.stderr);
    };
    assert!(warning.contains("does not exist"), "{warning}");

    blog.replica.resume();
    blog.replica.catch_up();
    let list = project.run_with(&LIST, &variables).expect_status(0);
    assert_eq!(
        (titles(&list), &*list.stderr),
        (vec!["The first".into()], "")
    );
}

#[test]
fn verbose_says_who_answers_and_quiet_says_nothing() {
    let blog = Blog::published();
    let said = blog.run(&["list", "--verbose"]).expect_status(0).stderr;
    let replica = format!("reading from postgresql://blogctl@127.0.0.1{}", port(&blog));
    assert!(said.starts_with(&replica), "{said}");
    assert!(said.trim_end().ends_with("(DATABASE_READ_URL)"), "{said}");

    let elsewhere = blog.replica.endpoint().plain_url("absent");
    let said = blog.run_reading(&["list", "--verbose"], &elsewhere);
    let said = said.expect_status(0).stderr;
    let lines: Vec<&str> = said.lines().collect();
    assert!(lines[0].starts_with("reading from") && lines[0].ends_with("(DATABASE_READ_URL)"));
    assert!(
        lines[1].starts_with("warning: reading from the primary instead"),
        "{said}"
    );
    let last = lines[lines.len() - 1];
    assert!(
        last.starts_with("reading from") && last.ends_with("(DATABASE_URL)"),
        "{said}"
    );

    let quiet = blog.run_reading(&["list", "--quiet"], &elsewhere);
    assert_eq!(quiet.expect_status(0).stderr, "");
}

/// The replica's port as it is written in an address.
fn port(blog: &Blog) -> String {
    format!(":{}/", blog.replica.endpoint().port)
}
