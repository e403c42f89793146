//! Rows that only the server can refuse: each refusal names the post, the column and a remedy, and
//! nothing is written.

use std::fmt::Write as _;

use serde_json::json;

use crate::support::role::Role;
use crate::support::schemas;
use crate::support::test_blog::{TestBlog, json};

/// A table of posts, and the reason why it refuses some.
struct Case {
    /// The schema of the table; all are in one database.
    schema: &'static str,
    /// More columns and constraints of the table.
    columns: &'static str,
    /// Statements before the table is made, with `S` for the schema.
    before: &'static str,
    /// Statements after it.
    sql: &'static str,
    /// The fixed values in `[tables.post.values]`.
    values: &'static str,
}

/// A function for a trigger before each row is inserted.
macro_rules! before_insert {
    ($body:literal) => {
        concat!(
            "CREATE FUNCTION S.guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ",
            $body,
            " RETURN NEW; END $$;
             CREATE TRIGGER guard BEFORE INSERT ON S.post FOR EACH ROW EXECUTE FUNCTION S.guard()"
        )
    };
}

const CASES: &[Case] = &[
    Case {
        schema: "check_of_a_field",
        columns: ", CONSTRAINT title_short CHECK (length(title) < 9)",
        before: "",
        sql: "",
        values: "",
    },
    Case {
        schema: "check_of_a_fixed_value",
        columns: ", price numeric, CONSTRAINT price_positive CHECK (price > 0)",
        before: "",
        sql: "",
        values: "price = -1",
    },
    Case {
        schema: "check_of_a_column_without_a_value",
        columns: ", price numeric DEFAULT 0, CONSTRAINT price_positive CHECK (price > 0)",
        before: "",
        sql: "",
        values: "",
    },
    Case {
        schema: "check_of_two_columns",
        columns: ", CONSTRAINT no_copy CHECK (title <> slug AND length(slug) < 9)",
        before: "",
        sql: "",
        values: "",
    },
    Case {
        schema: "check_of_a_domain",
        columns: ", stars S.stars",
        before: "CREATE DOMAIN S.stars AS integer CONSTRAINT at_most_five CHECK (VALUE <= 5)",
        sql: "",
        values: "stars = 6",
    },
    Case {
        schema: "unique_title",
        columns: ", UNIQUE (title)",
        before: "",
        sql: "INSERT INTO S.post (id, title, content) VALUES (99, 'Twelve, the bad one', '')",
        values: "",
    },
    Case {
        schema: "unique_expression",
        columns: "",
        before: "",
        sql: "CREATE UNIQUE INDEX by_slug ON S.post (lower(slug)) WHERE id > 0;
              INSERT INTO S.post (id, title, content, slug) VALUES (99, '', '', 'TWELVE-POST')",
        values: "",
    },
    Case {
        schema: "excluded",
        columns: ", CONSTRAINT one_title EXCLUDE USING btree (title WITH =)",
        before: "",
        sql: "INSERT INTO S.post (id, title, content) VALUES (99, 'Twelve, the bad one', '')",
        values: "",
    },
    Case {
        schema: "foreign_key",
        columns: ", author_id integer REFERENCES S.author (id)",
        before: "CREATE TABLE S.author (id integer PRIMARY KEY)",
        sql: "",
        values: "author_id = 7",
    },
    Case {
        schema: "deferred_foreign_key",
        columns: ", author_id integer REFERENCES S.author (id) DEFERRABLE INITIALLY DEFERRED",
        before: "CREATE TABLE S.author (id integer PRIMARY KEY)",
        sql: "",
        values: "author_id = 7",
    },
    Case {
        schema: "required_since",
        columns: "",
        before: "",
        sql: concat!(
            "ALTER TABLE S.post ALTER category SET DEFAULT 'x', ALTER category SET NOT NULL;",
            before_insert!("IF NEW.id = 12 THEN NEW.category := NULL; END IF;")
        ),
        values: "",
    },
    Case {
        schema: "raised",
        columns: "",
        before: "",
        sql: before_insert!(
            "IF NEW.id = 12 THEN
                 RAISE EXCEPTION E'no bad ones:\\n%', NEW.title
                     USING DETAIL = NEW.content, HINT = 'Ask Ann.';
             END IF;"
        ),
        values: "",
    },
    Case {
        schema: "raised_at_length",
        columns: "",
        before: "",
        sql: before_insert!(
            "IF NEW.id = 12 THEN
                 RAISE EXCEPTION USING MESSAGE = repeat(NEW.content, 99), ERRCODE = '23514';
             END IF;"
        ),
        values: "",
    },
    Case {
        schema: "another_table",
        columns: "",
        before: "",
        sql: concat!(
            "CREATE TABLE S.log (title text CONSTRAINT no_bad CHECK (title NOT LIKE '%bad%'));",
            before_insert!("INSERT INTO S.log VALUES (NEW.title);")
        ),
        values: "",
    },
    Case {
        schema: "untranslatable",
        columns: "",
        before: "",
        sql: before_insert!("PERFORM convert_to(NEW.title || chr(54620), 'LATIN1');"),
        values: "",
    },
    Case {
        schema: "read_only",
        columns: "",
        before: "",
        sql: before_insert!("PERFORM set_config('transaction_read_only', 'on', true);"),
        values: "",
    },
    Case {
        schema: "policy",
        columns: "",
        before: "",
        sql: concat!(
            "CREATE TABLE S.log (id integer); GRANT ALL ON S.log TO PUBLIC;
             ALTER TABLE S.log ENABLE ROW LEVEL SECURITY;
             CREATE POLICY p ON S.log FOR INSERT WITH CHECK (id <> 12);",
            before_insert!("INSERT INTO S.log VALUES (NEW.id);")
        ),
        values: "",
    },
    Case {
        schema: "no_permission",
        columns: "",
        before: "",
        sql: concat!(
            "CREATE SEQUENCE S.numbers;",
            before_insert!("PERFORM nextval('no_permission.numbers');")
        ),
        values: "",
    },
];

