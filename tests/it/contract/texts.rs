//! The texts of a blog with locales: as files, as a sync writes them, and as every reader is to
//! answer them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use blogctl::index::{Entry, Index};
use blogctl::locale::{Gap, Locale, Locales};
use blogctl::model::{Counts, FileEntry, RunRecord};
use blogctl::page::PostKey;
use blogctl::plan::{
    self, Action, Comparison, Options, Plan, Refusal, StatedBefore, TranslationRow,
};
use blogctl::post::{ExtraTerm, FieldSet, TextId};
use blogctl::search::{Requirement, TermMatch};
use blogctl::store::{AdoptedPost, PostWrite, SyncTransaction, TermsWrite};
use blogctl::tables::TableMap;

use super::paging::passes;
use super::searching::{ask, candidate_ids};
use super::*;

pub fn locale(name: &str) -> Locale {
    Locale::new(name).expect("a test's locale is one")
}

/// The locales of every blog here, the default first.
pub fn locales() -> Locales {
    Locales::new(locale("ko"), ["en", "ja"].map(locale), None)
}

/// The table map of such a blog with blogctl's own tables.
pub fn tables() -> TableMap {
    let mut tables = TableMap::default();
    tables.with_translations(locales());
    tables
}

fn translated() -> FieldSet {
    tables().translated()
}

pub fn text_id(value: i64, name: &str) -> TextId {
    TextId {
        post: id(value),
        locale: Some(locale(name)),
    }
}

/// Everything is allowed.
pub const FORCED: Options = Options {
    prune: true,
    force: true,
    max_prune: 100,
};

/// Everything but what is guarded.
pub const PRUNING: Options = Options {
    prune: true,
    force: false,
    max_prune: 100,
};

/// The files of a blog.
#[derive(Clone, Debug, Default)]
pub struct Texts {
    files: BTreeMap<TextId, (Post, String)>,
    moved: BTreeMap<TextId, SourcePath>,
}

impl Texts {
    /// Writes the file of a text.
    pub fn write(&mut self, value: i64, name: &str, post: Post, body: &str) -> &mut Self {
        let text = text_id(value, name);
        let post = Post {
            id: text.post,
            locale: text.locale,
            ..post
        };
        self.files.insert(text, (post, body.to_owned()));
        self
    }

    /// Deletes the file of a text.
    pub fn remove(&mut self, value: i64, name: &str) -> &mut Self {
        self.files.remove(&text_id(value, name));
        self.moved.remove(&text_id(value, name));
        self
    }

    /// Moves the file of a text.
    pub fn relocate(&mut self, value: i64, name: &str, path: &str) -> &mut Self {
        let text = text_id(value, name);
        if self.files.contains_key(&text) {
            self.moved.insert(text, SourcePath::new(path));
        }
        self
    }

    fn path(&self, text: TextId) -> SourcePath {
        let locale = text.locale.expect("each text has one");
        let path = || SourcePath::new(format!("content/{locale}/{}.md", text.post));
        self.moved.get(&text).cloned().unwrap_or_else(path)
    }

    /// The text that the row of the post has: that in the first of the locales.
    fn main(&self, post: PostId) -> TextId {
        let text = |locale: &Locale| TextId {
            post,
            locale: Some(*locale),
        };
        let texts = locales().all().iter().map(text).collect::<Vec<_>>();
        let mut texts = texts.into_iter();
        texts
            .find(|text| self.files.contains_key(text))
            .expect("a post has a text")
    }

    fn is_main(&self, text: TextId) -> bool {
        self.main(text.post) == text
    }

    /// The post of a file as far as its rows hold it.
    fn kept(&self, text: TextId) -> Post {
        let post = self.files[&text].0.clone();
        match self.is_main(text) {
            true => post,
            false => post.limited_to(translated()),
        }
    }

    fn post_digest(&self, text: TextId) -> Digest {
        let (post, body) = (self.kept(text), &self.files[&text].1);
        match self.is_main(text) {
            true => post.digest(body),
            false => post.digest_of(translated(), body),
        }
    }

    fn file_digest(&self, text: TextId) -> Digest {
        digest_of(&format!("{:?}", self.files[&text]))
    }

    /// What a text says together with what its post shares.
    fn whole(&self, text: TextId) -> Post {
        let mut post = self.kept(text);
        let main = self.main(text.post);
        if main != text {
            post.share(self.files[&main].0.clone(), translated());
        }
        post
    }

    fn entries(&self) -> Vec<FileEntry> {
        let entry = |text: &TextId| FileEntry {
            id: text.post,
            locale: text.locale,
            is_main: self.is_main(*text),
            path: self.path(*text),
            file_digest: self.file_digest(*text),
            post_digest: self.post_digest(*text),
            category: self.kept(*text).category,
            draft: false,
        };
        self.files.keys().map(entry).collect()
    }

