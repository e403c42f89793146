//! The plan of a pull: which rows are brought to files, and which are refused. Pure.

pub mod name;
pub mod text_name;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::content::{Part as FilePart, WriteError, list_parts};
use crate::diff::{RowChange, TextRows};
use crate::index::{Entry, Index, RowState};
use crate::locale::LocaleFilter;
use crate::model::FileEntry;
use crate::post::{
    Digest, Extra, Field, FieldSet, PostId, SourcePath, StoredPost, TextId, Unreadable,
};

/// The files of a blog, as far as a pull needs to know them.
#[derive(Clone, Copy, Debug)]
pub struct Files<'a> {
    /// Those that are posts.
    pub posts: &'a [FileEntry],
    /// Those that state an id and are no posts.
    pub invalid: &'a [(TextId, SourcePath)],
    /// The directory whose files are looked at, as a source path.
    pub content: &'a str,
}

/// The step that is taken with one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Write a new file.
    Create {
        /// The path that it had; `None` for a post that never had a file.
        path: Option<SourcePath>,
        /// The digest of the post and the fields that its file stated, if the row is as the last
        /// sync left it.
        published: Option<(Digest, FieldSet)>,
    },
    /// Edit the file, if it differs from the row.
    Edit {
        /// The file.
        path: SourcePath,
        /// The file's state.
        file: FileState,
    },
    /// Nothing, for a reason.
    Refuse(Refusal),
}

/// The state of a post's file compared to the last sync.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileState {
    /// As the last sync read it.
    Unchanged,
    /// Changed since.
    Changed,
    /// No sync published it.
    NeverSynced,
    /// It is no post.
    Invalid,
}

/// The rows of a store in the order of ids, as far as a pull is about them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Survey {
    /// The rows to be read, with what is to be done with them.
    pub steps: Vec<(TextId, Step)>,
    /// The texts that are not their post's main one: their files do not state what the post shares.
    pub others: HashSet<TextId>,
    /// Ids that were asked for and that no row has.
    pub missing: Vec<PostId>,
    /// The number of rows that are as their files say.
    pub unchanged: usize,
    /// Files that changed since the last sync while their rows did not.
    pub newer_files: Vec<SourcePath>,
    /// Files whose rows were deleted since the last sync.
    pub deleted: Vec<SourcePath>,
}

/// The part of a blog that a pull is about.
pub struct Part<'a> {
    /// The texts that are meant, by their locale.
    pub texts: LocaleFilter<'a>,
    /// The ids that were named.
    pub ids: &'a [PostId],
    /// Tells whether a path lies in the directory that was given.
    pub in_scope: &'a dyn Fn(&SourcePath) -> bool,
}

/// Decides which rows to read. Without ids these are all that have something to bring: those
/// that were edited or made by other programs, and those whose file is gone. With ids they are
/// these, since a row may have values that its file never stated, which count as no edit.
pub fn survey(files: Files<'_>, index: &Index, part: &Part<'_>) -> Survey {
    let rows = TextRows::new(index);
    let mut by_id: HashMap<TextId, Vec<&FileEntry>> = HashMap::new();
    for file in files.posts {
        by_id.entry(file.text_id()).or_default().push(file);
    }
    let known = rows.entries.keys().chain(&rows.foreign);
    let mut wanted: BTreeMap<PostId, BTreeSet<TextId>> = BTreeMap::new();
    let ids: HashSet<PostId> = part.ids.iter().copied().collect();
    for text in known.filter(|text| part.texts.takes(text.locale)) {
        if ids.is_empty() || ids.contains(&text.post) {
            wanted.entry(text.post).or_default().insert(*text);
        }
    }
    let mut survey = Survey::default();
    let missing = ids.iter().filter(|id| !wanted.contains_key(id));
    survey.missing.extend(missing);
    let mut first = FirstTexts::default();
    for file in files.posts.iter().filter(|file| !file.draft) {
        first.add(file.text_id(), &part.texts);
    }
    for entry in &index.entries {
        // What was not looked at is taken to be there.
        if !entry.path.as_str().starts_with(files.content) {
            first.add(entry.text_id(), &part.texts);
        }
    }
    for text in wanted.values().flatten() {
        let is_there = match rows.entries.get(text) {
            Some(entry) => is_present(entry.row) && (part.in_scope)(&entry.path),
            None => true,
        };
        if is_there {
            first.add(*text, &part.texts);
        }
    }
    for (id, texts) in wanted {
        let missing = survey.missing.len();
        let count = texts.len();
        for text in texts {
            let candidates = Candidates {
                posts: by_id.get(&text).map_or(&[], Vec::as_slice),
                invalid: files.invalid.iter().find(|(found, _)| *found == text),
            };
            let is_main = first.is_first(text, &part.texts);
            survey.add(text, is_main, &rows, &candidates, part);
        }
        // A post is missing if each of its texts is.
        if survey.missing.len() - missing < count {
            survey.missing.truncate(missing);
        } else if count > 1 {
            survey.missing.truncate(missing);
            survey.missing.push(id);
        }
    }
    survey.missing.sort_unstable();
    survey
}

