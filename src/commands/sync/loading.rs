//! Reading files to be written: each once, a batch at a time, none held longer than its batch.

use std::collections::{HashMap, HashSet};

use anyhow::Result;
use rayon::prelude::*;

use super::apply::Run;
use crate::content::{self, LoadError, ScannedFile, Snapshot};
use crate::model::FileEntry;
use crate::plan::{Replaces, StatedBefore, TranslationRow};
use crate::post::{Digest, ExtraTerm, Field, FieldSet, Post, PostId, SourcePath};
use crate::search::{self, Document, Terms};

/// Files read ahead of the store: enough to keep the cores busy, few enough to hold.
const BATCH_BYTES: u64 = 512 << 10;

/// The posts of which what their texts share is held at once.
const POSTS_A_ROUND: usize = 4_096;

/// A text that is written, and its rows as the plan saw them.
#[derive(Clone, Copy, Debug)]
pub struct Text<'a> {
    /// The post.
    pub id: PostId,
    /// The file.
    pub file: &'a ScannedFile,
    /// The row of the post.
    pub replaces: Replaces,
    /// The row of the translation; `None` in a blog without locales.
    pub translation: Option<TranslationRow>,
}

impl Text<'_> {
    /// Returns whether the text is its post's main one.
    pub fn is_main(&self) -> bool {
        self.translation.is_none_or(|row| row.is_main)
    }
}

/// A file that was read to be written.
pub struct Loaded {
    /// True if it is its post's main text.
    is_main: bool,
    /// The post as the file states it; of a text that is not the main one the fields of its own locale.
    pub post: Post,
    /// The fields that the file states, or stated at the last sync.
    pub managed: FieldSet,
    /// Its Markdown.
    pub body: String,
    /// The search terms.
    pub terms: Terms,
    /// The pairs of extra keys and values that it is found by.
    pub extra_terms: Vec<ExtraTerm>,
    /// The fields of a main text by which the other texts of its post are found, too.
    shared: Option<Post>,
}

impl Loaded {
    /// Returns the digest of the post, and in a blog with locales that of what each of them has for
    /// itself.
    pub fn digests(&self, run: &Run) -> (Digest, Option<Digest>) {
        let Some(locales) = &run.settings.locales else {
            return (self.post.digest(&self.body), None);
        };
        let text = self.post.digest_of(locales.translated, &self.body);
        match self.is_main {
            true => (self.post.digest(&self.body), Some(text)),
            false => (text, Some(text)),
        }
    }
}

/// Texts whose posts are written together: those to write, to adopt, and to find by other terms.
#[derive(Default)]
pub struct Round<'a> {
    pub writes: Vec<Text<'a>>,
    pub adoptions: Vec<Text<'a>>,
    pub reindexes: Vec<Text<'a>>,
}

/// Cuts all texts into rounds, with all texts of a post in one of them; there is one round in a
/// blog without locales.
pub fn rounds<'a>(all: Round<'a>, run: &Run) -> Vec<Round<'a>> {
    if run.settings.locales.is_none() {
        return vec![all];
    }
    let mut numbers: HashMap<PostId, usize> = HashMap::new();
    let mut rounds: Vec<Round<'a>> = Vec::new();
    let mut round_of = |id: PostId| {
        let count = numbers.len();
        *numbers.entry(id).or_insert(count) / POSTS_A_ROUND
    };
    type List<'a> = for<'m> fn(&'m mut Round<'a>) -> &'m mut Vec<Text<'a>>;
    let lists: [(_, List<'a>); 3] = [
        (all.writes, |round| &mut round.writes),
        (all.adoptions, |round| &mut round.adoptions),
        (all.reindexes, |round| &mut round.reindexes),
    ];
    for (texts, list) in lists {
        for text in texts {
            let number = round_of(text.id);
            if rounds.len() <= number {
                rounds.resize_with(number + 1, Round::default);
            }
            list(&mut rounds[number]).push(text);
        }
    }
    rounds
}

/// Reads files, and keeps of main texts what the other texts of their posts are found by.
pub struct Loader<'r, 'a> {
    run: &'r Run<'a>,
    /// The fields that the files stated at the last sync.
    stated: StatedBefore,
    /// The main texts outside the directory that was given.
    outside: HashMap<PostId, &'a SourcePath>,
    /// The posts of this round that have other texts to write.
    wanted: HashSet<PostId>,
    /// The shared fields of the posts' main texts; `None` where there is no main text to read.
    shared: HashMap<PostId, Option<Post>>,
    /// Files that have more terms than a search index takes of one text.
    pub cut: Vec<SourcePath>,
}

impl<'r, 'a> Loader<'r, 'a> {
    pub fn new(run: &'r Run<'a>) -> Self {
        let entries = run.index.entries.iter();
        let outside = entries.filter(|entry| {
            entry.locale.is_some() && entry.is_main && !run.snapshot.scope.contains(&entry.path)
        });
        Self {
            run,
            stated: StatedBefore::new(run.index),
            outside: outside.map(|entry| (entry.id, &entry.path)).collect(),
            wanted: HashSet::new(),
            shared: HashMap::new(),
            cut: Vec::new(),
        }
    }

    /// Begins with the texts of other posts.
    pub fn begin(&mut self, round: &Round<'_>) {
        let texts = [&round.writes, &round.adoptions, &round.reindexes];
        let others = texts.into_iter().flatten().filter(|text| !text.is_main());
        self.wanted = others.map(|text| text.id).collect();
        self.shared.clear();
    }

