//! The demands of the table of posts on single posts.

use super::values;
use crate::catalog::{Catalog, Column, Table};
use crate::post::{Field, Kind, PostId, SourcePath};
use crate::tables::{BlogTable, TableMap, Template};

/// The demands of the tables on each post, checked where its file is read. The default asks nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Constraints {
    fields: Vec<(Field, FieldConstraint)>,
    /// The most characters of a tag, and the column that says so.
    tag: Option<(usize, String)>,
    /// The most characters of a body, and the column that says so.
    body: Option<(usize, String)>,
    /// Fields that are not stored.
    unstored: Vec<Field>,
    /// Fields that the database computes, and their columns.
    computed: Vec<(Field, String)>,
    /// The columns with fixed values that depend on the post.
    values: Vec<ValueConstraint>,
}

/// A column with a fixed value that depends on the post.
#[derive(Clone, Debug, PartialEq, Eq)]
struct ValueConstraint {
    /// The column with its table, for messages.
    name: String,
    column: Column,
    template: Template,
}

/// The demands of a column on the field that it holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldConstraint {
    /// The column with its table, for messages.
    pub column: String,
    /// True if each post has to have a value.
    pub is_required: bool,
    /// The most characters of a value.
    pub length: Option<usize>,
    /// The only values that there are.
    pub labels: Option<Vec<String>>,
}

impl FieldConstraint {
    fn asks_nothing(&self) -> bool {
        !self.is_required && self.length.is_none() && self.labels.is_none()
    }
}

impl Constraints {
    /// Reads from the catalog what the tables of the map ask of each post.
    pub fn new(catalog: &Catalog, map: &TableMap) -> Self {
        let mut constraints = Self {
            unstored: Field::ALL
                .into_iter()
                .filter(|field| !map.stores(*field))
                .collect(),
            ..Self::default()
        };
        let described = |of: BlogTable| catalog.table(map.table(of).name());
        let (post, translation) = (
            described(BlogTable::Post),
            described(BlogTable::Translation),
        );
        // Of two columns the one of the translations holds every text.
        let translated = |key| {
            let of = BlogTable::Translation;
            let name = map.has_translations().then(|| map.table(of).column(key));
            name.flatten().map(|name| (translation, name))
        };
        let of_post = |key| Some((post, map.table(BlogTable::Post).column(key)?));
        for field in Field::ALL {
            let place = translated(field.name()).or_else(|| of_post(field.name()));
            let Some((Some(table), name)) = place else {
                continue;
            };
            let Some(column) = table.column(name.as_str()) else {
                continue;
            };
            if column.is_generated {
                // The number of words is counted, whatever a file states.
                if field != Field::WordCount {
                    constraints.computed.push((field, named(table, column)));
                }
                continue;
            }
            let constraint = constraint(field, column, table);
            if !constraint.asks_nothing() {
                constraints.fields.push((field, constraint));
            }
        }
        if let Some((Some(table), name)) = translated("content").or_else(|| of_post("content")) {
            constraints.body = limit(table, name.as_str());
        }
        if let Some(table) = post {
            let values = map.values().iter();
            let values = values.filter(|value| value.template().is_per_post());
            constraints.values = values
                .filter_map(|value| {
                    let column = table.column(value.column().as_str())?;
                    Some(ValueConstraint {
                        name: named(table, column),
                        column: column.clone(),
                        template: value.template().clone(),
                    })
                })
                .collect();
        }
        let tag = map.table(BlogTable::Tag);
        constraints.tag = catalog
            .table(tag.name())
            .and_then(|table| limit(table, tag.column("name")?.as_str()));
        constraints
    }

    /// Returns what is asked of a field; `None` if nothing is.
    pub fn field(&self, field: Field) -> Option<&FieldConstraint> {
        let found = self.fields.iter().find(|(other, _)| *other == field);
        found.map(|(_, constraint)| constraint)
    }

    /// Returns the most characters of a tag, and the column that says so.
    pub fn tag(&self) -> Option<(usize, &str)> {
        self.tag
            .as_ref()
            .map(|(length, column)| (*length, column.as_str()))
    }

    /// Returns the most characters of a body, and the column that says so.
    pub fn body(&self) -> Option<(usize, &str)> {
        self.body
            .as_ref()
            .map(|(length, column)| (*length, column.as_str()))
    }

    /// Returns the fields that are not stored.
    pub fn unstored(&self) -> &[Field] {
        &self.unstored
    }

    /// Returns the fields that the database computes, and their columns.
    pub fn computed(&self) -> impl Iterator<Item = (Field, &str)> {
        self.computed
            .iter()
            .map(|(field, column)| (*field, column.as_str()))
    }

