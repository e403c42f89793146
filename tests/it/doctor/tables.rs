//! Checks of tables, indexes and permissions.

use super::{Patient, found, only};
use crate::support::database::TestDatabase;
use crate::support::project::Project;

#[test]
fn an_index_that_was_dropped_is_named_with_what_makes_it() {
    let patient = Patient::new();
    let client = patient.database.client();
    client.batch("DROP INDEX public.post_category_id_idx");
    let (level, message, remedy) = only(patient.found("indexes", 0));
    assert_eq!(level, "warning");
    assert_eq!(
        message,
        "post_category_id_idx on public.post is missing; made for list --category, \
         list --tag --category --since, list --where --tag --category"
    );
    client.batch(without_blocking(&remedy));
    assert_eq!(only(patient.found("indexes", 0)).0, "ok");
    assert_eq!(only(patient.found("queries", 0)).0, "ok");
}

/// Returns the statement that a remedy gives besides `schema apply`.
#[track_caller]
fn without_blocking(remedy: &str) -> &str {
    let begin = "run `blogctl schema apply`, or without blocking writers: ";
    remedy.strip_prefix(begin).expect(remedy)
}

#[test]
fn what_was_dropped_is_restored_by_schema_apply() {
    let patient = Patient::new();
    let client = patient.database.client();
    let run = |args: &[&str]| {
        let url = patient.database.plain_url();
        let args = [args, &["--database", &url]].concat();
        patient.project.run(&args).expect_status(0).stdout
    };
    let read = || {
        let lists = [
            &["categories"][..],
            &["tags"],
            &["search", "body"],
            &["show", "1"],
        ];
        // A sync that writes the row changes the time of its update.
        let lasting = |text: String| {
            let lines = text.lines().filter(|line| !line.starts_with("updated "));
            lines.collect::<Vec<_>>().join("\n")
        };
        lists.map(run).map(lasting)
    };
    let before = read();
    client.batch(
        "DROP INDEX public.post_category_id_idx; \
         ALTER TABLE public.tag DROP CONSTRAINT tag_name_key; \
         ALTER TABLE public.post ALTER COLUMN id DROP IDENTITY; \
         ALTER TABLE public.post DROP COLUMN image; \
         DROP TABLE blogctl.category_count, blogctl.tag_count, blogctl.search; \
         DROP FUNCTION blogctl.row_digest",
    );
    let schema = patient.found("schema", 3);
    let messages: Vec<&str> = schema.iter().map(|found| &*found.1).collect();
    for part in [
        "missing: function blogctl.row_digest",
        "missing: default of public.post.id",
        "the table blogctl.search is missing",
    ] {
        assert!(messages.contains(&part), "{part}: {schema:#?}");
    }
    // A column of the posts is named once, where the columns are judged.
    assert!(!messages.iter().any(|m| m.contains("public.post.image")));
    let columns = patient.found("columns", 3);
    assert_eq!(columns.len(), 1, "{columns:#?}");
    assert_eq!(columns[0].1, "the column public.post.image is missing");
    let parts = "table blogctl.search, table blogctl.category_count, table blogctl.tag_count, \
                 index post_category_id_idx, index tag_name_key, column public.post.image, \
                 function blogctl.row_digest, default of public.post.id\n";
    let preview = run(&["schema", "apply", "--dry-run"]);
    assert!(preview.starts_with("-- would restore in "), "{preview}");
    assert!(preview.contains(&format!(": {parts}")), "{preview}");
    assert_eq!(patient.found("schema", 3), schema);
    let applied = run(&["schema", "apply"]);
    assert!(applied.starts_with("restored in "), "{applied}");
    assert!(
        applied.contains(&format!(": {parts}run `blogctl sync`")),
        "{applied}"
    );
    let again = run(&["schema", "apply"]);
    assert!(again.starts_with("nothing to do: "), "{again}");
    run(&["doctor"]);
    // The counts are there at once, and the terms after the next sync.
    assert_eq!(read()[..2], before[..2]);
    run(&["sync", "content"]);
    assert_eq!(read(), before);
    client.batch("INSERT INTO public.post (title) VALUES ('Of an application')");
    assert_eq!(client.text("SELECT max(id) FROM public.post"), "2");
}

