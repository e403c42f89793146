//! Tests of findings: each case takes a healthy store and breaks one thing.

mod surroundings;

use std::time::Duration;

use jiff::{Timestamp, ToSpan};

use super::facts::{
    Certificate, CreatePrivileges, Index, Link, LockedSequence, Postgres, Query, Route, Server,
    Table, Tls,
};
use super::*;
use crate::finding::rule;
use crate::model::{SCHEMA_VERSION, SchemaState};
use crate::preflight::tests::fitting;
use crate::tables::TableMap;

fn now() -> Timestamp {
    "2025-12-01T00:00:00Z".parse().unwrap()
}

fn millis(count: u64) -> Duration {
    Duration::from_millis(count)
}

/// Returns a database with nothing wrong.
fn healthy() -> Postgres {
    let index = |needed: &NeededIndex| Index {
        name: needed.name.into(),
        table: needed.table.into(),
        method: needed.method.into(),
        keys: needed.keys.iter().map(ToString::to_string).collect(),
        is_unique: needed.is_unique,
        is_valid: true,
        is_partial: false,
    };
    let table = |needed: &NeededTable| Table {
        name: needed.name.into(),
        granted: ["SELECT", "INSERT", "UPDATE", "DELETE"]
            .map(String::from)
            .into(),
        is_owned: true,
        has_policies: false,
        bytes: 1 << 30,
    };
    Postgres {
        link: Link {
            peer: "192.0.2.1:5432".into(),
            host: Some("ep-x.example".into()),
            is_local: false,
            attempts: 1,
            resolve: millis(2),
            reach: millis(10),
            login: millis(40),
            tls: Some(Tls {
                took: millis(30),
                version: Some("TLS 1.3".into()),
                cipher: Some("TLS_AES_256_GCM_SHA384".into()),
                certificate: Some(Certificate {
                    names: vec!["ep-x.example".into()],
                    not_after: now() + 2_400.hours(),
                }),
                is_channel_bound: true,
            }),
            route: Route::Direct,
        },
        round_trip: millis(12),
        server: Server {
            version: "17.2".into(),
            version_number: 170_002,
            is_in_recovery: false,
            is_read_only: false,
            user: "ann".into(),
        },
        connect_timeout: Duration::from_secs(30),
        read_timeout: Duration::from_secs(5),
        write_timeout: Duration::ZERO,
        schema: Some(SchemaState::Version(SCHEMA_VERSION)),
        tables: needed_tables(&TableMap::default()).map(table).collect(),
        catalog: fitting(),
        map: TableMap::default(),
        missing_parts: vec![],
        indexes: INDEXES.iter().map(index).collect(),
        locked_sequences: vec![],
        create_privileges: CreatePrivileges {
            schema: true,
            public: true,
        },
        queries: vec![Query {
            name: "list --category",
            scans: vec![],
            indexes: vec!["post_category_id_idx".into()],
            expected: &["post_category_id_idx"],
            refusal: None,
        }],
        holder: None,
        last_run: None,
    }
}

fn of(database: Postgres) -> Facts {
    Facts {
        store: Some(Store::Postgres(Box::new(database))),
        ..Facts::default()
    }
}

/// Formats all findings but those that are ok, as `level rule: message | help`.
fn told(facts: &Facts) -> Vec<String> {
    findings(facts, now())
        .iter()
        .inspect(|finding| assert!(rule(finding.rule).is_some(), "{}", finding.rule))
        .filter(|finding| finding.level != Level::Ok)
        .map(|finding| {
            let level = finding.level.as_str();
            let help = finding.help.as_deref().unwrap_or("-");
            format!("{level} {}: {} | {help}", finding.rule, finding.message)
        })
        .collect()
}

/// Returns the one finding about a healthy database after a change.
#[track_caller]
fn broken(change: impl FnOnce(&mut Postgres)) -> String {
    let mut database = healthy();
    change(&mut database);
    let told = told(&of(database));
    assert_eq!(told.len(), 1, "{told:#?}");
    told[0].clone()
}

fn tls(database: &mut Postgres) -> &mut Tls {
    database.link.tls.as_mut().unwrap()
}

fn ends(database: &mut Postgres, hours: i64) {
    let certificate = tls(database).certificate.as_mut().unwrap();
    certificate.not_after = now() + hours.hours();
}

