//! The options of lists that come in pages, and the walk over the pages.

use anyhow::Context as _;

use super::globals::GlobalArgs;
use crate::output::ui::Notice;
use crate::output::{CANNOT_WRITE, Sink};
use crate::page::{Limit, Page, Position};
use crate::post::PostId;
use crate::project::SecretUrl;
use crate::store::{self, StoreError};

/// The options that select rows of a long list.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct PageArgs {
    /// Show up to N rows: 1 to 100 [default: 20]
    #[arg(long, value_name = "N", value_parser = limit, conflicts_with = "all")]
    limit: Option<Limit>,

    /// Start after this id: the `next_cursor` of the page before
    #[arg(long, value_name = "ID", value_parser = super::post_id)]
    pub cursor: Option<PostId>,

    /// Show every page, one after the other
    #[arg(long)]
    pub all: bool,
}

/// The result of a walk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Walked {
    /// Rows shown.
    pub rows: usize,
    /// The start of the next page, if one follows.
    pub next_cursor: Option<PostId>,
}

impl PageArgs {
    /// Rows on a page.
    pub fn limit(&self) -> Limit {
        match self.limit {
            _ if self.all => Limit::MAX,
            Some(limit) => limit,
            None => Limit::DEFAULT,
        }
    }

    /// Reads one page, or with `--all` every page, and passes each on as it comes: no more
    /// than a page is ever held.
    pub fn walk<T>(
        &self,
        sink: &mut dyn Sink<T>,
        mut fetch: impl FnMut(Position) -> store::Result<Page<T>>,
    ) -> anyhow::Result<Walked> {
        let limit = self.limit();
        let mut cursor = self.cursor;
        let mut walked = Walked::default();
        loop {
            let page = fetch(Position { cursor, limit })?;
            walked.rows += page.items.len();
            walked.next_cursor = page.next_cursor;
            sink.page(&page.items).context(CANNOT_WRITE)?;
            if !self.all || !page.has_more() {
                break;
            }
            // A walk that does not go down would never end.
            if cursor.is_some_and(|last| page.next_cursor >= Some(last)) {
                return Err(StoreError::failed("read the next page")(
                    "it begins where the page before began",
                )
                .into());
            }
            cursor = page.next_cursor;
        }
        sink.end(walked.next_cursor).context(CANNOT_WRITE)?;
        Ok(walked)
    }

    /// The hint that more follows: the command for the page at `cursor`, to be copied into
    /// a shell, with the options and operands that chose the rows.
    pub fn more(
        &self,
        command: &str,
        global: &GlobalArgs,
        options: Vec<String>,
        operands: &[String],
        cursor: PostId,
    ) -> Notice {
        let mut words = vec!["blogctl".to_owned(), command.to_owned()];
        words.extend(address("--database", global.database.as_ref()));
        words.extend(address("--read-database", global.read_database.as_ref()));
        words.extend(options);
        if let Some(limit) = self.limit {
            words.extend(["--limit".into(), limit.get().to_string()]);
        }
        words.extend(["--cursor".into(), cursor.to_string()]);
        if operands.iter().any(|word| word.starts_with('-')) {
            words.push("--".into());
        }
        words.extend_from_slice(operands);
        let quoted: Vec<String> = words.iter().map(|word| quoted(word)).collect();
        Notice::status(format!("more: {}", quoted.join(" ")))
    }
}

/// An option with its address, if it was given; not a word of one that may hold a password.
fn address(option: &str, given: Option<&SecretUrl>) -> Vec<String> {
    given.map_or_else(Vec::new, |address| {
        let text = address.expose();
        let is_plain = text.trim().is_empty() || text.trim().starts_with("sqlite:");
        let shown = if is_plain { text } else { "URL" };
        vec![option.to_owned(), shown.to_owned()]
    })
}

/// Quotes a word for a POSIX shell, where it needs that.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./:,+@%=".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

fn limit(text: &str) -> Result<Limit, String> {
    text.parse()
        .ok()
        .and_then(Limit::new)
        .ok_or_else(|| "a page has 1 to 100 rows".to_owned())
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    /// Keeps the ids and where each page ended.
    #[derive(Default)]
    struct Seen {
        pages: Vec<Vec<PostId>>,
        ended: Option<Option<PostId>>,
    }

    impl Sink<PostId> for Seen {
        fn page(&mut self, rows: &[PostId]) -> io::Result<()> {
            self.pages.push(rows.to_vec());
            Ok(())
        }

        fn end(&mut self, next_cursor: Option<PostId>) -> io::Result<()> {
            self.ended = Some(next_cursor);
            Ok(())
        }
    }

    fn id(value: i64) -> PostId {
        PostId::new(value).unwrap()
    }

    /// A page of the ids 1 to `newest`, as a store answers it.
    fn page_of(newest: i64, at: Position) -> Page<PostId> {
        let below = at.cursor.map_or(i64::MAX, |cursor| cursor.get().into());
        let ids = (1..=newest).rev().filter(|id| *id < below).map(id);
        let probe = usize::try_from(at.limit.probe()).unwrap();
        Page::from_probe(ids.take(probe).collect(), at.limit, |id| *id)
    }

    fn walk(args: &PageArgs, newest: i64) -> (Walked, Seen) {
        let mut seen = Seen::default();
        let walked = args.walk(&mut seen, |at| Ok(page_of(newest, at))).unwrap();
        (walked, seen)
    }

    #[test]
    fn one_page_of_twenty_is_the_default() {
        let (walked, seen) = walk(&PageArgs::default(), 50);
        assert_eq!(seen.pages.len(), 1);
        assert_eq!(walked.rows, 20);
        assert_eq!(walked.next_cursor, Some(id(31)));
        assert_eq!(seen.ended, Some(Some(id(31))));
    }

    #[test]
    fn all_walks_every_page_once_and_ends_without_a_cursor() {
        for newest in [0, 1, 99, 100, 101, 200, 350] {
            let all = PageArgs {
                all: true,
                ..PageArgs::default()
            };
            let (walked, seen) = walk(&all, newest);
            let ids: Vec<i64> = seen
                .pages
                .concat()
                .iter()
                .map(|id| id.get().into())
                .collect();
            assert_eq!(ids, (1..=newest).rev().collect::<Vec<_>>());
            assert!(seen.pages.iter().all(|page| page.len() <= 100));
            assert_eq!((walked.next_cursor, seen.ended), (None, Some(None)));
        }
    }

    #[test]
    fn all_starts_at_the_cursor() {
        let args = PageArgs {
            all: true,
            cursor: Some(id(3)),
            limit: None,
        };
        assert_eq!(walk(&args, 9).1.pages.concat(), [id(2), id(1)]);
    }

    #[test]
    fn a_walk_that_does_not_go_on_fails() {
        let args = PageArgs {
            all: true,
            ..PageArgs::default()
        };
        let stuck = |_| {
            Ok(Page {
                items: vec![id(5)],
                next_cursor: Some(id(5)),
            })
        };
        let error = args.walk(&mut Seen::default(), stuck).unwrap_err();
        assert!(error.to_string().contains("next page"), "{error}");
    }

    #[test]
    fn a_page_that_fails_is_not_followed_by_an_end() {
        let mut seen = Seen::default();
        let mut calls = 0;
        let all = PageArgs {
            all: true,
            ..PageArgs::default()
        };
        let result = all.walk(&mut seen, |at| {
            calls += 1;
            if calls == 2 {
                return Err(StoreError::failed("list")("gone"));
            }
            Ok(page_of(300, at))
        });
        assert!(result.is_err());
        assert_eq!((seen.pages.len(), seen.ended), (1, None));
    }
}