#[test]
fn no_writer_is_waited_for_where_nothing_is_missing() {
    let patient = Patient::new();
    let url = patient.database.plain_url();
    let apply = |status| {
        let args = ["schema", "apply", "--lock-timeout", "0", "--database", &url];
        patient.project.run(&args).expect_status(status)
    };
    let client = patient.database.client();
    // All that does not keep readers away.
    client.batch("BEGIN; LOCK TABLE public.post, blogctl.search IN EXCLUSIVE MODE");
    let untouched = apply(0);
    assert!(
        untouched.stdout.starts_with("nothing to do: "),
        "{untouched:?}"
    );
    patient
        .database
        .client()
        .batch("DROP INDEX blogctl.extra_value_post_id_idx");
    let refused = apply(3);
    assert!(refused.stderr.contains("--lock-timeout"), "{refused:?}");
    client.batch("ROLLBACK");
    let restored = apply(0).stdout;
    assert!(
        restored.ends_with(": index extra_value_post_id_idx\n"),
        "{restored}"
    );
}

#[test]
fn a_column_that_no_migration_adds_is_named_and_nothing_is_changed() {
    let patient = Patient::new();
    let client = patient.database.client();
    client.batch("ALTER TABLE blogctl.source DROP COLUMN path; DROP TABLE blogctl.run");
    let url = patient.database.plain_url();
    let args = ["schema", "apply", "--database", &url];
    let output = patient.project.run(&args).expect_status(3);
    let message = "missing: column blogctl.source.path";
    assert!(output.stderr.contains(message), "{}", output.stderr);
    assert_eq!(
        client.text("SELECT to_regclass('blogctl.run') IS NULL"),
        "t"
    );
}

#[test]
fn an_index_of_another_name_does_as_well() {
    let patient = Patient::new();
    patient.database.client().batch(
        "ALTER INDEX public.post_category_id_idx RENAME TO \"Post_by_category\"; \
         ALTER INDEX public.tag_name_key RENAME TO \"Tag_name_key\"; \
         ALTER INDEX public.post_pkey RENAME TO \"PK_post\"",
    );
    assert_eq!(only(patient.found("indexes", 0)).0, "ok");
    assert_eq!(only(patient.found("queries", 0)).0, "ok");
}

#[test]
fn an_index_whose_making_broke_off_is_named() {
    let patient = Patient::new();
    let client = patient.database.client();
    client.batch(
        "UPDATE pg_index SET indisvalid = false \
         WHERE indexrelid = 'public.post_tag_tag_id_post_id_idx'::regclass",
    );
    let (level, message, remedy) = only(patient.found("indexes", 0));
    assert_eq!(level, "warning");
    assert!(
        message.contains("post_tag_tag_id_post_id_idx on public.post_tag is not valid"),
        "{message}"
    );
    client.batch(&remedy);
    assert_eq!(only(patient.found("indexes", 0)).0, "ok");
}

#[test]
fn tags_that_may_stand_twice_are_an_error_because_a_sync_fails() {
    let patient = Patient::new();
    let client = patient.database.client();
    client.batch("ALTER TABLE public.tag DROP CONSTRAINT tag_name_key");
    let (level, message, remedy) = only(patient.found("indexes", 3));
    assert_eq!(level, "error");
    assert!(
        message.starts_with("tag_name_key on public.tag is missing"),
        "{message}"
    );
    client.batch(without_blocking(&remedy));
    assert_eq!(only(patient.found("indexes", 0)).0, "ok");
}

/// A role that may do what a sync needs, and nothing else; its name is its password.
fn role(database: &TestDatabase) -> String {
    let role = format!("role_of_{}", database.name());
    database.client().batch(&format!(
        "CREATE ROLE {role} LOGIN PASSWORD '{role}'; \
         GRANT USAGE ON SCHEMA public, blogctl TO {role}; \
         GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public, blogctl TO {role}; \
         GRANT USAGE, UPDATE ON SEQUENCE public.post_id_seq TO {role}"
    ));
    role
}

fn url_of(role: &str, database: &TestDatabase) -> String {
    let password = &database.endpoint().password;
    database
        .plain_url()
        .replace(&format!("blogctl:{password}@"), &format!("{role}:{role}@"))
}

/// Takes the role away again, which outlives the database.
fn drop_role(role: &str, database: &TestDatabase) {
    let client = database.client();
    client.batch(&format!("DROP OWNED BY {role}; DROP ROLE {role}"));
}

