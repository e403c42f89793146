//! Files to posts: the walk, the front matter, and everything that can be wrong with them.
//!
//! [`scan()`] walks and hashes; it keeps of each file only what tells it apart. [`parse`] reads
//! one file again and checks it, dropping the body; [`load`] does the same for writing.
//! Both verify that the file is still the one that was hashed. [`collect()`] reads all files of
//! a scan but those that earlier syncs read, and checks them against each other. [`unmoved`]
//! tells whether anything was added, removed or touched since the scan. All errors of a file are
//! found in one go, each with its place and a remedy; [`crate::finding::rules::RULES`] lists
//! what they can be.
//!
//! # What counts as a post's file
//! Files that end in `.md`, `.markdown` or `.mdx`, in either case, at any depth. Hidden ones
//! are skipped, and those that `exclude` in the settings or a `.blogctlignore` file names, and
//! those that a `.gitignore` names and git does not track: what git does not keep would be
//! published from a laptop and missing in CI. A path given outright is read even where it is
//! ignored. What is left out is counted by reason. Symbolic links are followed to what counts
//! in its own place: `links` has the rules.
//!
//! # What counts as the body
//! All after the line that closes the front matter but for one blank line, with LF line ends.

mod across;
mod addresses;
mod body;
mod bounds;
mod checker;
mod collect;
mod comments;
mod derived;
mod document;
mod edit;
mod edit_toml;
mod edit_yaml;
mod exclude;
mod extra;
mod fields;
mod file_name;
mod findings;
mod follow;
mod found;
mod front_matter;
mod ignore_files;
mod ignore_pattern;
mod ignore_rules;
mod ignore_syntax;
mod json_value;
mod key_edit;
mod keys;
mod labels;
mod left_out;
mod links;
mod locale_key;
mod locator;
mod not_public;
mod part;
mod place;
mod posts_found;
mod quote;
mod read_as;
mod read_settings;
mod reader;
mod render;
mod render_toml;
mod repair;
mod resolve;
mod row_value;
mod scan;
mod scan_error;
mod scan_root;
mod snapshot;
mod stamp;
mod steps;
mod style;
mod suggest;
mod survey;
mod table_limits;
mod tags;
mod text_findings;
mod time_form;
pub mod timestamp;
mod toml;
mod toml_clue;
mod toml_dates;
mod toml_errors;
mod toml_keys;
mod toml_reader;
mod toml_values;
mod tracked;
mod translations;
mod unopened;
mod walk;
mod walk_state;
mod writer;
mod written_key;
mod yaml;
mod yaml_errors;
mod yaml_events;
mod yaml_reader;
mod yaml_slips;

#[cfg(test)]
mod edit_fuzz_tests;
#[cfg(test)]
mod edit_tests;
#[cfg(test)]
mod edit_toml_tests;
#[cfg(test)]
mod fields_tests;
#[cfg(test)]
mod finding_tests;
#[cfg(test)]
mod fuzz_tests;
#[cfg(test)]
mod fuzz_toml_tests;
#[cfg(test)]
#[cfg(unix)]
mod ignore_git_tests;
#[cfg(test)]
#[cfg(unix)]
mod ignore_tests;
#[cfg(test)]
mod linear_tests;
#[cfg(test)]
#[cfg(unix)]
mod link_loop_tests;
#[cfg(test)]
#[cfg(unix)]
mod link_tests;
#[cfg(test)]
mod property_tests;
#[cfg(test)]
mod reader_tests;
#[cfg(test)]
mod scan_tests;
#[cfg(test)]
#[cfg(unix)]
mod scan_unix_tests;
#[cfg(test)]
mod style_tests;
#[cfg(test)]
mod test_project;
#[cfg(test)]
mod test_reading;
#[cfg(test)]
mod toml_slips_tests;
#[cfg(test)]
mod toml_tests;
#[cfg(test)]
mod translations_tests;
#[cfg(test)]
mod writer_property_tests;
#[cfg(test)]
mod writer_tests;
#[cfg(test)]
mod yaml_slips_tests;
#[cfg(test)]
mod yaml_tests;

pub use across::duplicate_ids;
pub use collect::{Collection, collect};
pub use exclude::{Exclude, ExcludeError};
pub use fields::KEYS;
pub use left_out::{is_left_out, why_left_out};
pub use part::{Part, WriteError, list as list_parts};
pub use place::place;
pub use posts_found::{PostsFound, posts_in};
pub use read_as::ReadAs;
pub use read_settings::{LocaleSettings, ReadSettings};
pub use repair::{Additions, Condition, Repaired, condition, repaired};
pub use scan::{LoadError, MAX_FILE, Parsed, bytes, load, parse, scan, scan_all, unmoved};
pub use scan_error::ScanError;
pub use snapshot::{ScannedFile, Scope, Snapshot};
pub use style::{MAX_SAMPLES, Observations, Style};
pub use suggest::nearest;
pub use survey::{Habits, habits};
pub use writer::{Source, new_file};
pub use written_key::in_blog as key_in_blog;
