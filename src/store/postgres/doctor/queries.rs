//! The plan of each query that reads: the statements themselves, with the settings that they
//! are sent with, explained and not run.

use std::error::Error;

use futures_util::future::{join, join_all, join4};
use serde_json::Value;
use tokio_postgres::Row;
use tokio_postgres::types::{FromSql, ToSql, Type};

use super::super::pipeline::{Parameter, bind, borrowed};
use super::super::statements::Statements;
use super::super::{PostgresStore, SET_STATEMENT_TIMEOUT, list, read, said, search, timeout_text};
use super::OPERATION;
use crate::doctor::facts::Query;
use crate::page::{Filter, Limit, Position, PostKey};
use crate::post::{ExtraTerm, Field, PostId};
use crate::search::{Requirement, TermMatch};
use crate::store::{Result, SearchRequest};

/// A statement, and what it is made for.
struct Probe<'s> {
    /// The command that sends it.
    name: &'static str,
    statement: &'s str,
    parameters: Vec<Parameter>,
    /// The fields by which it finds posts. One that is not stored is never asked for.
    fields: Vec<Field>,
    /// The indexes that it is made for.
    expected: &'static [&'static str],
    /// Tables that it reads from end to end by design: they hold a line a category or a tag.
    whole: &'static [&'static str],
}

/// Asks for the plans of all of them, in one round trip; `category` is one that posts may have.
pub async fn explain(store: &PostgresStore, category: &str) -> Result<Vec<Query>> {
    let statements = &store.statements;
    let is_asked = |probe: &Probe<'_>| probe.fields.iter().all(|field| store.map().stores(*field));
    let (mut walking, mut gathering) = (walking(statements, category), gathering(statements));
    walking.retain(is_asked);
    gathering.retain(is_asked);
    let (walked, gathered) = join(
        plans(store, read::WALK, &walking),
        plans(store, read::GATHER, &gathering),
    )
    .await;
    let mut queries = walked?;
    queries.extend(gathered?);
    Ok(queries)
}

async fn plans(
    store: &PostgresStore,
    begin: &'static str,
    probes: &[Probe<'_>],
) -> Result<Vec<Query>> {
    let client = store.client();
    let timeout = timeout_text(store.options().read_timeout);
    let timeout: [(&(dyn ToSql + Sync), Type); 1] = [(&timeout, Type::TEXT)];
    let explained = probes.iter().map(|probe| async {
        let statement = format!("EXPLAIN (FORMAT JSON) {}", probe.statement);
        let parameters = borrowed(&probe.parameters);
        client.query_typed(&statement, &parameters).await
    });
    let (begun, bounded, plans, ended) = join4(
        client.batch_execute(begin),
        client.query_typed(SET_STATEMENT_TIMEOUT, &timeout),
        join_all(explained),
        client.batch_execute("ROLLBACK"),
    )
    .await;
    let fail = |error| store.error(OPERATION, error);
    begun.map_err(fail)?;
    bounded.map_err(fail)?;
    ended.map_err(fail)?;
    let mut queries = Vec::with_capacity(probes.len());
    for (probe, plan) in probes.iter().zip(plans) {
        let failed = plan.is_err();
        let mut query = query(probe, plan);
        if store.statements.locale.is_some() {
            query.expected = in_locale(query.expected);
        }
        queries.push(query);
        if failed {
            // Those after it were refused for its sake.
            break;
        }
    }
    Ok(queries)
}

fn query(probe: &Probe<'_>, plan: std::result::Result<Vec<Row>, tokio_postgres::Error>) -> Query {
    let mut query = Query {
        name: probe.name,
        scans: Vec::new(),
        indexes: Vec::new(),
        expected: probe.expected,
        refusal: None,
    };
    match plan {
        Ok(rows) => {
            let plan = rows.first().and_then(|row| row.try_get::<_, Json>(0).ok());
            if let Some(Json(plan)) = plan {
                walk(&plan, probe.whole, &mut query);
            }
        }
        Err(error) => {
            let words = error
                .as_db_error()
                .map(|e| said::shown(e.message()).into_owned());
            query.refusal = Some(words.unwrap_or_else(|| error.to_string()));
        }
    }
    query
}

/// Returns the indexes that a query uses in a blog with locales in the place of these.
fn in_locale(expected: &'static [&'static str]) -> &'static [&'static str] {
    match expected {
        ["post_pkey", "post_tag_pkey", "tag_pkey", "source_pkey"] => {
            &["post_pkey", "post_tag_pkey", "tag_pkey", "translation_pkey"]
        }
        ["post_slug_id_idx"] => &["post_translation_slug_locale_post_id_idx"],
        ["search_terms_idx", "search_pkey", "post_pkey"] => &[
            "translation_search_terms_idx",
            "translation_search_pkey",
            "post_pkey",
        ],
        ["search_terms_idx", "post_block_created_at_idx"] => {
            &["translation_search_terms_idx", "post_block_created_at_idx"]
        }
        ["search_terms_idx"] => &["translation_search_terms_idx"],
        same => same,
    }
}

