//! The names of new files in a blog with locales: as the blog's paths tell the locale.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;

use super::name::{Naming, commonest};
use crate::locale::{Locale, Locales, PathPattern};
use crate::model::FileEntry;
use crate::post::{SourcePath, StoredPost};

/// The names of a blog's files, in each of its locales.
#[derive(Clone, Debug)]
pub struct TextNaming {
    /// The names without what tells the locale.
    naming: Naming,
    /// The locales; `None` in a blog without.
    locales: Option<Locales>,
    /// The directory that the pattern of paths begins below.
    prefix: String,
    /// True if most files in the default locale have a path that tells none.
    is_default_plain: bool,
}

/// A path without what tells the locale.
struct Plain {
    prefix: String,
    name: String,
    /// With the dot before it.
    extension: String,
}

impl Plain {
    fn path(&self) -> SourcePath {
        let Self {
            prefix,
            name,
            extension,
        } = self;
        SourcePath::new(format!("{prefix}{name}{extension}"))
    }
}

impl TextNaming {
    /// Finds out how most of the files are named. New ones go to `directory`, or to the directory
    /// where most files are; without files to `default`.
    pub fn infer(
        files: &[FileEntry],
        locales: Option<&Locales>,
        directory: Option<&str>,
        default: &str,
    ) -> Self {
        let Some(locales) = locales else {
            let all = files.iter().map(|file| (&file.path, file.id));
            return Self {
                naming: Naming::infer(all, directory, default),
                locales: None,
                prefix: String::new(),
                is_default_plain: false,
            };
        };
        let pattern = locales.pattern();
        // Without a pattern the names of main texts are those of posts.
        let counted = files
            .iter()
            .filter(|file| pattern.is_some() || file.is_main);
        let mut prefixes: BTreeMap<String, usize> = BTreeMap::new();
        let mut plain_default = 0;
        let mut told_default = 0;
        let mut plain = Vec::new();
        for file in counted {
            let is_default = file.locale == Some(locales.default_locale());
            let told = pattern.and_then(|pattern| plain_path(pattern, locales, file.path.as_str()));
            match told {
                Some(told) => {
                    told_default += usize::from(is_default);
                    plain.push((told.path(), file.id));
                    *prefixes.entry(told.prefix).or_default() += 1;
                }
                None => {
                    plain_default += usize::from(is_default);
                    plain.push((file.path.clone(), file.id));
                }
            }
        }
        // A directory may be that of one locale.
        let given = directory.map(|directory| {
            let inside = format!("{directory}x.md");
            let told = pattern.and_then(|pattern| plain_path(pattern, locales, &inside));
            match told {
                Some(told) => {
                    let path = told.path();
                    let plain = path.as_str().strip_suffix("x.md").unwrap_or(directory);
                    (plain.to_owned(), told.prefix)
                }
                None => (directory.to_owned(), directory.to_owned()),
            }
        });
        let (directory, prefix) = given.unzip();
        let plain = plain.iter().map(|(path, id)| (path, *id));
        Self {
            naming: Naming::infer(plain, directory.as_deref(), default),
            locales: Some(locales.clone()),
            prefix: prefix
                .or_else(|| commonest(prefixes))
                .unwrap_or_else(|| default.to_owned()),
            is_default_plain: plain_default > told_default,
        }
    }

    /// Returns the paths that the new file of a text may have, the best first. `main` is the file of
    /// the post's main text, if that is another text.
    pub fn paths(
        &self,
        row: &StoredPost,
        main: Option<&SourcePath>,
        zone: &TimeZone,
    ) -> Vec<SourcePath> {
        let named = self.naming.paths(row, zone);
        let (Some(locales), Some(locale)) = (&self.locales, row.locale) else {
            return named;
        };
        let is_main = main.is_none();
        let all = main.into_iter().chain(&named);
        let plain: Vec<Plain> = all.map(|path| self.plain(locales, path)).collect();
        let mut paths: Vec<SourcePath> = Vec::new();
        for plain in &plain {
            let is_plain = match locales.pattern() {
                Some(_) => locale == locales.default_locale() && self.is_default_plain,
                None => is_main,
            };
            if is_plain {
                paths.push(plain.path());
            } else {
                paths.push(told(plain, locales, locale));
            }
        }
        if locales.pattern().is_none() {
            paths.extend(plain.iter().map(|plain| told(plain, locales, locale)));
        }
        paths
    }

    /// Takes from a path what tells the locale.
    fn plain(&self, locales: &Locales, path: &SourcePath) -> Plain {
        let pattern = locales.pattern();
        let told = pattern.and_then(|pattern| plain_path(pattern, locales, path.as_str()));
        told.unwrap_or_else(|| {
            let (stem, extension) = stem(path.as_str());
            let directory = stem.rfind('/').map_or(0, |at| at + 1);
            let prefix = match stem.starts_with(&self.prefix) && self.prefix.len() < stem.len() {
                true => self.prefix.len(),
                false => directory,
            };
            Plain {
                prefix: stem[..prefix].to_owned(),
                name: stem[prefix..].to_owned(),
                extension: extension.to_owned(),
            }
        })
    }
}