    /// Reads the index and decides.
    pub fn plan(&self, store: &mut dyn Store, options: Options) -> (Index, Plan, Rows) {
        let index = store.index().expect("the index is read");
        let files = self.entries();
        let rows = Rows::read(self, store, &index, &files);
        let comparisons = &rows.comparisons;
        let plan = plan::make(&files, &index, comparisons, |_| true, options);
        (index, plan, rows)
    }

    /// Syncs, unless a guard refuses.
    pub fn sync(
        &self,
        store: &mut dyn Store,
        options: Options,
    ) -> std::result::Result<Plan, Refusal> {
        let (index, plan, rows) = self.plan(store, options);
        if let Some(refusal) = plan::refusal(&plan, options) {
            return Err(refusal);
        }
        let carried_out = self.carry_out(store, &index, &plan, &rows);
        carried_out.expect("the sync commits");
        Ok(plan)
    }

    /// Writes what was decided.
    pub fn carry_out(
        &self,
        store: &mut dyn Store,
        index: &Index,
        plan: &Plan,
        rows: &Rows,
    ) -> Result<()> {
        let mut transaction = store.begin(Begin {
            generation: index.generation,
            lock_timeout: LOCK_TIMEOUT,
            now: now(),
        })?;
        for of_main in [true, false] {
            self.write_all(&mut *transaction, index, plan, rows, of_main)?;
        }
        for (text, _) in plan.reindexes.iter().chain(&plan.translation_reindexes) {
            let (terms, extra_terms) = self.found_by(*text, index, rows);
            transaction.write_terms(TermsWrite {
                id: *text,
                is_main: self.is_main(*text),
                extra_terms,
                terms,
            })?;
        }
        transaction.relocate(&plan.relocations)?;
        transaction.remove_translations(&plan.translation_removals)?;
        transaction.remove(&plan.removals)?;
        transaction.finish(&Finish {
            categories: plan.categories.iter().cloned().collect(),
            prune_tags: false,
            run: Some(RunRecord {
                started_at: now(),
                finished_at: now(),
                counts: Counts::default(),
                directory: "content".to_owned(),
                actor: "tester@here".to_owned(),
            }),
        })?;
        transaction.commit()
    }

    fn write_all(
        &self,
        transaction: &mut dyn SyncTransaction,
        index: &Index,
        plan: &Plan,
        rows: &Rows,
        of_main: bool,
    ) -> Result<()> {
        let is_wanted = |row: Option<TranslationRow>| row.is_some_and(|row| row.is_main == of_main);
        let id_of = |id: PostId, row: Option<TranslationRow>| TextId {
            post: id,
            locale: row.map(|row| row.locale),
        };
        for write in plan
            .writes
            .iter()
            .filter(|write| is_wanted(write.translation))
        {
            let text = id_of(write.id, write.translation);
            let post = self.kept(text);
            let body = self.files[&text].1.clone();
            let (terms, extra_terms) = self.found_by(text, index, rows);
            transaction.write(PostWrite {
                managed: post.stated() | StatedBefore::new(index).of(text, of_main),
                path: self.path(text),
                file_digest: self.file_digest(text),
                post_digest: self.post_digest(text),
                text_digest: Some(post.digest_of(translated(), &body)),
                replaces: write.replaces,
                translation: write.translation,
                post,
                body,
                extra_terms,
                terms,
            })?;
        }
        let adoptions = plan.adoptions.iter();
        for adoption in adoptions.filter(|one| is_wanted(one.translation)) {
            let text = id_of(adoption.id, adoption.translation);
            let post = self.kept(text);
            let (terms, extra_terms) = self.found_by(text, index, rows);
            transaction.adopt(AdoptedPost {
                id: text.post,
                path: self.path(text),
                file_digest: self.file_digest(text),
                post_digest: self.post_digest(text),
                text_digest: Some(post.digest_of(translated(), &self.files[&text].1)),
                replaces: adoption.replaces,
                translation: adoption.translation,
                stated: post.stated(),
                tags: post.tags,
                extra_terms,
                terms,
            })?;
        }
        Ok(())
    }

    fn found_by(&self, text: TextId, index: &Index, rows: &Rows) -> (Vec<String>, Vec<ExtraTerm>) {
        let mut post = self.kept(text);
        if let Some(row) = rows.rows.get(&text) {
            let before = StatedBefore::new(index).of(text, self.is_main(text));
            let managed = self.kept(text).stated() | before;
            post = post.filled_from(row, managed);
        }
        let main = self.main(text.post);
        if main != text {
            post.share(self.files[&main].0.clone(), translated());
        }
        (terms_of(&post, &self.files[&text].1), post.extra.terms())
    }

