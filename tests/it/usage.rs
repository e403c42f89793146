//! Usage that every command shares: the examples of the help, `--quiet`, and plain words for wrong
//! input.

use std::fs;
use std::path::Path;

use crate::support::project::Project;

/// Makes a project of the repository's own content, published into the embedded store.
fn bundled() -> Project {
    let project = Project::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    project.write("blogctl.toml", fs::read(root.join("blogctl.toml")).unwrap());
    copy(&project, root, Path::new("content"));
    project.run(&["sync"]).expect_status(0);
    project
}

fn copy(project: &Project, root: &Path, directory: &Path) {
    for entry in fs::read_dir(root.join(directory)).unwrap() {
        let entry = entry.unwrap();
        let path = directory.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(project, root, &path);
        } else {
            project.write(&path, fs::read(entry.path()).unwrap());
        }
    }
}

/// Returns the commands among the examples of a command and those below it.
fn examples(command: &clap::Command, found: &mut Vec<String>) {
    let help = command.get_after_help().map(ToString::to_string);
    for line in help.unwrap_or_default().lines() {
        if line.starts_with("  blogctl ") {
            // A description comes after several spaces.
            let line = line.trim().split("  ").next().unwrap_or_default();
            found.push(line.to_owned());
        }
    }
    for subcommand in command.get_subcommands() {
        examples(subcommand, found);
    }
}

#[test]
fn every_example_of_the_help_gives_a_result() {
    let project = bundled();
    let mut lines = Vec::new();
    examples(&blogctl::cli::command(), &mut lines);
    assert!(lines.len() > 40, "{lines:?}");
    // These print findings alone, and the content has none.
    let silent = [
        "blogctl check --format concise",
        "blogctl check --format github",
    ];
    for line in lines {
        if line.contains("postgresql://") || line.contains("$DATABASE_URL") {
            continue;
        }
        // The program at the other end of a pipe may not be installed.
        let own = line.split(['|', '>']).next().unwrap_or_default();
        let run = own.replacen("blogctl", "\"$BLOGCTL\"", 1);
        let output = project.shell(&run).expect_status(0);
        let is_silent = silent.contains(&own.trim());
        assert_eq!(output.stdout.is_empty(), is_silent, "{line}");
    }
}

#[test]
fn quiet_leaves_errors_and_what_was_asked_for() {
    let project = bundled();
    let args = |line: &'static str| {
        let words: Vec<&str> = line.split(' ').chain(["--quiet"]).collect();
        words
    };
    project.write("content/new.md", "---\nid: 77\ntitle: New\n---\nText.\n");
    for line in [
        "check",
        "check content/guide/",
        "doctor",
        "init",
        "init --dry-run",
        "sync --dry-run",
        "sync",
        "sync",
        "sync --prune",
        "pull",
        "pull --dry-run",
        "pull 3 4",
        "schema apply",
        "copy --from sqlite:.blogctl/content.db --to sqlite:copy.db --dry-run",
        "copy --from sqlite:.blogctl/content.db --to sqlite:copy.db",
    ] {
        let output = project.run(&args(line)).expect_status(0);
        assert_eq!((&*output.stdout, &*output.stderr), ("", ""), "{line}");
    }
    for line in [
        "list --limit 2",
        "search postgres --limit 1",
        "show 7",
        "categories",
        "tags",
        "history",
        "diff",
        "schema status",
        "schema print",
        "schema apply --dry-run",
        "check --format json",
        "doctor --format json",
        "sync --format json",
    ] {
        let output = project.run(&args(line)).expect_status(0);
        assert_ne!(output.stdout, "", "{line}");
        assert_eq!(output.stderr, "", "{line}");
    }
    for line in ["list --tag nobody-has-it", "search nobodyhasit"] {
        let output = project.run(&args(line)).expect_status(0);
        assert_eq!((&*output.stdout, &*output.stderr), ("", ""), "{line}");
    }
    // Errors are shown, and with --strict the warnings that count as errors.
    project.write("content/new.md", "---\nid: x\n---\nText.\n");
    for line in ["check", "sync", "diff"] {
        let output = project.run(&args(line)).expect_status(1);
        let shown = output.stdout + &output.stderr;
        assert!(shown.contains("content/new.md"), "{line}: {shown}");
    }
    project.write(
        "content/new.md",
        "---\nid: 77\ntitle: New\nword_count: 9\n---\nText.\n",
    );
    let output = project.run(&args("check")).expect_status(0);
    assert_eq!(output.stdout, "");
    for line in ["check --strict", "sync --strict"] {
        let output = project.run(&args(line)).expect_status(1);
        let shown = output.stdout + &output.stderr;
        assert!(shown.contains("word-count"), "{line}: {shown}");
    }
}

#[test]
fn no_text_of_a_library_reaches_a_user() {
    /// Phrases of the language's libraries, and of the readers of settings and arguments.
    const FOREIGN: [&str; 12] = [
        "invalid digit found in string",
        "number too large to fit",
        "expected i64",
        "invalid type:",
        "out of range for i64",
        "unexpected end of input",
        "invalid float literal",
        "is not in 0..=",
        "is not in 1..=",
        "os error",
        "expected one of `",
        "ParseIntError",
    ];
    let project = Project::new();
    project.post(1, "One");
    let check = |line: &str, status: i32| {
        let words: Vec<&str> = line.split(' ').collect();
        let output = project.run(&words).expect_status(status);
        for foreign in FOREIGN {
            assert!(
                !output.stderr.contains(foreign),
                "{line}: {}",
                output.stderr
            );
        }
    };
    for line in [
        "list --limit ten",
        "list --cursor 1.5",
        "show 99999999999999999999",
        "sync --lock-timeout 10s",
        "sync --lock-timeout 4000",
        "list --connect-timeout 0",
        "list --statement-timeout -1",
        "list --since 2024-13-01",
        "list --until 99999999999999999999",
        "check nowhere",
        "list --database sqlite:",
        "list --database postgresql://h:99999/d",
        "list --database postgresql://h:x/d",
    ] {
        check(line, 2);
    }
    check("list --database sqlite:/nowhere/x.db", 3);
    for toml in [
        "[sync]\nmax_prune = \"ten\"",
        "[sync]\nmax_prune = 99999999999999999999",
        "[content]\nfollow_links = \"yes\"",
        "time_zone = 9",
        "categories = [1]",
        "database = \"postgresql://h/d",
        "time_zone = Asia/Seoul",
    ] {
        project.write("blogctl.toml", toml);
        check("list", 2);
        check("check", 2);
    }
    fs::remove_file(project.path("blogctl.toml")).unwrap();
    fs::create_dir(project.path("blogctl.toml")).unwrap();
    check("list", 2);
}
