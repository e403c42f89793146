//! The `$NAME` in a value of a `.env` file that nothing is put in the place of.

/// A `$` that names no variable, in words with a remedy.
pub(super) struct Unset {
    pub what: String,
    pub remedy: String,
}

/// The remedy for a `$` that is one.
const QUOTES: &str = "put the whole value in single quotes, so that a `$` in it is one";

/// The words that the names of variables have, other than parts of passwords.
const TELLING: [&str; 12] = [
    "BLOG", "DATABASE", "DB", "HOST", "KEY", "NAME", "PASS", "PG", "PORT", "SECRET", "URL", "USER",
];

/// Finds the first name in the value of a line `NAME=value`, maybe below comments, that is not
/// set. It is read as the
/// parser of the file reads it, to which `$NAME` ends at the first character that is neither a
/// letter nor a digit.
pub(super) fn unset(line: &str, is_set: impl Fn(&str) -> bool) -> Option<Unset> {
    let mut line = line.trim_start();
    while line.starts_with('#') {
        let (_, below) = line.split_once('\n')?;
        line = below.trim_start();
    }
    let (_, value) = line.split_once('=')?;
    let value = value.trim();
    let mut rest = value.chars().peekable();
    let (mut is_single, mut is_double) = (false, false);
    while let Some(c) = rest.next() {
        match c {
            '\'' if is_single => is_single = false,
            _ if is_single => {}
            '\\' => {
                rest.next();
            }
            '\'' if !is_double => is_single = true,
            '"' => is_double = !is_double,
            // The end of a value without quotes; what follows is a comment.
            ' ' | '\t' if !is_double => return None,
            '$' => {
                let is_braced = rest.next_if_eq(&'{').is_some();
                let mut name = String::new();
                let is_end = |c: char| {
                    if is_braced {
                        c == '}'
                    } else {
                        !c.is_alphanumeric()
                    }
                };
                while let Some(c) = rest.next_if(|c| !is_end(*c)) {
                    name.push(c);
                }
                if is_braced {
                    rest.next();
                }
                let mut word = name.clone();
                let mut ahead = rest.clone();
                while let Some(c) =
                    ahead.next_if(|c| !is_braced && (*c == '_' || c.is_alphanumeric()))
                {
                    word.push(c);
                }
                if let Some(unset) = of_name(&name, &word, is_braced, &is_set) {
                    return Some(unset);
                }
            }
            _ => {}
        }
    }
    None
}

/// Judges a name, and the longer word that a shell would take for one.
fn of_name(
    name: &str,
    word: &str,
    is_braced: bool,
    is_set: impl Fn(&str) -> bool,
) -> Option<Unset> {
    if word != name && is_telling(word) {
        return Some(Unset {
            what: format!("`${word}` is read as `${name}`"),
            remedy: format!("write `${{{word}}}`, or {QUOTES}"),
        });
    }
    if is_set(name) {
        return None;
    }
    let what = match (is_telling(name), is_braced) {
        (true, true) => format!("`${{{name}}}` is set nowhere"),
        (true, false) => format!("`${name}` is set nowhere"),
        // It may be a part of a password, which is not shown.
        (false, _) => "a `$` of the value is followed by no name that is set".to_owned(),
    };
    Some(Unset {
        what,
        remedy: QUOTES.to_owned(),
    })
}

/// Returns whether a word is certainly a name: one that may be a part of a password is not.
fn is_telling(word: &str) -> bool {
    let is_upper = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    word.chars().all(is_upper)
        && word
            .split('_')
            .any(|part| TELLING.iter().any(|telling| part.starts_with(telling)))
}
