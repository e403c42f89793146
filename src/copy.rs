//! The plan of a copy: a pure function of two indexes and of the differences between their rows.
//!
//! The posts of the source are brought to the target: its ids, values, tags and times, and what
//! blogctl keeps of each. Posts that only the target has are left alone.

mod columns;

use std::collections::{BTreeSet, HashMap};

pub use self::columns::{Columns, Problem, Tables, differences};
use crate::index::{Entry, ForeignRow, Index, PostRecord, RowState, RowVersion};
use crate::plan::{ConflictKind, Replaces};
use crate::post::{Digest, PostId, SourcePath};

/// The kinds of changes to a post of the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Inserted.
    Create,
    /// Its row is changed.
    Update,
    /// Its row is as at the source, and stays; what blogctl keeps of it is changed.
    Record,
}

impl Action {
    /// Returns the word that output uses: `create`, `update` or `record`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Record => "record",
        }
    }
}

/// A post of one of the stores.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostName {
    /// The post's identity.
    pub id: PostId,
    /// Its file; `None` for a row that blogctl did not write.
    pub path: Option<SourcePath>,
}

/// One line of what a copy does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The kind of change.
    pub action: Action,
    /// The post, as the source names it.
    pub post: PostName,
    /// The fields that differ; none for a new post.
    pub fields: Vec<&'static str>,
}

/// A post of the target that may not be overwritten without `--force`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// The reason.
    pub kind: ConflictKind,
    /// The post, as the source names it.
    pub post: PostName,
    /// The fields that differ; none for a row that was deleted.
    pub fields: Vec<&'static str>,
}

/// A post to bring over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Write {
    /// The post's identity.
    pub id: PostId,
    /// The row that is written, or stays.
    pub step: Step,
    /// The record that blogctl keeps of it.
    pub record: Option<PostRecord>,
    /// True if the row was edited at the source since its last sync.
    pub is_edited: bool,
}

/// The treatment of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// It is written.
    Copy(Replaces),
    /// It stays, and must still have this version.
    Record(RowVersion),
}

/// All that a copy would do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// The changes, in the order of ids, for users.
    pub changes: Vec<Change>,
    /// The posts to bring over, newest first.
    pub writes: Vec<Write>,
    /// The conflicts that `--force` would overwrite.
    pub conflicts: Vec<Conflict>,
    /// The conflicts that `--force` overwrites.
    pub overwrites: Vec<Conflict>,
    /// Posts that only the target has.
    pub only_in_target: Vec<PostName>,
    /// Posts whose row was deleted at the source since its last sync: they are not copied.
    pub deleted: Vec<PostName>,
    /// Categories that a written post had at the target; those of the source come with the rows.
    pub categories: BTreeSet<String>,
    /// Posts that are the same in both stores.
    pub unchanged: u32,
}

impl Plan {
    /// Returns the number of changes of one kind.
    pub fn count(&self, action: Action) -> u32 {
        let changes = self.changes.iter().filter(|c| c.action == action).count();
        // Ids are 31-bit and unique, so there are never more changes than that.
        u32::try_from(changes).unwrap_or(u32::MAX)
    }

    /// Returns true if the target is as the source.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }
}

/// The posts of the source, by the way in which they have to be read before the plan is made. Each
/// list begins with the newest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Survey {
    /// Posts that the target does not have.
    pub new: Vec<PostId>,
    /// Posts that both stores record as written from the same file: their Markdown is the same.
    pub rows: Vec<PostId>,
    /// Posts that have to be compared with their Markdown.
    pub posts: Vec<PostId>,
}

/// Returns the posts that have to be read.
pub fn survey(source: &Index, target: &Index) -> Survey {
    let there = Rows::new(target);
    let mut survey = Survey::default();
    for post in Rows::new(source).live() {
        let list = match there.get(post.id()) {
            None => &mut survey.new,
            Some(Row::Written(entry)) if entry.row == RowState::Missing => &mut survey.new,
            Some(row) if is_same_file(&post, &row) => &mut survey.rows,
            Some(_) => &mut survey.posts,
        };
        list.push(post.id());
    }
    for list in [&mut survey.new, &mut survey.rows, &mut survey.posts] {
        list.sort_unstable_by(|one, other| other.cmp(one));
    }
    survey
}