#[test]
fn a_permission_that_a_sync_lacks_is_named_with_what_grants_it() {
    let patient = Patient::new();
    let role = role(&patient.database);
    let url = url_of(&role, &patient.database);
    let permissions = |status| {
        let output = patient.doctor(&url, &["--format", "json"]);
        found(&output.expect_status(status), "permissions")
    };
    let publish = |status| {
        patient.project.post(7, "Seven");
        let args = ["sync", "content", "--database", &url];
        patient.project.run(&args).expect_status(status)
    };
    // A role that only publishes.
    let healthy = permissions(0);
    assert_eq!(healthy[0].0, "ok");
    assert!(
        healthy[1].1.contains("does not own blogctl.search"),
        "{healthy:?}"
    );
    let client = patient.database.client();
    client.batch(&format!("REVOKE INSERT, UPDATE ON public.post FROM {role}"));
    let (level, message, remedy) = only(permissions(3));
    assert_eq!(level, "error");
    assert_eq!(message, "this role lacks INSERT, UPDATE on public.post");
    publish(3);
    client.batch(&remedy);
    assert_eq!(permissions(0)[0].0, "ok");
    publish(0);
    // A role that may not even look gets a finding for everything that it lacks.
    client.batch(&format!("REVOKE USAGE ON SCHEMA blogctl FROM {role}"));
    assert_eq!(permissions(3).len(), 7);
    client.batch(&format!("GRANT USAGE ON SCHEMA blogctl TO {role}"));
    client.batch("ALTER TABLE public.post ENABLE ROW LEVEL SECURITY");
    // It hides all rows from this role, as if somebody had deleted them.
    let output = patient.doctor(&url, &["--format", "json"]).expect_status(3);
    let (level, message, _) = only(found(&output, "row-security"));
    assert_eq!(level, "error");
    assert!(message.contains("public.post"), "{message}");
    publish(3);
    client.batch("ALTER TABLE public.post DISABLE ROW LEVEL SECURITY");
    drop_role(&role, &patient.database);
}

#[test]
fn a_sequence_that_a_role_of_later_cannot_advance_is_named_with_what_grants_it() {
    let patient = Patient::new();
    let role = role(&patient.database);
    let url = url_of(&role, &patient.database);
    let client = patient.database.client();
    let permissions = || {
        let output = patient.doctor(&url, &["--format", "json"]);
        found(&output.expect_status(0), "permissions")
    };
    client.batch(&format!(
        "REVOKE USAGE ON SEQUENCE public.post_id_seq FROM {role}"
    ));
    let (level, message, remedy) = only(permissions());
    assert_eq!(level, "warning");
    assert!(
        message.starts_with("this role lacks USAGE or UPDATE on the sequence public.post_id_seq"),
        "{message}"
    );
    client.batch(&remedy);
    assert_eq!(permissions()[0].0, "ok");
    let publish = |id| {
        patient.project.post(id, "Later");
        let args = ["sync", "content", "--database", &url];
        patient.project.run(&args).expect_status(0);
    };
    publish(40);
    let advanced = "SELECT last_value FROM public.post_id_seq";
    assert_eq!(client.text(advanced), "40");
    drop_role(&role, &patient.database);
}

#[test]
fn each_permission_that_is_asked_for_is_one_that_a_sync_needs() {
    let patient = Patient::new();
    let role = role(&patient.database);
    let client = patient.database.client();
    client.batch(&format!(
        "REVOKE ALL ON ALL TABLES IN SCHEMA public, blogctl FROM {role}"
    ));
    let url = url_of(&role, &patient.database);
    let output = patient.doctor(&url, &["--format", "json"]).expect_status(3);
    // What it asks for, and nothing else, is enough.
    for (_, _, remedy) in found(&output, "permissions") {
        client.batch(&remedy);
    }
    patient
        .project
        .post_with(2, "Two", "tags: [b, c]\ncategory: x\n", "Its body.\n");
    patient
        .project
        .post_with(1, "Other", "tags: [d]\n", "Its body.\n");
    let sync = |args: &[&str]| {
        let args = [&["sync", "content", "--database", &url], args].concat();
        patient.project.run(&args).expect_status(0)
    };
    sync(&[]);
    patient.project.rename("content/2.md", "content/3.md");
    patient.project.remove("content/1.md");
    sync(&["--prune"]);
    patient.doctor(&url, &[]).expect_status(0);
    drop_role(&role, &patient.database);
}