    /// Returns the problems of the fixed values of a post.
    pub fn value_problems(
        &self,
        id: PostId,
        slug: Option<&str>,
        path: &SourcePath,
    ) -> impl Iterator<Item = String> {
        self.values.iter().filter_map(move |value| {
            let text = value.template.render(id, slug, path);
            let problem = values::problem(&value.column, &text)?;
            Some(format!("{} {problem}", value.name))
        })
    }
}

/// Returns the most characters that a column holds, and its name.
fn limit(table: &Table, name: &str) -> Option<(usize, String)> {
    let column = table.column(name)?;
    let length = usize::try_from(column.length?).ok()?;
    Some((length, named(table, column)))
}

fn named(table: &Table, column: &Column) -> String {
    format!("{}.{}.{}", table.schema, table.name, column.name)
}

fn constraint(field: Field, column: &Column, table: &Table) -> FieldConstraint {
    // A time that a file does not state is that of the sync.
    let is_filled = matches!(field.kind(), Kind::Time) || column.default.is_some();
    let of_column = table
        .checks
        .iter()
        .filter(|check| check.columns == [column.name.as_str()]);
    let mut labels = (!column.labels.is_empty()).then(|| column.labels.clone());
    for check in column.checks.iter().chain(of_column) {
        if let Some(allowed) = listed(&check.definition) {
            labels = Some(match labels {
                None => allowed,
                Some(before) => {
                    let both = before.into_iter().filter(|label| allowed.contains(label));
                    both.collect()
                }
            });
        }
    }
    FieldConstraint {
        column: named(table, column),
        is_required: column.is_required && !is_filled,
        length: column
            .length
            .and_then(|length| usize::try_from(length).ok()),
        labels,
    }
}

/// Returns the values that a CHECK constraint lists, as the server prints `x IN ('a', 'b')`:
/// `CHECK (((x)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[])))`.
/// `None` for any other constraint.
fn listed(definition: &str) -> Option<Vec<String>> {
    let (before, rest) = definition.split_once("ARRAY[")?;
    let (list, after) = rest.split_once(']')?;
    let is_plain = before.matches('=').count() == 1
        && before.contains("= ANY (")
        && !before.contains(['<', '>'])
        && [" AND ", " OR ", "NOT "]
            .iter()
            .all(|word| !definition.contains(word))
        && after
            .chars()
            .all(|c| c.is_alphabetic() || "()[]: ".contains(c));
    if !is_plain {
        return None;
    }
    let mut values = Vec::new();
    let mut rest = list.trim();
    while !rest.is_empty() {
        rest = rest.strip_prefix('\'')?;
        let mut value = String::new();
        loop {
            let (part, after) = rest.split_once('\'')?;
            value.push_str(part);
            match after.strip_prefix('\'') {
                Some(after) => {
                    value.push('\'');
                    rest = after;
                }
                None => {
                    rest = after;
                    break;
                }
            }
        }
        values.push(value);
        let (kind, after) = rest.split_once(',').unwrap_or((rest, ""));
        if !kind.starts_with("::") {
            return None;
        }
        rest = after.trim_start();
    }
    (!values.is_empty()).then_some(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_read_as_the_server_prints_them() {
        for (definition, values) in [
            (
                "CHECK (((category)::text = ANY ((ARRAY['GUIDE'::character varying, \
                 'It''s, ok'::character varying])::text[])))",
                vec!["GUIDE", "It's, ok"],
            ),
            (
                "CHECK ((category = ANY (ARRAY['a'::text, 'b'::text])))",
                vec!["a", "b"],
            ),
            ("CHECK ((VALUE = ANY (ARRAY['a'::text])))", vec!["a"]),
        ] {
            let read = listed(definition);
            assert_eq!(
                read.as_deref(),
                Some(&values.map_into()[..]),
                "{definition}"
            );
        }
    }

    #[test]
    fn other_constraints_are_left_to_the_server() {
        for definition in [
            "CHECK ((length(title) > 3))",
            "CHECK ((category <> ALL (ARRAY['a'::text, 'b'::text])))",
            "CHECK (((category = ANY (ARRAY['a'::text])) OR (word_count > 3)))",
            "CHECK (((category = ANY (ARRAY['a'::text])) AND (title IS NOT NULL)))",
            "CHECK ((lower(category) = 'a'::text))",
            "CHECK ((NOT (category = ANY (ARRAY['a'::text]))))",
            "CHECK ((ids = ANY (ARRAY[1, 2])))",
        ] {
            assert_eq!(listed(definition), None, "{definition}");
        }
    }

    trait MapInto {
        fn map_into(self) -> Vec<String>;
    }

    impl MapInto for Vec<&str> {
        fn map_into(self) -> Vec<String> {
            self.into_iter().map(str::to_owned).collect()
        }
    }
}