/// Notes what each node of a plan reads, and how.
fn walk(plan: &Value, whole: &[&str], query: &mut Query) {
    match plan {
        Value::Array(nodes) => nodes.iter().for_each(|node| walk(node, whole, query)),
        Value::Object(node) => {
            let text = |key: &str| node.get(key).and_then(Value::as_str);
            if text("Node Type") == Some("Seq Scan")
                && let Some(table) = text("Relation Name")
                && !whole.contains(&table)
            {
                note(&mut query.scans, table);
            }
            if let Some(index) = text("Index Name") {
                note(&mut query.indexes, index);
            }
            for inner in ["Plan", "Plans"] {
                if let Some(inner) = node.get(inner) {
                    walk(inner, whole, query);
                }
            }
        }
        _ => {}
    }
}

fn note(names: &mut Vec<String>, name: &str) {
    if !names.iter().any(|known| known == name) {
        names.push(name.to_owned());
    }
}

/// A value of type `json`.
struct Json(Value);

impl<'a> FromSql<'a> for Json {
    fn from_sql(
        _: &Type,
        raw: &'a [u8],
    ) -> std::result::Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(serde_json::from_slice(raw)?))
    }

    fn accepts(kind: &Type) -> bool {
        *kind == Type::JSON
    }
}

fn extra() -> Vec<ExtraTerm> {
    let (key, value) = ("layout".to_owned(), "post".to_owned());
    vec![ExtraTerm { key, value }]
}

/// The statements that walk an index.
fn walking<'s>(statements: &'s Statements, category: &str) -> Vec<Probe<'s>> {
    let filter = Filter::default;
    let category = || Some(category.to_owned());
    let tags = |names: &[&str]| names.iter().map(ToString::to_string).collect();
    let since = Some(jiff::Timestamp::UNIX_EPOCH);
    let page = |name, filter, expected| page(statements, name, filter, expected);
    let locale = || statements.locale.map(read::of_locale).into_iter().collect();
    vec![
        page("list", filter(), &["post_pkey"]),
        page(
            "list --since",
            Filter { since, ..filter() },
            &["post_pkey", "post_block_created_at_idx"],
        ),
        page(
            "list --category",
            Filter {
                category: category(),
                ..filter()
            },
            &["post_category_id_idx"],
        ),
        page(
            "list --tag",
            Filter {
                tags: tags(&["a"]),
                ..filter()
            },
            &["post_tag_tag_id_post_id_idx", "tag_name_key"],
        ),
        page(
            "list --tag --category --since",
            Filter {
                category: category(),
                tags: tags(&["a", "b"]),
                since,
                before: None,
                extra: Vec::new(),
                ..Filter::default()
            },
            &[
                "post_tag_tag_id_post_id_idx",
                "post_category_id_idx",
                "post_block_created_at_idx",
                "tag_name_key",
                "post_tag_pkey",
            ],
        ),
        page(
            "list --where",
            Filter {
                extra: extra(),
                ..filter()
            },
            &["extra_value_pkey"],
        ),
        page(
            "list --where --tag --category",
            Filter {
                category: category(),
                tags: tags(&["a"]),
                extra: extra(),
                ..filter()
            },
            &[
                "extra_value_pkey",
                "post_tag_tag_id_post_id_idx",
                "post_category_id_idx",
                "tag_name_key",
            ],
        ),
        show(
            statements,
            "show",
            PostKey::Id(PostId::MAX),
            &["post_pkey", "post_tag_pkey", "tag_pkey", "source_pkey"],
        ),
        show(
            statements,
            "show --slug",
            PostKey::Slug("a-slug"),
            &["post_slug_id_idx"],
        ),
        Probe {
            name: "categories",
            statement: &statements.category_counts,
            parameters: locale(),
            fields: vec![],
            expected: &[],
            whole: &["category_count", "locale_category_count"],
        },
        Probe {
            name: "tags",
            statement: &statements.tag_counts,
            parameters: locale(),
            fields: vec![Field::Tags],
            expected: &[],
            whole: &["tag_count", "locale_tag_count", "tag"],
        },
        Probe {
            name: "history",
            statement: read::HISTORY,
            parameters: vec![
                bind(i64::from(i32::MAX), Type::INT8),
                bind(Limit::DEFAULT.probe(), Type::INT8),
            ],
            fields: vec![],
            expected: &["run_pkey"],
            whole: &[],
        },
        Probe {
            name: "search, long posts",
            statement: &statements.bodies,
            parameters: read::bodies_parameters(&[PostId::MAX], statements.locale),
            fields: vec![],
            expected: &["post_pkey"],
            whole: &[],
        },
    ]
}

