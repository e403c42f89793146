//! Site generators, by the files in the root of a blog. Pure.

use std::collections::BTreeSet;

/// A program that makes a site of Markdown files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Generator {
    /// <https://jekyllrb.com>
    Jekyll,
    /// <https://gohugo.io>
    Hugo,
    /// <https://www.getzola.org>
    Zola,
    /// <https://hexo.io>
    Hexo,
    /// <https://astro.build>
    Astro,
    /// <https://nextjs.org>
    NextJs,
    /// <https://docusaurus.io>
    Docusaurus,
    /// <https://obsidian.md>
    Obsidian,
    /// <https://quartz.jzhao.xyz>, a site of an Obsidian vault.
    Quartz,
}

impl Generator {
    /// Returns the name as its makers write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Jekyll => "Jekyll",
            Self::Hugo => "Hugo",
            Self::Zola => "Zola",
            Self::Hexo => "Hexo",
            Self::Astro => "Astro",
            Self::NextJs => "Next.js",
            Self::Docusaurus => "Docusaurus",
            Self::Obsidian => "Obsidian",
            Self::Quartz => "Quartz",
        }
    }

    /// Returns the directories in which posts usually are, the likeliest first.
    pub fn directories(self) -> &'static [&'static str] {
        match self {
            Self::Jekyll => &["_posts"],
            Self::Hugo => &["content/posts", "content/post", "content/blog", "content"],
            Self::Zola => &["content/blog", "content/posts", "content"],
            Self::Hexo => &["source/_posts"],
            Self::Astro => &[
                "src/content/blog",
                "src/content/posts",
                "src/content/post",
                "src/data/blog",
                "src/content",
                "src/pages/blog",
                "src/pages/posts",
            ],
            Self::NextJs => &[
                "content/blog",
                "content/posts",
                "data/blog",
                "posts",
                "_posts",
                "blog",
                "src/posts",
                "src/content",
                "content",
            ],
            Self::Docusaurus => &["blog"],
            Self::Obsidian => &["."],
            Self::Quartz => &["content"],
        }
    }

    /// Returns whether the generator leaves out a post whose date is to come.
    ///
    /// Sources: Jekyll's option `future` and Hugo's `buildFuture`, both off by default.
    pub fn holds_future(self) -> bool {
        matches!(self, Self::Jekyll | Self::Hugo)
    }

    /// Returns whether a text of several words is several tags, as Jekyll reads it.
    pub fn splits_at_spaces(self) -> bool {
        self == Self::Jekyll
    }

    /// Returns whether the name of a file is the title of a note without one.
    pub fn titles_by_file_name(self) -> bool {
        matches!(self, Self::Obsidian | Self::Quartz | Self::Jekyll)
    }

    /// Returns the key for the number of a post. Zola takes keys of its own alone at the top.
    pub fn id_key(self) -> Option<&'static str> {
        (self == Self::Zola).then_some("extra.id")
    }

    /// Returns the key of the generator's settings that names the time zone.
    pub fn time_zone_key(self) -> Option<&'static str> {
        match self {
            Self::Jekyll | Self::Hexo => Some("timezone"),
            Self::Hugo => Some("timeZone"),
            _ => None,
        }
    }
}

/// Names of files in the root of a blog, and in its directories: `_posts/`, `source/_posts/`.
#[derive(Clone, Debug, Default)]
pub struct RootFiles {
    names: BTreeSet<String>,
}

impl RootFiles {
    /// Takes names, those of directories with `/` at their end.
    pub fn new(names: impl IntoIterator<Item = String>) -> Self {
        Self {
            names: names.into_iter().collect(),
        }
    }

    fn has(&self, name: &str) -> bool {
        self.names.contains(name)
    }

    /// Returns the first name that begins like this.
    fn starting(&self, start: &str) -> Option<&str> {
        let from = self.names.range(start.to_owned()..);
        let mut found = from.take_while(|name| name.starts_with(start));
        found.next().map(String::as_str)
    }
}

/// The generator of a blog, and the file or directory that tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recognized {
    /// The generator.
    pub generator: Generator,
    /// The names by which it was recognized.
    pub by: String,
    /// The generator's settings, if they are a file of text.
    pub settings: Option<String>,
}

