//! The choice of the store, its source, and secrets in output.

use std::process::Command;

use crate::support::database::TestDatabase;
use crate::support::project::{Output, Project};
use crate::support::schemas;

#[test]
fn the_first_place_that_names_a_store_wins() {
    let project = Project::new();
    project.post(1, "One");
    let said = |args: &[&str], variables: &[(&str, &str)]| {
        let args = [&["sync", "--format", "json", "--verbose"], args].concat();
        let output = project.run_with(&args, variables).expect_status(0);
        let told: serde_json::Value = serde_json::from_str(&output.stdout).expect("it is JSON");
        let store = told["store"].as_str().expect("it names the store");
        let name = store.rsplit('/').next().expect("it is a path").to_owned();
        let (_, source) = output.stderr.trim().rsplit_once('(').expect("who named it");
        format!("{name} ({source}")
    };
    let variable = [("DATABASE_URL", "sqlite:variable.db")];
    assert_eq!(said(&[], &[]), "content.db (default)");
    project.write("blogctl.toml", "database = \"sqlite:toml.db\"\n");
    assert_eq!(said(&[], &[]), "toml.db (blogctl.toml)");
    project.write(".env", "DATABASE_URL=sqlite:env.db\n");
    assert_eq!(said(&[], &[]), "env.db (.env)");
    assert_eq!(said(&[], &variable), "variable.db (DATABASE_URL)");
    assert_eq!(
        said(&["--database", "sqlite:flag.db"], &variable),
        "flag.db (--database)"
    );
    for name in ["flag", "variable", "env", "toml"] {
        let file = project.path(format!("{name}.db"));
        assert!(file.is_file(), "{}", file.display());
    }
}

#[test]
fn in_ci_a_sync_without_a_database_is_refused() {
    let project = Project::new();
    project.post(1, "One");
    for ci in ["true", "1", "yes"] {
        let output = project.run_with(&["sync"], &[("CI", ci)]).expect_status(4);
        assert!(output.stderr.contains("DATABASE_URL"), "{}", output.stderr);
        assert_eq!(output.stdout, "");
        assert!(!project.path(".blogctl").exists());
    }
    // A rehearsal would be green for nothing, too.
    project
        .run_with(&["sync", "--dry-run"], &[("CI", "true")])
        .expect_status(4);
    for ci in ["", "0", "false"] {
        project
            .run_with(&["sync", "--dry-run"], &[("CI", ci)])
            .expect_status(0);
    }
    // Reading publishes nothing.
    project
        .run_with(&["sync", "--database", "sqlite:ci.db"], &[("CI", "true")])
        .expect_status(0);
    let database = TestDatabase::create();
    let url = database.url();
    let output = project
        .run_with(&["sync"], &[("CI", "true"), ("DATABASE_URL", &url)])
        .expect_status(0);
    assert!(output.stdout.contains("1 created"), "{}", output.stdout);
}

#[test]
fn the_embedded_store_keeps_itself_out_of_git() {
    let project = Project::new();
    std::fs::remove_dir(project.path(".git")).expect("it is empty");
    let git = |args: &[&str]| {
        let output = Command::new("git")
            .args(args)
            .current_dir(project.root())
            .env("HOME", project.root())
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .output()
            .expect("git is installed");
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).expect("git speaks UTF-8")
    };
    git(&["init", "--quiet"]);
    project.post(1, "One");
    project.run(&["sync"]).expect_status(0);
    assert!(project.path(".blogctl/content.db").is_file());
    let status = git(&["status", "--porcelain", "--untracked-files=all"]);
    assert_eq!(status, "?? content/1.md\n");
}

#[test]
fn a_sync_from_below_finds_its_project() {
    let project = Project::new();
    project.post(1, "One");
    let mut command = project.command(&["sync", "."]);
    let output = command
        .current_dir(project.path("content"))
        .output()
        .expect("the program runs");
    assert!(output.status.success(), "{output:?}");
    assert!(project.path(".blogctl/content.db").is_file());
    assert!(!project.path("content/.blogctl").exists());
    let stdout = String::from_utf8(output.stdout).expect("it is UTF-8");
    assert!(
        stdout.starts_with("create  content/1.md (id 1)\n"),
        "{stdout}"
    );
}