#[test]
fn of_a_healthy_database_nothing_is_told_but_that() {
    assert_eq!(told(&of(healthy())), [""; 0]);
    let all = findings(&of(healthy()), now());
    assert_eq!(verdict(&all, true), None);
    let messages: Vec<&str> = all.iter().map(|finding| &*finding.message).collect();
    insta::assert_snapshot!(messages.join("\n"), @r"
    192.0.2.1:5432 in 82 ms: name 2.0 ms, network 10 ms, TLS 30 ms, login 40 ms
    TLS 1.3, TLS_AES_256_GCM_SHA384, chain and name verified
    for ep-x.example, ends 2026-03-11 UTC, in 100 days
    the login is tied to the TLS channel
    none: the server itself answers
    12 ms there and back
    connect 30 s, a statement that reads 5 s, one that writes without limit
    PostgreSQL 17.2, as role ann
    posts fit into public.post, public.tag, public.post_tag
    tables of version 4, as needed
    all that a sync needs
    all 14 that queries are made for
    all 1 of the readers are answered by an index
    no sync has changed anything yet
    ");
}

#[test]
fn each_thing_about_the_way_is_told() {
    insta::assert_snapshot!([
        broken(|d| d.link.attempts = 3),
        broken(|d| d.link.tls = None),
        broken(|d| tls(d).version = Some("TLS 1.1".into())),
        broken(|d| tls(d).cipher = None),
        broken(|d| tls(d).is_channel_bound = false),
        broken(|d| d.link.route = Route::Pooler),
        broken(|d| d.link.route = Route::Proxied),
        broken(|d| d.round_trip = millis(250)),
    ].join("\n"), @r"
    hint connection: 192.0.2.1:5432 in 82 ms: name 2.0 ms, network 10 ms, TLS 30 ms, login 40 ms; at attempt 3: the database was asleep or out of reach at first | -
    warning tls: none: the password and every post cross the network in the clear | leave out --allow-plaintext and sslmode=disable
    warning tls: TLS 1.1, TLS_AES_256_GCM_SHA384: no longer safe | let the server offer TLS 1.2 or newer: ssl_min_protocol_version
    hint tls: chain and name verified; version and cipher were not understood | -
    hint channel-binding: the login is not tied to the TLS channel: the server, or a pooler, does not offer it | -
    hint pooler: ep-x.example is a pooler: every command works through it; it waits where the pool is full, and takes no options at the start | -
    hint pooler: a pooler or a proxy answers: every command works through it; it waits where the pool is full, and takes no options at the start | -
    hint round-trip: 250 ms there and back: far; a sync waits for three of them, a page for one | run blogctl nearer to the database
    ");
}

#[test]
fn a_certificate_is_worth_a_warning_three_weeks_before_its_end() {
    let mut database = healthy();
    ends(&mut database, 21 * 24 + 1);
    assert_eq!(told(&of(database)), [""; 0]);
    insta::assert_snapshot!([
        broken(|d| ends(d, 21 * 24)),
        broken(|d| ends(d, 5)),
        broken(|d| ends(d, -1)),
    ].join("\n"), @r"
    warning certificate: for ep-x.example, ends 2025-12-22 UTC, in 21 days | renew the server's certificate, or ask the provider to
    warning certificate: for ep-x.example, ends 2025-12-01 UTC, in 0 days | renew the server's certificate, or ask the provider to
    error certificate: for ep-x.example, ended 2025-11-30 UTC | renew the server's certificate, or ask the provider to
    ");
}

#[test]
fn each_thing_about_the_server_is_told() {
    insta::assert_snapshot!([
        broken(|d| d.server.version_number = 120_018),
        broken(|d| d.catalog.server.is_in_recovery = true),
        broken(|d| d.catalog.server.is_read_only = true),
        broken(|d| d.schema = Some(SchemaState::Version(99))),
        broken(|d| d.schema = Some(SchemaState::Version(0))),
        broken(|d| d.schema = None),
        broken(|d| d.holder = Some("ben@ci, server process 7".into())),
    ].join("\n"), @r"
    error server: PostgreSQL 17.2, as role ann: blogctl needs 13 or newer | upgrade the server
    error writable: this is a replica: nothing can be published to it | name the primary; a replica belongs to --read-database
    error writable: default_transaction_read_only is on: nothing can be published | ALTER ROLE app RESET default_transaction_read_only, or where it is set else: for the database, the server, or in the connection string's options
    error schema: tables of version 99, and this blogctl needs version 4 | upgrade blogctl
    error schema: tables of version 0, and this blogctl needs version 4 | run `blogctl schema apply`
    error schema: the version of the tables cannot be read | GRANT USAGE ON SCHEMA blogctl and SELECT on its tables to this role
    hint lock: a sync is running: ben@ci, server process 7 | -
    ");
    insta::assert_snapshot!(
        broken(|d| d.catalog.tables[0].columns[0].base = "uuid".into()),
        @r"error columns: public.post.id is of type int4, and blogctl needs integer or bigint | name another column or table in [tables] of blogctl.toml"
    );
}

#[test]
fn a_missing_part_of_the_tables_is_an_error_that_schema_apply_repairs() {
    insta::assert_snapshot!(
        broken(|d| d.missing_parts.push("column public.post.image".into())),
        @r"error schema: missing: column public.post.image | run `blogctl schema apply`, which makes it again"
    );
    // The preflight names a column that the catalog does not have, and nothing else does.
    insta::assert_snapshot!(
        broken(|d| {
            d.missing_parts.push("column public.post.image".into());
            d.catalog.tables[0].columns.retain(|column| column.name != "image");
        }),
        @r"error columns: the column public.post.image is missing | rename it back, or run `blogctl schema apply` to make it again"
    );
    insta::assert_snapshot!(
        broken(|d| d.tables.retain(|table| table.name != "blogctl.run")),
        @r"error schema: the table blogctl.run is missing | run `blogctl schema apply`, which makes it again"
    );
}

#[test]
fn each_permission_is_told_with_what_grants_it() {
    insta::assert_snapshot!(broken(|d| d.tables[4].granted.retain(|p| p != "INSERT")), @r"error permissions: this role lacks INSERT on blogctl.source | GRANT INSERT ON blogctl.source TO ann");
    insta::assert_snapshot!(broken(|d| {
        d.server.user = "Ann \"A\"".into();
        d.tables[3].granted.clear();
    }), @r#"error permissions: this role lacks SELECT, UPDATE on blogctl.state | GRANT SELECT, UPDATE ON blogctl.state TO "Ann ""A""""#);
    insta::assert_snapshot!([
        broken(|d| d.tables[4].has_policies = true),
        broken(|d| d.tables[5].is_owned = false),
    ].join("\n"), @r"
    warning permissions: row-level security may hide rows of blogctl.source from this role | give it a policy that lets all rows through, or ALTER ROLE ann BYPASSRLS
    hint permissions: this role does not own blogctl.search: a search's index is tidied up by autovacuum, not by each sync, and large syncs may slow searches for a while | -
    ");
    insta::assert_snapshot!(
        broken(|d| d.locked_sequences.push(LockedSequence {name: "public.tag_id_seq".into(), is_advanced: false})),
        @r"error permissions: this role lacks USAGE on the sequence public.tag_id_seq | GRANT USAGE ON SEQUENCE public.tag_id_seq TO ann"
    );
    insta::assert_snapshot!(
        broken(|d| d.locked_sequences.push(LockedSequence {name: "public.post_id_seq".into(), is_advanced: true})),
        @r"warning permissions: this role lacks USAGE or UPDATE on the sequence public.post_id_seq: a sync cannot advance it past the ids that it writes, and a post that an application adds may get one of them | GRANT USAGE, UPDATE ON SEQUENCE public.post_id_seq TO ann"
    );
    // What no sync does needs no permission.
    let mut database = healthy();
    let run = database.tables.iter_mut().find(|t| t.name == "blogctl.run");
    run.unwrap().granted = vec!["SELECT".into(), "INSERT".into()];
    assert_eq!(told(&of(database)), [""; 0]);
}

#[test]
fn before_the_first_sync_it_is_told_what_making_the_tables_takes() {
    let absent = |d: &mut Postgres| {
        d.schema = Some(SchemaState::Absent);
        d.catalog.tables.clear();
        d.tables.clear();
        d.indexes.clear();
        d.queries.clear();
    };
    insta::assert_snapshot!(broken(absent), @r"hint schema: no blogctl tables yet: the first sync makes those of version 4 | -");
    insta::assert_snapshot!(broken(|d| {
        absent(d);
        d.create_privileges.schema = false;
    }), @r"error schema: no blogctl tables, and this role may not make them: it lacks CREATE on the database | run `blogctl schema apply` once as the owner of the database");
}

#[test]
fn an_index_is_known_by_what_it_is_made_of() {
    let category = INDEXES
        .iter()
        .position(|index| index.name == "post_category_id_idx")
        .unwrap();
    let fine = |change: &dyn Fn(&mut Index)| {
        let mut database = healthy();
        change(&mut database.indexes[category]);
        let name = database.indexes[category].name.clone();
        database.queries[0].indexes = vec![name];
        told(&of(database)) == [""; 0]
    };
    assert!(fine(&|index| index.name = "Post_by_category".into()));
    assert!(fine(&|index| index.keys.push("title".into())));
    assert!(fine(&|index| index.is_unique = true));
    assert!(!fine(&|index| index.is_partial = true));
    assert!(!fine(&|index| index.method = "hash".into()));
    assert!(!fine(&|index| index.keys.reverse()));
    assert!(!fine(&|index| index.table = "public.tag".into()));
    insta::assert_snapshot!(missing(category), @r"warning indexes: post_category_id_idx on public.post is missing; made for list --category | run `blogctl schema apply`, or without blocking writers: CREATE INDEX CONCURRENTLY post_category_id_idx ON public.post (category, id DESC)");
    // Uniqueness over more columns forbids less.
    let name = INDEXES
        .iter()
        .position(|index| index.name == "tag_name_key")
        .unwrap();
    insta::assert_snapshot!(broken(|d| d.indexes[name].keys.push("id".into())), @r"error indexes: tag_name_key on public.tag is missing | run `blogctl schema apply`, or without blocking writers: CREATE UNIQUE INDEX CONCURRENTLY tag_name_key ON public.tag (name)");
    insta::assert_snapshot!(broken(|d| {
        d.indexes[name].is_valid = false;
        d.indexes[name].name = "Tag_name_key".into();
    }), @r#"error indexes: Tag_name_key on public.tag is not valid | REINDEX INDEX CONCURRENTLY public."Tag_name_key""#);
}

/// Returns the finding about a missing index.
fn missing(at: usize) -> String {
    let mut database = healthy();
    database.indexes.remove(at);
    told(&of(database)).join("\n")
}

#[test]
fn a_query_that_reads_more_than_it_needs_is_told() {
    insta::assert_snapshot!(
        broken_query(|query| query.scans.push("post".into())),
        @r"warning queries: list --category reads all of post | ANALYZE the tables; if that does not help, look for settings of the planner that are not the server's defaults"
    );
    insta::assert_snapshot!(
        broken_query(|query| query.indexes = vec!["post_pkey".into()]),
        @r"warning queries: list --category does not use post_category_id_idx | ANALYZE the tables; if that does not help, look for settings of the planner that are not the server's defaults"
    );
    insta::assert_snapshot!(
        broken_query(|query| query.refusal = Some("no such column".into())),
        @r"error queries: list --category cannot be run: no such column | -"
    );
    // Of a few pages any index will do.
    let mut database = healthy();
    database.queries[0].indexes = vec!["post_pkey".into()];
    database.tables[0].bytes = 8_192;
    assert_eq!(told(&of(database)), [""; 0]);
}

#[track_caller]
fn broken_query(change: impl FnOnce(&mut Query)) -> String {
    broken(|database| change(&mut database.queries[0]))
}

#[test]
fn a_password_that_others_can_get_at_is_a_warning() {
    let facts = |readable_mode, is_tracked| Facts {
        exposures: vec![facts::Exposure {
            file: ".env".into(),
            readable_mode,
            is_tracked,
        }],
        ..Facts::default()
    };
    assert_eq!(told(&facts(None, Some(false))), Vec::<String>::new());
    let told = [
        told(&facts(Some(0o644), Some(true))),
        told(&facts(None, None)),
    ]
    .concat();
    insta::assert_snapshot!(told.join("\n"), @r"
    warning secrets: .env holds a password, and others can read it (mode 644) | run `chmod 600 .env`
    warning secrets: .env holds a password, and git tracks it | change the password, since it stays in the history; keep it in the environment, or in an .env that git ignores: `git rm --cached .env`
    hint secrets: .env holds a password; git's index could not be read | see that `git ls-files .env` prints nothing
    ");
}