/// Returns the path in a locale, which its pattern or the end of its name tells.
fn told(plain: &Plain, locales: &Locales, locale: Locale) -> SourcePath {
    let Plain {
        prefix,
        name,
        extension,
    } = plain;
    let rest = match locales.pattern() {
        Some(pattern) => pattern.path(locale, name, extension.trim_start_matches('.')),
        None => format!("{name}.{locale}{extension}"),
    };
    SourcePath::new(format!("{prefix}{rest}"))
}

/// Takes from a path what tells the locale; `None` if nothing does.
fn plain_path(pattern: &PathPattern, locales: &Locales, path: &str) -> Option<Plain> {
    let (prefix, name) = pattern.apart(path, locales)?;
    Some(Plain {
        prefix: prefix.to_owned(),
        name: name.to_owned(),
        extension: stem(path).1.to_owned(),
    })
}

/// Returns a path without its extension, and the extension with its dot.
fn stem(path: &str) -> (&str, &str) {
    let name = path.rfind('/').map_or(0, |at| at + 1);
    match path[name..].rfind('.') {
        Some(dot) if dot > 0 => path.split_at(name + dot),
        _ => (path, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::post::{Digest, PostId};

    fn file(id: i64, locale: Locale, path: &str, is_main: bool) -> FileEntry {
        FileEntry {
            id: PostId::new(id).unwrap(),
            locale: Some(locale),
            is_main,
            path: SourcePath::new(path),
            file_digest: Digest::NONE,
            post_digest: Digest::NONE,
            category: None,
            draft: false,
        }
    }

    /// The first path of post 8 in each locale, and that of the English text if the other is there.
    fn paths(pattern: Option<&str>, files: &[&str], directory: Option<&str>) -> [String; 3] {
        let [ko, en] = ["ko", "en"].map(|name| Locale::new(name).unwrap());
        let pattern = pattern.map(|pattern| pattern.parse().unwrap());
        let locales = Locales::new(ko, [en], pattern);
        let files: Vec<FileEntry> = (1..)
            .zip(files)
            .map(|(id, path)| {
                let is_english = path.contains("/en/") || path.contains(".en.");
                file(id, if is_english { en } else { ko }, path, !is_english)
            })
            .collect();
        let naming = TextNaming::infer(&files, Some(&locales), directory, "content/");
        let first = |locale, main: Option<&str>| {
            let mut row = StoredPost::new(PostId::new(8).unwrap());
            row.locale = Some(locale);
            let main = main.map(SourcePath::new);
            naming.paths(&row, main.as_ref(), &TimeZone::UTC)[0].to_string()
        };
        let main = first(ko, None);
        let with_main = first(en, Some(&main));
        [main, first(en, None), with_main]
    }

    #[test]
    fn a_path_tells_the_locale_as_the_pattern_says() {
        let directories = Some("{locale}/{name}");
        let all = ["content/ko/8.md", "content/en/8.md", "content/en/8.md"];
        assert_eq!(paths(directories, &[], None), all);
        assert_eq!(paths(directories, &["content/ko/1.md"], None), all);
        let all = ["a/ko/g/8.mdx", "a/en/g/8.mdx", "a/en/g/8.mdx"];
        assert_eq!(paths(directories, &["a/ko/g/1.mdx"], None), all);
        let endings = Some("{name}.{locale}");
        let all = ["content/8.ko.md", "content/8.en.md", "content/8.en.md"];
        assert_eq!(paths(endings, &["content/1.ko.md"], None), all);
        // The default locale may be the one without an ending.
        let all = ["content/8.md", "content/8.en.md", "content/8.en.md"];
        let files = ["content/1.md", "content/2.md"];
        assert_eq!(paths(endings, &files, None), all);
    }

    #[test]
    fn without_a_pattern_another_text_has_a_name_of_its_own() {
        let all = ["content/8.md", "content/8.md", "content/8.en.md"];
        assert_eq!(paths(None, &["content/1.md", "content/1.en.md"], None), all);
    }

    #[test]
    fn a_directory_may_be_that_of_a_locale() {
        let directories = Some("{locale}/{name}");
        let all = [
            "content/ko/n/8.md",
            "content/en/n/8.md",
            "content/en/n/8.md",
        ];
        assert_eq!(paths(directories, &[], Some("content/en/n/")), all);
        let all = ["notes/ko/8.md", "notes/en/8.md", "notes/en/8.md"];
        assert_eq!(paths(directories, &[], Some("notes/")), all);
    }
}
