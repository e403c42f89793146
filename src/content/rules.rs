//! The rules that files are held to, with the stable names that diagnostics carry.

use crate::diagnostic::Severity;

/// One rule: what [`crate::diagnostic::Diagnostic::rule`] names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Stable, in kebab case.
    pub name: &'static str,
    /// How much a finding under it weighs.
    pub severity: Severity,
    /// What it means, in a line for the docs.
    pub meaning: &'static str,
}

/// Declares the rules once, as constants for the code and as the table for the docs.
macro_rules! rules {
    ($($ident:ident $name:literal $severity:ident $meaning:literal;)*) => {
        $(pub(super) const $ident: Rule = Rule {
            name: $name,
            severity: Severity::$severity,
            meaning: $meaning,
        };)*

        /// Every rule, in the order in which a file is checked.
        pub const RULES: &[Rule] = &[$($ident),*];
    };
}

rules! {
    UNREADABLE "unreadable" Error "a file or directory cannot be read";
    IGNORE_FILE "ignore-file" Error "an ignore file cannot be read, or a line of it cannot be understood";
    SYMLINK_LOOP "symlink-loop" Error "a symbolic link leads back to a directory above it";
    BROKEN_LINK "broken-link" Error "a symbolic link named like a post leads nowhere";
    NOT_A_FILE "not-a-file" Error "a pipe, socket or device is named like a post";
    FILE_NAME "file-name" Error "a file's path is not UTF-8, or holds a character that cannot be printed";
    SAME_PATH "same-path" Error "two names differ only in how their accents are encoded";
    FILE_SIZE "file-size" Error "a file is larger than 16 MiB";
    INVALID_UTF8 "invalid-utf8" Error "a file holds bytes that are not UTF-8";
    NUL_CHARACTER "nul-character" Error "a file or a value holds a NUL, which no database text can";
    EMPTY_FILE "empty-file" Error "a file holds nothing";
    NO_FRONT_MATTER "no-front-matter" Error "a file does not begin with `---`";
    UNCLOSED_FRONT_MATTER "unclosed-front-matter" Error "no `---` line ends the front matter";
    FRONT_MATTER_SIZE "front-matter-size" Error "the front matter is larger than 64 KiB";
    CONTROL_CHARACTER "control-character" Error "the front matter holds a control character or an invisible line separator";
    YAML_SYNTAX "yaml-syntax" Error "the front matter is not YAML";
    YAML_SIZE "yaml-size" Error "the front matter's aliases expand without measure";
    NOT_A_MAPPING "not-a-mapping" Error "the front matter is not made of `key: value` lines";
    MERGE_KEY "merge-key" Error "the front matter uses `<<`, which is not merged";
    DUPLICATE_KEY "duplicate-key" Error "a key is there twice";
    MISSING_ID "missing-id" Error "a post has no id";
    INVALID_ID "invalid-id" Error "an id is not a whole number from 1 to 2147483647";
    DUPLICATE_ID "duplicate-id" Error "two files have the same id";
    MISSING_TITLE "missing-title" Error "a post has no title";
    INVALID_TITLE "invalid-title" Error "a title is not text of 1 to 255 characters";
    INVALID_DESCRIPTION "invalid-description" Error "a description is not text";
    INVALID_CATEGORY "invalid-category" Error "a category is not text of 1 to 255 characters";
    UNKNOWN_CATEGORY "unknown-category" Error "a category is not one that blogctl.toml lists";
    INVALID_TAGS "invalid-tags" Error "tags are not a list of texts of 1 to 100 characters";
    REPEATED_TAG "repeated-tag" Warning "a tag is there twice; it is stored once";
    INVALID_IMAGE "invalid-image" Error "an image is not text of up to 500 characters";
    INVALID_CREATED_AT "invalid-created-at" Error "created_at is not a time";
    INVALID_UPDATED_AT "invalid-updated-at" Error "updated_at is not a time";
    INVALID_WORD_COUNT "invalid-word-count" Error "word_count is not a whole number from 0 to 2147483647";
    WORD_COUNT "word-count" Warning "word_count is not the number of words in the body; it is stored as stated";
    INVALID_DRAFT "invalid-draft" Error "draft is neither true nor false";
    INVALID_SLUG "invalid-slug" Error "a slug is not text of 1 to 255 characters without control characters";
    DUPLICATE_SLUG "duplicate-slug" Warning "two posts have the same slug";
    EXTRA_SIZE "extra-size" Error "the keys without a field take more than 512 KiB as JSON, or are nested more than 100 deep";
    COMMENT "comment" Hint "the end of a value is a comment to YAML";
    LINK_OUTSIDE "link-outside" Error "a symbolic link leads out of the project";
    LINK_TARGET "link-target" Error "a symbolic link leads to something that is hidden, ignored or not named like a post";
    REPEATED_DIRECTORY "repeated-directory" Error "a symbolic link leads to a directory whose posts are read already";
    TRACKED_BUT_IGNORED "tracked-but-ignored" Hint "one of git's ignore files leaves out posts that git tracks";
    UNKNOWN_KEY "unknown-key" Warning "a key that is almost the name of a field; it is kept in extra";
    MORE_FINDINGS "more-findings" Warning "there are more findings than are listed";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_has_a_name_of_its_own_in_kebab_case() {
        let mut names: Vec<_> = RULES.iter().map(|rule| rule.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), RULES.len());
        let kebab = |name: &str| {
            name.chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
        };
        assert!(names.into_iter().all(kebab));
    }
}
