//! Checks of a post against the columns that are to hold it.

use std::ops::Range;

use super::checker::Checker;
use super::fields::{Fields, NO_PLACE};
use super::quote::quoted;
use super::read_settings::ReadSettings;
use super::suggest::nearest;
use super::text_findings::{TextFinding, TextFindings};
use crate::finding::rules;
use crate::key_map::ReadField;
use crate::post::{Field, Kind, SourcePath};
use crate::preflight::{Constraints, FieldConstraint};

/// The most labels that a message lists.
const LISTED: usize = 20;

/// Checks the values of a post that is to be published.
pub(super) fn check(checker: &mut Checker<'_>, fields: &Fields, settings: &ReadSettings) {
    let constraints = &settings.constraints;
    // The file in the default locale states what the translations share.
    let is_stated_elsewhere = |field| {
        let settings = settings.locales.as_ref();
        settings.is_some_and(|settings| {
            fields.locale != Some(settings.locales.default_locale())
                && !settings.translated.contains(field)
        })
    };
    for field in Field::ALL {
        if let Some(constraint) = constraints.field(field) {
            match text(fields, field) {
                Some(value) => holds(checker, fields, field, value, constraint),
                None if is_stated_elsewhere(field) => {}
                None => requires(checker, fields, field, constraint),
            }
        }
    }
    if let Some((length, column)) = constraints.tag() {
        tags(checker, length, column);
    }
    for field in constraints.unstored() {
        // The number of words is computed, and other keys are found by without a column.
        let is_kept = matches!(field.kind(), Kind::Json | Kind::Integer);
        if let Some(range) = stated_at(checker, fields, *field).filter(|_| !is_kept) {
            let message = format!("{field} is not stored: [tables] in blogctl.toml leaves it out");
            checker.fail(
                rules::NOT_STORED,
                &range,
                message,
                "name its column there, or remove the key",
            );
        }
    }
    for (field, column) in constraints.computed() {
        if let Some(range) = stated_at(checker, fields, field) {
            let message = format!("{field} is not stored: the database computes {column}");
            checker.fail(rules::NOT_STORED, &range, message, "remove the key");
        }
    }
}

/// Checks the body of a post that is to be published, and the fixed values of its columns; what it
/// finds is about the place `at`.
pub(super) fn check_rest(
    findings: &mut TextFindings,
    fields: &Fields,
    body: &str,
    path: &SourcePath,
    constraints: &Constraints,
    at: &Range<usize>,
) {
    if let Some((length, column)) = constraints.body() {
        let count = body.chars().count();
        if count > length {
            let message = format!("the body has {count} characters, and {column} holds {length}");
            let finding = TextFinding::new(rules::COLUMN_LENGTH, message).help("shorten it");
            findings.push(finding.at(at.clone()));
        }
    }
    let Some(id) = fields.id else { return };
    for problem in constraints.value_problems(id, fields.slug.as_deref(), path) {
        let finding = TextFinding::new(rules::COLUMN_VALUE, problem)
            .help("correct [tables.post.values] in blogctl.toml");
        findings.push(finding.at(at.clone()));
    }
}

/// Returns the value of a field of text.
fn text(fields: &Fields, field: Field) -> Option<&str> {
    match field {
        Field::Title => fields.title.as_deref(),
        Field::Description => fields.description.as_deref(),
        Field::Category => fields.category.as_deref(),
        Field::Image => fields.image.as_deref(),
        Field::Slug => fields.slug.as_deref(),
        Field::Tags | Field::CreatedAt | Field::UpdatedAt | Field::WordCount | Field::Extra => None,
    }
}

/// Returns the place of a field's value; that of the front matter's first line where no key gives it.
fn stated_at(checker: &Checker<'_>, fields: &Fields, field: Field) -> Option<Range<usize>> {
    let read = ReadField::named(field.name())?;
    if let Some(range) = checker.places.get(&read) {
        return Some(range.clone());
    }
    let is_given = match field {
        Field::CreatedAt => fields.created_at.is_some(),
        Field::Tags => !fields.tags.is_empty(),
        _ => text(fields, field).is_some(),
    };
    is_given.then_some(NO_PLACE)
}

/// Checks that a column takes a value.
fn holds(
    checker: &mut Checker<'_>,
    fields: &Fields,
    field: Field,
    value: &str,
    constraint: &FieldConstraint,
) {
    let Some(range) = stated_at(checker, fields, field) else {
        return;
    };
    let column = &constraint.column;
    let count = value.chars().count();
    if let Some(length) = constraint.length.filter(|length| count > *length) {
        let message = format!("{field} has {count} characters, and {column} holds {length}");
        checker.fail(rules::COLUMN_LENGTH, &range, message, "shorten it");
    }
    if let Some(labels) = &constraint.labels
        && !labels.iter().any(|label| label == value)
    {
        let labels = labels.iter().map(String::as_str);
        let help = match nearest(value, labels.clone()) {
            Some(label) => format!("write {}", quoted(label)),
            None => {
                let more = labels.clone().count().saturating_sub(LISTED);
                let listed: Vec<_> = labels.take(LISTED).map(quoted).collect();
                let listed = listed.join(", ");
                match more {
                    0 => format!("write one of {listed}"),
                    more => format!("write one of {listed} and {more} more"),
                }
            }
        };
        let message = format!("{} is not one of the values of {column}", quoted(value));
        checker.fail(rules::COLUMN_VALUE, &range, message, help);
    }
}

/// Checks that a column gets the value that it needs.
fn requires(
    checker: &mut Checker<'_>,
    fields: &Fields,
    field: Field,
    constraint: &FieldConstraint,
) {
    let is_given = match field {
        // One that is wrong has a finding of its own.
        Field::Title | Field::WordCount => true,
        Field::CreatedAt => fields.created_at.is_some(),
        Field::UpdatedAt => fields.updated_at.is_some(),
        Field::Extra => !fields.extra.is_empty(),
        _ => stated_at(checker, fields, field).is_some(),
    };
    if constraint.is_required && !is_given {
        let column = &constraint.column;
        let message = format!("{field} is missing, and {column} needs a value");
        let range = checker.range.clone();
        let help = match field.kind() {
            Kind::Json => "give the column a default, such as '{}'".to_owned(),
            _ => format!(
                "add `{}`, or give the column a default",
                checker.line(field.name(), "...")
            ),
        };
        checker.fail(rules::COLUMN_REQUIRED, &range, message, help);
    }
}

/// Checks the tags, each at its place.
fn tags(checker: &mut Checker<'_>, length: usize, column: &str) {
    for (tag, range) in checker.tag_places.clone() {
        let count = tag.chars().count();
        if count > length {
            let message = format!("a tag has {count} characters, and {column} holds {length}");
            checker.fail(rules::COLUMN_LENGTH, &range, message, "shorten it");
        }
    }
}