#[test]
fn a_role_that_may_not_make_the_tables_is_told_so_before_the_first_sync() {
    let database = TestDatabase::create();
    let role = format!("role_of_{}", database.name());
    database.client().batch(&format!(
        "CREATE ROLE {role} LOGIN PASSWORD '{role}'; REVOKE CREATE ON SCHEMA public FROM PUBLIC"
    ));
    let project = Project::new();
    project.post(1, "One");
    let url = url_of(&role, &database);
    let args = ["doctor", "--format", "json", "--database", &url];
    let output = project.run(&args).expect_status(3);
    let (level, message, remedy) = only(found(&output, "schema"));
    assert_eq!(level, "error");
    assert!(
        message.ends_with("it lacks CREATE on the database, CREATE on the schema public"),
        "{message}"
    );
    assert!(remedy.contains("schema apply"), "{remedy}");
    drop_role(&role, &database);
}

#[test]
fn a_server_that_takes_no_writes_is_an_error() {
    let patient = Patient::new();
    let name = patient.database.name();
    let client = patient.database.client();
    client.batch(&format!(
        "ALTER DATABASE {name} SET default_transaction_read_only = on"
    ));
    let (level, message, remedy) = only(patient.found("writable", 3));
    assert_eq!(level, "error");
    assert!(
        message.starts_with("default_transaction_read_only is on"),
        "{message}"
    );
    assert!(remedy.contains("RESET"), "{remedy}");
}

#[test]
fn columns_of_another_type_are_told_before_the_first_sync() {
    let database = TestDatabase::create();
    database.client().batch(
        "CREATE TABLE public.post (id uuid PRIMARY KEY, title text, content text, created_at date)",
    );
    let project = Project::new();
    project.post(1, "One");
    project.write(
        "blogctl.toml",
        "[tables]\ntags = false\n[tables.post.columns]\ndescription = false\nupdated_at = false\n\
         category = false\nimage = false\nword_count = false\nslug = false\nextra = false\n",
    );
    let url = database.plain_url();
    let args = ["doctor", "--format", "json", "--database", &url];
    let output = project.run(&args).expect_status(3);
    let columns = found(&output, "columns");
    let messages: Vec<&str> = columns.iter().map(|found| &*found.1).collect();
    assert_eq!(
        messages,
        [
            "public.post.id is of type uuid, and blogctl needs integer or bigint",
            "public.post.created_at is of type date, and blogctl needs timestamp, with or without \
             time zone",
        ]
    );
}

#[test]
fn a_table_that_is_gone_is_named() {
    let patient = Patient::new();
    patient.database.client().batch("DROP TABLE blogctl.run");
    let schema = patient.found("schema", 3);
    let missing = "the table blogctl.run is missing";
    assert!(schema.iter().any(|found| found.1 == missing), "{schema:#?}");
}

#[test]
fn quotes_around_every_name_hide_no_index() {
    let patient = Patient::new();
    let name = patient.database.name();
    patient.database.client().batch(&format!(
        "ALTER DATABASE {name} SET quote_all_identifiers = on"
    ));
    assert_eq!(only(patient.found("indexes", 0)).0, "ok");
}

#[test]
fn grants_on_single_columns_are_enough_with_the_version_of_a_row() {
    let patient = Patient::new();
    let role = role(&patient.database);
    let client = patient.database.client();
    let columns = client.text(
        "SELECT string_agg(attname, ', ') FROM pg_attribute
         WHERE attrelid = 'public.post'::regclass AND attnum > 0 AND NOT attisdropped",
    );
    client.batch(&format!(
        "REVOKE SELECT, INSERT, UPDATE ON public.post FROM {role};
         GRANT SELECT ({columns}), INSERT ({columns}), UPDATE ({columns}) ON public.post TO {role}"
    ));
    let url = url_of(&role, &patient.database);
    let output = patient.doctor(&url, &["--format", "json"]).expect_status(3);
    let permissions = found(&output, "permissions");
    let (_, message, remedy) = &permissions[0];
    assert_eq!(message, "this role lacks SELECT (xmin) on public.post");
    client.batch(remedy);
    patient.project.post(7, "Seven");
    let sync = ["sync", "content", "--database", &url];
    patient.project.run(&sync).expect_status(0);
    patient.doctor(&url, &[]).expect_status(0);
    drop_role(&role, &patient.database);
}
