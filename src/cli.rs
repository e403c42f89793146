//! The command tree, and the way from arguments to an exit status.

mod addresses;
mod exclusions;

use std::borrow::Cow;
use std::ffi::OsString;
use std::io::Write;
use std::process::ExitCode;

use clap::{CommandFactory, Parser, ValueEnum};

use crate::commands::globals::GlobalArgs;
use crate::commands::{Command, Context};
use crate::exit::{self, Status};
use crate::interrupt::Interrupt;
use crate::output::Holds;
use crate::output::style::Color;
use crate::output::ui::Ui;
use crate::project::SecretUrl;
use crate::store::postgres::settings;
use crate::{output, panic, secret};

const EXAMPLES: &str = "\
Examples:
  blogctl sync content/                 Publish the posts under content/
  blogctl sync content/ --dry-run       Show what that would change
  blogctl check content/                Show everything that is wrong with the files
  blogctl list --category GUIDE         Show the newest posts of a category
  blogctl search cold start             Find the posts that have both words
  blogctl show 7                        Show one post
  blogctl doctor                        Check everything that publishing depends on

The database is the first of these that is set:
  --database, DATABASE_URL, DATABASE_URL in .env.local, then in .env, `database` in
  blogctl.toml, else the embedded store .blogctl/content.db

list, search, show, categories and tags read from the first of these that is set:
  --read-database, DATABASE_READ_URL, DATABASE_READ_URL in .env.local, then in .env,
  `read_database` in blogctl.toml, else the database itself. A read address is ignored if the database's
  address comes from a higher place in its list.

Exit status:
  0  success                   4  refused: removal, conflict, another sync
  1  errors in the content     5  `--exit-code` was given, and there are changes
  2  wrong usage or settings   6  no such post
  3  database or system error  130, 143  interrupted or terminated";

/// Sync Markdown posts into Postgres or SQLite, and list, search and show them
#[derive(Parser)]
#[command(
    name = "blogctl",
    version,
    arg_required_else_help = true,
    after_help = EXAMPLES,
    infer_long_args = false
)]
struct Cli {
    #[command(flatten)]
    global: GlobalArgs,

    #[command(subcommand)]
    command: Command,
}

/// Returns the command tree with its help, for whatever is generated from it.
pub fn command() -> clap::Command {
    Cli::command()
}

/// Runs the program with the process's arguments.
pub fn main() -> ExitCode {
    panic::install(Ui::default());
    let arguments: Vec<OsString> = std::env::args_os().collect();
    addresses::register(&arguments, std::env::vars_os());
    run(arguments).into()
}

fn run(arguments: Vec<OsString>) -> Status {
    let cli = match parse(&arguments) {
        Ok(cli) => cli,
        Err(error) => {
            let color = asked_color(&arguments).unwrap_or_default();
            let ui = Ui::new(false, false, color.resolve());
            return explain(&error, &arguments, ui);
        }
    };
    let ui = cli.global.ui();
    panic::install(ui);
    let interrupt = Interrupt::catch(move |interrupted| {
        let status = exit::report(&interrupted.into(), &mut ui.stderr());
        std::process::exit(status as i32);
    });
    let ending = interrupt.clone();
    let result =
        Context::new(cli.global, ui, interrupt).and_then(|context| cli.command.run(&context));
    if !ending.claim_end() {
        // The thread that catches signals is ending the process.
        loop {
            std::thread::park();
        }
    }
    match result {
        Ok(()) => Status::Done,
        Err(error) => exit::report(&error, &mut ui.stderr()),
    }
}

fn parse(arguments: &[OsString]) -> Result<Cli, clap::Error> {
    let mut command = Cli::command();
    command.build();
    Cli::try_parse_from(exclusions::admit(arguments, &command))
}

/// Prints what the parser says: help and version to standard output, else to standard
/// error. Failing to print is ignored: the reader that closed the pipe has seen enough.
fn explain(error: &clap::Error, arguments: &[OsString], ui: Ui) -> Status {
    if error.use_stderr() {
        let text = refusal(error, arguments);
        let _ = write!(ui.stderr(), "{text}");
        return Status::Usage;
    }
    let text = error.render().ansi().to_string();
    let mut out = ui.stdout(Holds::Posts);
    let _ = write!(out, "{text}").and_then(|()| out.flush());
    Status::Done
}