const COLUMNS: &str = "columns = { description = false, image = false, created_at = false, \
     updated_at = false, word_count = false, extra = false }";

impl Case {
    /// Makes the table, and names it in the settings.
    fn set_up(&self, blog: &TestBlog) {
        let schema = self.schema;
        let statements = format!(
            "CREATE SCHEMA {schema}; GRANT USAGE ON SCHEMA {schema} TO PUBLIC; {};
             CREATE TABLE S.post (id integer PRIMARY KEY, title text NOT NULL,
                 content text NOT NULL, category text, slug text{});
             GRANT ALL ON S.post TO PUBLIC; {}",
            self.before, self.columns, self.sql
        );
        blog.sql(&statements.replace("S.", &format!("{schema}.")));
        blog.project.write(
            "blogctl.toml",
            format!(
                "[tables]\ntags = false\n[tables.post]\nname = \"{schema}.post\"\n{COLUMNS}\n\
                 values = {{ {} }}\n",
                self.values
            ),
        );
    }

    /// The rows, and whether blogctl has made its tables.
    fn rows(&self, blog: &TestBlog) -> String {
        blog.database().client().text(&format!(
            "SELECT to_regnamespace('blogctl') IS NULL,
                 (SELECT coalesce(string_agg(p::text, ' '), '') FROM {}.post p)",
            self.schema
        ))
    }
}

/// Three posts, of which the second is the one that most tables refuse.
fn with_posts(blog: &TestBlog) {
    blog.project
        .post_with(11, "Eleven", "slug: eleven\n", "The first body.\n")
        .post_with(
            12,
            "Twelve, the bad one",
            "slug: twelve-post\n",
            "A body that nobody may see.\n",
        )
        .post_with(13, "Last", "slug: last\n", "The last body.\n");
}

