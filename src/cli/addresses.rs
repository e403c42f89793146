//! The addresses among the arguments and the variables of the process.
//!
//! They are remembered as secrets before anything is made of them: an address may have been
//! given in the place of a path, a date or a flag, and what is wrong with it is then quoted.

use std::ffi::{OsStr, OsString};

use crate::secret;
use crate::store::postgres::settings;

/// The number of arguments are joined to an address that a shell may have split.
const SPLIT: usize = 4;

/// Remembers what the command line and the environment hold of addresses.
pub fn register(arguments: &[OsString], variables: impl IntoIterator<Item = (OsString, OsString)>) {
    let arguments: Vec<_> = arguments
        .iter()
        .map(|word| word.to_string_lossy())
        .collect();
    for (number, argument) in arguments.iter().enumerate() {
        register_argument(argument);
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