/// Returns what the parser has against the arguments, which it quotes.
fn refusal(error: &clap::Error, arguments: &[OsString]) -> String {
    let mut text = without_passwords(error.render().ansi().to_string(), arguments);
    for argument in arguments {
        let argument = argument.to_string_lossy();
        let value = argument
            .split_once('=')
            .map_or(&*argument, |(_, value)| value);
        for quoted in [&*argument, value] {
            if let Cow::Owned(cleaned) = output::clean(quoted) {
                text = text.replace(quoted, &cleaned);
            }
        }
    }
    let plain = anstream::adapter::strip_str(&text).to_string();
    let is_clean = matches!(output::clean_block(&plain), Cow::Borrowed(_));
    if is_clean && plain.lines().all(|line| line.len() <= LONGEST_LINE) {
        return text;
    }
    let lines = plain.lines().map(output::message);
    lines.map(|line| line + "\n").collect()
}

/// The longest line that is printed as the parser styles it, in bytes.
const LONGEST_LINE: usize = 1024;

/// Takes addresses out of a message that quotes the arguments: `blogctl list URL` is an
/// easy slip, and its message ends in the log of a build.
fn without_passwords(mut text: String, arguments: &[OsString]) -> String {
    for argument in arguments {
        let argument = argument.to_string_lossy();
        let value = match argument.split_once('=') {
            Some((flag, value)) if flag.starts_with('-') => value,
            _ => &argument,
        };
        // Where a shell took an address apart, the part after a space may be of its password.
        let lower = value.to_ascii_lowercase();
        let marks = ["://", "@", "password", "passwd", "pwd"];
        if marks.iter().any(|mark| lower.contains(mark)) || settings::is_address(value) {
            let shown = SecretUrl::new(value).to_string();
            text = text.replace(value, &shown);
        }
    }
    secret::redact_message(&text)
}

