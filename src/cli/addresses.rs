//! The addresses among the arguments and the variables of the process.
//!
//! They are remembered as secrets before anything is made of them: an address may have been
//! given in the place of a path, a date or a flag, and what is wrong with it is then quoted.

use std::ffi::{OsStr, OsString};

use crate::secret;
use crate::store::postgres::settings;

/// The number of arguments that are joined to an address that a shell may have split.
const SPLIT: usize = 4;

/// Remembers what the command line and the environment hold of addresses.
pub fn register(arguments: &[OsString], variables: impl IntoIterator<Item = (OsString, OsString)>) {
    let arguments: Vec<_> = arguments
        .iter()
        .map(|word| word.to_string_lossy())
        .collect();
    for (number, argument) in arguments.iter().enumerate() {
        register_argument(argument);
        if let Some(next) = arguments.get(number + 1)
            && (argument.ends_with("://") || ends_with_key(argument))
        {
            secret::register_piece(next.rsplit(':').next().unwrap_or(next));
        }
        // Where a shell split an address at a space of its password.
        if argument.contains("://") && !argument.contains('@') {
            let rest: Vec<&str> = arguments[number + 1..]
                .iter()
                .take(SPLIT)
                .map(|word| &**word)
                .collect();
            if let Some(last) = rest.iter().position(|word| word.contains('@')) {
                secret::register_address(&format!("{argument} {}", rest[..=last].join(" ")));
            }
        }
    }
    for (name, value) in variables {
        register_variable(&name, &value);
    }
}

fn register_argument(argument: &str) {
    let value = match argument.split_once('=') {
        Some((flag, value)) if flag.starts_with('-') => value,
        _ => argument,
    };
    if secret::holds_password(value) {
        secret::register_address(value);
        register_pieces(value);
    }
    // An address that was encoded as a whole is quoted as it is; its password is legible in it.
    let decoded = secret::percent_decoded(value);
    if decoded != value && secret::holds_password(&decoded) {
        secret::register_address(&decoded);
    }
    for password in misspelled(&decoded) {
        secret::register(password.as_bytes(), &[]);
    }
    // The address may come after something else.
    let parts = [
        Some(value),
        value.strip_prefix("sqlite:"),
        after_slash(value),
    ];
    for part in parts.into_iter().flatten() {
        if settings::is_address(part) {
            register_pieces(part);
        }
    }
}

/// Keys that introduce a password, in lower case.
const KEYS: [&str; 4] = ["password", "passwd", "pass", "pwd"];

/// Returns true if an argument ends where a password would begin: `password:`.
fn ends_with_key(argument: &str) -> bool {
    let lower = argument.to_ascii_lowercase();
    let key = lower.strip_suffix([':', '=']);
    key.is_some_and(|key| KEYS.iter().any(|known| key.ends_with(known)))
}

/// Returns what is a password in an address that is written wrong: one without its scheme or
/// with another sign in its place (`me:PASSWORD@host`), and a key with a colon.
fn misspelled(value: &str) -> Vec<&str> {
    let mut found = Vec::new();
    if let Some((before, _)) = value.rsplit_once('@')
        && let Some((_, password)) = without_scheme(before).split_once(':')
    {
        found.push(password);
    }
    let lower = value.to_ascii_lowercase();
    let ends = |c: char| c.is_whitespace() || "\"'&;,}".contains(c);
    for key in KEYS {
        for (at, _) in lower.match_indices(key) {
            // Lower case in ASCII keeps every place.
            let rest = value[at + key.len()..].trim_start_matches(['"', '\'', ' ']);
            if let Some(rest) = rest.strip_prefix([':', '=']) {
                let rest = rest.trim_start_matches(['"', '\'', ' ']);
                found.push(rest.split(ends).next().unwrap_or(rest));
            }
        }
    }
    found
}

/// Returns what follows a scheme, also one whose colon is missing or is another character.
fn without_scheme(address: &str) -> &str {
    let slashes = ["//", "\\\\"];
    let is_scheme = |text: &str| {
        let name = text.trim_end_matches([':', '：']);
        name.chars()
            .all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
    };
    let mut after = slashes
        .iter()
        .filter_map(|slashes| address.split_once(slashes));
    match after.find(|(scheme, _)| is_scheme(scheme)) {
        Some((_, rest)) => rest.trim_start_matches(['/', '\\', ' ']),
        None => address,
    }
}

fn after_slash(path: &str) -> Option<&str> {
    path.split_once('/').map(|(_, after)| after)
}

fn register_pieces(address: &str) {
    for piece in unknown_keys(address) {
        secret::register_piece(piece);
    }
}

/// Returns the parts of an address that have a key which no program is known for: each may be a
/// piece of a password with an unencoded `&`, `;` or space.
fn unknown_keys(address: &str) -> Vec<&str> {
    let (options, ends): (&str, &[char]) = match address.split_once("://") {
        Some((_, rest)) => (
            rest.split_once('?').map_or("", |(_, options)| options),
            &['&'],
        ),
        None => (address, &[';', ' ', '\n']),
    };
    let mut found = Vec::new();
    let mut is_past_password = ends.len() == 1;
    for pair in options.split(ends) {
        match pair.split_once('=') {
            Some((key, value)) if !settings::is_known_key(key) => found.extend([key, value]),
            Some((key, _)) => is_past_password |= key.eq_ignore_ascii_case("password"),
            None if is_past_password => found.push(pair),
            None => {}
        }
    }
    found
}

fn register_variable(name: &OsStr, value: &OsStr) {
    let value = value.to_string_lossy();
    if name == "PGPASSWORD" {
        secret::register(value.as_bytes(), &[]);
    } else if secret::holds_password(&value) {
        secret::register_address(&value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_of_addresses_that_are_written_wrong_are_known() {
        for arguments in [
            &["me:hunter2secret@127.0.0.1:1/d"][..],
            &["postgresql//me:hunter2secret@h/d"],
            &[r"postgresql:\\me:hunter2secret@h/d"],
            &["postgresql：//me:hunter2secret@h/d"],
            &["postgresql%3A%2F%2Fme%3Ahunter2secret%40127.0.0.1%2Fd"],
            &["--since=me%3Ahunter2secret%40h"],
            &["password: hunter2secret"],
            &["password:", "hunter2secret"],
            &[r#"{"password":"hunter2secret"}"#],
            &["pass=hunter2secret"],
            &["postgresql://", "me:hunter2secret"],
            &["postgres:// me:hunter2secret@h/d"],
            &["me:hunter2secret:more@h/d"],
            &["me:hunter2secret//more@h/d"],
        ] {
            let words: Vec<OsString> = arguments.iter().map(OsString::from).collect();
            // Each unit test has secrets of its own, and so does each thread.
            std::thread::spawn(move || {
                register(&words, []);
                for word in &words {
                    let word = word.to_string_lossy();
                    let said = secret::redact(&format!("there is no {word}"));
                    assert!(!said.contains("hunter2"), "{word}: {said}");
                }
            })
            .join()
            .unwrap();
        }
    }

    #[test]
    fn ordinary_arguments_are_no_secrets() {
        for argument in [
            "content/banner@2x.md",
            "password manager",
            "2025-11-28 09:00",
            "someone@example.org",
            "postgresql://someone@example.org:5432/blog",
            "postgresql://someone@[::1]/blog",
            "content:notes/today.md",
        ] {
            assert_eq!(misspelled(argument), [""; 0], "{argument}");
        }
    }
}
