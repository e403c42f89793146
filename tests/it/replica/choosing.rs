//! The precedence of read addresses, as a user sees it; files take the place of servers.

use crate::support::project::Project;
use crate::support::test_blog::json;

/// A project with stores that each hold one post, titled by the store's name.
fn stores() -> Project {
    let project = Project::new();
    for name in ["replica", "primary", "other"] {
        project.post(1, name);
        let url = format!("sqlite:{name}.db");
        project
            .run(&["sync", "content", "--force", "--database", &url])
            .expect_status(0);
    }
    project
}

/// The store that answers `list` with more arguments.
#[track_caller]
fn answering(project: &Project, args: &[&str], variables: &[(&str, &str)]) -> String {
    let args = [&["list", "--format", "json"], args].concat();
    let output = project.run_with(&args, variables).expect_status(0);
    assert_eq!(output.stderr, "");
    let title = &json(&output)["posts"][0]["title"];
    title.as_str().expect("a post has a title").to_owned()
}

#[test]
fn another_database_is_not_read_from_the_replica_of_this_one() {
    let project = stores();
    let both = [
        ("DATABASE_URL", "sqlite:primary.db"),
        ("DATABASE_READ_URL", "sqlite:replica.db"),
    ];
    assert_eq!(answering(&project, &[], &both), "replica");
    assert_eq!(
        answering(&project, &["--database", "sqlite:other.db"], &both),
        "other"
    );
    let read = [
        "--database",
        "sqlite:other.db",
        "--read-database",
        "sqlite:replica.db",
    ];
    assert_eq!(answering(&project, &read, &both), "replica");
    assert_eq!(
        answering(&project, &["--read-database", ""], &both),
        "primary"
    );
    assert_eq!(answering(&project, &["--database", ""], &both), "replica");

    // The environment is stronger than the files, and .env than blogctl.toml.
    project.write(".env", "DATABASE_READ_URL=sqlite:replica.db\n");
    assert_eq!(answering(&project, &[], &both[..1]), "primary");
    project.write("blogctl.toml", "database = \"sqlite:primary.db\"\n");
    assert_eq!(answering(&project, &[], &[]), "replica");
    assert_eq!(
        answering(&project, &[], &[("DATABASE_READ_URL", "")]),
        "primary"
    );
    let toml = "database = \"sqlite:primary.db\"\nread_database = \"sqlite:replica.db\"\n";
    project.remove(".env").write("blogctl.toml", toml);
    assert_eq!(answering(&project, &[], &[]), "replica");
    assert_eq!(answering(&project, &[], &both[..1]), "primary");
}

#[test]
fn a_read_address_that_is_none_is_refused_by_readers_and_unseen_by_others() {
    let project = stores();
    let primary = ("DATABASE_URL", "sqlite:primary.db");
    for (bad, said) in [
        (
            "mysql://me:hunter2@h/d",
            "DATABASE_READ_URL does not hold the address",
        ),
        (
            "postgresql://me:hunter2@h/d",
            "cannot be a replica of sqlite:",
        ),
    ] {
        let variables = [primary, ("DATABASE_READ_URL", bad)];
        for args in [
            &["list"][..],
            &["search", "x"],
            &["show", "1"],
            &["categories"],
            &["tags"],
        ] {
            let output = project.run_with(args, &variables).expect_status(2);
            assert!(output.stderr.contains(said), "{}", output.stderr);
            assert!(!output.stderr.contains("hunter2"), "{}", output.stderr);
        }
        for args in [
            &["sync", "content", "--dry-run"][..],
            &["history"],
            &["schema", "status"],
        ] {
            assert_eq!(
                project
                    .run_with(args, &variables)
                    .expect_status(0)
                    .stderr
                    .matches("error")
                    .count(),
                0
            );
        }
    }
    // A string that is one of Postgres and cannot be used.
    let unusable = "postgresql://me:hunter2@h/d?sslmode=nonsense";
    let variables = [
        ("DATABASE_URL", "postgresql://h/d"),
        ("DATABASE_READ_URL", unusable),
    ];
    let output = project.run_with(&["list"], &variables).expect_status(2);
    assert!(
        output.stderr.starts_with("error: DATABASE_READ_URL: "),
        "{}",
        output.stderr
    );
    assert!(!output.stderr.contains("hunter2"), "{}", output.stderr);
}

#[test]
fn the_command_for_the_next_page_names_the_replica_that_was_given() {
    let project = Project::new();
    for id in 1..=3 {
        project.post(id, "Post");
    }
    for name in ["primary", "replica"] {
        let url = format!("sqlite:{name}.db");
        project
            .run(&["sync", "content", "--database", &url])
            .expect_status(0);
    }
    let more = |args: &[&str], variables: &[(&str, &str)]| {
        let args = [args, &["--limit", "1"]].concat();
        project.run_with(&args, variables).expect_status(0).stderr
    };
    let primary = [("DATABASE_URL", "sqlite:primary.db")];
    assert_eq!(
        more(&["list", "--read-database", "sqlite:replica.db"], &primary),
        "more: blogctl list --read-database sqlite:replica.db --limit 1 --cursor 3\n"
    );
    assert_eq!(
        more(&["search", "post", "--read-database", ""], &primary),
        "more: blogctl search --read-database '' --limit 1 --cursor 3 post\n"
    );
    let both = [primary[0], ("DATABASE_READ_URL", "sqlite:replica.db")];
    assert_eq!(
        more(&["list"], &both),
        "more: blogctl list --limit 1 --cursor 3\n"
    );
}
