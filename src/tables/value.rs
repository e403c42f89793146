//! Fixed values for columns that blogctl knows nothing of.

use std::fmt;

use super::Identifier;
use crate::post::{PostId, SourcePath};

/// A text in which `{slug}`, `{id}` and `{path}` are replaced by those of a post.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Slug,
    Id,
    Path,
}

/// The reason why a text is not a template.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTemplate {
    /// A placeholder has an unknown name.
    #[error("there is no placeholder `{{{0}}}`: use {{slug}}, {{id}} or {{path}}")]
    Unknown(String),
    /// A brace does not end.
    #[error("a brace does not end: write {{{{ for a brace")]
    Open,
    /// No database holds a NUL character in a text.
    #[error("it holds a NUL character, which no database can store")]
    Nul,
}

impl Template {
    /// Reads a template. `{{` and `}}` are braces.
    ///
    /// # Errors
    /// [`InvalidTemplate`] if a placeholder is unknown or does not end.
    pub fn parse(text: &str) -> Result<Self, InvalidTemplate> {
        if text.contains('\0') {
            return Err(InvalidTemplate::Nul);
        }
        let mut parts = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            plain.push_str(&rest[..at]);
            let brace = &rest[at..=at];
            rest = &rest[at + 1..];
            if let Some(after) = rest.strip_prefix(brace) {
                plain.push_str(brace);
                rest = after;
                continue;
            }
            if brace == "}" {
                plain.push('}');
                continue;
            }
            let (name, after) = rest.split_once('}').ok_or(InvalidTemplate::Open)?;
            let part = match name {
                "slug" => Part::Slug,
                "id" => Part::Id,
                "path" => Part::Path,
                _ => return Err(InvalidTemplate::Unknown(name.to_owned())),
            };
            if !plain.is_empty() {
                parts.push(Part::Text(std::mem::take(&mut plain)));
            }
            parts.push(part);
            rest = after;
        }
        plain.push_str(rest);
        if !plain.is_empty() || parts.is_empty() {
            parts.push(Part::Text(plain));
        }
        Ok(Self(parts))
    }

    /// Returns a template without placeholders.
    pub fn literal(text: String) -> Self {
        Self(vec![Part::Text(text)])
    }

    /// Returns true if the value depends on the post.
    pub fn is_per_post(&self) -> bool {
        self.0.iter().any(|part| !matches!(part, Part::Text(_)))
    }

    /// Returns the value of a template that does not depend on the post.
    pub fn constant(&self) -> String {
        let parts = self.0.iter().map(|part| match part {
            Part::Text(text) => text.as_str(),
            Part::Slug | Part::Id | Part::Path => "",
        });
        parts.collect()
    }

    /// Returns the value for a post. A post without a slug has the name of its file without the
    /// extension in its place.
    pub fn render(&self, id: PostId, slug: Option<&str>, path: &SourcePath) -> String {
        let mut value = String::new();
        for part in &self.0 {
            match part {
                Part::Text(text) => value.push_str(text),
                Part::Slug => value.push_str(slug.unwrap_or_else(|| stem(path.as_str()))),
                Part::Id => value.push_str(&id.to_string()),
                Part::Path => value.push_str(path.as_str()),
            }
        }
        value
    }
}

/// Shows the template as it was written.
impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in &self.0 {
            match part {
                Part::Text(text) => {
                    f.write_str(&text.replace('{', "{{").replace('}', "}}"))?;
                }
                Part::Slug => f.write_str("{slug}")?,
                Part::Id => f.write_str("{id}")?,
                Part::Path => f.write_str("{path}")?,
            }
        }
        Ok(())
    }
}

fn stem(path: &str) -> &str {
    let name = path.rsplit_once('/').map_or(path, |(_, name)| name);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

/// A column of the table of posts and the value that it is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FixedValue {
    column: Identifier,
    template: Template,
}

impl FixedValue {
    /// Makes a fixed value of a column.
    pub fn new(column: Identifier, template: Template) -> Self {
        Self { column, template }
    }

    /// Returns the column.
    pub fn column(&self) -> &Identifier {
        &self.column
    }

    /// Returns the value.
    pub fn template(&self) -> &Template {
        &self.template
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(template: &str, slug: Option<&str>) -> String {
        let path = SourcePath::new("content/2024/hello.md");
        let template = Template::parse(template).unwrap();
        template.render(PostId::new(8).unwrap(), slug, &path)
    }

    #[test]
    fn placeholders_are_replaced() {
        assert_eq!(rendered("/blog/{slug}", Some("a-b")), "/blog/a-b");
        assert_eq!(rendered("/blog/{slug}/", None), "/blog/hello/");
        assert_eq!(rendered("{id}: {path}", None), "8: content/2024/hello.md");
        assert_eq!(rendered("true", None), "true");
        assert_eq!(rendered("", None), "");
        assert_eq!(rendered("{{id}} {{}}", None), "{id} {}");
        assert_eq!(Template::parse("{{id}}").unwrap().constant(), "{id}");
    }

    #[test]
    fn a_template_is_shown_as_it_is_read() {
        for text in ["", "a", "/{slug}.{id}", "{{x}}", "{path}"] {
            let template = Template::parse(text).unwrap();
            assert_eq!(template.to_string(), text);
            assert_eq!(template.is_per_post(), text.contains(['s', 'p']));
        }
    }

    #[test]
    fn other_placeholders_are_refused() {
        let unknown = InvalidTemplate::Unknown("title".to_owned());
        assert_eq!(Template::parse("{title}"), Err(unknown));
        assert_eq!(Template::parse("a {slug"), Err(InvalidTemplate::Open));
        assert_eq!(Template::parse("a\0"), Err(InvalidTemplate::Nul));
    }
}
