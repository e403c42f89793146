//! Random edits of the files of a blog with locales, and syncs: every store holds the texts that
//! the files say, and answers each locale like a plain list in memory.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::agree::{Make, filter, some_post};
use super::texts::{FORCED, PRUNING, Readers, Texts, locales};
use super::*;

/// The number of random blogs.
const CASES: u32 = 12;

/// Holds every store against the files.
pub fn all_agree(makes: &[Make<'_>]) {
    let config = Config {
        cases: CASES,
        failure_persistence: None,
        max_shrink_iters: 100,
        ..Config::default()
    };
    let blogs = (
        prop::collection::vec(prop::collection::vec(edit(), 1..10), 1..5),
        prop::collection::vec(filter(), 2),
    );
    TestRunner::new(config)
        .run(&blogs, |(syncs, filters)| {
            for make in makes {
                let place = make();
                let mut readers = Readers::new(&*place);
                let mut texts = Texts::default();
                for edits in &syncs {
                    for edit in edits {
                        edit.make(&mut texts);
                    }
                    texts
                        .sync(readers.writer(), FORCED)
                        .expect("nothing is guarded");
                    texts.check(&mut readers, &filters);
                    // Nobody edited a row: nothing is left to do, or in the way.
                    let (_, plan, _) = texts.plan(readers.writer(), PRUNING);
                    prop_assert!(plan.writes_nothing(), "{:?}", plan);
                    prop_assert!(plan.conflicts.is_empty(), "{:?}", plan.conflicts);
                }
            }
            Ok(())
        })
        .unwrap_or_else(|failure| panic!("{failure}"));
}

/// A change of one file.
#[derive(Clone, Debug)]
enum Edit {
    Write(i64, usize, Box<(Post, String)>),
    Remove(i64, usize),
    Move(i64, usize, u8),
}

impl Edit {
    fn make(&self, texts: &mut Texts) {
        let locales = locales();
        let name = |number: &usize| locales.all()[*number].as_str().to_owned();
        match self {
            Self::Write(id, locale, text) => {
                let (post, body) = &**text;
                texts.write(*id, &name(locale), post.clone(), body)
            }
            Self::Remove(id, locale) => texts.remove(*id, &name(locale)),
            Self::Move(id, locale, to) => {
                let path = format!("content/moved/{to}/{}/{id}.md", name(locale));
                texts.relocate(*id, &name(locale), &path)
            }
        };
    }
}

fn edit() -> impl Strategy<Value = Edit> {
    // Few posts, so that their texts meet; ids in several blocks.
    let id = || prop::sample::select(&[1, 2, 3, 1003, 2_147_483_647_i64][..]);
    let locale = || 0..locales().all().len();
    // A time that a file does not state would be that of the row's first sync.
    let text = some_post().prop_map(|(post, body)| {
        let created_at = post.created_at.or(Some(now()));
        let tags: BTreeSet<String> = post.tags.into_iter().take(2).collect();
        let tags = tags.into_iter().collect();
        (
            Post {
                created_at,
                tags,
                ..post
            },
            body,
        )
    });
    prop_oneof![
        6 => (id(), locale(), text).prop_map(|(id, locale, text)| {
            Edit::Write(id, locale, Box::new(text))
        }),
        2 => (id(), locale()).prop_map(|(id, locale)| Edit::Remove(id, locale)),
        1 => (id(), locale(), 0..2u8).prop_map(|(id, locale, to)| Edit::Move(id, locale, to)),
    ]
}
