//! The tables of an application, with names and types of their own: what `diff` shows and `pull`
//! brings is what a sync takes for equal.

use serde_json::{Value, json};

use crate::support::client::Client;
use crate::support::database::TestDatabase;
use crate::support::project::{Output, Project};
use crate::support::schemas::assert_valid;
use crate::support::test_blog;
use crate::support::variants::named;

/// Columns that blogctl knows nothing of, two of which need a value.
const MORE_COLUMNS: &str = r#"
ALTER TABLE "Post" ADD "published" boolean NOT NULL, ADD "url" text NOT NULL;
ALTER TABLE "Post" DROP "description";
"#;

/// The names of all these tables. Three fields are not stored.
const TABLES: &str = r#"
[tables.post]
name = "Post"
columns = { created_at = "createdAt", updated_at = "updatedAt", word_count = "wordCount", description = false, slug = false, extra = false }
values = { published = true, url = "/blog/{id}" }
[tables.tag]
name = "Tag"
[tables.post_tag]
name = "_PostToTag"
columns = { post_id = "A", tag_id = "B" }
"#;

/// A file with all that such a table takes, times that it rounds, and a key that it has no column
/// for.
const FILE: &str = "---\r\n# ours\r\nid: 7\r\ntitle: 'Seven' # the title\r\ncategory: GUIDE\r\n\
    tags: [b, a]\r\nimage: a.png\r\ncreated_at: 2025-01-02T03:04:05.678901+09:00\r\n\
    layout: wide\r\n---\r\n\r\nOne two.\r\n";

/// A blog whose application made the tables.
struct Blog {
    project: Project,
    database: TestDatabase,
}

impl Blog {
    /// Makes the tables, and publishes two files.
    fn published() -> Self {
        let database = named("Prisma's names").create();
        database.client().batch(MORE_COLUMNS);
        let blog = Self {
            project: Project::new(),
            database,
        };
        blog.project
            .write("blogctl.toml", TABLES)
            .write("content/7.md", FILE)
            .post(8, "Eight");
        blog.run(&["sync"]).expect_status(0);
        blog
    }

    fn run(&self, args: &[&str]) -> Output {
        let url = self.database.plain_url();
        self.project.run(&[args, &["--database", &url]].concat())
    }

    /// Runs a command that must succeed, and reads its answer.
    #[track_caller]
    fn json(&self, command: &str) -> Value {
        let output = self.run(&[command, "--format", "json"]).expect_status(0);
        let told = test_blog::json(&output);
        assert_valid(command, &told);
        told
    }

    fn client(&self) -> Client {
        self.database.client()
    }