/// Returns whether a row is there.
fn is_present(row: RowState) -> bool {
    matches!(row, RowState::Intact(_) | RowState::Edited(_))
}

/// The least place that the locale of a text of each post has.
#[derive(Default)]
struct FirstTexts(HashMap<PostId, usize>);

impl FirstTexts {
    fn add(&mut self, text: TextId, texts: &LocaleFilter<'_>) {
        let rank = texts.rank(text.locale);
        let least = self.0.entry(text.post).or_insert(rank);
        *least = rank.min(*least);
    }

    fn is_first(&self, text: TextId, texts: &LocaleFilter<'_>) -> bool {
        let rank = texts.rank(text.locale);
        self.0.get(&text.post).is_none_or(|least| rank <= *least)
    }
}

/// The files that state one text.
struct Candidates<'a> {
    posts: &'a [&'a FileEntry],
    invalid: Option<&'a (TextId, SourcePath)>,
}

impl Survey {
    fn add(
        &mut self,
        id: TextId,
        is_main: bool,
        rows: &TextRows<'_>,
        files: &Candidates<'_>,
        part: &Part<'_>,
    ) {
        let entry = rows.entries.get(&id).copied();
        let is_asked_for = !part.ids.is_empty();
        let in_scope = part.in_scope;
        let own = rows.change(id, false);
        let change = rows.change(id, is_main);
        // A text that has no row of its own yet cannot be read, whatever its post has.
        let is_there = !matches!(own, RowChange::Deleted | RowChange::Absent);
        if !is_there || change == RowChange::Deleted {
            if is_asked_for {
                return self.missing.push(id.post);
            }
            let files = files.posts.iter().map(|file| file.path.clone());
            let is_gone = own == RowChange::Deleted || change == RowChange::Deleted;
            let is_gone = is_gone || id.locale.is_none();
            return self
                .deleted
                .extend(files.filter(|path| is_gone && in_scope(path)));
        }
        let is_row_edited = change != RowChange::Unchanged;
        // The file of another text may repeat what its post shares.
        let of_post = rows.post(id.post);
        let is_edited = is_row_edited || id.locale.is_some() && of_post == RowChange::Edited;
        if !is_main {
            self.others.insert(id);
        }
        let was_main = entry.is_none_or(|entry| entry.is_main);
        let step = match (files.posts, files.invalid) {
            ([file], None) if is_asked_for || in_scope(&file.path) => {
                let is_same = |entry: &Entry| {
                    entry.file_digest == file.file_digest || entry.post_digest == file.post_digest
                };
                let state = match entry {
                    None => FileState::NeverSynced,
                    Some(entry) if is_same(entry) => FileState::Unchanged,
                    Some(_) => FileState::Changed,
                };
                match state {
                    FileState::Unchanged if !is_edited && !is_asked_for => {
                        self.unchanged += 1;
                        return;
                    }
                    FileState::Changed if !is_edited && !is_asked_for => {
                        return self.newer_files.push(file.path.clone());
                    }
                    file_state => Step::Edit {
                        path: file.path.clone(),
                        file: file_state,
                    },
                }
            }
            ([_], None) => return,
            ([], Some((_, path))) => {
                if !is_edited && !is_asked_for {
                    return self.newer_files.push(path.clone());
                }
                Step::Edit {
                    path: path.clone(),
                    file: FileState::Invalid,
                }
            }
            ([], None) => match entry {
                Some(entry) if in_scope(&entry.path) => Step::Create {
                    path: Some(entry.path.clone()),
                    published: (!is_row_edited && was_main == is_main)
                        .then_some((entry.post_digest, entry.stated)),
                },
                Some(_) if !is_asked_for => return,
                Some(entry) => Step::Refuse(Refusal::Outside(entry.path.clone())),
                None => Step::Create {
                    path: None,
                    published: None,
                },
            },
            (posts, invalid) => {
                let paths = posts.iter().map(|file| &file.path);
                let paths = paths.chain(invalid.map(|(_, path)| path));
                Step::Refuse(Refusal::Several(paths.cloned().collect()))
            }
        };
        self.steps.push((id, step));
    }
}

