//! The options that say which posts: shared by `list` and `search`.

use jiff::tz::TimeZone;

use super::since;
use crate::exit::Usage;
use crate::page::Filter;

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
}

impl FilterArgs {
    /// What a store is asked; times without an offset are in the given zone.
    ///
    /// # Errors
    /// [`Usage`] if a time is none, or the span ends before it starts.
    pub fn filter(&self, zone: &TimeZone) -> Result<Filter, Usage> {
        let (since, before) = since::span(self.since.as_deref(), self.until.as_deref(), zone)?;
        let mut tags = self.tag.clone();
        tags.sort();
        tags.dedup();
        Ok(Filter {
            category: self.category.clone(),
            tags,
            since,
            before,
            extra: Vec::new(),
        })
    }

    /// What to look at where the filters leave nothing; empty without filters.
    pub fn hints(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if self.category.is_some() {
            lines.push("hint: `blogctl categories` shows which categories there are".into());
        }
        if !self.tag.is_empty() {
            lines.push("hint: `blogctl tags` shows which tags there are".into());
        }
        if self.since.is_some() || self.until.is_some() {
            lines.push("hint: posts without created_at are in no span of time".into());
        }
        lines
    }

    /// The filters as they would be written.
    pub fn to_words(&self) -> Vec<String> {
        let given = |name, value: &Option<String>| value.clone().map(|value| (name, value));
        let tags = self.tag.iter().map(|tag| ("--tag", tag.clone()));
        given("--category", &self.category)
            .into_iter()
            .chain(tags)
            .chain(given("--since", &self.since))
            .chain(given("--until", &self.until))
            .flat_map(|(name, value)| [name.to_owned(), value])
            .collect()
    }
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
    }
}
