//! The contract of stores, implemented by Postgres and by the embedded store.
//!
//! Who opens a transaction ends it: [`Store::begin`] gives one to the caller, the functions
//! of [`SyncTransaction`] only write in it, and dropping it without
//! [`SyncTransaction::commit`] leaves the store as it was.
//!
//! A sync reads the index first and writes later, without a lock between, so that the lock
//! is never held while files are parsed. What makes this safe: the transaction checks under
//! the lock that the index's [`Generation`] is still current, and every write names the
//! [row version](crate::index::RowVersion) it replaces. Either having moved is [`StoreError::Stale`]: read again.

mod address;
mod error;
pub mod fallback;
mod fields;
mod open;
pub mod postgres;
mod refusal;
pub mod sqlite;
mod target;

use std::time::Duration;

use jiff::Timestamp;

pub use address::SecretUrl;
pub use error::{Result, StoreError};
pub use open::{OpenOptions, failed_stage, open, open_reader};
pub use postgres::settings::Note;
pub use postgres::{ConnectEvent, LOCK_TIMEOUT, READ_TIMEOUT, WRITE_TIMEOUT, Watcher};
pub use refusal::{Action, ColumnSource, Reason, RefusedColumn, RefusedWrite};
pub use target::{Dialect, TargetKind};

use crate::catalog::Catalog;
use crate::doctor::facts;
use crate::finding::CheckFinding;
use crate::index::{Generation, Index, PostRecord};
use crate::locale::Locale;
use crate::model::{NameCount, Run, RunRecord, SchemaState};
use crate::page::{Filter, Page, Position, PostKey};
use crate::plan::{Dependent, Relocation, Removal, Replaces, TranslationRemoval, TranslationRow};
use crate::post::{Digest, ExtraTerm, FieldSet, Post, PostId, SourcePath, StoredPost, TextId};
use crate::search::Requirement;

/// One post to insert or to update.
#[derive(Clone, Debug)]
pub struct PostWrite {
    /// The columns and tags.
    pub post: Post,
    /// The Markdown after the front matter, with LF line ends.
    pub body: String,
    /// The file it was read from.
    pub path: SourcePath,
    /// The file's digest.
    pub file_digest: Digest,
    /// The post's digest.
    pub post_digest: Digest,
    /// The row of the post that it replaces; not looked at if another text is the main one.
    pub replaces: Replaces,
    /// The row of the translation; `None` in a blog without locales.
    pub translation: Option<TranslationRow>,
    /// The digest of the fields that each locale has for itself; `None` in a blog without locales.
    pub text_digest: Option<Digest>,
    /// The fields that the file states, or stated at the last sync: an update leaves the others,
    /// and the links to tags if they are not managed.
    pub managed: FieldSet,
    /// The pairs of extra keys and values that the post is found by.
    pub extra_terms: Vec<ExtraTerm>,
    /// The search terms, see [`crate::search::terms`].
    pub terms: Vec<String>,
}

/// One post whose row is as its file says, and stays as it is.
#[derive(Clone, Debug)]
pub struct AdoptedPost {
    /// The post's identity.
    pub id: PostId,
    /// The file it was read from.
    pub path: SourcePath,
    /// The file's digest.
    pub file_digest: Digest,
    /// The post's digest.
    pub post_digest: Digest,
    /// The row of the post that must still be so; not looked at if another text is the main one.
    pub replaces: Replaces,
    /// The row of the translation; `None` in a blog without locales.
    pub translation: Option<TranslationRow>,
    /// The digest of the fields that each locale has for itself; `None` in a blog without locales.
    pub text_digest: Option<Digest>,
    /// The fields that the file states.
    pub stated: FieldSet,
    /// The tags that the file states, sorted by bytes; the row must still have them, if the file
    /// states any list.
    pub tags: Vec<String>,
    /// The pairs of extra keys and values that the post is found by.
    pub extra_terms: Vec<ExtraTerm>,
    /// The search terms, see [`crate::search::terms`].
    pub terms: Vec<String>,
}

impl AdoptedPost {
    /// Returns which text of which post this is.
    pub fn text_id(&self) -> TextId {
        TextId {
            post: self.id,
            locale: self.translation.map(|row| row.locale),
        }
    }
}