/// Returns true if both rows are as the same file says.
fn is_same_file(one: &Row<'_>, other: &Row<'_>) -> bool {
    match (one, other) {
        (Row::Written(one), Row::Written(other)) => {
            let are_intact = matches!(
                (one.row, other.row),
                (RowState::Intact(_), RowState::Intact(_))
            );
            are_intact && one.post_digest == other.post_digest && one.stated == other.stated
        }
        _ => false,
    }
}

/// Makes the plan of a copy.
///
/// `differing` has the fields that differ, for each post that both stores have; it is empty for a
/// post that is the same.
pub fn make(
    source: &Index,
    target: &Index,
    differing: &HashMap<PostId, Vec<&'static str>>,
    columns: &Columns,
    force: bool,
) -> Plan {
    let there = Rows::new(target);
    let from = Rows::new(source);
    let mut plan = Plan::default();
    for post in from.live() {
        let fields = differing.get(&post.id()).cloned().unwrap_or_default();
        plan.decide(&post, there.get(post.id()), fields, columns, force);
    }
    let is_live = |row: &Row<'_>| from.get(row.id()).is_some_and(|row| row.is_live());
    let only_there = there.live().filter(|row| !is_live(row));
    plan.only_in_target = only_there.map(|row| row.name()).collect();
    let deleted = from.all().filter(|row| !row.is_live());
    plan.deleted = deleted.map(|row| row.name()).collect();
    plan.changes.sort_by_key(|change| change.post.id);
    plan.writes.sort_by_key(|write| std::cmp::Reverse(write.id));
    for conflicts in [&mut plan.conflicts, &mut plan.overwrites] {
        conflicts.sort_by_key(|conflict| conflict.post.id);
    }
    for posts in [&mut plan.only_in_target, &mut plan.deleted] {
        posts.sort_by_key(|post| post.id);
    }
    plan
}

impl Plan {
    fn decide(
        &mut self,
        post: &Row<'_>,
        there: Option<Row<'_>>,
        fields: Vec<&'static str>,
        columns: &Columns,
        force: bool,
    ) {
        let (kind, version) = match there {
            None => return self.push(post, there, Step::Copy(Replaces::Nothing), fields, columns),
            Some(Row::Written(entry)) => match entry.row {
                RowState::Missing if force => {
                    return self.push(post, there, Step::Copy(Replaces::Nothing), fields, columns);
                }
                RowState::Missing | RowState::Unwritten => {
                    let conflict = conflict(ConflictKind::Deleted, post, fields);
                    return self.conflicts.push(conflict);
                }
                RowState::Intact(version) => (None, version),
                RowState::Edited(version) => (Some(ConflictKind::Edited), version),
            },
            Some(Row::Foreign(row)) => (Some(ConflictKind::Foreign), row.version),
        };
        if fields.is_empty() {
            if is_recorded(post, there, columns) {
                self.unchanged += 1;
            } else {
                self.push(post, there, Step::Record(version), fields, columns);
            }
            return;
        }
        if let Some(kind) = kind {
            let conflict = conflict(kind, post, fields.clone());
            if !force {
                return self.conflicts.push(conflict);
            }
            self.overwrites.push(conflict);
        }
        let category = there.and_then(|row| row.category().map(str::to_owned));
        self.categories.extend(category);
        self.push(
            post,
            there,
            Step::Copy(Replaces::Row(version)),
            fields,
            columns,
        );
    }

