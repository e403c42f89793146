//! Tables that take no posts, or not all of them: refused before anything is written, with words
//! that name the table, the column and the remedy.

use crate::support::database::TestDatabase;
use crate::support::project::{Output, Project};
use crate::support::role::Role;
use crate::support::variants::named;

/// A change of the variant "version A", values for its columns, and parts of the refusal.
struct Case {
    change: &'static str,
    values: &'static str,
    parts: &'static [&'static str],
    /// True if a rehearsal and the doctor refuse, too. The server alone knows the rest.
    is_foreseen: bool,
}

fn case(change: &'static str, values: &'static str, parts: &'static [&'static str]) -> Case {
    Case {
        change,
        values,
        parts,
        is_foreseen: true,
    }
}

/// A case that the server judges as the rows are written.
fn at_last(change: &'static str, values: &'static str, parts: &'static [&'static str]) -> Case {
    Case {
        is_foreseen: false,
        ..case(change, values, parts)
    }
}

/// Skips the rows of a table.
const SKIP: &str =
    "CREATE FUNCTION skip() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';";

fn cases() -> Vec<Case> {
    const VALUES: &str = "[tables.post.values]";
    vec![
        // Values of [tables.post.values], judged by the type.
        case(
            "ADD v integer",
            "v = \"x\"",
            &["public.post.v", "integer", VALUES],
        ),
        case(
            "ADD v smallint",
            "v = 70000",
            &["public.post.v", "smallint", VALUES],
        ),
        case(
            "ADD v boolean",
            "v = \"maybe\"",
            &["public.post.v", "boolean", VALUES],
        ),
        case(
            "ADD v uuid",
            "v = \"1\"",
            &["public.post.v", "uuid", VALUES],
        ),
        case(
            "ADD v jsonb",
            "v = \"{{\"",
            &["public.post.v", "jsonb", VALUES],
        ),
        case(
            "ADD v category",
            "v = \"OTHER\"",
            &["public.post.v", "\"OTHER\"", VALUES],
        ),
        case(
            "ADD v varchar(3)",
            "v = \"four\"",
            &["public.post.v holds 3", VALUES],
        ),
        case(
            "ADD v integer",
            "v = \"{path}\"",
            &["content/7.md:2", "public.post.v", VALUES],
        ),
        case(
            "ADD w integer",
            "v = 1",
            &["public.post.v is missing", VALUES],
        ),
        case(
            "ADD v integer GENERATED ALWAYS AS (7) STORED",
            "v = 1",
            &["public.post.v is computed", VALUES],
        ),
        // What the server alone knows.
        at_last(
            "ADD v numeric(3,2)",
            "v = 100.5",
            &["public.post", "numeric"],
        ),
        at_last(
            "ADD v text UNIQUE",
            "v = \"same\"",
            &["\"post_v_key\" keeps (v) unique", VALUES],
        ),
        at_last(
            "ADD v integer CHECK (v > 5)",
            "v = 1",
            &["CHECK \"post_v_check\"", VALUES],
        ),
        at_last(
            "ADD v integer REFERENCES tag (id) DEFERRABLE INITIALLY DEFERRED",
            "v = 99",
            &["foreign key \"post_v_fkey\"", VALUES],
        ),
        // Columns that posts have to be written to.
        case(
            "DROP title, ADD title text GENERATED ALWAYS AS ('x') STORED",
            "",
            &["public.post.title is computed by the database"],
        ),
        case(
            "DROP content, ADD content text GENERATED ALWAYS AS ('x') STORED",
            "",
            &["public.post.content is computed by the database"],
        ),
        case(
            "ALTER content TYPE varchar(9)",
            "",
            &["content/7.md:2", "public.post.content holds 9"],
        ),
        // Neither is compared with a value of its own type.
        case(
            "DROP category; CREATE DOMAIN topic AS category; ALTER TABLE post ADD category topic",
            "",
            &["public.post.category is of type topic", "category = false"],
        ),
        case(
            "ALTER category TYPE char(9)",
            "",
            &["public.post.category is of type character(9)"],
        ),
        case(
            "ALTER id TYPE numeric",
            "",
            &["public.post.id is of type numeric"],
        ),
        // Rules and triggers.
        case(
            "ALTER title TYPE text; CREATE RULE keep AS ON DELETE TO post DO INSTEAD NOTHING",
            "",
            &["rules of public.post", "keep", "DROP RULE"],
        ),
        at_last(
            "ALTER title TYPE text; CREATE TRIGGER t BEFORE INSERT ON post \
             FOR EACH ROW EXECUTE FUNCTION skip()",
            "",
            &["skipped rows", "t on public.post"],
        ),
        at_last(
            "ALTER title TYPE text; CREATE TRIGGER t BEFORE INSERT ON tag \
             FOR EACH ROW EXECUTE FUNCTION skip()",
            "",
            &["skipped rows", "t on public.tag"],
        ),
        at_last(
            "ALTER title TYPE text; CREATE TRIGGER t BEFORE INSERT ON post_tag \
             FOR EACH ROW EXECUTE FUNCTION skip()",
            "",
            &["skipped rows", "t on public.post_tag"],
        ),
    ]
}

