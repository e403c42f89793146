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
    client.batch(&remedy);
    assert_eq!(only(patient.found("indexes", 0)).0, "ok");
    assert_eq!(only(patient.found("queries", 0)).0, "ok");
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
    client.batch(&remedy);
    assert_eq!(only(patient.found("indexes", 0)).0, "ok");
}

/// A role that may do what a sync needs, and nothing else; its name is its password.
fn role(database: &TestDatabase) -> String {
    let role = format!("role_of_{}", database.name());
    database.client().batch(&format!(
        "CREATE ROLE {role} LOGIN PASSWORD '{role}'; \
         GRANT USAGE ON SCHEMA public, blogctl TO {role}; \
         GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public, blogctl TO {role}"
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
    // Where the role may not even look, all that it lacks is told.
    client.batch(&format!("REVOKE USAGE ON SCHEMA blogctl FROM {role}"));
    assert_eq!(permissions(3).len(), 7);
    client.batch(&format!("GRANT USAGE ON SCHEMA blogctl TO {role}"));
    client.batch("ALTER TABLE public.post ENABLE ROW LEVEL SECURITY");
    // It hides all rows from this role, as if somebody had deleted them.
    let policies = permissions(4);
    assert!(
        policies[0]
            .1
            .contains("row-level security may hide rows of public.post"),
        "{policies:?}"
    );
    client.batch("ALTER TABLE public.post DISABLE ROW LEVEL SECURITY");
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
        "CREATE TABLE public.post (id bigint PRIMARY KEY, title text, created_at timestamp)",
    );
    let project = Project::new();
    project.post(1, "One");
    let url = database.plain_url();
    let args = ["doctor", "--format", "json", "--database", &url];
    let output = project.run(&args).expect_status(3);
    let columns = found(&output, "columns");
    let messages: Vec<&str> = columns.iter().map(|found| &*found.1).collect();
    assert_eq!(
        messages,
        [
            "public.post.created_at is of type timestamp without time zone, and blogctl needs \
             timestamp with time zone",
            "public.post.id is of type bigint, and blogctl needs integer",
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
