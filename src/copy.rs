//! The plan of a copy: a pure function of two indexes and of the differences between their rows.
//!
//! The posts of the source are brought to the target: its ids, values, tags and times, and what
//! blogctl keeps of each. Posts that only the target has are left alone. In a blog with locales each
//! text is decided on by itself; the row of a post comes with its main text.

mod columns;
mod rows;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

pub use self::columns::{Columns, Problem, Tables, differences};
use self::rows::{Row, Rows, Text};
use crate::comparison::CONTENT;
use crate::index::{Entry, Index, PostRecord, RowState};
use crate::locale::{Locale, Locales};
use crate::plan::{ConflictKind, Replaces, TranslationRow};
use crate::post::{Digest, Field, PostId, SourcePath, TextId};
use crate::store::Part;

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

/// A post of one of the stores, or one of its texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostName {
    /// The post's identity.
    pub id: PostId,
    /// The locale of the text; `None` in a blog without locales.
    pub locale: Option<Locale>,
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

/// A post to bring over, or one of its texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Write {
    /// The identity; without a locale that of the row of a post.
    pub id: TextId,
    /// The treatment of its rows.
    pub step: Step,
    /// The row of the post; `None` if another text is the main one.
    pub post: Option<RowWrite>,
    /// The row of the text; `None` for the row of a post alone.
    pub text: Option<RowWrite>,
    /// True if it is the post's main text.
    pub is_main: bool,
    /// The record that blogctl keeps of it.
    pub record: Option<PostRecord>,
    /// The digests of the text and of the main text that it was made from.
    pub origin: Origin,
}

impl Write {
    /// Returns the row of the translation, in a blog with locales.
    pub fn translation(&self) -> Option<TranslationRow> {
        let row = self.text?;
        Some(TranslationRow {
            locale: self.id.locale?,
            is_main: self.is_main,
            replaces: row.replaces,
        })
    }

    /// Returns the rows that were edited at the source since its last sync.
    pub fn edited(&self) -> impl Iterator<Item = TextId> {
        let is_edited = |row: Option<RowWrite>| row.is_some_and(|row| row.is_edited);
        let post = is_edited(self.post).then_some(self.id.post.into());
        let text = is_edited(self.text).then_some(self.id);
        post.into_iter().chain(text)
    }
}

/// A row of the target that a write is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowWrite {
    /// The rows of the source that have its values.
    pub from: Part,
    /// The version that it replaces or must still have.
    pub replaces: Replaces,
    /// True if the row was edited at the source since its last sync.
    pub is_edited: bool,
}

/// The digests by which a translation is known to be stale.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// The digest of the fields that the locale has for itself.
    pub text_digest: Option<Digest>,
    /// That of the main text when this one was last written.
    pub made_from: Option<Digest>,
}

/// The treatment of the rows of a post.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// They are written.
    Copy,
    /// They stay, and must still have their versions.
    Record,
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
    /// Texts of the source in locales that the project does not name: they are not copied.
    pub other_locales: Vec<PostName>,
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

/// The rows of the source that are read together, and those of the target that they are compared
/// with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Parts {
    /// The rows of the source.
    pub source: Part,
    /// The rows of the target.
    pub target: Part,
}

/// The rows of the source, by the way in which they have to be read before the plan is made. Each
/// list begins with the newest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Survey {
    /// Rows that the target does not have.
    pub new: Vec<PostId>,
    /// Rows that both stores record as written from the same file: their Markdown is the same.
    pub rows: Vec<PostId>,
    /// Rows that have to be compared with their Markdown.
    pub posts: Vec<PostId>,
}

/// Returns the rows that have to be read; in a blog without locales there is one list of each.
pub fn survey(
    source: &Index,
    target: &Index,
    locales: Option<&Locales>,
) -> BTreeMap<Parts, Survey> {
    let there = Rows::new(target, locales);
    let mut surveys: BTreeMap<Parts, Survey> = BTreeMap::new();
    for text in Rows::new(source, locales).texts {
        let entry = there.entries.get(&text.id).copied();
        for side in text.sides() {
            let row = there.row(side.id);
            let is_same = is_same_file(text.entry, side.row, entry, row);
            let survey = surveys.entry(side.parts).or_default();
            let list = match row.and_then(Row::version) {
                None => &mut survey.new,
                Some(_) if is_same => &mut survey.rows,
                Some(_) => &mut survey.posts,
            };
            list.push(text.id.post);
        }
    }
    for survey in surveys.values_mut() {
        for list in [&mut survey.new, &mut survey.rows, &mut survey.posts] {
            list.sort_unstable_by(|one, other| other.cmp(one));
        }
    }
    surveys
}

/// Returns true if both rows are as the same file says.
fn is_same_file(
    one: Option<&Entry>,
    row: Row,
    other: Option<&Entry>,
    other_row: Option<Row>,
) -> bool {
    let are_intact = matches!((row, other_row), (Row::Intact(_), Some(Row::Intact(_))));
    match (one, other) {
        (Some(one), Some(other)) => {
            are_intact
                && one.post_digest == other.post_digest
                && one.post_digest != Digest::NONE
                && one.is_main == other.is_main
                && one.stated == other.stated
        }
        _ => false,
    }
}