/// One post as a copy writes it: the row of another store, as it is.
#[derive(Clone, Debug)]
pub struct PostCopy {
    /// The values of the row. An absent time stays absent.
    pub row: StoredPost,
    /// Its Markdown.
    pub body: Option<String>,
    /// The fields that are written where the row is there: an update leaves the others, and the
    /// links to tags if they are not among them.
    pub fields: FieldSet,
    /// blogctl's record of the post; `None` for a row that blogctl did not write.
    pub record: Option<PostRecord>,
    /// The locale of its main text, if it has a record in a blog with locales.
    pub locale: Option<Locale>,
    /// The version of the row that it replaces.
    pub replaces: Replaces,
    /// The pairs of extra keys and values that the post is found by; none without a record.
    pub extra_terms: Vec<ExtraTerm>,
    /// The search terms; none without a record.
    pub terms: Vec<String>,
}

/// One text of a blog with locales as a copy writes it: the row of another store, as it is. That
/// of its post is written or there already.
#[derive(Clone, Debug)]
pub struct TextCopy {
    /// The values of the row, and those that all locales share. An absent time stays absent.
    pub row: StoredPost,
    /// Its Markdown.
    pub body: Option<String>,
    /// The locale.
    pub locale: Locale,
    /// True if it is the post's main text.
    pub is_main: bool,
    /// The fields that are written where the row is there: an update leaves the others.
    pub fields: FieldSet,
    /// blogctl's record of the text; `None` for a row that blogctl did not write.
    pub record: Option<PostRecord>,
    /// The digest of the fields that each locale has for itself.
    pub text_digest: Digest,
    /// The version of the row that it replaces.
    pub replaces: Replaces,
    /// The pairs of extra keys and values that the text is found by; none without a record.
    pub extra_terms: Vec<ExtraTerm>,
    /// The search terms; none without a record.
    pub terms: Vec<String>,
}

/// The rows that are read from a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// Rows of posts. A field that these have no column for is that of the text in the locale.
    Posts(Option<Locale>),
    /// Texts in a locale, with the fields that all locales share.
    Texts(Locale),
}

impl Part {
    /// Returns the locale of the texts.
    pub fn locale(self) -> Option<Locale> {
        match self {
            Self::Posts(locale) => locale,
            Self::Texts(locale) => Some(locale),
        }
    }
}

/// The search terms of a post whose row stays as it is.
#[derive(Clone, Debug)]
pub struct TermsWrite {
    /// The text's identity.
    pub id: TextId,
    /// True if it is the post's main text.
    pub is_main: bool,
    /// The pairs of extra keys and values that the post is found by.
    pub extra_terms: Vec<ExtraTerm>,
    /// The search terms.
    pub terms: Vec<String>,
}

/// A search request to a store.
#[derive(Clone, Copy, Debug)]
pub struct SearchRequest<'a> {
    /// The required and excluded terms.
    pub requirement: &'a Requirement,
    /// The filter.
    pub filter: &'a Filter,
    /// Posts whose id is less than this; `None` starts at the newest.
    pub cursor: Option<PostId>,
    /// At most as many candidates, at least 1.
    pub rows: usize,
}

/// A text of a post, with its Markdown if that was asked for.
pub type Text = (StoredPost, Option<String>);

/// A post that the index takes for a match; its text has the last word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The row.
    pub post: StoredPost,
    /// Its Markdown; `None` where it is longer than [`MAX_INLINE_BODY`], for
    /// [`Store::bodies`] to fetch.
    pub body: Option<String>,
}

/// Bytes of Markdown that come along with a search's candidate.
pub const MAX_INLINE_BODY: usize = 64 << 10;

/// Bytes at which [`Reader::bodies`] stops: 32 MiB.
pub const MAX_BODIES_BYTES: usize = 32 << 20;

/// The state that a sync's transaction is based on.
#[derive(Clone, Copy, Debug)]
pub struct Begin {
    /// The generation of the index that the plan was made from.
    pub generation: Option<Generation>,
    /// The time to wait for another sync to end.
    pub lock_timeout: Duration,
    /// The time that replaces an absent `created_at`, and an absent `updated_at` with it.
    pub now: Timestamp,
}

/// The last step of a sync, besides its posts.
#[derive(Clone, Debug)]
pub struct Finish {
    /// Categories that a written or removed post has or had: they are counted again.
    pub categories: Vec<String>,
    /// True if orphaned tags that blogctl created are deleted.
    pub prune_tags: bool,
    /// The run's record in the history; `None` for a run that changed nothing visible, such as
    /// only a file's digest.
    pub run: Option<RunRecord>,
}

