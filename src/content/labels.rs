//! Tags and categories that differ by case alone.

use std::collections::BTreeMap;

use crate::finding::{Finding, rules};
use crate::key_map::ReadField;
use crate::post::SourcePath;

/// The names of all files, by their form in lower case.
#[derive(Debug, Default)]
pub(super) struct Labels(BTreeMap<(ReadField, String), Vec<Spelling>>);

/// One spelling of a name.
#[derive(Debug)]
struct Spelling {
    name: String,
    files: usize,
    /// The first file that has it.
    first: SourcePath,
}

impl Labels {
    /// Counts the names of a file.
    pub fn add(&mut self, names: Vec<(ReadField, String)>, path: &SourcePath) {
        for (field, name) in names {
            let spellings = self.0.entry((field, name.to_lowercase())).or_default();
            match spellings.iter_mut().find(|one| one.name == name) {
                Some(spelling) => spelling.files += 1,
                None => spellings.push(Spelling {
                    name,
                    files: 1,
                    first: path.clone(),
                }),
            }
        }
    }

    /// Makes a finding for each name that has several spellings, at the first file of the rarest.
    pub fn findings(&self) -> Vec<Finding> {
        let several = self.0.iter().filter(|(_, spellings)| spellings.len() > 1);
        several
            .map(|((field, _), spellings)| {
                let files = |spelling: &Spelling| match spelling.files {
                    1 => format!("{:?} in {}", spelling.name, spelling.first),
                    files => format!("{:?} in {files} files", spelling.name),
                };
                let mut spellings: Vec<&Spelling> = spellings.iter().collect();
                spellings.sort_by_key(|spelling| std::cmp::Reverse(spelling.files));
                let named: Vec<String> = spellings.iter().map(|one| files(one)).collect();
                let kind = match field {
                    ReadField::Tags => "tags",
                    _ => "categories",
                };
                // There are at least two.
                let (most, rarest) = (spellings[0], spellings[spellings.len() - 1]);
                Finding {
                    rule: rules::LABEL_CASE,
                    level: rules::LABEL_CASE.level,
                    message: format!("{kind} differ by case alone: {}", named.join(", ")),
                    help: Some(format!(
                        "write {:?} everywhere: they are different {kind}, with a page each",
                        most.name
                    )),
                    path: rarest.first.clone(),
                    location: None,
                    fix: None,
                }
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_every_spelling_with_its_files() {
        let mut labels = Labels::default();
        let mut add = |field, name: &str, path: &str| {
            labels.add(vec![(field, name.to_owned())], &SourcePath::new(path));
        };
        add(ReadField::Tags, "Rust", "a.md");
        add(ReadField::Tags, "rust", "b.md");
        add(ReadField::Tags, "rust", "c.md");
        add(ReadField::Tags, "go", "c.md");
        add(ReadField::Category, "RUST", "c.md");
        let found = labels.findings();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].path.as_str(), "a.md");
        assert_eq!(
            found[0].message,
            "tags differ by case alone: \"rust\" in 2 files, \"Rust\" in a.md"
        );
        assert_eq!(
            found[0].help.as_deref(),
            Some("write \"rust\" everywhere: they are different tags, with a page each")
        );
    }
}
