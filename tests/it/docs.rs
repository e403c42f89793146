//! Files that are generated from the program: pages under `docs/`, and `schema.sql`.

use std::fmt::Write as _;
use std::path::Path;

use clap::Command;

/// Compares a generated page with the one that is committed. With `BLOGCTL_UPDATE_DOCS` set,
/// writes the page instead.
#[track_caller]
fn assert_current(page: &str, generated: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(page);
    if std::env::var_os("BLOGCTL_UPDATE_DOCS").is_some() {
        std::fs::write(&path, generated).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == generated,
        "{page} is out of date; run `BLOGCTL_UPDATE_DOCS=1 ./test --test it docs::`"
    );
}

/// Appends a command's help and that of its subcommands. Options that every command takes are
/// in the help of the program alone, because an unbuilt command does not have them yet.
fn append_help(page: &mut String, name: &str, command: &Command) {
    let help = command
        .clone()
        .bin_name(name)
        .term_width(90)
        .render_long_help();
    let lines: Vec<String> = help
        .to_string()
        .lines()
        .map(|l| l.trim_end().to_owned())
        .collect();
    let help = lines.join("\n");
    write!(page, "\n## {name}\n\n```text\n{}\n```\n", help.trim_end()).unwrap();
    for subcommand in command.get_subcommands() {
        append_help(
            page,
            &format!("{name} {}", subcommand.get_name()),
            subcommand,
        );
    }
}

#[test]
fn cli_page_is_generated_from_the_command_tree() {
    let mut page = "# Commands\n\n\
        This page is generated from the program: `blogctl help COMMAND` prints the same.\n\
        Every command also takes the global options of the first section. Results go to\n\
        standard output, everything else to standard error.\n"
        .to_owned();
    append_help(&mut page, "blogctl", &blogctl::cli::command());
    assert_current("docs/cli.md", &page);
}

#[test]
fn the_schema_is_all_migrations_one_after_the_other() {
    assert_current("schema.sql", blogctl::store::postgres::SCHEMA);
}