#[test]
fn each_refusal_names_the_post_the_column_and_a_remedy() {
    let blog = TestBlog::postgres();
    with_posts(&blog);
    let database = blog.database();
    let create = format!("CREATE ON DATABASE {}", database.name());
    let role = Role::create(database, &[&create]);
    let mut told = String::new();
    for case in CASES {
        case.set_up(&blog);
        let before = case.rows(&blog);
        // Only the superuser passes policies and rights by.
        let url = match case.schema {
            "policy" | "no_permission" => role.url(),
            _ => database.plain_url(),
        };
        let output = blog.project.run(&["sync", "content", "--database", &url]);
        let words = &output.stderr;
        write!(told, "{}: {}\n{words}\n", case.schema, output.status).expect("it is a string");
        assert_eq!(output.stdout, "", "{told}");
        assert!(!words.contains("Failing row"), "{words}");
        assert!(
            words.ends_with('\n') && words.contains("; nothing was written\n"),
            "{told}"
        );
        assert_eq!(case.rows(&blog), before, "{told}");
    }
    insta::assert_snapshot!(told, @r#"
    check_of_a_field: 1
    error[refused-row]: post 12: check_of_a_field.post refuses it: CHECK "title_short" is (length(title) < 9)
     --> content/12.md:3:8
      |
    3 | title: "Twelve, the bad one"
      |        ^^^^^^^^^^^^^^^^^^^^^
      |
      = help: change `title` in the file, or ask the owner of check_of_a_field.post

    error: the database refuses 1 post; nothing was written

    check_of_a_fixed_value: 1
    error[refused-row]: post 11: check_of_a_fixed_value.post refuses it: CHECK "price_positive" is (price > (0)::numeric)
    --> content/11.md
     = help: change `price` under [tables.post.values] in blogctl.toml, or ask the owner of check_of_a_fixed_value.post

    error: the database refuses 1 post; nothing was written

    check_of_a_column_without_a_value: 1
    error[refused-row]: post 11: check_of_a_column_without_a_value.post refuses it: CHECK "price_positive" is (price > (0)::numeric)
    --> content/11.md
     = help: give `price` a value under [tables.post.values] in blogctl.toml, or ask the owner of check_of_a_column_without_a_value.post

    error: the database refuses 1 post; nothing was written

    check_of_two_columns: 1
    error[refused-row]: post 12: check_of_two_columns.post refuses it: CHECK "no_copy" is ((title <> slug) AND (length(slug) < 9))
    --> content/12.md
     = help: change `title` in the file, or change `slug` in the file, or ask the owner of check_of_two_columns.post

    error: the database refuses 1 post; nothing was written

    check_of_a_domain: 1
    error[refused-row]: post 11: check_of_a_domain.post refuses it: stars: CHECK "at_most_five" of the type check_of_a_domain.stars is (VALUE <= 5)
    --> content/11.md
     = help: change `stars` under [tables.post.values] in blogctl.toml, or ask the owner of check_of_a_domain.post

    error: the database refuses 1 post; nothing was written

    unique_title: 1
    error[refused-row]: post 12: unique_title.post refuses it: "post_title_key" keeps (title) unique, and another row has the same
     --> content/12.md:3:8
      |
    3 | title: "Twelve, the bad one"
      |        ^^^^^^^^^^^^^^^^^^^^^
      |
      = help: change `title` in the file, or ask the owner of unique_title.post

    error: the database refuses 1 post; nothing was written

    unique_expression: 1
    error[refused-row]: post 12: unique_expression.post refuses it: "by_slug" keeps (lower(slug)) WHERE (id > 0) unique, and another row has the same
     --> content/12.md:4:7
      |
    4 | slug: twelve-post
      |       ^^^^^^^^^^^
      |
      = help: change `slug` in the file, or ask the owner of unique_expression.post

    error: the database refuses 1 post; nothing was written

    excluded: 1
    error[refused-row]: post 12: excluded.post refuses it: constraint "one_title" is EXCLUDE USING btree (title WITH =), and another row excludes it
     --> content/12.md:3:8
      |
    3 | title: "Twelve, the bad one"
      |        ^^^^^^^^^^^^^^^^^^^^^
      |
      = help: change `title` in the file, or ask the owner of excluded.post

    error: the database refuses 1 post; nothing was written

    foreign_key: 1
    error[refused-row]: post 11: foreign_key.post refuses it: foreign key "post_author_id_fkey" is (author_id) REFERENCES foreign_key.author(id), and there is no such row
    --> content/11.md
     = help: change `author_id` under [tables.post.values] in blogctl.toml, or add the row that it refers to, or ask the owner of foreign_key.post

    error: the database refuses 1 post; nothing was written

    deferred_foreign_key: 1
    error: deferred_foreign_key.post refuses the commit: foreign key "post_author_id_fkey" is (author_id) REFERENCES deferred_foreign_key.author(id) DEFERRABLE INITIALLY DEFERRED, and there is no such row; nothing was written
    help: change `author_id` under [tables.post.values] in blogctl.toml, or add the row that it refers to, or ask the owner of deferred_foreign_key.post

    required_since: 1
    error[refused-row]: post 12: required_since.post refuses it: category needs a value
    --> content/12.md
     = help: add `category: ...` to the file, or ask the owner of required_since.post

    error: the database refuses 1 post; nothing was written

    raised: 1
    error[refused-row]: post 12: raised.post refuses it: the function raised.guard() says: no bad ones: Twelve, the bad one
    --> content/12.md
     = help: Ask Ann.

    error: the database refuses 1 post; nothing was written

    raised_at_length: 1
    error[refused-row]: post 12: raised_at_length.post refuses it: the function raised_at_length.guard() says: A body that nobody may see. A body that nobody may see. A body that nobody may see. A body that nobody may see. A body that nobody may see. A body that nobody may see. A body that nobody may see. A body that nobody may see. A body that nobody may see. A body that nobody may see. A body that nobody m…
    --> content/12.md
     = help: ask the owner of raised_at_length.guard()

    error: the database refuses 1 post; nothing was written

    another_table: 1
    error[refused-row]: post 12: another_table.log refuses it: CHECK "no_bad" is (title !~~ '%bad%'::text), in the function another_table.guard()
    --> content/12.md
     = help: ask the owner of another_table.guard()

    error: the database refuses 1 post; nothing was written

    untranslatable: 1
    error[refused-row]: post 11: untranslatable.post refuses it: character with byte sequence 0xed 0x95 0x9c in encoding "UTF8" has no equivalent in encoding "LATIN1", in the function untranslatable.guard()
    --> content/11.md
     = help: ask the owner of untranslatable.guard()

    error: the database refuses 1 post; nothing was written

    read_only: 3
    error: the database refuses what the sync writes: cannot execute INSERT in a read-only transaction; nothing was written
    help: name a server that takes writes, or end the read-only mode: `blogctl doctor` looks for both

    policy: 1
    error[refused-row]: post 12: policy.post refuses it: new row violates row-level security policy for table "log", in the function policy.guard()
    --> content/12.md
     = help: ask the owner of the table for a policy that lets this role write the row

    error: the database refuses 1 post; nothing was written

    no_permission: 3
    error: the database refuses what the sync writes: permission denied for sequence numbers, in the function no_permission.guard(); nothing was written
    help: ask the owner for this right; `blogctl doctor` names those that a sync needs
    "#);
}

#[test]
fn programs_read_a_refusal_as_a_finding() {
    let blog = TestBlog::postgres();
    with_posts(&blog);
    let sync = || {
        let output = blog.run(&["sync", "content", "--format", "json"]);
        let told = json(&output);
        schemas::assert_valid("sync", &told);
        (output.status, told)
    };
    case("check_of_a_field").set_up(&blog);
    let (status, told) = sync();
    assert_eq!((status, &told["status"]), (1, &json!("invalid")));
    assert_eq!(told["message"], "the database refuses 1 post");
    assert_eq!(
        told["findings"],
        json!([{
            "rule": "refused-row",
            "level": "error",
            "message": "post 12: check_of_a_field.post refuses it: CHECK \"title_short\" is \
                        (length(title) < 9)",
            "help": "change `title` in the file, or ask the owner of check_of_a_field.post",
            "path": "content/12.md",
            "range": {
                "start": {"byte": 18, "line": 3, "column": 8},
                "end": {"byte": 39, "line": 3, "column": 29},
            },
            "fix": null,
        }])
    );
    // At the end, the server tells no post.
    case("deferred_foreign_key").set_up(&blog);
    let (status, told) = sync();
    assert_eq!((status, &told["status"]), (1, &json!("failed")));
    assert_eq!(told["findings"], json!([]));
    assert_eq!(
        told["message"],
        "deferred_foreign_key.post refuses the commit: foreign key \"post_author_id_fkey\" is \
         (author_id) REFERENCES deferred_foreign_key.author(id) DEFERRABLE INITIALLY DEFERRED, and \
         there is no such row; nothing was written"
    );
    case("read_only").set_up(&blog);
    let (status, told) = sync();
    assert_eq!((status, &told["status"]), (3, &json!("failed")));
}

fn case(schema: &str) -> &'static Case {
    let mut cases = CASES.iter();
    let found = cases.find(|case| case.schema == schema);
    found.expect("there is such a case")
}

