//! Words that start with `-` in the query of `blogctl search`.
//!
//! The parser takes every argument that starts with `-` for an option, and can only be told
//! to take all or none of them for words. Here the command line of a search is put into the
//! form that has no such question: the options first, then `--`, then the words.

use std::ffi::{OsStr, OsString};
use std::iter::Peekable;

use clap::{Arg, Command};

/// The command whose words may start with `-`.
const SEARCH: &str = "search";

/// Puts the words of a search behind `--`, in their order; leaves every other command line.
///
/// An argument with one `-` is a word, unless all its letters are options (`-q`); one with two
/// is an option, whether there is such a one or not: a slip in an option must not become a
/// word to look for. After `--` there are only words. `command` is built.
pub fn admit(arguments: &[OsString], command: &Command) -> Vec<OsString> {
    let unchanged = || arguments.to_vec();
    let mut rest = arguments.iter().peekable();
    let mut arranged: Vec<OsString> = rest.next().into_iter().cloned().collect();
    loop {
        match rest.peek() {
            Some(word) if dashes(word) > 0 => take_option(&mut rest, command, &mut arranged),
            Some(word) if *word == SEARCH => break,
            _ => return unchanged(),
        }
    }
    arranged.extend(rest.next().cloned());
    let Some(search) = command.find_subcommand(SEARCH) else {
        return unchanged();
    };
    let mut words: Vec<OsString> = Vec::new();
    while let Some(word) = rest.peek() {
        if *word == "--" {
            words.extend(rest.skip(1).cloned());
            break;
        }
        match dashes(word) {
            2 => take_option(&mut rest, search, &mut arranged),
            1 if are_flags(word, search) => take_option(&mut rest, search, &mut arranged),
            _ => words.extend(rest.next().cloned()),
        }
    }
    if !words.is_empty() {
        arranged.push("--".into());
        arranged.extend(words);
    }
    arranged
}

/// Returns the number of `-` at the start of an argument, up to two.
fn dashes(word: &OsStr) -> usize {
    let bytes = word.as_encoded_bytes().iter();
    bytes.take(2).take_while(|byte| **byte == b'-').count()
}

/// Returns true for one `-` and letters that are all options: `-q`, `-qh`.
fn are_flags(word: &OsStr, command: &Command) -> bool {
    let letters = word.to_string_lossy();
    let is_option = |letter: char| {
        let mut options = command.get_arguments();
        options.any(|option| option.get_short() == Some(letter))
    };
    letters.len() > 1 && letters.chars().skip(1).all(is_option)
}

/// Moves an option, and its value where that is the next argument.
fn take_option<'a>(
    rest: &mut Peekable<impl Iterator<Item = &'a OsString>>,
    command: &Command,
    arranged: &mut Vec<OsString>,
) {
    let Some(option) = rest.next() else {
        return;
    };
    arranged.push(option.clone());
    let name = option.to_str().and_then(|option| option.strip_prefix("--"));
    let takes_value = |known: &Arg| known.get_long() == name && known.get_action().takes_values();
    // A value that is joined by `=` makes a name that no option has.
    if name.is_some() && command.get_arguments().any(takes_value) {
        arranged.extend(rest.next().cloned());
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::super::Cli;
    use super::*;

    #[track_caller]
    fn arranged(line: &str, expected: &str) {
        let mut command = Cli::command();
        command.build();
        let words = |line: &str| line.split(' ').map(OsString::from).collect::<Vec<_>>();
        assert_eq!(admit(&words(line), &command), words(expected));
    }

    #[test]
    fn what_is_to_be_left_out_may_stand_anywhere() {
        arranged(
            "blogctl search -prisma serverless",
            "blogctl search -- -prisma serverless",
        );
        arranged(
            "blogctl search serverless -prisma",
            "blogctl search -- serverless -prisma",
        );
        arranged(
            "blogctl search a -b --limit 5 c -\"d -1",
            "blogctl search --limit 5 -- a -b c -\"d -1",
        );
        arranged("blogctl search - a", "blogctl search -- - a");
    }

    #[test]
    fn options_stay_options() {
        arranged(
            "blogctl search -q a --limit=5 --all b -v",
            "blogctl search -q --limit=5 --all -v -- a b",
        );
        arranged("blogctl search -h", "blogctl search -h");
        arranged("blogctl search a -hq", "blogctl search -hq -- a");
        arranged("blogctl search a -hello", "blogctl search -- a -hello");
        arranged("blogctl search --tag -x a", "blogctl search --tag -x -- a");
        arranged("blogctl search a --tag", "blogctl search --tag -- a");
    }

    #[test]
    fn a_slip_in_an_option_is_no_word() {
        arranged("blogctl search a --limt 5", "blogctl search --limt -- a 5");
    }

    #[test]
    fn behind_two_dashes_all_are_words() {
        arranged(
            "blogctl search a --all -- -q --limit 5 --",
            "blogctl search --all -- a -q --limit 5 --",
        );
    }

    #[test]
    fn global_options_may_stand_before_the_command() {
        arranged(
            "blogctl --database sqlite:a.db -q --color=never search -a b",
            "blogctl --database sqlite:a.db -q --color=never search -- -a b",
        );
    }

    #[test]
    fn other_command_lines_stay_as_they_are() {
        for line in [
            "blogctl",
            "blogctl list -prisma",
            "blogctl help search -x",
            "blogctl --database search",
            "blogctl --database search list -x",
            "blogctl show search -x",
        ] {
            arranged(line, line);
        }
    }
}