/// A store that answers readers: a primary or a replica, since no answer to a reader decides a
/// write.
///
/// The rows may be anyone's. A value that is not what its column should hold never fails a
/// page: it is left out of its row, which names it in `unreadable`. A row whose id is not one
/// of [`PostId`]'s is no post, and is passed over.
pub trait Reader: Send {
    /// Returns the address for users, without a password.
    fn location(&self) -> String;

    /// Reads one page of posts, newest id first, in one round trip.
    fn list(&mut self, filter: &Filter, position: Position) -> Result<Page<StoredPost>>;

    /// Reads one post and its Markdown.
    fn show(&mut self, key: PostKey<'_>) -> Result<Option<(StoredPost, String)>>;

    /// Finds posts by their terms, newest id first, in one round trip. Posts that blogctl did
    /// not write have no terms, and are not found.
    fn search(&mut self, request: &SearchRequest) -> Result<Vec<Candidate>>;

    /// Reads the Markdown of posts, newest id first; those that are gone are left out. The answer
    /// ends with the post that brings it to [`MAX_BODIES_BYTES`] or more: older ones are to be
    /// asked for again.
    fn bodies(&mut self, ids: &[PostId]) -> Result<Vec<(PostId, String)>>;

    /// Reads posts and their Markdown, newest id first; those that are gone are left out. Ends as
    /// [`Self::bodies`] does. In a blog with locales the texts are those of `locale`, or of the
    /// locale that the store was opened for.
    fn posts(
        &mut self,
        ids: &[PostId],
        locale: Option<Locale>,
    ) -> Result<Vec<(StoredPost, String)>>;

    /// Reads the texts of posts in each of these locales, newest id first; those that are not there
    /// are left out. Markdown comes along if `with_content` is set.
    fn texts(
        &mut self,
        ids: &[PostId],
        locales: &[Locale],
        with_content: bool,
    ) -> Result<Vec<Text>>;

    /// Reads the categories and their counts, commonest first, then by name. In a blog with locales
    /// those of `locale`, or of the locale that the store was opened for.
    fn categories(&mut self, locale: Option<Locale>) -> Result<Vec<NameCount>>;

    /// Reads the tags and their counts as [`Self::categories`] does.
    fn tags(&mut self, locale: Option<Locale>) -> Result<Vec<NameCount>>;

    /// Reads how far it follows its primary, for `doctor`; what is known of the primary itself is
    /// left out.
    fn replica_state(&mut self) -> Result<facts::ReplicaState>;
}

/// A store of posts. See the module's words on transactions.
pub trait Store: Reader {
    /// Reads what a plan needs, in one statement.
    ///
    /// # Errors
    /// [`StoreError::SchemaVersion`] if the tables are of another version.
    fn index(&mut self) -> Result<Index>;

    /// Reads posts and their Markdown as [`Reader::posts`] does, in a store without blogctl's
    /// tables. A column that is not there reads as NULL.
    fn untracked_posts(
        &mut self,
        ids: &[PostId],
        locale: Option<Locale>,
    ) -> Result<Vec<(StoredPost, String)>>;

    /// Counts the rows of other tables that refer to these posts, also by way of rows that would
    /// be deleted with them, as the foreign keys of `index` say. No round trip where there are
    /// none.
    fn dependents(&mut self, index: &Index, ids: &[PostId]) -> Result<Vec<Dependent>>;

