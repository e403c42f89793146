//! Commands as a user types them in a shell.

use std::borrow::Cow;
use std::path::Path;

use super::Context;
use crate::secret;

impl Context {
    /// Returns the beginning of a command with the options that this one got and that decide which
    /// database it uses. A password is never part of it.
    pub(super) fn command(&self, name: &str) -> String {
        let mut command = format!("blogctl {name}");
        if let Some(address) = &self.options.database {
            let shown = match secret::holds_password(address.expose()) {
                true => address.to_string(),
                false => address.expose().to_owned(),
            };
            command.push_str(&format!(" --database {}", word(&shown)));
        }
        if self.options.allow_plaintext {
            command.push_str(" --allow-plaintext");
        }
        command
    }
}

/// Returns a path as an argument that is not taken for an option.
pub(super) fn argument(path: &Path) -> String {
    let path = path.to_string_lossy();
    match path.starts_with('-') {
        true => word(&format!("./{path}")).into_owned(),
        false => word(&path).into_owned(),
    }
}

/// Returns a text as one word of a shell.
pub(super) fn word(text: &str) -> Cow<'_, str> {
    let is_plain = |c: char| c.is_alphanumeric() || "/._-:@%+=,".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(format!("'{}'", text.replace('\'', r"'\''")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_quoted_where_a_shell_would_take_it_apart() {
        assert_eq!(word("content/a-b.md"), "content/a-b.md");
        assert_eq!(word("postgresql://a@b:5/c"), "postgresql://a@b:5/c");
        assert_eq!(word("글/a b.md"), "'글/a b.md'");
        assert_eq!(word("it's & $x"), r"'it'\''s & $x'");
        assert_eq!(word(""), "''");
    }
}