/// Recognizes a generator; `settings` reads a file of the root.
pub fn recognize(
    files: &RootFiles,
    settings: impl Fn(&str) -> Option<String>,
) -> Option<Recognized> {
    let found = |generator, by: &str| {
        Some(Recognized {
            generator,
            by: by.to_owned(),
            settings: settings(by),
        })
    };
    for (start, generator) in [
        ("docusaurus.config.", Generator::Docusaurus),
        ("quartz.config.", Generator::Quartz),
        ("astro.config.", Generator::Astro),
        ("next.config.", Generator::NextJs),
    ] {
        if let Some(name) = files.starting(start) {
            return found(generator, name);
        }
    }
    for name in ["_config.yml", "_config.yaml"] {
        if files.has(name) {
            let is_hexo =
                files.has("source/_posts/") || files.starting("_config.landscape").is_some();
            return match is_hexo {
                true => found(Generator::Hexo, name),
                false => found(Generator::Jekyll, name),
            };
        }
    }
    if files.has("_posts/") && (files.has("Gemfile") || files.has("_layouts/")) {
        return found(Generator::Jekyll, "_posts/");
    }
    for name in ["hugo.toml", "hugo.yaml", "hugo.yml", "hugo.json"] {
        if files.has(name) {
            return found(Generator::Hugo, name);
        }
    }
    if files.has("config.toml") && files.has("content/") {
        // Both have `config.toml`; Zola demands `base_url`, which Hugo spells `baseURL`.
        let text = settings("config.toml").unwrap_or_default();
        let is_zola = text
            .lines()
            .any(|line| line.trim_start().starts_with("base_url"));
        let generator = if is_zola {
            Generator::Zola
        } else {
            Generator::Hugo
        };
        return found(generator, "config.toml");
    }
    for name in [
        "config.yaml",
        "config.yml",
        "config.json",
        "config/_default/",
    ] {
        if files.has(name) && files.has("content/") {
            return found(Generator::Hugo, name);
        }
    }
    if files.has("zola.toml") {
        return found(Generator::Zola, "zola.toml");
    }
    if files.has(".obsidian/") {
        return found(Generator::Obsidian, ".obsidian/");
    }
    None
}

/// Finds a value in a generator's settings: that of a line `key: value` or `key = value` at the top
/// level.
pub fn setting(settings: &str, key: &str) -> Option<String> {
    settings.lines().find_map(|line| {
        let rest = line.strip_prefix(key)?.trim_start();
        let value = rest.strip_prefix([':', '='])?;
        let value = value.split(" #").next().unwrap_or_default().trim();
        let value = value.trim_matches(['"', '\'']);
        (!value.is_empty()).then(|| value.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recognized(names: &[&str], config: &str) -> Option<Generator> {
        let files = RootFiles::new(names.iter().map(|name| (*name).to_owned()));
        recognize(&files, |_| Some(config.to_owned())).map(|found| found.generator)
    }

    #[test]
    fn each_generator_is_known_by_its_files() {
        for (names, config, generator) in [
            (&["_config.yml", "_posts/"][..], "", Some(Generator::Jekyll)),
            (&["_posts/", "Gemfile"], "", Some(Generator::Jekyll)),
            (
                &["_config.yml", "source/_posts/", "package.json"],
                "",
                Some(Generator::Hexo),
            ),
            (&["hugo.yaml", "content/"], "", Some(Generator::Hugo)),
            (
                &["config.toml", "content/", "themes/"],
                "baseURL = 'x'",
                Some(Generator::Hugo),
            ),
            (
                &["config.toml", "content/"],
                "title = 'x'\nbase_url = 'x'",
                Some(Generator::Zola),
            ),
            (&["astro.config.mjs", "src/"], "", Some(Generator::Astro)),
            (&["next.config.js", "posts/"], "", Some(Generator::NextJs)),
            (
                &["docusaurus.config.ts", "blog/"],
                "",
                Some(Generator::Docusaurus),
            ),
            (
                &["quartz.config.ts", "content/", ".obsidian/"],
                "",
                Some(Generator::Quartz),
            ),
            (&[".obsidian/", "notes/"], "", Some(Generator::Obsidian)),
            (&["content/", "README.md"], "", None),
        ] {
            assert_eq!(recognized(names, config), generator, "{names:?}");
        }
    }

    #[test]
    fn a_setting_is_that_of_the_top_level() {
        let text = "title: x\ntimezone: Asia/Seoul # here\nauthor:\n  timezone: UTC\n";
        assert_eq!(setting(text, "timezone").as_deref(), Some("Asia/Seoul"));
        assert_eq!(
            setting("timeZone = 'UTC'\n", "timeZone").as_deref(),
            Some("UTC")
        );
        assert_eq!(setting("timezone:\n", "timezone"), None);
    }
}