/// Demands a status, a message, and that no output holds the password.
#[track_caller]
fn keeps_quiet(output: Output, status: i32, password: &str) {
    let output = output.expect_status(status);
    for text in [&output.stdout, &output.stderr] {
        assert!(!text.contains(password), "{text}");
    }
    assert_eq!(
        status == 0,
        !output.stderr.contains("error: "),
        "{}",
        output.stderr
    );
}

#[test]
fn no_output_holds_a_password() {
    let project = Project::new();
    project.post(1, "One");
    let database = TestDatabase::create();
    let right = &database.endpoint().password;
    let url = database.plain_url();
    let commands: [&[&str]; 6] = [
        &["sync", "--verbose"],
        &["sync", "--format", "json", "--verbose"],
        &["list", "--verbose"],
        &["history", "--verbose"],
        &["schema", "status", "--verbose"],
        &["schema", "apply", "--verbose"],
    ];
    for args in commands {
        let env = [("DATABASE_URL", url.as_str())];
        keeps_quiet(project.run_with(args, &env), 0, right);
        let flag = [args, &["--database", &url]].concat();
        keeps_quiet(project.run(&flag), 0, right);
    }
    let secret = "hunter2-is-no-word";
    let wrong = url.replace(right.as_str(), secret);
    let bad = [
        (wrong.clone(), 3),
        (wrong.replace(database.name(), "no_such_database"), 3),
        (wrong.replace("127.0.0.1", "127.0.0.1:1x"), 2),
        (wrong.replace("postgresql:", "mysql:"), 2),
        (wrong.replace("sslmode=disable", "sslmode=nonsense"), 2),
        (
            format!("host=127.0.0.1 port=1 user=me password={secret} dbname=d"),
            3,
        ),
        (
            format!("host=127.0.0.1 port=x user=me password={secret}"),
            2,
        ),
        (secret.to_owned(), 2),
    ];
    for (url, status) in &bad {
        for args in commands {
            let env = [("DATABASE_URL", url.as_str())];
            keeps_quiet(project.run_with(args, &env), *status, secret);
            let flag = [args, &["--database", url]].concat();
            keeps_quiet(project.run(&flag), *status, secret);
        }
    }
    project.write(".env", format!("DATABASE_URL={}\n", bad[0].0));
    keeps_quiet(project.run(&["sync", "--verbose"]), 3, secret);
    project.remove(".env");
    project.write("blogctl.toml", format!("database = \"{}\"\n", bad[0].0));
    keeps_quiet(project.run(&["sync", "--verbose"]), 3, secret);
}

#[test]
fn a_sync_that_fails_says_so_to_programs_as_well() {
    let project = Project::new();
    project.post(1, "One");
    let json = ["sync", "--format", "json"];
    let nobody = ["--database", "postgresql://me:hunter2@127.0.0.1:1/blog"];
    let absent = ["sync", "nowhere/", "--format", "json"];
    for (output, status) in [
        (project.run(&[&json[..], &nobody].concat()), 3),
        (project.run(&absent), 2),
        (project.run_with(&json, &[("CI", "true")]), 4),
    ] {
        let output = output.expect_status(status);
        let told: serde_json::Value = serde_json::from_str(&output.stdout).expect("it is JSON");
        schemas::assert_valid("sync", &told);
        assert_eq!(told["status"], "failed");
        let message = told["message"].as_str().expect("it says why");
        let first = output.stderr.lines().next().expect("it says so to people");
        let first = first.strip_prefix("error: ").expect("it is an error");
        assert!(message.starts_with(first), "{message} is not {first}");
        assert!(!output.stdout.contains("hunter2"), "{}", output.stdout);
    }
}