/// A reason why a row is not brought to a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The file was changed since the last sync, or no sync published it.
    Changed {
        /// The file.
        path: SourcePath,
        /// The file's state.
        file: FileState,
        /// The parts of it that would be lost.
        differences: Vec<FilePart>,
    },
    /// The file cannot be changed in place.
    Uneditable(SourcePath, WriteError),
    /// The row cannot be written as a file.
    Unwritable(WriteError),
    /// Values of the row cannot be read.
    Unreadable(Vec<Unreadable>),
    /// Something else is in the place of the new file.
    Occupied(SourcePath),
    /// The way to the file leads through a symbolic link.
    Link(SourcePath),
    /// The file would be left out: it is ignored, or hidden.
    LeftOut(SourcePath),
    /// Several files state the id.
    Several(Vec<SourcePath>),
    /// The file that the post had is not in the directory.
    Outside(SourcePath),
}

impl Refusal {
    /// Returns whether `--force` writes the file all the same.
    pub fn is_forcible(&self) -> bool {
        matches!(self, Self::Changed { .. } | Self::Uneditable(..))
    }

    /// Returns the word for programs.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Changed { .. } => "changed",
            Self::Uneditable(..) => "uneditable",
            Self::Unwritable(_) => "unwritable",
            Self::Unreadable(_) => "unreadable",
            Self::Occupied(_) => "occupied",
            Self::Link(_) => "link",
            Self::LeftOut(_) => "left-out",
            Self::Several(_) => "several",
            Self::Outside(_) => "outside",
        }
    }

    /// Returns the file that it is about.
    pub fn path(&self) -> Option<&SourcePath> {
        match self {
            Self::Changed { path, .. }
            | Self::Uneditable(path, _)
            | Self::Occupied(path)
            | Self::Link(path)
            | Self::LeftOut(path)
            | Self::Outside(path) => Some(path),
            Self::Unwritable(_) | Self::Unreadable(_) | Self::Several(_) => None,
        }
    }

    /// Returns the parts of the file that would be lost.
    pub fn differences(&self) -> &[FilePart] {
        match self {
            Self::Changed { differences, .. } => differences,
            _ => &[],
        }
    }

    /// Returns the reason in words, for after the post.
    pub fn words(&self) -> String {
        match self {
            Self::Changed {
                file, differences, ..
            } => {
                let lost = list_parts(differences);
                match file {
                    FileState::Invalid => "its file has errors".to_owned(),
                    FileState::NeverSynced => {
                        format!("its file was never synced, and has another {lost}")
                    }
                    FileState::Changed | FileState::Unchanged => {
                        format!("its file changed since the last sync, and has another {lost}")
                    }
                }
            }
            Self::Uneditable(_, error) | Self::Unwritable(error) => error.to_string(),
            Self::Unreadable(columns) => {
                let columns: Vec<_> = columns.iter().map(Unreadable::to_string).collect();
                format!("its row cannot be read: {}", columns.join("; "))
            }
            Self::Occupied(_) => "something else is there".to_owned(),
            Self::Link(_) => "a symbolic link leads there".to_owned(),
            Self::LeftOut(_) => "the file would not be read: it is hidden, or ignored".to_owned(),
            Self::Several(paths) => {
                let paths: Vec<_> = paths.iter().map(SourcePath::as_str).collect();
                format!("several files have its id: {}", paths.join(", "))
            }
            Self::Outside(_) => "its file is not in the directory".to_owned(),
        }
    }
}

/// Returns a row with only those fields that its file stated at the last sync; `None` if that is
/// not the post that was published. `own` are the fields of a text that is not its post's main one.
pub fn as_published(
    row: &StoredPost,
    body: &str,
    digest: Digest,
    stated: FieldSet,
    own: Option<FieldSet>,
) -> Option<StoredPost> {
    let row = only(row, stated);
    let mut filled = row.clone();
    if let Some(own) = own {
        // What the main text states has no part in the digest.
        if !own.contains(Field::Title) {
            filled.title = Some(String::new());
        }
        if !own.contains(Field::WordCount) {
            filled.word_count = Some(0);
        }
    }
    let mut post = filled.to_post()?;
    post.has_empty_tags = row.tags.is_empty() && stated.contains(Field::Tags);
    let fields = own.unwrap_or(FieldSet::ALL);
    (post.digest_of(fields, body) == digest).then_some(row)
}

/// Returns a row without the fields that are not in a set, except those that every post has.
fn only(row: &StoredPost, stated: FieldSet) -> StoredPost {
    let mut row = row.clone();
    for field in Field::ALL.into_iter().filter(|f| !stated.contains(*f)) {
        match field {
            Field::Title | Field::WordCount => {}
            Field::Tags => row.tags.clear(),
            Field::Extra => row.extra = Extra::default(),
            Field::CreatedAt | Field::UpdatedAt => row.set_time(field, None),
            Field::Description | Field::Category | Field::Image | Field::Slug => {
                row.set_text(field, None);
            }
        }
    }
    row
}

#[cfg(test)]
mod tests;
