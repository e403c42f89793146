//! The files to compare: those of one or more paths, read and checked.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Component, Path, PathBuf};

use anyhow::Result;
use unicode_normalization::UnicodeNormalization;

use crate::command_error::CommandError;
use crate::commands::Context;
use crate::commands::locale::locale_of_path;
use crate::commands::scanning::ContentPaths;
use crate::content::{self, LoadError, ReadSettings, ScannedFile, Scope, Snapshot};
use crate::diff::Pair;
use crate::finding::{Finding, Level, rules};
use crate::index::Index;
use crate::locale::Locale;
use crate::model::FileEntry;
use crate::post::{Post, SourcePath, TextId};
use crate::project::Project;

/// The files that the paths lead to, before anything is known of the store.
pub struct Files {
    snapshots: Vec<Snapshot>,
    missing: Vec<Missing>,
}

/// A path without a file, which may be that of a post whose file is gone.
struct Missing {
    /// The scopes of a file and of a directory of this name.
    scopes: [Scope; 2],
    error: anyhow::Error,
}

/// The files, read as far as needed.
pub struct ReadFiles {
    /// One line a valid file, in the order of paths.
    pub entries: Vec<FileEntry>,
    /// The errors, which keep their files from being compared; in the order of places.
    pub errors: Vec<Finding>,
    scanned: HashMap<SourcePath, ScannedFile>,
    invalid: HashSet<SourcePath>,
    scopes: Vec<Scope>,
}

impl Files {
    /// Checks that paths which tell a locale tell the one that was named.
    ///
    /// # Errors
    /// [`CommandError`] if one tells another.
    pub fn check_locale(
        context: &Context,
        project: &Project,
        paths: &[PathBuf],
        only: Option<Locale>,
    ) -> Result<()> {
        for path in paths {
            if let Some(path) = source_path(&project.root, &context.cwd.join(path)) {
                locale_of_path(project, &path, only)?;
            }
        }
        Ok(())
    }

    /// Finds the files at the paths.
    ///
    /// # Errors
    /// [`CommandError`] for a path at which there can be no post.
    pub fn scan(
        context: &Context,
        settings: &ReadSettings,
        content: &ContentPaths,
    ) -> Result<Self> {
        let mut files = Self {
            snapshots: Vec::new(),
            missing: Vec::new(),
        };
        for path in &content.paths {
            let one = ContentPaths {
                paths: vec![path.clone()],
                ..content.clone()
            };
            match context.scan_content(settings, &one, "diff") {
                Ok(snapshot) => files.snapshots.push(snapshot),
                Err(error) => match source_path(&settings.root, path) {
                    Some(source) if path.symlink_metadata().is_err() => {
                        files.missing.push(Missing {
                            scopes: [Scope::new(&*source), Scope::new(format!("{source}/"))],
                            error,
                        });
                    }
                    _ => return Err(error),
                },
            }
        }
        Ok(files)
    }

    /// Reads the files that are not known by their digest.
    ///
    /// # Errors
    /// [`CommandError`] for a path at which there is no file, and was none at the last sync; or
    /// if a file changes meanwhile.
    pub fn read(self, settings: &ReadSettings, index: &Index) -> Result<ReadFiles> {
        let mut scopes = Vec::new();
        for missing in self.missing {
            let is_known = |scope: &Scope| index.entries.iter().any(|e| scope.contains(&e.path));
            if !missing.scopes.iter().any(is_known) {
                return Err(missing.error);
            }
            scopes.extend(missing.scopes);
        }
        // Paths may overlap; a file counts once.
        let mut entries = BTreeMap::new();
        let mut findings: Vec<Finding> = Vec::new();
        let mut scanned = HashMap::new();
        let mut seen: HashSet<SourcePath> = HashSet::new();
        let mut skipped: HashSet<SourcePath> = HashSet::new();
        for snapshot in self.snapshots {
            let collection = content::collect(settings, &snapshot, index.known_files(), false)
                .map_err(changed)?;
            skipped.extend(collection.skipped);
            let is_new = |finding: &Finding| !seen.contains(&finding.path);
            findings.extend(collection.findings.into_iter().filter(is_new));
            entries.extend(collection.files.into_iter().map(|f| (f.path.clone(), f)));
            let problems = snapshot.problems.iter().map(|problem| problem.path.clone());
            let paths = snapshot.files.iter().map(|file| file.path.clone());
            seen.extend(problems.chain(paths));
            let files = snapshot.files.into_iter();
            scanned.extend(files.map(|file| (file.path.clone(), file)));
            scopes.push(snapshot.scope);
        }
        let mut entries: Vec<FileEntry> = entries.into_values().collect();
        let duplicates = duplicates(&entries, &findings);
        findings.extend(duplicates);
        findings.retain(|finding| finding.level == Level::Error);
        // Of several files with one id, none is the post's.
        let mut stated: HashMap<TextId, usize> = HashMap::new();
        for file in &entries {
            *stated.entry(file.text_id()).or_default() += 1;
        }
        entries.retain(|file| stated[&file.text_id()] == 1);
        let mut invalid = seen;
        for file in &entries {
            invalid.remove(&file.path);
        }
        // A file without front matter is as one that is not there.
        invalid.retain(|path| !skipped.contains(path));
        Ok(ReadFiles {
            entries,
            errors: findings,
            scanned,
            invalid,
            scopes,
        })
    }
}