    /// The row of a text as every reader answers it.
    fn row(&self, text: TextId) -> StoredPost {
        let post = self.whole(text);
        StoredPost {
            locale: text.locale,
            path: Some(self.path(text)),
            ..stored(&post, now())
        }
    }

    /// The rows of a locale, newest id first, with their Markdown and their terms.
    fn rows_in(&self, locale: Locale) -> Vec<(StoredPost, &str, Vec<String>)> {
        let texts = self.files.iter().rev();
        let texts = texts.filter(|(text, _)| text.locale == Some(locale));
        texts
            .map(|(text, (_, body))| {
                let terms = terms_of(&self.whole(*text), body);
                (self.row(*text), body.as_str(), terms)
            })
            .collect()
    }

    /// Compares every reader of every locale with the files.
    #[track_caller]
    pub fn check(&self, readers: &mut Readers, filters: &[Filter]) {
        for (locale, store) in &mut readers.0 {
            self.check_in(*locale, &mut **store, filters);
        }
        self.check_gaps(readers.writer());
        self.check_all_locales(readers.writer());
    }

    /// Compares the lists of missing and of stale translations with the files and the records.
    #[track_caller]
    fn check_gaps(&self, store: &mut dyn Store) {
        let index = store.index().expect("it is read");
        let main_digest = |id: PostId| {
            let mut entries = index.entries.iter();
            entries
                .find(|entry| entry.id == id && entry.is_main)?
                .text_digest
        };
        let is_stale = |entry: &&Entry| {
            let made_from = entry.made_from.filter(|_| !entry.is_main);
            made_from.is_some_and(|from| Some(from) != main_digest(entry.id))
        };
        let posts: BTreeSet<PostId> = self.files.keys().map(|text| text.post).collect();
        for locale in locales().all() {
            let has = |post: &PostId| {
                let (post, locale) = (*post, Some(*locale));
                self.files.contains_key(&TextId { post, locale })
            };
            let missing: BTreeSet<PostId> = posts.iter().copied().filter(|id| !has(id)).collect();
            let texts = index.entries.iter().filter(|e| e.locale == Some(*locale));
            let stale: BTreeSet<PostId> = texts.filter(is_stale).map(|e| e.id).collect();
            for (gap, expected) in [
                (Gap::Missing(*locale), missing),
                (Gap::Stale(*locale), stale),
            ] {
                let filter = Filter {
                    gaps: vec![gap],
                    in_main_text: true,
                    ..Filter::default()
                };
                let found = walk(store, &filter, 2);
                let expected: Vec<StoredPost> =
                    expected.iter().rev().map(|id| self.main_row(*id)).collect();
                assert_eq!(found, expected, "{gap:?}");
            }
        }
    }

    /// The row of a post in its main text.
    fn main_row(&self, post: PostId) -> StoredPost {
        let texts = locales().all().to_vec().into_iter().map(|locale| TextId {
            post,
            locale: Some(locale),
        });
        let mut texts = texts.filter(|text| self.files.contains_key(text));
        self.row(texts.next().expect("a post has a text"))
    }

    /// Compares the texts of all posts in all locales, and the list of posts in no single one.
    #[track_caller]
    fn check_all_locales(&self, store: &mut dyn Store) {
        let posts: BTreeSet<PostId> = self.files.keys().map(|text| text.post).collect();
        let ids: Vec<PostId> = posts.into_iter().rev().collect();
        let filter = Filter {
            in_main_text: true,
            ..Filter::default()
        };
        let expected: Vec<StoredPost> = ids.iter().map(|id| self.main_row(*id)).collect();
        assert_eq!(walk(store, &filter, 3), expected);
        let texts = store.texts(&ids, locales().all(), true);
        let mut found: Vec<_> = texts.expect("they are read");
        found.sort_by_key(|(row, _)| row.text_id());
        let expected = self.files.iter().map(|(text, (_, body))| {
            let body = Some(body.clone());
            (self.row(*text), body)
        });
        let mut expected: Vec<_> = expected.collect();
        expected.sort_by_key(|(row, _)| row.text_id());
        assert_eq!(found, expected);
    }

