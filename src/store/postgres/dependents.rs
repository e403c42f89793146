//! Rows of other tables that refer to posts, which removing these would take along.

use std::collections::HashSet;

use futures_util::future::join4;
use tokio_postgres::types::{ToSql, Type};

use super::lock::lock_timeout_text;
use super::pipeline::{bind, borrowed};
use super::table_map::{self, literal, quoted};
use super::{PostgresStore, decode, timeout_text};
use crate::catalog::{OnDelete, Reference};
use crate::index::Index;
use crate::plan::Dependent;
use crate::post::PostId;
use crate::store::Result;
use crate::tables::{BlogTable, Identifier, TableMap, TableName};

const OPERATION: &str = "count what refers to the posts";

const SET: &str = "\
    SELECT set_config('statement_timeout', $1, true), set_config('lock_timeout', $2, true)";

/// A foreign key to follow: its reference, and the step that has the rows referred to; `None` for
/// the posts themselves.
struct Step<'r> {
    reference: &'r Reference,
    from: Option<usize>,
    /// True for the table of translations, whose rows are in the plan one by one.
    is_planned: bool,
}

/// Counts the rows that refer to these posts, also by way of rows that would be deleted with them,
/// in one round trip; in none where no table refers to posts but that of the tags.
pub async fn count(
    store: &PostgresStore,
    references: &[Reference],
    ids: &[PostId],
) -> Result<Vec<Dependent>> {
    let map = store.map();
    let steps = steps(references, map);
    let mut found: Vec<Dependent> = steps
        .iter()
        .filter(|step| !step.reference.is_readable && !step.is_planned)
        .map(|step| dependent(step.reference, None))
        .collect();
    let Some(sql) = statement(&steps, map) else {
        return Ok(found);
    };
    let client = store.client();
    let timeout = timeout_text(store.options().read_timeout);
    let lock_timeout = lock_timeout_text(store.options().lock_timeout);
    let timeouts: [(&(dyn ToSql + Sync), Type); 2] =
        [(&timeout, Type::TEXT), (&lock_timeout, Type::TEXT)];
    let ids: Vec<i64> = ids.iter().map(|id| id.get().into()).collect();
    let ids = [bind(ids, Type::INT8_ARRAY)];
    let ids = borrowed(&ids);
    let (begun, bounded, rows, ended) = join4(
        client.batch_execute("BEGIN READ ONLY"),
        client.query_typed(SET, &timeouts),
        client.query_typed(&sql, &ids),
        client.batch_execute("COMMIT"),
    )
    .await;
    let fail = |error| store.error(OPERATION, error);
    begun.map_err(fail)?;
    bounded.map_err(fail)?;
    let rows = rows.map_err(fail)?;
    ended.map_err(fail)?;
    for row in &rows {
        let value = |column: &str| -> Result<i64> {
            decode::value(row, column)
                .map_err(|words| crate::store::StoreError::failed(OPERATION)(words))
        };
        let step = usize::try_from(value("step")?).ok();
        let count = u64::try_from(value("posts")?).unwrap_or_default();
        if let Some(step) = step.and_then(|step| steps.get(step))
            && count > 0
            && !step.is_planned
        {
            found.push(dependent(step.reference, Some(count)));
        }
    }
    Ok(found)
}

/// Counts the translations of these posts that no sync wrote.
pub fn foreign_translations(index: &Index, map: &TableMap, ids: &[PostId]) -> Option<Dependent> {
    let ids: HashSet<PostId> = ids.iter().copied().collect();
    let foreign = index.foreign.iter();
    let foreign = foreign.filter(|row| row.locale.is_some() && ids.contains(&row.id));
    let rows = u64::try_from(foreign.count()).unwrap_or(u64::MAX);
    (rows > 0).then(|| Dependent {
        table: map.table(BlogTable::Translation).name().to_string(),
        rows: Some(rows),
        effect: OnDelete::Cascade,
    })
}

fn dependent(reference: &Reference, rows: Option<u64>) -> Dependent {
    Dependent {
        table: format!("{}.{}", reference.schema, reference.table),
        rows,
        effect: reference.on_delete,
    }
}

/// Lists the foreign keys that lead from the posts to other tables, the nearest first. The links
/// to tags are blogctl's to delete.
fn steps<'r>(references: &'r [Reference], map: &TableMap) -> Vec<Step<'r>> {
    let is = |table: &TableName, schema: &str, name: &str| {
        table.schema.as_str() == schema && table.name.as_str() == name
    };
    let post = map.table(BlogTable::Post).name();
    let links = map.table(BlogTable::PostTag).name();
    let translations = map.table(BlogTable::Translation).name();
    let mut steps: Vec<Step<'r>> = Vec::new();
    let mut seen = HashSet::new();
    let mut next = 0;
    let mut to = (post.schema.as_str(), post.name.as_str());
    let mut from = None;
    loop {
        for reference in references {
            let is_link = map.stores_tags() && is(links, &reference.schema, &reference.table);
            let leads = reference.to_schema == to.0 && reference.to_table == to.1;
            let key = (&reference.schema, &reference.table, &reference.columns);
            // A table that refers to itself, or two that refer to each other, end here.
            if leads && !is_link && seen.insert(key) {
                let is_planned =
                    map.has_translations() && is(translations, &reference.schema, &reference.table);
                steps.push(Step {
                    reference,
                    from,
                    is_planned,
                });
            }
        }
        // Only what is deleted takes others along.
        let deleting = |step: &Step<'_>| {
            step.reference.on_delete == OnDelete::Cascade && step.reference.is_readable
        };
        match steps.iter().skip(next).position(deleting) {
            Some(offset) => {
                next += offset;
                let reference = steps[next].reference;
                to = (&reference.schema, &reference.table);
                from = Some(next);
                next += 1;
            }
            None => return steps,
        }
    }
}