/// The fields that differ between the rows of both stores, of each that both have; none for a row
/// that is the same.
pub type Differing = HashMap<(Part, PostId), Vec<&'static str>>;

/// Makes the plan of a copy. `differing` is by the rows of the target.
pub fn make(
    source: &Index,
    target: &Index,
    locales: Option<&Locales>,
    differing: &Differing,
    columns: &Columns,
    force: bool,
) -> Plan {
    let there = Rows::new(target, locales);
    let from = Rows::new(source, locales);
    let mut maker = Maker {
        plan: Plan::default(),
        there: &there,
        columns,
        force,
        unchanged: HashMap::new(),
        rewritten: HashSet::new(),
    };
    for text in &from.texts {
        maker.decide(text, differing);
    }
    maker.follow_main_texts();
    let mut plan = maker.plan;
    let live: HashSet<TextId> = from.texts.iter().map(|text| text.id).collect();
    let posts: HashSet<PostId> = live.iter().map(|id| id.post).collect();
    let only_there = there.texts.iter().filter(|text| match text.id.locale {
        // The row of a post that comes with a text in the source.
        None => !posts.contains(&text.id.post),
        Some(_) => !live.contains(&text.id),
    });
    plan.only_in_target = only_there.map(Text::name).collect();
    plan.deleted = from.deleted;
    plan.other_locales = from.other_locales;
    let key = |post: &PostName| (post.id, post.locale.map(|locale| rank(locales, locale)));
    plan.changes.sort_by_key(|change| key(&change.post));
    plan.writes.sort_by_key(|write| {
        let locale = write.id.locale.map(|locale| rank(locales, locale));
        (std::cmp::Reverse(write.id.post), locale)
    });
    for conflicts in [&mut plan.conflicts, &mut plan.overwrites] {
        conflicts.sort_by_key(|conflict| key(&conflict.post));
    }
    for posts in [
        &mut plan.only_in_target,
        &mut plan.deleted,
        &mut plan.other_locales,
    ] {
        posts.sort_by_key(key);
    }
    plan
}

fn rank(locales: Option<&Locales>, locale: Locale) -> (usize, Locale) {
    let rank = locales.map_or(0, |locales| locales.rank(locale));
    (rank, locale)
}

/// A plan that is being made.
struct Maker<'a> {
    plan: Plan,
    there: &'a Rows<'a>,
    columns: &'a Columns,
    force: bool,
    /// Texts that stay as they are.
    unchanged: HashMap<PostId, Vec<Write>>,
    /// Posts whose rows are written.
    rewritten: HashSet<PostId>,
}

/// The decision about a row of the target.
#[derive(Clone, Copy)]
struct Settled {
    write: RowWrite,
    is_written: bool,
    conflict: Option<ConflictKind>,
}