#[test]
fn updates_and_removals_and_tags_are_refused_by_name() {
    let blog = TestBlog::postgres();
    with_posts(&blog);
    blog.sync(&[]);
    let before = blog.dump();
    let sync = |options: &[&str]| {
        let output = blog.run(&[&["sync", "content"], options].concat());
        assert_eq!(blog.dump(), before, "{output:#?}");
        format!("{}\n{}\n", output.status, output.stderr)
    };
    // An update of several posts.
    blog.sql("ALTER TABLE post ADD CONSTRAINT no_d CHECK (description NOT LIKE 'd%') NOT VALID");
    for (id, description) in [(11, "a"), (12, "d"), (13, "c")] {
        let description = format!("description: {description}\n");
        blog.project
            .post_with(id, "A title", &description, "A body.\n");
    }
    let mut told = sync(&[]);
    blog.sql("ALTER TABLE post DROP CONSTRAINT no_d");
    // A removal of several posts.
    blog.sql(
        "CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
             IF OLD.id = 12 THEN RAISE EXCEPTION 'keep %', OLD.id; END IF; RETURN OLD; END $$;
         CREATE TRIGGER keep BEFORE DELETE ON post FOR EACH ROW EXECUTE FUNCTION keep()",
    );
    blog.project.remove("content/12.md").remove("content/13.md");
    told += &sync(&["--prune", "--force"]);
    // A tag.
    with_posts(&blog);
    blog.sql("ALTER TABLE tag ADD CONSTRAINT lowercase CHECK (name = lower(name))");
    blog.project
        .post_with(12, "A title", "tags: [a, B]\n", "A body.\n")
        .post_with(14, "A title", "tags: [c]\n", "A body.\n");
    told += &sync(&[]);
    blog.sql("ALTER TABLE tag DROP CONSTRAINT lowercase");
    // Without a refusal all of it is published.
    blog.sync(&[]);
    insta::assert_snapshot!(told, @r#"
    1
    error[refused-row]: post 12: public.post refuses it: CHECK "no_d" is (description !~~ 'd%'::text)
     --> content/12.md:4:14
      |
    4 | description: d
      |              ^
      |
      = help: change `description` in the file, or ask the owner of public.post

    error: the database refuses 1 post; nothing was written

    4
    error: post 12 (content/12.md): public.post refuses its removal: the function keep() says: keep 12; nothing was written
    help: ask the owner of keep(), or leave out --prune

    1
    error[refused-row]: post 12: public.tag refuses it: CHECK "lowercase" is ((name)::text = lower((name)::text))
     --> content/12.md:4:7
      |
    4 | tags: [a, B]
      |       ^^^^^^
      |
      = help: change `tags` in the file, or ask the owner of public.tag

    error: the database refuses 1 post; nothing was written
    "#);
}

#[test]
fn a_constraint_is_looked_up_by_index() {
    let blog = TestBlog::postgres();
    with_posts(&blog);
    case("foreign_key").set_up(&blog);
    blog.database().record_plans();
    blog.run(&["sync", "content"]).expect_status(1);
    let plans = blog.database().plans();
    let lookups = plans.iter().filter(|ran| {
        ran.query
            .contains("pg_get_constraintdef(k.oid) AS definition,")
    });
    let lookups: Vec<_> = lookups.collect();
    // One for the statement of all posts, one for that of the post.
    assert_eq!(lookups.len(), 2);
    for ran in lookups {
        assert_eq!(ran.sequential_scans(), [""; 0], "{}", ran.outline());
    }
}

#[test]
fn triggers_in_the_file_of_the_embedded_store_refuse_by_name() {
    let blog = TestBlog::embedded();
    with_posts(&blog);
    let address = format!("sqlite:{}", blog.project.path("own.db").display());
    let sync = |options: &[&str]| {
        let args = [&["sync", "content", "--database", &address], options].concat();
        blog.project.run(&args)
    };
    sync(&[]).expect_status(0);
    let connection = rusqlite::Connection::open(blog.project.path("own.db"));
    let connection = connection.expect("it is a database");
    let triggers = "CREATE TRIGGER no_update BEFORE UPDATE ON post WHEN new.id = 12
             BEGIN SELECT RAISE(ABORT, 'no bad ones'); END;
         CREATE TRIGGER no_removal BEFORE DELETE ON post WHEN old.id = 13
             BEGIN SELECT RAISE(ABORT, 'keep the last'); END;
         CREATE UNIQUE INDEX by_title ON post (title)";
    connection.execute_batch(triggers).expect("they are valid");
    blog.project.post(12, "Another title");
    let mut told = sync(&[]).expect_status(1).stderr;
    blog.project.remove("content/12.md").post(11, "Last");
    told += &sync(&[]).expect_status(1).stderr;
    blog.project.remove("content/13.md").post(11, "Eleven");
    told += &sync(&["--prune", "--force"]).expect_status(4).stderr;
    insta::assert_snapshot!(told, @r#"
    error[refused-row]: post 12: the database refuses it: a trigger says: no bad ones
    --> content/12.md
     = help: ask the owner of the database's tables

    error: the database refuses 1 post; nothing was written
    error[refused-row]: post 11: the database refuses it: UNIQUE constraint failed: post.title
    --> content/11.md
     = help: ask the owner of the database's tables

    error: the database refuses 1 post; nothing was written
    error: post 13 (content/13.md): the database refuses its removal: a trigger says: keep the last; nothing was written
    help: ask the owner of the database's tables, or leave out --prune
    "#);
}