/// Renders the statement: one common table expression for each foreign key, with the rows that
/// refer, then their counts. $1 the posts.
fn statement(steps: &[Step<'_>], map: &TableMap) -> Option<String> {
    let name = |name: &str| Identifier::new(name).ok().map(|name| quoted(&name));
    let post = map.table(BlogTable::Post);
    let id = quoted(post.column("id")?);
    let mut parts = vec![format!(
        "posts AS (SELECT * FROM {} WHERE {id} = ANY ($1::bigint[]))",
        table_map::table(post.name())
    )];
    let mut counts = Vec::new();
    for (number, step) in steps.iter().enumerate() {
        let reference = step.reference;
        if !reference.is_readable {
            continue;
        }
        let from = match step.from {
            Some(from) => format!("step_{from}"),
            None => "posts".to_owned(),
        };
        let pairs = reference.columns.iter().zip(&reference.to_columns);
        let pairs: Option<Vec<String>> = pairs
            .map(|(column, to)| Some(format!("r.{} = f.{}", name(column)?, name(to)?)))
            .collect();
        parts.push(format!(
            "step_{number} AS (SELECT * FROM {}.{} r WHERE EXISTS (SELECT FROM {from} f WHERE {}))",
            name(&reference.schema)?,
            name(&reference.table)?,
            pairs?.join(" AND ")
        ));
        counts.push(format!(
            "SELECT {number}::bigint AS step, count(*) AS posts FROM step_{number}"
        ));
    }
    if counts.is_empty() {
        return None;
    }
    Some(format!(
        "WITH {} {}",
        parts.join(", "),
        counts.join(" UNION ALL ")
    ))
}

/// Renders the condition that no other table refers to the tag `c.tag_id`; a table that the role
/// cannot read may do so.
pub fn tag_is_unreferenced(references: &[Reference], map: &TableMap) -> String {
    let tag = map.table(BlogTable::Tag).name();
    let links = map.table(BlogTable::PostTag).name();
    let mut conditions = String::new();
    for reference in references {
        let leads =
            reference.to_schema == tag.schema.as_str() && reference.to_table == tag.name.as_str();
        let is_link =
            reference.schema == links.schema.as_str() && reference.table == links.name.as_str();
        if !leads || is_link {
            continue;
        }
        let name = |name: &str| Identifier::new(name).ok().map(|name| quoted(&name));
        let table = name(&reference.schema).zip(name(&reference.table));
        let column = match &reference.columns[..] {
            [column] if reference.is_readable => name(column),
            _ => None,
        };
        conditions.push_str(&match (table, column) {
            (Some((schema, table)), Some(column)) => format!(
                "\n        AND NOT EXISTS (SELECT FROM {schema}.{table} o WHERE o.{column} = c.tag_id)"
            ),
            _ => format!(
                "\n        AND {} IS NULL",
                literal(&format!("{}.{}", reference.schema, reference.table))
            ),
        });
    }
    conditions
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reference(table: &str, column: &str, to: &str, on_delete: OnDelete) -> Reference {
        Reference {
            schema: "public".to_owned(),
            table: table.to_owned(),
            columns: vec![column.to_owned()],
            to_schema: "public".to_owned(),
            to_table: to.to_owned(),
            to_columns: vec!["id".to_owned()],
            on_delete,
            is_readable: true,
        }
    }

    #[test]
    fn what_is_deleted_with_a_post_is_followed_to_its_end() {
        let references = [
            reference("comment", "post_id", "post", OnDelete::Cascade),
            reference("comment", "parent_id", "comment", OnDelete::Cascade),
            reference("like", "comment_id", "comment", OnDelete::Cascade),
            reference("post_tag", "post_id", "post", OnDelete::Cascade),
            reference("pin", "post_id", "post", OnDelete::Clear),
            reference("board", "pin_id", "pin", OnDelete::Cascade),
        ];
        let map = TableMap::default();
        let steps = steps(&references, &map);
        let told: Vec<_> = steps
            .iter()
            .map(|step| (step.reference.table.as_str(), step.from))
            .collect();
        let comment = ("comment", None);
        assert_eq!(
            told,
            [
                comment,
                ("pin", None),
                ("comment", Some(0)),
                ("like", Some(0))
            ]
        );
        let sql = statement(&steps, &map).unwrap();
        assert!(
            sql.contains("step_3 AS (SELECT * FROM public.\"like\" r"),
            "{sql}"
        );
        assert!(statement(&[], &map).is_none());
    }

    #[test]
    fn a_tag_that_others_refer_to_is_not_unused() {
        let mut other = reference("timeline_tag", "tag_id", "tag", OnDelete::Cascade);
        let links = reference("post_tag", "tag_id", "tag", OnDelete::Cascade);
        let map = TableMap::default();
        let rendered = |references: &[Reference]| tag_is_unreferenced(references, &map);
        assert_eq!(rendered(&[links]), "");
        assert!(rendered(&[other.clone()]).contains("FROM public.\"timeline_tag\" o"));
        // What cannot be read may refer to it.
        other.is_readable = false;
        assert!(rendered(&[other]).contains("'public.timeline_tag' IS NULL"));
    }
}
