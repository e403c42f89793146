//! The patterns of `exclude` in the settings.

use super::ignore_pattern::Pattern;

/// Patterns of git's format, relative to the project's root, that come before every ignore file.
#[derive(Clone, Debug, Default)]
pub struct Exclude {
    lines: Vec<String>,
    pub(super) patterns: Vec<Pattern>,
}

/// A pattern by which nothing would be left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExcludeError {
    /// The message.
    pub message: String,
    /// The remedy.
    pub help: &'static str,
}

impl Exclude {
    /// Adds a pattern; the last one that matches a path counts.
    ///
    /// # Errors
    /// [`ExcludeError`] for one by which git would ignore nothing.
    pub fn add(&mut self, line: &str) -> Result<(), ExcludeError> {
        let wrong = |message: &str, help| ExcludeError {
            message: message.to_owned(),
            help,
        };
        if line.contains(char::is_control) {
            let message = "the pattern holds a control character";
            return Err(wrong(message, "write each pattern as a text of its own"));
        }
        let parsed = Pattern::parse(line).map_err(|error| ExcludeError {
            message: error.to_string(),
            help: error.help(),
        })?;
        let Some(pattern) = parsed else {
            let message = match line.trim().is_empty() {
                true => "the pattern is empty",
                false => "a pattern that begins with `#` is a comment",
            };
            return Err(wrong(
                message,
                "remove it, or write `\\#` for the character",
            ));
        };
        self.lines.push(line.to_owned());
        self.patterns.push(pattern);
        Ok(())
    }
}

/// Patterns are equal if they are written alike.
impl PartialEq for Exclude {
    fn eq(&self, other: &Self) -> bool {
        self.lines == other.lines
    }
}

impl Eq for Exclude {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_that_leaves_nothing_out_is_an_error() {
        let mut exclude = Exclude::default();
        for good in ["**/README.md", "authors/", "!a.md", "\\#a.md", "가/*.md"] {
            exclude.add(good).unwrap();
        }
        assert_eq!(exclude.patterns.len(), 5);
        for bad in ["", "  ", "#a", "!", "[a", "a\nb", "a\0"] {
            exclude.add(bad).unwrap_err();
        }
        assert_eq!(exclude.patterns.len(), 5);
    }
}