    fn push(
        &mut self,
        post: &Row<'_>,
        there: Option<Row<'_>>,
        step: Step,
        fields: Vec<&'static str>,
        columns: &Columns,
    ) {
        let action = match step {
            Step::Copy(Replaces::Nothing) => Action::Create,
            Step::Copy(Replaces::Row(_)) => Action::Update,
            Step::Record(_) => Action::Record,
        };
        self.changes.push(Change {
            action,
            post: post.name(),
            fields,
        });
        let (record, is_edited) = match post {
            Row::Written(entry) => (Some(record_of(entry, there, columns)), is_edited(entry)),
            Row::Foreign(_) => (None, false),
        };
        self.writes.push(Write {
            id: post.id(),
            step,
            record,
            is_edited,
        });
    }
}

/// Returns true if the target keeps of a post what the source does. A row that the source does not
/// record keeps the record that the target has.
fn is_recorded(post: &Row<'_>, there: Option<Row<'_>>, columns: &Columns) -> bool {
    let Row::Written(entry) = post else {
        return true;
    };
    let Some(Row::Written(other)) = there else {
        return false;
    };
    let kept = PostRecord {
        path: other.path.clone(),
        file_digest: other.file_digest,
        post_digest: other.post_digest,
        stated: other.stated,
    };
    kept == record_of(entry, there, columns) && is_edited(entry) == is_edited(other)
}

/// Returns what the target is to keep of a post. Where the source's tables lack a field that the
/// file states and the target has a column for, no digest is kept, so that the next sync writes
/// it; unless a sync of the same file did.
fn record_of(entry: &Entry, there: Option<Row<'_>>, columns: &Columns) -> PostRecord {
    let is_synced = match there {
        Some(Row::Written(other)) => {
            other.row != RowState::Missing
                && (other.file_digest, other.post_digest) == (entry.file_digest, entry.post_digest)
        }
        _ => false,
    };
    let is_whole = is_synced || !columns.lack(entry.stated);
    let kept = |digest| if is_whole { digest } else { Digest::NONE };
    PostRecord {
        path: entry.path.clone(),
        file_digest: kept(entry.file_digest),
        post_digest: kept(entry.post_digest),
        stated: entry.stated,
    }
}

fn is_edited(entry: &Entry) -> bool {
    matches!(entry.row, RowState::Edited(_))
}

fn conflict(kind: ConflictKind, post: &Row<'_>, fields: Vec<&'static str>) -> Conflict {
    Conflict {
        kind,
        post: post.name(),
        fields,
    }
}

/// A post in an index.
#[derive(Clone, Copy)]
enum Row<'i> {
    /// One that blogctl wrote.
    Written(&'i Entry),
    /// One that it did not write.
    Foreign(&'i ForeignRow),
}

impl Row<'_> {
    fn id(&self) -> PostId {
        match self {
            Self::Written(entry) => entry.id,
            Self::Foreign(row) => row.id,
        }
    }

    fn category(&self) -> Option<&str> {
        match self {
            Self::Written(entry) => entry.category.as_deref(),
            Self::Foreign(row) => row.category.as_deref(),
        }
    }

    fn name(&self) -> PostName {
        let path = match self {
            Self::Written(entry) => Some(entry.path.clone()),
            Self::Foreign(_) => None,
        };
        PostName {
            id: self.id(),
            path,
        }
    }

    /// Returns true if there is a row.
    fn is_live(&self) -> bool {
        match self {
            Self::Written(entry) => entry.row != RowState::Missing,
            Self::Foreign(_) => true,
        }
    }
}

/// The posts of an index, by their ids.
struct Rows<'i>(HashMap<PostId, Row<'i>>);

impl<'i> Rows<'i> {
    fn new(index: &'i Index) -> Self {
        let foreign = index.foreign.iter().map(|row| (row.id, Row::Foreign(row)));
        let entries = index.entries.iter();
        let written = entries.map(|entry| (entry.id, Row::Written(entry)));
        Self(foreign.chain(written).collect())
    }

    fn get(&self, id: PostId) -> Option<Row<'i>> {
        self.0.get(&id).copied()
    }

    fn all(&self) -> impl Iterator<Item = Row<'i>> {
        self.0.values().copied()
    }

    fn live(&self) -> impl Iterator<Item = Row<'i>> {
        self.all().filter(Row::is_live)
    }
}

#[cfg(test)]
mod tests;