impl Maker<'_> {
    /// Decides on one row.
    fn settle(&self, side: rows::Side, differing: &Differing) -> Settled {
        let there = self.there.row(side.id);
        let fields = differing.get(&(side.parts.target, side.id.post));
        let differs = fields.is_some_and(|fields| !fields.is_empty());
        let (replaces, is_written, conflict) = match there {
            None | Some(Row::Unwritten) => (Replaces::Nothing, true, None),
            Some(Row::Missing) => (Replaces::Nothing, true, Some(ConflictKind::Deleted)),
            Some(Row::Intact(version)) => (Replaces::Row(version), differs, None),
            Some(Row::Edited(version)) => {
                let conflict = differs.then_some(ConflictKind::Edited);
                (Replaces::Row(version), differs, conflict)
            }
            Some(Row::Foreign(version)) => {
                let conflict = differs.then_some(ConflictKind::Foreign);
                (Replaces::Row(version), differs, conflict)
            }
        };
        Settled {
            write: RowWrite {
                from: side.parts.source,
                replaces,
                is_edited: matches!(side.row, Row::Edited(_)),
            },
            is_written,
            conflict,
        }
    }

    /// Decides on a text, and on the row of its post if that comes with it.
    fn decide(&mut self, text: &Text<'_>, differing: &Differing) {
        let post = text.post_side().map(|side| self.settle(side, differing));
        let own = text.text_side().map(|side| self.settle(side, differing));
        let fields = fields_of(text, differing);
        let settled = || [own, post].into_iter().flatten();
        let is_written = settled().any(|row| row.is_written);
        let is = |kind| settled().any(|row| row.conflict == Some(kind));
        let kinds = [
            ConflictKind::Foreign,
            ConflictKind::Deleted,
            ConflictKind::Edited,
        ];
        let kind = kinds.into_iter().find(|kind| is(*kind));
        let there = self.there.entries.get(&text.id).copied();
        let write = Write {
            id: text.id,
            step: if is_written { Step::Copy } else { Step::Record },
            post: post.map(|row| row.write),
            text: own.map(|row| row.write),
            is_main: text.is_main,
            record: text
                .entry
                .map(|entry| record_of(text, entry, there, self.there, self.columns)),
            origin: origin_of(text.entry, text.is_replaced),
        };
        if !is_written {
            if self.is_recorded(&write, there) {
                self.plan.unchanged += 1;
                self.unchanged.entry(text.id.post).or_default().push(write);
            } else {
                self.push(text, Action::Record, fields, write);
            }
            return;
        }
        if let Some(kind) = kind {
            let conflict = Conflict {
                kind,
                post: text.name(),
                fields: fields.clone(),
            };
            if !self.force {
                return self.plan.conflicts.push(conflict);
            }
            if kind != ConflictKind::Deleted {
                self.plan.overwrites.push(conflict);
            }
        }
        let is_new = settled().all(|row| row.write.replaces == Replaces::Nothing);
        let action = if is_new {
            Action::Create
        } else {
            Action::Update
        };
        if write.post.is_some() {
            self.rewritten.insert(text.id.post);
        }
        self.push(text, action, fields, write);
    }

    fn push(&mut self, text: &Text<'_>, action: Action, fields: Vec<&'static str>, write: Write) {
        let category = self.there.categories.get(&text.id.post);
        if action != Action::Record || text.id.locale.is_some() {
            self.plan
                .categories
                .extend(category.map(|name| (*name).to_owned()));
        }
        self.plan.changes.push(Change {
            action,
            post: text.name(),
            fields,
        });
        self.plan.writes.push(write);
    }

    /// Has the texts recorded again that stay while the row of their post is written: a search finds
    /// them by what it says for all locales, too.
    fn follow_main_texts(&mut self) {
        for post in &self.rewritten {
            let texts = self.unchanged.remove(post).unwrap_or_default();
            let is_recorded = |write: &Write| write.record.is_some();
            self.plan
                .writes
                .extend(texts.into_iter().filter(is_recorded));
        }
    }

    /// Returns true if the target keeps of a text what the source does. A row that the source does
    /// not record keeps the record that the target has.
    fn is_recorded(&self, write: &Write, there: Option<&Entry>) -> bool {
        let Some(record) = &write.record else {
            return true;
        };
        let Some(other) = there else {
            return false;
        };
        let kept = PostRecord {
            path: other.path.clone(),
            file_digest: other.file_digest,
            post_digest: other.post_digest,
            stated: other.stated,
        };
        let is_edited = |id| matches!(self.there.row(id), Some(Row::Edited(_)));
        let is_same = |row: Option<RowWrite>, id| {
            row.is_none_or(|row: RowWrite| row.is_edited == is_edited(id))
        };
        let origin = match write.text {
            // A row that is recorded and was never written is none.
            Some(_) if other.row == RowState::Unwritten => return false,
            Some(_) => origin_of(Some(other), false),
            None => write.origin,
        };
        kept == *record
            && other.is_main == write.is_main
            && origin == write.origin
            && is_same(write.post, write.id.post.into())
            && (write.id.locale.is_none() || is_same(write.text, write.id))
    }
}

/// Returns the fields in which the rows of a text differ, in the order in which output has them.
fn fields_of(text: &Text<'_>, differing: &Differing) -> Vec<&'static str> {
    let sides = text.sides();
    let of_side = |side: rows::Side| differing.get(&(side.parts.target, side.id.post));
    let all: Vec<&str> = sides.filter_map(of_side).flatten().copied().collect();
    let names = Field::ALL.into_iter().map(Field::name);
    let names = names.chain([CONTENT]);
    names.filter(|name| all.contains(name)).collect()
}

/// Returns what the target is to keep of a post. Where the source's tables lack a field that the
/// file states and the target has a column for, no digest is kept, so that the next sync writes
/// it; unless a sync of the same file did. Nor is one where the main text of the source is not the
/// one that a sync wrote as such.
fn record_of(
    text: &Text<'_>,
    entry: &Entry,
    there: Option<&Entry>,
    rows: &Rows<'_>,
    columns: &Columns,
) -> PostRecord {
    let is_synced = there.is_some_and(|other| {
        rows.row(text.id) != Some(Row::Missing)
            && (other.file_digest, other.post_digest) == (entry.file_digest, entry.post_digest)
    });
    let is_whole = is_synced || !columns.lack(entry.stated);
    let kept = |digest| match is_whole && !text.is_replaced {
        true => digest,
        false => Digest::NONE,
    };
    PostRecord {
        path: entry.path.clone(),
        file_digest: kept(entry.file_digest),
        post_digest: kept(entry.post_digest),
        stated: entry.stated,
    }
}

/// Returns the digests by which a translation is known to be stale.
fn origin_of(entry: Option<&Entry>, is_replaced: bool) -> Origin {
    let entry = entry.filter(|entry| entry.locale.is_some());
    Origin {
        text_digest: entry.map(|entry| entry.text_digest.unwrap_or(Digest::NONE)),
        made_from: entry
            .filter(|_| !is_replaced)
            .and_then(|entry| entry.made_from),
    }
}

#[cfg(test)]
mod tests;