/// Finds ids that files at different given paths state; those at one path were found already.
fn duplicates(entries: &[FileEntry], found: &[Finding]) -> Vec<Finding> {
    let found = found.iter();
    let known: HashSet<&SourcePath> = found
        .filter(|finding| finding.rule.name == rules::DUPLICATE_ID.name)
        .map(|finding| &finding.path)
        .collect();
    let ids = entries
        .iter()
        .map(|file| (file.text_id(), &file.path, None));
    let mut all = content::duplicate_ids(ids);
    all.retain(|finding| !known.contains(&finding.path));
    all
}

impl ReadFiles {
    /// Returns whether a path is among those to compare.
    pub fn has_in_scope(&self, path: &SourcePath) -> bool {
        self.scopes.iter().any(|scope| scope.contains(path))
    }

    /// Returns whether a path is one of those that were given.
    pub fn is_named(&self, path: &SourcePath) -> bool {
        self.scopes.contains(&Scope::new(path.as_str()))
    }

    /// Returns whether there is a file at the path that is no valid post.
    pub fn is_invalid(&self, path: &SourcePath) -> bool {
        self.invalid.contains(path)
    }

    /// Reads the texts that files state which are not compared, since they are no valid posts or
    /// state the id of another file.
    ///
    /// # Errors
    /// [`CommandError`] if a file is not as it was.
    pub fn claimed(&self, settings: &ReadSettings) -> Result<HashSet<TextId>> {
        let files = self
            .invalid
            .iter()
            .filter_map(|path| self.scanned.get(path));
        let ids = files.map(|file| Ok(content::parse(settings, file).map_err(changed)?.text_id()));
        ids.filter_map(Result::transpose).collect()
    }

    /// Reads the post and the body of a file; `None` where there is none to compare.
    ///
    /// # Errors
    /// [`CommandError`] if the file is not as it was.
    pub fn load(&self, settings: &ReadSettings, pair: &Pair) -> Result<Option<(Post, String)>> {
        let file = pair.path.as_ref().and_then(|path| self.scanned.get(path));
        let file = file.filter(|_| pair.has_file());
        file.map(|file| content::load(settings, file).map_err(changed))
            .transpose()
    }
}

/// Returns the remedy with an error of a file that changed.
fn changed(error: LoadError) -> anyhow::Error {
    match error {
        LoadError::Io { .. } => error.into(),
        LoadError::Changed { .. } | LoadError::Invalid { .. } => {
            CommandError::refused(error.to_string())
                .help("run it again when nothing else writes there")
                .into()
        }
    }
}

/// Returns the source path of a file that is not there; `None` outside the project.
fn source_path(root: &Path, path: &Path) -> Option<String> {
    let relative = path.strip_prefix(root).ok()?;
    let part = |part: Component<'_>| match part {
        Component::Normal(name) => name.to_str().map(str::to_owned),
        _ => None,
    };
    let is_there = |part: &Component<'_>| *part != Component::CurDir;
    let parts: Option<Vec<String>> = relative.components().filter(is_there).map(part).collect();
    Some(parts?.join("/").nfc().collect())
}