    /// Opens a transaction that only reads and whose answers are all of one state, and reads the
    /// index in it. Nothing is judged of how posts could be written.
    ///
    /// # Errors
    /// [`StoreError::SchemaAbsent`] and [`StoreError::SchemaVersion`] unless the tables are of this
    /// version.
    fn snapshot(&mut self) -> Result<(Index, Box<dyn Snapshot + '_>)>;

    /// Opens a sync's transaction and takes its lock; makes the tables where
    /// `begin.generation` is `None`. May send without waiting: what fails here may be
    /// reported by a later call, at the latest by [`SyncTransaction::finish`].
    ///
    /// # Errors
    /// [`StoreError::Busy`] if another sync holds the lock for longer than the timeout;
    /// [`StoreError::Stale`] if the generation moved.
    fn begin(&mut self, begin: Begin) -> Result<Box<dyn SyncTransaction + '_>>;

    /// Reads one page of runs, newest first.
    fn history(&mut self, position: Position) -> Result<Page<Run>>;

    /// Reads the version of the tables.
    fn schema_state(&mut self) -> Result<SchemaState>;

    /// Lists the parts that tables of the current version lack, and that
    /// [`Self::apply_schema`] restores.
    fn missing(&mut self, lock_timeout: Duration) -> Result<Vec<String>>;

    /// Makes the tables, or brings them to [`SCHEMA_VERSION`], in one transaction; returns
    /// what was found. Restores missing parts of tables that are already there, and changes
    /// nothing else about them.
    ///
    /// # Errors
    /// [`StoreError::SchemaVersion`] if they are newer than this program.
    fn apply_schema(&mut self, lock_timeout: Duration) -> Result<SchemaState>;

    /// Reads the version of the tables, and judges whether posts can be published into them as
    /// they are, in one round trip; no findings for a store in a file.
    fn preflight(&mut self) -> Result<(SchemaState, Vec<CheckFinding>)>;

    /// Describes all tables of the database, to find those of a blog; `None` for a store in a file.
    fn survey(&mut self) -> Result<Option<Catalog>>;

    /// Returns the last id that the sequence of the posts' ids has given, also to posts that are gone;
    /// `None` without a sequence that the role may read.
    fn last_drawn_id(&mut self) -> Result<Option<PostId>>;

    /// Collects the facts that `doctor` judges. Writes nothing.
    fn examine(&mut self) -> Result<facts::Store>;

    /// Returns notes on how the store's address was read.
    fn notes(&self) -> &[Note];
}

/// One state of a store. Dropping it ends its transaction.
pub trait Snapshot {
    /// Reads posts and their Markdown, newest id first. Ends as [`Reader::bodies`] does.
    fn posts(&mut self, ids: &[PostId], part: Part) -> Result<Vec<(StoredPost, Option<String>)>>;

    /// Reads posts without their Markdown, newest id first.
    fn rows(&mut self, ids: &[PostId], part: Part) -> Result<Vec<StoredPost>>;

    /// Reads the names of the tags that blogctl did not make; names that are not text are left out.
    fn other_tags(&mut self) -> Result<Vec<String>>;

    /// Reads one page of runs, newest first.
    fn history(&mut self, position: Position) -> Result<Page<Run>>;
}

/// One sync's writes: all of them or none.
pub trait SyncTransaction {
    /// Writes and removes each of these posts by a statement of its own, so that a refusal can name
    /// the post. Called before anything is written.
    fn set_apart(&mut self, _posts: &[PostId]) {}

    /// Inserts or updates one post with its tags.
    fn write(&mut self, post: PostWrite) -> Result<()>;

    /// Records a post whose row is as its file says, and writes its search terms. The row and its
    /// links to tags are not touched.
    fn adopt(&mut self, post: AdoptedPost) -> Result<()>;

    /// Inserts or updates one post as the row of another store.
    fn copy(&mut self, post: PostCopy) -> Result<()>;

    /// Inserts or updates one text as the row of another store.
    fn copy_text(&mut self, text: TextCopy) -> Result<()>;

    /// Keeps the digest of the main text that each of these texts was made from; they were copied
    /// or adopted before.
    fn keep_made_from(&mut self, texts: &[(TextId, Option<Digest>)]) -> Result<()>;

    /// Makes the tags that are not there yet, as ones that blogctl did not make.
    fn make_tags(&mut self, names: &[String]) -> Result<()>;

    /// Marks rows that were written or adopted before as edited since: those of posts, and with a
    /// locale those of texts.
    fn mark_edited(&mut self, ids: &[TextId]) -> Result<()>;

    /// Adds runs to the history, the oldest first.
    fn record_runs(&mut self, runs: &[RunRecord]) -> Result<()>;

    /// Writes the search terms of a post whose row stays.
    fn write_terms(&mut self, write: TermsWrite) -> Result<()>;

    /// Sets the paths and file digests of posts whose rows stay.
    fn relocate(&mut self, relocations: &[Relocation]) -> Result<()>;

    /// Deletes rows, their tags' links, and what blogctl keeps of them.
    fn remove(&mut self, removals: &[Removal]) -> Result<()>;

    /// Deletes rows of translations, and what blogctl keeps of them.
    fn remove_translations(&mut self, removals: &[TranslationRemoval]) -> Result<()>;

    /// Brings the counts up to date, records the run, and waits until all that was written
    /// has taken effect.
    ///
    /// # Errors
    /// [`StoreError::Stale`] if a row or the generation was not what the plan saw.
    fn finish(&mut self, finish: &Finish) -> Result<()>;

    /// Makes it all visible at once.
    fn commit(self: Box<Self>) -> Result<()>;
}