    /// Reads the files of main texts, or those of others, on all cores, a batch at a time, and
    /// passes each on in its order.
    ///
    /// # Errors
    /// [`LoadError`]; whatever the other side says.
    pub fn each(
        &mut self,
        texts: &[Text<'_>],
        of_main: bool,
        mut pass_on: impl FnMut(Text<'_>, Loaded) -> Result<()>,
    ) -> Result<()> {
        let texts: Vec<Text<'_>> = texts
            .iter()
            .copied()
            .filter(|text| text.is_main() == of_main)
            .collect();
        for batch in batches(&texts) {
            if !of_main {
                self.read_main_texts(batch)?;
            }
            let load = |text: &Text<'_>| self.load(text);
            let loaded = batch.par_iter().map(load).collect::<Result<Vec<_>, _>>()?;
            for (text, mut loaded) in batch.iter().zip(loaded) {
                if loaded.terms.truncated {
                    self.cut.push(text.file.path.clone());
                }
                if let Some(shared) = loaded.shared.take() {
                    self.shared.insert(text.id, Some(shared));
                }
                pass_on(*text, loaded)?;
            }
        }
        Ok(())
    }

    fn load(&self, text: &Text<'_>) -> Result<Loaded, LoadError> {
        let run = self.run;
        let is_main = text.is_main();
        let (mut post, body) = content::load(run.settings, text.file)?;
        let locales = run.settings.locales.as_ref();
        let other = locales.filter(|_| !is_main);
        if let Some(locales) = other {
            post = post.limited_to(locales.translated);
        }
        // A post is found by what its row will hold: also by values that no file states.
        let managed = post.stated() | self.stated.of(post.text_id(), is_main);
        let row = run.rows.get(&post.text_id());
        let mut filled = row.map(|row| post.clone().filled_from(row, managed));
        let main = self.shared.get(&text.id).and_then(Option::as_ref);
        if let (Some(locales), Some(main)) = (other, main) {
            // Also by what the main text states for all locales.
            let filled = filled.get_or_insert_with(|| post.clone());
            filled.share(main.clone(), locales.translated);
        }
        let found_by = filled.as_ref().unwrap_or(&post);
        let document = Document {
            title: &found_by.title,
            description: found_by.description.as_deref(),
            tags: &found_by.tags,
            markdown: &body,
        };
        let terms = search::terms(&document, found_by.category.as_deref());
        let extra_terms = found_by.extra.terms();
        let wanted = locales.filter(|_| is_main && self.wanted.contains(&text.id));
        let shared = wanted.map(|locales| shared(found_by.clone(), locales.translated));
        Ok(Loaded {
            is_main,
            post,
            managed,
            body,
            terms,
            extra_terms,
            shared,
        })
    }

    /// Reads the main texts of posts whose own rows stay, each once for all texts of its post.
    fn read_main_texts(&mut self, texts: &[Text<'_>]) -> Result<(), LoadError> {
        let mut missing: Vec<PostId> = texts.iter().map(|text| text.id).collect();
        missing.sort_unstable();
        missing.dedup();
        missing.retain(|id| !self.shared.contains_key(id));
        let read = |id| Ok((id, self.main_text(id)?));
        let read = missing
            .into_par_iter()
            .map(read)
            .collect::<Result<Vec<_>, LoadError>>()?;
        self.shared.extend(read);
        Ok(())
    }

    /// Reads what a post's main text shares; `None` where it is not there any more.
    fn main_text(&self, id: PostId) -> Result<Option<Post>, LoadError> {
        let run = self.run;
        let Some(locales) = &run.settings.locales else {
            return Ok(None);
        };
        let scanned = run.main_files.get(&id).map(|file| (*file).clone());
        let file = scanned.or_else(|| {
            let path = run.settings.root.join(self.outside.get(&id)?.as_str());
            let snapshot = content::scan(run.settings, &path, &|_| {}).ok()?;
            snapshot.files.into_iter().next()
        });
        let Some(file) = file else { return Ok(None) };
        match content::load(run.settings, &file) {
            Ok((post, _)) => {
                let text = post.text_id();
                let managed = post.stated() | self.stated.of(text, true);
                let filled = match run.rows.get(&text) {
                    Some(row) => post.filled_from(row, managed),
                    None => post,
                };
                Ok(Some(shared(filled, locales.translated)))
            }
            Err(LoadError::Invalid { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// Leaves of a main text what other texts are found by.
fn shared(main: Post, translated: FieldSet) -> Post {
    let found_by = [
        Field::Title,
        Field::Description,
        Field::Category,
        Field::Tags,
        Field::Extra,
    ];
    let shared = found_by.into_iter();
    main.limited_to(
        shared
            .filter(|field| !translated.contains(*field))
            .collect(),
    )
}

/// Finds the files of the posts' main texts; none in a blog without locales.
pub fn main_files<'a>(
    files: &[FileEntry],
    snapshot: &'a Snapshot,
) -> HashMap<PostId, &'a ScannedFile> {
    let main = files.iter().filter(|file| file.is_main && !file.draft);
    let main = main.filter(|file| file.locale.is_some());
    let main: HashMap<&SourcePath, PostId> = main.map(|file| (&file.path, file.id)).collect();
    let scanned = snapshot.files.iter();
    scanned
        .filter_map(|file| Some((*main.get(&file.path)?, file)))
        .collect()
}

/// Cuts texts into runs whose files have about [`BATCH_BYTES`].
fn batches<'w, 'a>(mut texts: &'w [Text<'a>]) -> impl Iterator<Item = &'w [Text<'a>]> {
    std::iter::from_fn(move || {
        let mut bytes = 0;
        let fits = |text: &&Text<'_>| {
            bytes += text.file.size;
            bytes <= BATCH_BYTES
        };
        // At least one, however large.
        let count = texts.iter().take_while(fits).count().max(1);
        let (batch, rest) = texts.split_at(count.min(texts.len()));
        texts = rest;
        (!batch.is_empty()).then_some(batch)
    })
}
