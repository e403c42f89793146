//! Files that are generated from the program: pages under `docs/`, and `schema.sql`.

use std::fmt::Write as _;
use std::path::Path;

use blogctl::finding::checks::CHECKS;
use blogctl::finding::rules::RULES;
use blogctl::finding::{Kind, Rule};
use clap::Command;

use crate::support::schemas::assert_valid;

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
    let schema = blogctl::store::postgres::schema(&blogctl::tables::TableMap::default());
    assert_current("schema.sql", &schema);
}

/// Appends the description of a rule.
fn append_rule(page: &mut String, rule: &Rule) {
    let level = match rule.kind {
        Kind::Lint => format!("Default level: `{}`.\n\n", rule.level.as_str()),
        Kind::Invalid | Kind::Count | Kind::Check => String::new(),
    };
    let (name, summary, explanation) = (rule.name, rule.summary, rule.explanation);
    write!(page, "\n### {name}\n\n{summary}\n\n{level}{explanation}\n").unwrap();
    if !rule.example.is_empty() {
        let example = rule.example.trim_end();
        write!(page, "\n```text\n{example}\n```\n").unwrap();
    }
}

#[test]
fn rules_page_is_generated_from_the_declarations() {
    let mut page = "# Rules\n\n\
        This page is generated from the program: `blogctl check --explain RULE` prints the same.\n\n\
        A finding has a rule, a level, a message, a help, a path and a range. Nothing is published\n\
        while there is an **error**. A **warning** is probably a mistake; with `--strict` it counts\n\
        as an error. A **hint** never stops anything.\n"
        .to_owned();
    let sections = [
        (
            Kind::Lint,
            "Rules with a level of your choice",
            "The section `[rules]` of `blogctl.toml` sets the level:\n\n\
             ```toml\n[rules]\nword-count = \"error\"\ncomment = \"off\"\n```\n\n\
             The levels are `off`, `hint`, `warning` and `error`. After a change, the next sync reads\n\
             all files again.\n",
        ),
        (
            Kind::Invalid,
            "Rules that every post has to follow",
            "A file that violates one of them is not a post that could be published. These findings\n\
             are errors, and their level cannot be set.\n",
        ),
        (
            Kind::Count,
            "Counts",
            "Of one file, at most ten findings of a rule are listed. One more finding of the same rule\n\
             counts the others.\n",
        ),
        (
            Kind::Check,
            "Checks of doctor",
            "`blogctl doctor` reports with the same words. The level depends on the result; a check\n\
             that finds nothing wrong has the level `ok`.\n",
        ),
    ];
    for (kind, title, introduction) in sections {
        write!(page, "\n## {title}\n\n{introduction}").unwrap();
        for rule in RULES.iter().chain(CHECKS).filter(|rule| rule.kind == kind) {
            append_rule(&mut page, rule);
        }
    }
    assert_current("docs/rules.md", &page);
}

#[test]
fn examples_of_the_json_page_are_as_the_schemas_say() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/json.md");
    let page = std::fs::read_to_string(path).unwrap();
    let mut checked = Vec::new();
    for section in page.split("\n## ").skip(1) {
        let (heading, text) = section.split_once('\n').unwrap();
        let examples = text.split("```json\n").skip(1);
        for (command, example) in heading.split(", ").zip(examples) {
            // Findings are part of other outputs.
            if command == "Findings" {
                continue;
            }
            let (example, _) = example.split_once("```").unwrap();
            assert_valid(command, &serde_json::from_str(example).unwrap());
            checked.push(command);
        }
    }
    let expected = "sync check diff pull copy list search categories tags history doctor";
    assert_eq!(checked.join(" "), expected);
}
