//! The differences between files and rows, for people and for programs.

mod human;
mod json;

pub use human::Human;
pub(super) use human::{FILE, HUNK, ROW};
pub use json::Json;

use super::words::number;

/// The numbers of posts that were compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// Posts whose file and row differ, with those that only one side has.
    pub different: usize,
    /// Posts that only a file has.
    pub only_in_files: usize,
    /// Posts that only a row has.
    pub only_in_database: usize,
    /// Posts whose file and row are equal.
    pub equal: usize,
}

impl Sum {
    /// Returns the numbers in words.
    fn line(self, store: &str) -> String {
        let equal = self.equal;
        if self.different == 0 {
            let (posts, are) = (number(equal, "post"), are(equal));
            return format!("no differences: {posts} in {store} {are} as the files say");
        }
        let on_both_sides = self.different - self.only_in_files - self.only_in_database;
        let differ = match on_both_sides {
            1 => "differs from its file",
            _ => "differ from their files",
        };
        let parts = [
            (on_both_sides, differ.to_owned()),
            (
                self.only_in_files,
                format!("{} only in files", are(self.only_in_files)),
            ),
            (
                self.only_in_database,
                format!("{} only in the database", are(self.only_in_database)),
            ),
        ];
        let mut line = String::new();
        for (count, words) in parts.into_iter().filter(|(count, _)| *count > 0) {
            let posts = match line.is_empty() {
                true => number(count, "post"),
                false => format!(", {count}"),
            };
            line.push_str(&format!("{posts} {words}"));
        }
        format!("{line}, {equal} {} equal in {store}", are(equal))
    }
}

fn are(count: usize) -> &'static str {
    if count == 1 { "is" } else { "are" }
}

#[cfg(test)]
mod tests;