/// What `--color` says in arguments that are not understood as a whole.
fn asked_color(arguments: &[OsString]) -> Option<Color> {
    let words: Vec<_> = arguments
        .iter()
        .map(|word| word.to_string_lossy())
        .collect();
    let after = words.iter().skip_while(|word| *word != "--color").nth(1);
    let joined = words.iter().find_map(|word| word.strip_prefix("--color="));
    Color::from_str(joined.or(after.map(|word| &**word))?, false).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(line: &str) -> Vec<OsString> {
        line.split(' ').map(OsString::from).collect()
    }

    fn refused(line: &str) -> String {
        let arguments = arguments(line);
        let error = parse(&arguments).err().expect(line);
        assert!(error.use_stderr(), "{line}");
        refusal(&error, &arguments)
    }

    fn accepted(line: &str) -> Cli {
        match parse(&arguments(line)) {
            Ok(cli) => cli,
            Err(error) => panic!("{line}: {error}"),
        }
    }

    #[test]
    fn the_command_tree_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn global_options_stand_before_and_after_the_command() {
        for line in [
            "blogctl --database sqlite:a.db -q list",
            "blogctl list -q --database sqlite:a.db",
            "blogctl schema apply --quiet --database=sqlite:a.db",
        ] {
            let global = accepted(line).global;
            assert_eq!(global.database.unwrap().expose(), "sqlite:a.db", "{line}");
            assert!(global.quiet);
        }
        let global = accepted("blogctl list --color never --allow-plaintext -v").global;
        assert!(global.verbose && global.allow_plaintext);
        assert_eq!(global.color, Color::Never);
    }

    #[test]
    fn what_contradicts_itself_is_refused() {
        for line in [
            "blogctl",
            "blogctl lst",
            "blogctl list -q -v",
            "blogctl list --all --limit 3",
            "blogctl list --limit 0",
            "blogctl list --limit 101",
            "blogctl list --cursor 0",
            "blogctl list --cursor 2147483648",
            "blogctl list --format xml",
            "blogctl search",
            "blogctl search --limit 3",
            "blogctl search x --all --limit 3",
            "blogctl search x --ids --format json",
            "blogctl search x --sort oldest",
            "blogctl search x --catgory guide",
            "blogctl search x -q -v",
            "blogctl show",
            "blogctl show x",
            "blogctl show 0",
            "blogctl sync --exit-code",
            "blogctl sync --lock-timeout never",
            "blogctl schema",
            "blogctl schema print --dialect mysql",
        ] {
            assert!(!refused(line).is_empty(), "{line}");
        }
    }

    #[test]
    fn a_wrong_number_is_refused_in_plain_words() {
        let options = [
            "list --limit",
            "list --cursor",
            "history --limit",
            "search x --limit",
            "show",
            "sync --lock-timeout",
            "copy --to sqlite:a --lock-timeout",
            "schema apply --lock-timeout",
            "list --connect-timeout",
            "list --statement-timeout",
        ];
        for option in options {
            for value in ["x", "1.5", "99999999999999999999", "1e3", "0x10", "10s"] {
                let text = refused(&format!("blogctl {option} {value}"));
                for foreign in [
                    "digit found",
                    "too large to fit",
                    "is not in",
                    "out of range",
                ] {
                    assert!(!text.contains(foreign), "{text}");
                }
                assert!(text.contains(" to ") && text.contains(value), "{text}");
            }
        }
    }

    #[test]
    fn the_limits_and_cursors_of_a_page_are_accepted() {
        for line in [
            "blogctl list --limit 1",
            "blogctl list --limit 100 --cursor 2147483647",
            "blogctl list --all --cursor 41",
            "blogctl list --category a --tag b --tag c --since 2025-01-01 --until 2025-02-01",
            "blogctl history --limit 5 --format json",
            "blogctl search -a b --limit 3 -c --category d e --sort relevance",
            "blogctl search --ids --all x --cursor 41 -- --limit",
            "blogctl doctor content/ --strict --format json",
            "blogctl sync --dry-run --exit-code --prune --force --strict --format json",
        ] {
            accepted(line);
        }
    }

    #[test]
    fn a_misplaced_address_is_not_quoted_with_its_password() {
        for line in [
            "blogctl list postgresql://me:hunter2@db.example/blog",
            "blogctl postgresql://me:hunter2@db.example/blog",
            "blogctl show postgresql://me:hunter2@db.example/blog",
            "blogctl list --limit postgresql://me:hunter2@db.example/blog",
            "blogctl list --format=postgresql://me:hunter2@db.example/blog",
            "blogctl list password=hunter2",
            "blogctl list Host=h;Password=hunter2",
            "blogctl --database postgresql://me:x hunter2@db.example/blog list",
        ] {
            let text = refused(line);
            assert!(!text.contains("hunter2"), "{text}");
        }
    }

    #[test]
    fn colour_is_asked_for_also_where_the_rest_is_wrong() {
        let color = |line| asked_color(&arguments(line));
        assert_eq!(color("blogctl lst --color never"), Some(Color::Never));
        assert_eq!(color("blogctl --color=always lst"), Some(Color::Always));
        assert_eq!(color("blogctl lst"), None);
        assert_eq!(color("blogctl lst --color"), None);
        assert_eq!(color("blogctl lst --color green"), None);
    }

    #[test]
    fn every_command_says_what_it_does() {
        for command in Cli::command().get_subcommands() {
            assert!(command.get_about().is_some(), "{}", command.get_name());
            for argument in command.get_arguments() {
                let what = format!("{} {}", command.get_name(), argument.get_id());
                assert!(argument.get_help().is_some(), "{what}");
            }
        }
    }

    #[test]
    fn help_and_version_go_to_standard_output() {
        for line in [
            "blogctl --help",
            "blogctl --version",
            "blogctl list --help",
            "blogctl search -x -h",
            "blogctl schema --help",
        ] {
            let error = parse(&arguments(line)).err().expect(line);
            assert!(!error.use_stderr(), "{line}");
        }
    }
}