    /// Returns every row of the application's tables, and whether it was rewritten.
    fn rows(&self) -> Vec<String> {
        let rows = |table: &str| {
            let sql = format!("SELECT t.xmin, t::text FROM {table} t ORDER BY t::text");
            self.client().text(&sql)
        };
        [r#""Post""#, r#""Tag""#, r#""_PostToTag""#]
            .map(rows)
            .into()
    }

    /// Syncs, which adopts so many rows and writes none; files and rows are then equal.
    #[track_caller]
    fn adopts(&self, posts: u32) {
        let rows = self.rows();
        let counts = self.json("sync")["counts"].take();
        assert_eq!(counts["adopted"], posts, "{counts}");
        assert_eq!(counts["created"], 0, "{counts}");
        assert_eq!(counts["updated"], 0, "{counts}");
        assert_eq!(self.rows(), rows, "an adopted row is not written");
        self.is_equal();
    }

    /// No command finds a difference between files and rows.
    #[track_caller]
    fn is_equal(&self) {
        let diff = self.run(&["diff", "--exit-code"]).expect_status(0);
        assert!(diff.stdout.starts_with("no differences"), "{diff:#?}");
        let sync = self.run(&["sync"]).expect_status(0);
        assert!(sync.stdout.starts_with("nothing changed"), "{sync:#?}");
        let pull = self.run(&["pull"]).expect_status(0);
        assert!(pull.stdout.starts_with("nothing to pull"), "{pull:#?}");
    }
}

#[test]
fn after_a_sync_nothing_differs_and_a_named_post_is_left_as_it_is() {
    let blog = Blog::published();
    blog.is_equal();
    blog.run(&["pull", "7", "8"]).expect_status(0);
    blog.run(&["pull", "7", "8", "--force"]).expect_status(0);
    assert_eq!(blog.project.read("content/7.md"), FILE);
}

#[test]
fn an_edited_row_is_shown_and_pulled_and_adopted() {
    let blog = Blog::published();
    blog.client().batch(
        r#"UPDATE "Post" SET "title" = 'Sept', "category" = 'NOTE', "views" = 5 WHERE "id" = 7;
           DELETE FROM "_PostToTag" WHERE "B" = (SELECT "id" FROM "Tag" WHERE "name" = 'b')"#,
    );
    let told = blog.json("diff");
    assert_eq!((&told["different"], &told["equal"]), (&json!(1), &json!(1)));
    let post = &told["posts"][0];
    assert_eq!(post["state"], "row_changed");
    assert_eq!(
        post["fields"],
        json!([
            {"field": "title", "file": "Seven", "row": "Sept"},
            {"field": "category", "file": "GUIDE", "row": "NOTE"}
        ])
    );
    assert_eq!(post["tags"], json!({"added": ["b"], "removed": []}));
    assert_eq!(post["content"], Value::Null);
    let pulled = blog.json("pull");
    assert_eq!(pulled["counts"]["updated"], 1);
    let expected = FILE
        .replace("'Seven'", "'Sept'")
        .replace("GUIDE", "NOTE")
        .replace("[b, a]", "[a]");
    assert_eq!(blog.project.read("content/7.md"), expected);
    let diff = blog.run(&["diff"]).expect_status(0);
    assert!(
        diff.stdout.contains("the row says what the file says"),
        "{diff:#?}"
    );
    blog.adopts(1);
}

#[test]
fn both_sides_that_changed_are_a_conflict_that_the_row_wins() {
    let blog = Blog::published();
    let edit = r#"UPDATE "Post" SET "content" = 'Theirs.', "createdAt" = '2024-05-06 07:08:09.123'
        WHERE "id" = 7"#;
    blog.client().batch(edit);
    blog.project
        .write("content/7.md", FILE.replace("'Seven'", "'Ours'"));
    let told = blog.json("diff");
    assert_eq!(told["posts"][0]["state"], "both_changed");
    let fields = told["posts"][0]["fields"].as_array().expect("a list");
    let fields: Vec<_> = fields.iter().map(|one| &one["field"]).collect();
    assert_eq!(fields, ["title", "created_at"]);
    blog.run(&["sync"]).expect_status(4);
    blog.run(&["pull"]).expect_status(4);
    blog.run(&["pull", "7", "--force"]).expect_status(0);
    let expected = FILE
        .replace(
            "2025-01-02T03:04:05.678901+09:00",
            "2024-05-06T16:08:09.123000+09:00",
        )
        .replace("One two.", "Theirs.");
    assert_eq!(blog.project.read("content/7.md"), expected);
    blog.adopts(1);
}

#[test]
fn a_row_that_the_application_made_becomes_a_file_and_is_adopted() {
    let blog = Blog::published();
    blog.client().batch(
        r#"INSERT INTO "Post" ("id", "title", "content", "createdAt", "updatedAt", "category",
               "image", "wordCount", "published", "url")
           VALUES (9, 'Neuf: "9"', E'Un.\r\n\r\nDeux.', '2025-02-03 04:05:06.789',
               '2025-02-03 04:05:07', 'CONCEPT', 'b.png', 0, false, '/mine');
           INSERT INTO "Tag" ("name") VALUES ('c: d');
           INSERT INTO "_PostToTag" SELECT 9, "id" FROM "Tag" WHERE "name" IN ('a', 'c: d')"#,
    );
    let told = blog.json("diff");
    assert_eq!(told["posts"][0]["state"], "no_file");
    assert_eq!(told["posts"][0]["path"], Value::Null);
    assert_eq!(told["only_in_database"], 1);
    let dry_run = blog.run(&["pull", "--dry-run"]).expect_status(0);
    assert!(
        dry_run.stdout.contains("\n+category: CONCEPT\n"),
        "{dry_run:#?}"
    );
    assert_eq!(blog.json("pull")["counts"]["created"], 1);
    // The form of times is that of the other files, and the count is the application's.
    assert_eq!(
        blog.project.read("content/9.md"),
        "---\nid: 9\ntitle: \"Neuf: \\\"9\\\"\"\ncategory: CONCEPT\ntags: [a, \"c: d\"]\n\
         image: b.png\ncreated_at: 2025-02-03T13:05:06.789000+09:00\n\
         updated_at: 2025-02-03T13:05:07.000000+09:00\nword_count: 0\n---\nUn.\n\nDeux.\n"
    );
    blog.adopts(1);
    // The file comes back as it was read, even if the row never had all of it.
    blog.project.remove("content/9.md");
    blog.run(&["pull"]).expect_status(0);
    blog.is_equal();
}

#[test]
fn a_database_that_no_sync_has_seen_is_compared() {
    let database = named("Prisma's names").create();
    database.client().batch(MORE_COLUMNS);
    let blog = Blog {
        project: Project::new(),
        database,
    };
    blog.client().batch(
        r#"INSERT INTO "Post" ("id", "title", "content", "updatedAt", "published", "url")
           VALUES (1, 'One', 'Theirs.', now(), true, '/'), (2, 'Two', 'Theirs.', now(), true, '/')"#,
    );
    blog.project
        .write("blogctl.toml", TABLES)
        .post_with(1, "One", "layout: wide", "Theirs.\n");
    let told = blog.json("diff");
    assert_eq!(told["posts"][0]["state"], "no_file");
    assert_eq!(told["posts"][1]["state"], "foreign_row");
    assert_eq!(told["posts"][1]["fields"], json!([]));
    assert_eq!((&told["different"], &told["equal"]), (&json!(1), &json!(1)));
}