/// A project, and the address that it publishes to.
struct Blog {
    project: Project,
    url: String,
}

impl Blog {
    fn new(url: String) -> Self {
        let project = Project::new();
        Self { project, url }
    }

    fn run(&self, line: &str) -> Output {
        let words: Vec<_> = line.split(' ').collect();
        self.project
            .run_with(&words, &[("DATABASE_URL", &self.url)])
    }
}

fn said(output: &Output) -> String {
    format!("{}: {}{}", output.status, output.stdout, output.stderr)
}

#[test]
fn what_does_not_fit_is_refused_before_a_write() {
    const MADE: &str = "SELECT to_regclass('blogctl.state'), count(*) FROM post";
    let variant = named("version A");
    let model = variant.create();
    model.client().batch(SKIP);
    let mut wrong = Vec::new();
    for Case {
        change,
        values,
        parts,
        is_foreseen,
    } in cases()
    {
        let database = model.copy();
        let client = database.client();
        client.batch(&format!("ALTER TABLE post {change}"));
        let blog = Blog::new(database.plain_url());
        let map = format!("{}[tables.post.values]\n{values}\n", variant.tables);
        blog.project
            .write("blogctl.toml", map)
            .post_with(7, "Seven", "category: GUIDE\ntags: [a]", "Seven words.\n")
            .post(8, "Eight");
        let [doctor, rehearsed, synced] =
            ["doctor content", "sync content --dry-run", "sync content"].map(|line| blog.run(line));
        let is_named = |output: &Output| {
            let words = said(output);
            output.status != 0 && parts.iter().all(|part| words.contains(part))
        };
        let is_right = is_named(&synced)
            && is_foreseen == is_named(&rehearsed)
            && is_foreseen == (doctor.status != 0)
            && client.text(MADE) == "|0";
        if !is_right {
            wrong.push(format!(
                "{change} / {values}\nsync {}\ndry run {}\ndoctor {}",
                said(&synced),
                said(&rehearsed),
                said(&doctor)
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn a_row_that_a_trigger_keeps_is_not_forgotten() {
    let variant = named("version A");
    let database = variant.create();
    let client = database.client();
    client.batch(SKIP);
    let blog = Blog::new(database.plain_url());
    blog.project.write("blogctl.toml", variant.tables);
    for id in 1..=3 {
        blog.project.post_with(id, "Post", "tags: [a]", "Words.\n");
    }
    blog.run("sync content").expect_status(0);
    for (table, words) in [
        ("post", "t on public.post"),
        ("post_tag", "t on public.post_tag"),
    ] {
        client.batch(&format!(
            "CREATE TRIGGER t BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION skip()"
        ));
        blog.project.remove("content/3.md");
        let pruned = blog.run("sync content --prune").expect_status(4);
        assert!(pruned.stderr.contains(words), "{}", pruned.stderr);
        let left = "SELECT count(*), (SELECT count(*) FROM post_tag),
            (SELECT count(*) FROM blogctl.source) FROM post";
        assert_eq!(client.text(left), "3|3|3", "{table}");
        client.batch(&format!("DROP TRIGGER t ON {table}"));
        blog.project.post_with(3, "Post", "tags: [a]", "Words.\n");
    }
}

#[test]
fn policies_that_bind_the_role_stop_a_sync_before_it_forgets_a_row() {
    let variant = named("version A");
    let database = variant.create();
    let role = Role::create(
        &database,
        &[
            "ALL ON ALL TABLES IN SCHEMA public",
            "ALL ON ALL SEQUENCES IN SCHEMA public",
            &format!("CREATE ON DATABASE {}", database.name()),
        ],
    );
    let client = database.client();
    let blog = Blog::new(role.url());
    blog.project.write("blogctl.toml", variant.tables);
    for id in 1..=3 {
        blog.project.post_with(id, "Post", "tags: [a]", "Words.\n");
    }
    blog.run("sync content").expect_status(0);
    blog.project
        .remove("content/3.md")
        .post(1, "Edited")
        .post(4, "New");
    const ROWS: &str = "SELECT (SELECT string_agg(id || title, ',' ORDER BY id) FROM post),
        (SELECT count(*) FROM blogctl.source), (SELECT count(*) FROM post_tag)";
    let before = client.text(ROWS);
    for (table, policy) in [
        ("post", "FOR SELECT USING (id <> 3)"),
        ("post", "FOR ALL USING (true) WITH CHECK (false)"),
        ("tag", "FOR SELECT USING (true)"),
        ("post_tag", "FOR SELECT USING (true)"),
    ] {
        client.batch(&format!(
            "ALTER TABLE {table} ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON {table} {policy}"
        ));
        for line in [
            "sync content --prune",
            "sync content --prune --dry-run",
            "sync content --force",
            "doctor",
        ] {
            let words = said(&blog.run(line).expect_status(3));
            let about =
                format!("row-level security decides which rows of public.{table} this role");
            assert!(words.contains(&about), "{line}: {words}");
            assert!(words.contains("BYPASSRLS"), "{line}: {words}");
        }
        assert_eq!(client.text(ROWS), before, "{table} {policy}");
        client.batch(&format!(
            "DROP POLICY p ON {table}; ALTER TABLE {table} DISABLE ROW LEVEL SECURITY"
        ));
    }
    blog.run("sync content --prune").expect_status(0);
}

#[test]
fn a_database_that_cannot_hold_every_text_is_refused_as_a_whole() {
    let variant = named("version A");
    for encoding in ["LATIN1", "EUC_KR"] {
        let other = TestDatabase::create();
        let name = format!("{}_{}", other.name(), encoding.to_lowercase());
        let server = other.client();
        server.batch(&format!(
            "CREATE DATABASE {name} TEMPLATE template0 ENCODING '{encoding}' \
             LC_COLLATE 'C' LC_CTYPE 'C'"
        ));
        let endpoint = other.endpoint();
        let client = crate::support::client::Client::connect(&endpoint.socket_url(&name));
        variant.create_in(&client);
        let blog = Blog::new(endpoint.plain_url(&name));
        blog.project
            .write("blogctl.toml", variant.tables)
            .post(7, "Seven");
        for line in [
            "sync content",
            "sync content --dry-run",
            "doctor",
            "schema apply",
        ] {
            let words = said(&blog.run(line).expect_status(3));
            assert!(
                words.contains(&format!("the encoding {encoding}")),
                "{line}: {words}"
            );
            assert!(words.contains("ENCODING 'UTF8'"), "{line}: {words}");
        }
        assert_eq!(
            client.text("SELECT to_regclass('blogctl.state'), count(*) FROM post"),
            "|0"
        );
        drop(client);
        server.batch(&format!("DROP DATABASE {name} WITH (FORCE)"));
    }
}

#[test]
fn rows_of_other_tables_are_counted_before_a_removal() {
    let database = named("comments, cascade").create();
    let client = database.client();
    client.batch(
        "CREATE TABLE timeline_tag (tag_id integer REFERENCES tag (id) ON DELETE RESTRICT);
         CREATE TABLE bookmark (post_id integer REFERENCES post (id))",
    );
    let blog = Blog::new(database.plain_url());
    blog.project
        .write("blogctl.toml", named("comments, cascade").tables);
    for id in 1..=5 {
        blog.project
            .post_with(id, "Post", &format!("tags: [t{id}]"), "Words.\n");
    }
    blog.run("sync content").expect_status(0);
    client.batch(
        "INSERT INTO timeline_tag SELECT id FROM tag WHERE name = 't1';
         INSERT INTO comment (post_id, words) VALUES (2, 'a'), (2, 'b');
         INSERT INTO bookmark VALUES (3)",
    );
    // A tag that another table refers to stays, also where the server would refuse its removal.
    blog.project.remove("content/1.md");
    blog.run("sync content --prune").expect_status(0);
    assert_eq!(
        client.text("SELECT count(*) FROM tag WHERE name = 't1'"),
        "1"
    );
    blog.project.remove("content/2.md");
    for line in ["sync content --prune --dry-run", "sync content --prune"] {
        let refused = blog.run(line).expect_status(4).stderr;
        assert!(
            refused.contains("2 rows of public.comment are deleted"),
            "{refused}"
        );
        assert!(refused.contains("--force"), "{refused}");
    }
    assert_eq!(client.text("SELECT count(*) FROM comment"), "2");
    let rehearsed = blog
        .run("sync content --prune --force --dry-run")
        .expect_status(0);
    assert!(
        rehearsed.stdout.contains("2 rows of public.comment"),
        "{}",
        rehearsed.stdout
    );
    blog.run("sync content --prune --force").expect_status(0);
    assert_eq!(client.text("SELECT count(*) FROM comment"), "0");
    blog.project.remove("content/3.md");
    for line in [
        "sync content --prune --dry-run",
        "sync content --prune --force",
    ] {
        let refused = blog.run(line).expect_status(4).stderr;
        assert!(
            refused.contains("1 row of public.bookmark refers to the posts"),
            "{refused}"
        );
    }
}

#[test]
fn tables_that_nothing_maps_are_mapped_by_the_remedy_as_it_is_written() {
    let database = TestDatabase::create();
    let client = database.client();
    // An application made them, with the names of blogctl's own.
    client.batch(
        "CREATE TABLE post (id serial PRIMARY KEY, title varchar(255) NOT NULL, description text,
             content text, created_at timestamptz NOT NULL DEFAULT now(), updated_at timestamptz,
             category text, image varchar(500), word_count integer);
         CREATE TABLE tag (id serial PRIMARY KEY, name varchar(100) NOT NULL UNIQUE);
         CREATE TABLE post_tag (post_id integer NOT NULL REFERENCES post (id),
             tag_id integer NOT NULL REFERENCES tag (id), PRIMARY KEY (post_id, tag_id));
         INSERT INTO post (title, content) VALUES ('Theirs', 'Words.')",
    );
    let blog = Blog::new(database.plain_url());
    blog.project
        .write("blogctl.toml", "")
        .post_with(2, "Two", "tags: [a]", "Words.\n");
    for line in ["sync content", "sync content --dry-run", "doctor"] {
        let words = said(&blog.run(line).expect_status(3));
        assert!(
            words.contains("public.post, public.tag, public.post_tag look like"),
            "{words}"
        );
        assert!(
            words.contains("run `blogctl init` to write [tables]"),
            "{words}"
        );
        assert!(!words.contains("schema apply"), "{words}");
    }
    blog.run("init").expect_status(0);
    blog.run("sync content --dry-run").expect_status(0);
    blog.run("sync content").expect_status(0);
    // The application goes on, past the ids of the files.
    let inserted = "INSERT INTO post (title) VALUES ('Next') RETURNING id";
    assert_eq!(client.text(inserted), "3");
    assert_eq!(
        client.text("INSERT INTO tag (name) VALUES ('b') RETURNING id"),
        "2"
    );
    assert_eq!(
        client.text("SELECT title FROM post ORDER BY id"),
        "Theirs\nTwo\nNext"
    );
    let again = blog.run("sync content").expect_status(0).stdout;
    assert!(again.starts_with("nothing changed: 1 post"), "{again}");
}

#[test]
fn a_table_of_another_schema_does_not_stand_for_one_that_is_missing() {
    let database = TestDatabase::create();
    let client = database.client();
    client.batch(
        "CREATE SCHEMA other; CREATE TABLE other.tag (id serial PRIMARY KEY, name text UNIQUE)",
    );
    let blog = Blog::new(database.plain_url());
    blog.project.post_with(1, "One", "tags: [a]", "Words.\n");
    let healthy = said(&blog.run("doctor").expect_status(0));
    assert!(
        healthy.contains("no blogctl tables yet: the first sync makes those"),
        "{healthy}"
    );
    blog.run("sync content").expect_status(0);
    client.batch("ALTER TABLE public.tag RENAME TO label");
    let sick = said(&blog.run("doctor").expect_status(3));
    assert!(sick.contains("the table public.tag is missing"), "{sick}");
    // Without the schema the remedy is no command that says the same.
    let database = TestDatabase::create();
    database.client().batch("DROP SCHEMA public");
    let blog = Blog::new(database.plain_url());
    blog.project.post(1, "One");
    for line in ["sync content", "schema apply", "doctor"] {
        let words = said(&blog.run(line).expect_status(3));
        assert!(words.contains("CREATE SCHEMA public"), "{line}: {words}");
        assert!(
            !words.contains("run `blogctl schema apply`"),
            "{line}: {words}"
        );
    }
}