fn show<'s>(
    statements: &'s Statements,
    name: &'static str,
    key: PostKey<'_>,
    expected: &'static [&'static str],
) -> Probe<'s> {
    let (statement, parameters) = read::statement(statements, key);
    Probe {
        name,
        statement,
        parameters,
        fields: key.field().into_iter().collect(),
        expected,
        whole: &[],
    }
}

fn page<'s>(
    statements: &'s Statements,
    name: &'static str,
    filter: Filter,
    expected: &'static [&'static str],
) -> Probe<'s> {
    let position = Position {
        cursor: PostId::new(1_000_000),
        limit: Limit::DEFAULT,
    };
    let (statement, parameters) = list::statement(statements, &filter, position);
    Probe {
        name,
        statement,
        parameters,
        fields: filter.fields().collect(),
        expected,
        whole: &[],
    }
}

/// The statements that ask the index of terms.
fn gathering(statements: &Statements) -> Vec<Probe<'_>> {
    let requirement = Requirement {
        all: vec![vec![TermMatch::Exact("term".to_owned())]],
        none: vec![],
        is_exact: false,
    };
    let search = |name, filter: Filter, expected| {
        let parameters = search::parameters_of(
            statements,
            &SearchRequest {
                requirement: &requirement,
                filter: &filter,
                cursor: None,
                rows: Limit::DEFAULT.get(),
            },
        );
        Probe {
            name,
            statement: &statements.search,
            parameters,
            fields: filter.fields().collect(),
            expected,
            whole: &[],
        }
    };
    let since = Some(jiff::Timestamp::UNIX_EPOCH);
    let plain = Filter::default;
    vec![
        search(
            "search",
            plain(),
            &["search_terms_idx", "search_pkey", "post_pkey"][..],
        ),
        search(
            "search --since",
            Filter { since, ..plain() },
            &["search_terms_idx", "post_block_created_at_idx"],
        ),
        // The values of extra keys are terms of the same index.
        search(
            "search --where",
            Filter {
                extra: extra(),
                ..plain()
            },
            &["search_terms_idx"],
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::TableMap;

    #[test]
    fn every_index_that_a_query_expects_is_one_that_is_looked_for() {
        let statements = Statements::new(&TableMap::default(), None);
        for probe in walking(&statements, "x")
            .iter()
            .chain(&gathering(&statements))
        {
            for name in probe.expected {
                let known = crate::doctor::INDEXES
                    .iter()
                    .any(|index| index.name == *name);
                assert!(known, "{}: {name}", probe.name);
            }
        }
    }

    #[test]
    fn a_plan_is_walked_to_its_leaves() {
        let plan = serde_json::json!([{"Plan": {"Node Type": "Limit", "Plans": [
            {"Node Type": "Seq Scan", "Relation Name": "post"},
            {"Node Type": "Seq Scan", "Relation Name": "tag_count"},
            {"Node Type": "Nested Loop", "Plans": [
                {"Node Type": "Index Scan", "Relation Name": "post", "Index Name": "post_pkey"},
                {"Node Type": "Index Only Scan", "Relation Name": "post", "Index Name": "post_pkey"}
            ]}
        ]}}]);
        let mut query = Query {
            name: "x",
            scans: vec![],
            indexes: vec![],
            expected: &[],
            refusal: None,
        };
        walk(&plan, &["tag_count"], &mut query);
        assert_eq!(query.scans, ["post"]);
        assert_eq!(query.indexes, ["post_pkey"]);
    }
}
