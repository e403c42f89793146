//! The options that say which posts: shared by `list` and `search`.

use jiff::tz::TimeZone;

use super::since;
use crate::command_error::CommandError;
use crate::content::KEYS;
use crate::label::label;
use crate::output::ui::Notice;
use crate::output::{message, zone_name};
use crate::page::Filter;
use crate::post::{ExtraTerm, MAX_TERM};

/// Which posts. Every option that is given must hold.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct FilterArgs {
    /// Only posts of this category
    #[arg(long, value_name = "NAME")]
    category: Option<String>,

    /// Only posts that carry this tag; given more than once, all of them
    #[arg(long, value_name = "NAME")]
    tag: Vec<String>,

    /// Only posts created at this time or later: a day, or a time as in the front matter
    #[arg(long, value_name = "TIME")]
    since: Option<String>,

    /// Only posts created up to this time; a day is included whole
    #[arg(long, value_name = "TIME")]
    until: Option<String>,

    /// Only posts whose extra key has this value; given more than once, all of them
    ///
    /// The keys of nested mappings are joined with dots: `--where cover.alt='a cat'`. A list has
    /// each of its values. A text is compared as it is, a number or boolean as JSON writes it.
    #[arg(long = "where", value_name = "KEY=VALUE")]
    extra: Vec<String>,
}

impl FilterArgs {
    /// What a store is asked; times without an offset are in the given zone.
    ///
    /// # Errors
    /// [`CommandError`] if a time is none, the span ends before it starts, or `--where` is given what no
    /// post can have.
    pub fn filter(&self, zone: &TimeZone) -> Result<Filter, CommandError> {
        let (since, before) = since::span(self.since.as_deref(), self.until.as_deref(), zone)?;
        let name = |name: &String| label(name).into_owned();
        let mut tags: Vec<String> = self.tag.iter().map(name).collect();
        tags.sort();
        tags.dedup();
        let mut extra = self
            .extra
            .iter()
            .map(|pair| term(pair))
            .collect::<Result<Vec<_>, _>>()?;
        extra.sort();
        extra.dedup();
        Ok(Filter {
            category: self.category.as_ref().map(name),
            tags,
            since,
            before,
            extra,
            ..Filter::default()
        })
    }

    /// What to look at where the filters leave nothing; empty without filters.
    pub fn hints(&self, zone: &TimeZone) -> Vec<Notice> {
        let mut lines = Vec::new();
        if self.category.is_some() {
            lines.push(Notice::hint(
                "`blogctl categories` shows which categories there are",
            ));
        }
        if !self.tag.is_empty() {
            lines.push(Notice::hint("`blogctl tags` shows which tags there are"));
        }
        if self.since.is_some() || self.until.is_some() {
            let zone = zone_name(zone);
            lines.push(Notice::hint(format!(
                "posts without created_at are in no span of time; a time without an offset is \
                 one of {zone}"
            )));
        }
        if !self.extra.is_empty() {
            lines.push(Notice::hint(format!(
                "--where finds texts, numbers and booleans of up to {MAX_TERM} characters; \
                 `blogctl show ID` shows a post's extra keys"
            )));
        }
        lines
    }

    /// The filters as they would be written.
    pub fn to_words(&self) -> Vec<String> {
        let given = |name, value: &Option<String>| value.clone().map(|value| (name, value));
        let tags = self.tag.iter().map(|tag| ("--tag", tag.clone()));
        let pairs = self.extra.iter().map(|pair| ("--where", pair.clone()));
        given("--category", &self.category)
            .into_iter()
            .chain(tags)
            .chain(given("--since", &self.since))
            .chain(given("--until", &self.until))
            .chain(pairs)
            .flat_map(|(name, value)| [name.to_owned(), value])
            .collect()
    }
}

/// Takes a pair of `--where` apart.
fn term(pair: &str) -> Result<ExtraTerm, CommandError> {
    let refuse = |message: &str, help: &str| {
        Err(CommandError::usage(format!("--where {message}")).help(help))
    };
    let shown = message(pair);
    let Some((key, value)) = pair.split_once('=') else {
        let help = "write a key of the front matter, `=` and its value: `--where layout=wide`";
        return refuse(&format!("{shown:?} has no `=`"), help);
    };
    if key.is_empty() {
        let help = "write the key in front of `=`: `--where layout=wide`";
        return refuse(&format!("{shown:?} has no key"), help);
    }
    if KEYS.contains(&key) {
        let help = match key {
            "id" => "show the post: `blogctl show ID`",
            "slug" => "show the post: `blogctl show --slug SLUG`",
            "category" => "write `--category NAME`",
            "tags" => "write `--tag NAME`",
            "created_at" => "write `--since TIME` or `--until TIME`",
            _ => "search for its words: `blogctl search WORD`",
        };
        return refuse(&format!("is for extra keys, and {key} has a field"), help);
    }
    for (name, text) in [("key", key), ("value", value)] {
        let length = text.chars().count();
        if length > MAX_TERM {
            let message =
                format!("finds posts by up to {MAX_TERM} characters, and the {name} has {length}");
            let help = "name another key of the posts, or list them as JSON and filter those: \
                        `blogctl list --all --format jsonl`";
            return refuse(&message, help);
        }
    }
    Ok(ExtraTerm {
        key: key.to_owned(),
        value: value.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        args: FilterArgs,
    }

    #[test]
    fn the_filter_holds_what_was_asked() {
        let words = "list --category guide --tag b --tag a --tag b --since 2025-11-28";
        let args = Line::try_parse_from(words.split(' ')).unwrap().args;
        let filter = args.filter(&TimeZone::UTC).unwrap();
        assert_eq!(filter.category.as_deref(), Some("guide"));
        assert_eq!(filter.tags, ["a", "b"]);
        assert_eq!(filter.since, Some("2025-11-28T00:00:00Z".parse().unwrap()));
        assert_eq!(filter.before, None);
        assert_eq!(filter.extra, []);
    }

    fn terms(pairs: &[&str]) -> Result<Vec<(String, String)>, CommandError> {
        let words = pairs.iter().flat_map(|pair| ["--where", pair]);
        let args = Line::try_parse_from(std::iter::once("list").chain(words)).unwrap();
        let terms = args.args.filter(&TimeZone::UTC)?.extra;
        Ok(terms
            .into_iter()
            .map(|term| (term.key, term.value))
            .collect())
    }

    #[test]
    fn pairs_are_taken_apart_at_the_first_equals_sign() {
        let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        assert_eq!(
            terms(&["layout=a=b", "cover.alt=a cat", "empty=", "layout=a=b"]).unwrap(),
            [
                pair("cover.alt", "a cat"),
                pair("empty", ""),
                pair("layout", "a=b")
            ]
        );
    }

    #[test]
    fn a_pair_that_no_post_can_have_is_refused() {
        let long = "가".repeat(MAX_TERM + 1);
        for (pair, expected) in [
            ("layout", "--where \"layout\" has no `=`"),
            ("=x", "--where \"=x\" has no key"),
            ("slug=x", "--where is for extra keys, and slug has a field"),
            (
                &format!("k={long}"),
                "--where finds posts by up to 255 characters, and the value has 256",
            ),
            (
                &format!("{long}=v"),
                "--where finds posts by up to 255 characters, and the key has 256",
            ),
        ] {
            let error = terms(&[pair]).unwrap_err();
            assert_eq!(error.message, expected);
            assert!(error.help.is_some());
        }
    }
}