    #[track_caller]
    fn check_in(&self, locale: Locale, store: &mut dyn Store, filters: &[Filter]) {
        let rows = self.rows_in(locale);
        for filter in filters.iter().chain([&Filter::default()]) {
            let rows = rows.iter().map(|(row, ..)| row);
            let expected: Vec<_> = rows.filter(|row| passes(filter, row)).cloned().collect();
            for rows in [1, 3, 100] {
                let found = walk(store, filter, rows);
                assert_eq!(found, expected, "{locale}: {filter:?} at limit {rows}");
            }
        }
        let posts: BTreeSet<PostId> = self.files.keys().map(|text| text.post).collect();
        for id in posts {
            let found = store.show(id.into()).expect("it is read");
            let expected = rows.iter().find(|(row, ..)| row.id == id);
            let expected = expected.map(|(row, body, _)| (row.clone(), (*body).to_owned()));
            assert_eq!(found, expected, "{locale}");
        }
        let slugs: BTreeSet<&str> = rows
            .iter()
            .filter_map(|(row, ..)| row.slug.as_deref())
            .collect();
        for slug in slugs {
            let found = store.show(PostKey::Slug(slug)).expect("it is read");
            let expected = rows
                .iter()
                .find(|(row, ..)| row.slug.as_deref() == Some(slug));
            assert_eq!(
                found.map(|(row, _)| row),
                expected.map(|(row, ..)| row.clone()),
                "{locale}: {slug}"
            );
        }
        let categories = rows.iter().filter_map(|(row, ..)| row.category.as_ref());
        let categories = agree::counted(categories);
        assert_eq!(
            pairs(store.categories(None).expect("they are read")),
            categories,
            "{locale}"
        );
        let tags = agree::counted(rows.iter().flat_map(|(row, ..)| &row.tags));
        assert_eq!(
            pairs(store.tags(None).expect("they are read")),
            tags,
            "{locale}"
        );
        self.check_searches(locale, store, filters);
    }

    /// Some terms of this locale and of the others, alone and with a filter.
    fn check_searches(&self, locale: Locale, store: &mut dyn Store, filters: &[Filter]) {
        let rows = self.rows_in(locale);
        let all = self.files.iter();
        let terms: BTreeSet<String> = all
            .flat_map(|(text, (_, body))| terms_of(&self.whole(*text), body))
            .collect();
        let step = terms.len().div_ceil(7).max(1);
        for (number, term) in terms.iter().step_by(step).enumerate() {
            let requirement = Requirement {
                all: vec![vec![TermMatch::Exact(term.clone())]],
                none: Vec::new(),
                is_exact: false,
            };
            let none = Filter::default();
            let filter = filters.get(number).unwrap_or(&none);
            for filter in [&none, filter] {
                let found = ask(store, &requirement, filter, None, 1000);
                let expected = rows
                    .iter()
                    .filter(|(row, _, terms)| terms.contains(term) && passes(filter, row));
                let expected: Vec<i32> = expected.map(|(row, ..)| row.id.get()).collect();
                let told = format!("{locale}: {term:?} {filter:?}");
                assert_eq!(candidate_ids(&found), expected, "{told}");
                let found = found.into_iter().map(|one| one.post);
                assert!(
                    found.into_iter().all(|row| row.locale == Some(locale)),
                    "{told}"
                );
            }
        }
    }
}

fn terms_of(post: &Post, body: &str) -> Vec<String> {
    let document = Document {
        title: &post.title,
        description: post.description.as_deref(),
        tags: &post.tags,
        markdown: body,
    };
    search::terms(&document, post.category.as_deref()).terms
}

/// The rows that a plan has to be made from.
#[derive(Default)]
pub struct Rows {
    comparisons: HashMap<TextId, Comparison>,
    rows: HashMap<TextId, StoredPost>,
}

impl Rows {
    fn read(texts: &Texts, store: &mut dyn Store, index: &Index, files: &[FileEntry]) -> Self {
        let mut read = Self::default();
        for file in plan::to_read(files, index) {
            let rows = match index.generation {
                Some(_) => store.posts(&[file.id], file.locale),
                None => store.untracked_posts(&[file.id], file.locale),
            };
            for (row, row_body) in rows.expect("they are read") {
                let text = file.text_id();
                let before = StatedBefore::new(index).of(text, file.is_main);
                let (post, body) = (texts.kept(text), &texts.files[&text].1);
                let stored = tables().stored();
                let compared = plan::compare((&post, body), (&row, &row_body), before, stored);
                read.comparisons.insert(text, compared);
                read.rows.insert(text, row);
            }
        }
        read
    }
}

/// A handle for each locale.
pub struct Readers(Vec<(Locale, Box<dyn Store>)>);

impl Readers {
    pub fn new(place: &dyn TestStore) -> Self {
        let reader = |locale: &Locale| (*locale, place.store_in(*locale));
        Self(locales().all().iter().map(reader).collect())
    }

    /// The handle that syncs: that of the default locale.
    pub fn writer(&mut self) -> &mut dyn Store {
        &mut *self.0[0].1
    }
}

/// What a plan does to which text.
pub fn changes(plan: &Plan) -> Vec<(Action, i32, String)> {
    let changes = plan.changes.iter();
    changes
        .map(|change| {
            let locale = change.locale.expect("each text has one");
            (change.action, change.id.get(), locale.to_string())
        })
        .collect()
}

/// Returns the entry of a text.
pub fn entry(index: &Index, text: TextId) -> &Entry {
    let mut entries = index.entries.iter();
    let entry = entries.find(|entry| entry.text_id() == text);
    entry.expect("blogctl wrote the text")
}
