//! Every option of `[tables]`, and every type that fits, through all that a blog does: tables that
//! are mapped are published into, read, edited, pulled and pruned like blogctl's own.

use crate::support::project::{Output, Project};
use crate::support::test_blog::TestBlog;

/// The tables of an application, with a column for each field.
const TABLES: &str = "
    CREATE TYPE category AS ENUM ('GUIDE', 'CONCEPT', 'NOTE');
    CREATE TABLE post (
        id serial PRIMARY KEY, title varchar(255) NOT NULL, description text,
        content text NOT NULL, created_at timestamptz(6) NOT NULL DEFAULT now(),
        updated_at timestamptz(6) NOT NULL, category category, image varchar(500),
        word_count integer NOT NULL, slug text UNIQUE, extra jsonb);
    CREATE TABLE tag (id serial PRIMARY KEY, name varchar(100) NOT NULL UNIQUE);
    CREATE TABLE post_tag (
        post_id integer NOT NULL REFERENCES post (id) ON DELETE CASCADE,
        tag_id integer NOT NULL REFERENCES tag (id) ON DELETE CASCADE,
        PRIMARY KEY (post_id, tag_id));";

/// The fields whose columns may be left out.
const OPTIONAL: [&str; 8] = [
    "description",
    "category",
    "image",
    "created_at",
    "updated_at",
    "word_count",
    "slug",
    "extra",
];

/// A change of [`TABLES`], and the map to them.
struct Case {
    name: &'static str,
    change: String,
    map: String,
    /// The fields that are not stored.
    lacks: Vec<&'static str>,
    /// The table and the columns of ids and titles as SQL has them.
    post: [&'static str; 3],
}

impl Case {
    fn new(name: &'static str, change: &str) -> Self {
        Self {
            name,
            change: change.to_owned(),
            map: "[tables.post]\n".to_owned(),
            lacks: Vec::new(),
            post: ["post", "id", "title"],
        }
    }

    fn with_map(self, map: &str) -> Self {
        let map = map.to_owned();
        Self { map, ..self }
    }

    /// A case without the columns of these fields.
    fn without(name: &'static str, lacks: &[&'static str]) -> Self {
        let columns = lacks.iter().filter(|field| **field != "tags");
        let dropped = columns.clone().map(|field| format!("DROP {field}"));
        let dropped: Vec<_> = dropped.collect();
        let mut change = format!("ALTER TABLE post {};", dropped.join(", "));
        if dropped.is_empty() {
            change.clear();
        }
        let left_out = columns.map(|field| format!("{field} = false"));
        let left_out: Vec<_> = left_out.collect();
        let mut map = format!("[tables.post]\ncolumns = {{ {} }}\n", left_out.join(", "));
        if lacks.contains(&"tags") {
            change.push_str("DROP TABLE post_tag, tag;");
            map.insert_str(0, "[tables]\ntags = false\n");
        }
        Self {
            lacks: lacks.to_vec(),
            ..Self::new(name, &change).with_map(&map)
        }
    }

    fn stores(&self, field: &str) -> bool {
        !self.lacks.contains(&field)
    }

    /// The front matter of a post with a value for each field that is stored.
    fn front_matter(&self, category: &str, tags: &str) -> String {
        let lines = [
            ("description", "In short"),
            ("category", category),
            ("tags", tags),
            ("image", "/seven.png"),
            ("created_at", "2024-05-06T07:08:09Z"),
            ("updated_at", "2024-06-07T08:09:10Z"),
            ("slug", "seven"),
            ("mood", "happy"),
        ];
        let is_stored = |key: &str| self.stores(if key == "mood" { "extra" } else { key });
        let lines = lines.into_iter().filter(|(key, _)| is_stored(key));
        lines
            .map(|(key, value)| format!("{key}: {value}\n"))
            .collect()
    }
}

/// A blog in the middle of its life, and what was wrong with it so far.
struct Walk<'c> {
    case: &'c Case,
    blog: TestBlog,
    wrong: Vec<String>,
}

impl<'c> Walk<'c> {
    fn new(case: &'c Case) -> Self {
        let blog = TestBlog::postgres();
        blog.sql(TABLES);
        blog.sql(&case.change);
        blog.project.write("blogctl.toml", &case.map);
        let wrong = Vec::new();
        Self { case, blog, wrong }
    }

    /// Demands a status, and a part of what is said.
    fn demand(&mut self, output: &Output, line: &str, status: i32, part: &str) {
        let said = format!("{}{}", output.stdout, output.stderr);
        if output.status != status || !said.contains(part) {
            let name = self.case.name;
            self.wrong.push(format!(
                "{name}: `{line}` is to end with {status} and say {part:?}\n{}: {said}",
                output.status
            ));
        }
    }

    fn says(&mut self, line: &str, status: i32, part: &str) {
        let output = self.blog.run(&line.split(' ').collect::<Vec<_>>());
        self.demand(&output, line, status, part);
    }

    fn write(&self, title: &str, category: &str, tags: &str, body: &str) {
        let lines = self.case.front_matter(category, tags);
        self.blog.project.post_with(7, title, &lines, body);
    }

    /// Sets the title of post 7 as another program would.
    fn edit(&self, title: &str) {
        let [table, id, column] = self.case.post;
        self.blog.sql(&format!(
            "UPDATE {table} SET {column} = '{title}' WHERE {id} = 7"
        ));
    }

    /// Reads in every way.
    fn read(&mut self, title: &str, category: &str, tag: &str) {
        self.says("list", 0, title);
        self.says("show 7", 0, title);
        self.says("search words", 0, title);
        // Posts are not found by what is not stored, and that is said.
        for (field, lines) in [
            (
                "category",
                [
                    format!("list --category {category}"),
                    format!("search words --category {category}"),
                ],
            ),
            (
                "tags",
                [
                    format!("list --tag {tag}"),
                    format!("search words --tag {tag}"),
                ],
            ),
            (
                "created_at",
                [
                    "list --since 2024-05-06 --until 2024-05-06".to_owned(),
                    "search words --since 2024-05-06".to_owned(),
                ],
            ),
            (
                "slug",
                [
                    "show --slug seven".to_owned(),
                    "show --slug seven --format json".to_owned(),
                ],
            ),
        ] {
            for line in lines {
                match self.case.stores(field) {
                    true => self.says(&line, 0, title),
                    false => self.says(&line, 2, &format!("no post is found by {field}")),
                }
            }
        }
        if self.case.stores("extra") {
            self.says("list --where mood=happy", 0, title);
        }
        let [counted, tagged] = [("category", category), ("tags", tag)]
            .map(|(field, name)| if self.case.stores(field) { name } else { "" });
        self.says("categories", 0, counted);
        self.says("tags", 0, tagged);
    }

    /// Pulls all posts into an empty directory, from which a sync has nothing to change.
    fn pull(&mut self) {
        let url = self.blog.database().plain_url();
        let project = Project::new();
        project.write("blogctl.toml", &self.case.map);
        std::fs::create_dir(project.path("content")).expect("the project is new");
        let run = |line: &str| {
            let words: Vec<_> = line.split(' ').collect();
            project.run_with(&words, &[("DATABASE_URL", &url)])
        };
        let pulled = run("pull content");
        self.demand(&pulled, "pull", 0, "2 created");
        let rehearsed = run("sync content --dry-run");
        self.demand(
            &rehearsed,
            "sync what was pulled",
            0,
            "nothing changed: 2 posts",
        );
    }

    /// Goes through all that a blog does.
    fn all(mut self) -> Vec<String> {
        self.blog.project.post(8, "Eight");
        self.write("Seven", "GUIDE", "[a, b]", "Seven words.\n");
        self.says("doctor", 0, "posts fit into");
        self.says("sync content --dry-run", 0, "2 created");
        self.says("sync content", 0, "2 created");
        self.says("sync content", 0, "nothing changed: 2 posts");
        self.read("Seven", "GUIDE", "b");
        self.pull();
        self.write("Seven again", "NOTE", "[a, c]", "Other words.\n");
        self.says("sync content", 0, "1 updated");
        self.read("Seven again", "NOTE", "c");
        self.edit("Theirs");
        self.write("Mine", "NOTE", "[a]", "Other words.\n");
        self.says("sync content", 4, "\"Theirs\" in the row");
        self.says("diff", 0, "Theirs");
        self.says("sync content --force", 0, "1 updated");
        self.edit("Theirs");
        self.says("pull content", 0, "update  content/7.md (id 7): title");
        self.says("sync content", 0, "1 adopted");
        self.blog.project.remove("content/8.md");
        self.says("sync content --prune", 0, "1 removed");
        self.says("doctor content", 0, "posts fit into");
        self.says("schema status", 0, "as needed");
        let [table, ..] = self.case.post;
        let left = self.blog.database().client();
        let left = left.text(&format!("SELECT count(*) FROM {table}"));
        if left != "1" {
            self.wrong
                .push(format!("{}: {left} rows are left", self.case.name));
        }
        self.wrong
    }

    /// Publishes, reads and updates.
    fn briefly(mut self) -> Vec<String> {
        self.blog.project.post(8, "Eight");
        self.write("Seven", "GUIDE", "[a, b]", "Seven words.\n");
        self.says("sync content", 0, "2 created");
        self.read("Seven", "GUIDE", "b");
        self.pull();
        self.write("Seven again", "NOTE", "[a, c]", "Other words.\n");
        self.says("sync content", 0, "1 updated");
        self.says("sync content", 0, "nothing changed: 2 posts");
        self.says("doctor content", 0, "posts fit into");
        self.wrong
    }
}

fn assert_right(wrong: impl IntoIterator<Item = Vec<String>>) {
    let wrong: Vec<String> = wrong.into_iter().flatten().collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Every name of the application's has to be quoted, and one table has no name of blogctl's.
const RENAMED: &str = r#"
    CREATE SCHEMA "My \ Blog";
    ALTER TABLE post RENAME id TO "Id""é"; ALTER TABLE post RENAME title TO "i";
    ALTER TABLE post RENAME description TO "select"; ALTER TABLE post RENAME content TO "Content";
    ALTER TABLE post RENAME created_at TO "p"; ALTER TABLE post RENAME updated_at TO "updatedAt";
    ALTER TABLE post RENAME category TO "a\.b"; ALTER TABLE post RENAME image TO "post";
    ALTER TABLE post RENAME word_count TO "xmin_"; ALTER TABLE post RENAME slug TO "stated";
    ALTER TABLE post RENAME extra TO "it's"; ALTER TABLE tag RENAME id TO "tagId";
    ALTER TABLE tag RENAME name TO "posts"; ALTER TABLE post_tag RENAME post_id TO "A";
    ALTER TABLE post_tag RENAME tag_id TO "B"; ALTER TABLE post RENAME TO "Pöst's";
    ALTER TABLE tag RENAME TO "Tag"; ALTER TABLE post_tag RENAME TO "_PostToTag";
    ALTER TYPE category RENAME TO "Cat""egory"; ALTER TYPE "Cat""egory" SET SCHEMA "My \ Blog";
    ALTER TABLE "Pöst's" SET SCHEMA "My \ Blog"; ALTER TABLE "Tag" SET SCHEMA "My \ Blog";
    ALTER TABLE "_PostToTag" SET SCHEMA "My \ Blog";"#;

const RENAMED_MAP: &str = r#"
[tables.post]
name = "\"My \\ Blog\".\"Pöst's\""
[tables.post.columns]
id = 'Id"é'
title = "i"
description = "select"
content = "Content"
created_at = "p"
updated_at = "updatedAt"
category = 'a\.b'
image = "post"
word_count = "xmin_"
slug = "stated"
extra = "it's"
[tables.tag]
name = '"My \ Blog".Tag'
columns = { id = "tagId", name = "posts" }
[tables.post_tag]
name = '"My \ Blog"._PostToTag'
columns = { post_id = "A", tag_id = "B" }
"#;

#[test]
fn names_of_every_kind_go_through_all_that_a_blog_does() {
    let renamed = Case {
        post: [r#""My \ Blog"."Pöst's""#, r#""Id""é""#, "i"],
        ..Case::new("renamed", RENAMED).with_map(RENAMED_MAP)
    };
    let swapped = Case {
        post: ["post", "id", "description"],
        ..Case::new(
            "swapped",
            "ALTER TABLE post RENAME title TO x; ALTER TABLE post RENAME description TO title;
             ALTER TABLE post RENAME x TO description;",
        )
        .with_map("[tables.post]\ncolumns = { title = \"description\", description = \"title\" }\n")
    };
    assert_right([renamed, swapped].iter().map(|case| Walk::new(case).all()));
}

#[test]
fn each_field_can_be_left_out() {
    for field in OPTIONAL {
        let case = Case::without(field, &[field]);
        assert_right([Walk::new(&case).briefly()]);
    }
    let none = Case::without("no optional column", &OPTIONAL);
    let bare = [&OPTIONAL[..], &["tags"]].concat();
    let bare = Case::without("no optional column, no tags", &bare);
    let tags = Case::without("no tags", &["tags"]);
    assert_right([Walk::new(&none).all(), Walk::new(&tags).briefly()]);
    // Without tags, too, there is little to read a post by; the rest is the same.
    assert_right([Walk::new(&bare).briefly()]);
}

#[test]
fn columns_of_every_type_that_fits_go_through_all_that_a_blog_does() {
    let cases = [
        Case::new(
            "bigint identities, always generated",
            "ALTER TABLE post ALTER id DROP DEFAULT, ALTER id TYPE bigint;
             ALTER TABLE tag ALTER id DROP DEFAULT, ALTER id TYPE bigint;
             DROP SEQUENCE post_id_seq, tag_id_seq;
             ALTER TABLE post_tag ALTER post_id TYPE bigint, ALTER tag_id TYPE bigint;
             ALTER TABLE post ALTER id ADD GENERATED ALWAYS AS IDENTITY;
             ALTER TABLE tag ALTER id ADD GENERATED ALWAYS AS IDENTITY;",
        ),
        Case::new(
            "domains and citext",
            "CREATE EXTENSION citext;
             CREATE DOMAIN ident AS integer CHECK (VALUE > 0);
             CREATE DOMAIN short AS varchar(300) CHECK (VALUE <> 'x');
             CREATE DOMAIN moment AS timestamp(3);
             CREATE DOMAIN topic AS text CHECK (VALUE IN ('GUIDE', 'NOTE'));
             CREATE DOMAIN amount AS integer CHECK (VALUE >= 0);
             ALTER TABLE post ALTER id TYPE ident, ALTER title TYPE short USING title::short,
                ALTER description TYPE citext, ALTER created_at TYPE moment,
                ALTER updated_at TYPE moment, ALTER category TYPE topic USING category::text,
                ALTER slug TYPE citext, ALTER word_count TYPE amount;
             ALTER TABLE tag ALTER id TYPE ident, ALTER name TYPE short USING name::short;",
        ),
        Case::new(
            "times of whole seconds without a zone, small counts",
            "CREATE EXTENSION citext;
             ALTER TABLE post ALTER created_at TYPE timestamp(0), ALTER updated_at TYPE timestamp(0),
                ALTER word_count TYPE smallint, ALTER category TYPE citext USING category::text;",
        ),
        Case::new(
            "computed count, columns of links of their own, a partition each",
            "DROP TABLE post_tag, post;
             CREATE TABLE post (
                id serial PRIMARY KEY, title text NOT NULL, description text,
                content text NOT NULL, created_at timestamptz NOT NULL DEFAULT now(),
                updated_at timestamptz NOT NULL, category category, image text,
                word_count smallint GENERATED ALWAYS AS (length(content) * 2) STORED,
                slug text, extra jsonb NOT NULL DEFAULT '{}') PARTITION BY RANGE (id);
             CREATE TABLE post_low PARTITION OF post FOR VALUES FROM (0) TO (8);
             CREATE TABLE post_high PARTITION OF post DEFAULT;
             CREATE TABLE post_tag (
                id serial PRIMARY KEY, post_id integer NOT NULL, tag_id integer NOT NULL,
                at timestamptz NOT NULL DEFAULT now(), UNIQUE (tag_id, post_id));",
        ),
    ];
    for case in &cases[..3] {
        assert_right([Walk::new(case).briefly()]);
    }
    assert_right([Walk::new(&cases[3]).all()]);
}

#[test]
fn fixed_values_of_every_type_are_written() {
    let values = [
        (
            "text",
            "text",
            "\"{slug} {id} {path}\"",
            "seven 7 content/7.md",
        ),
        ("flag", "boolean", "true", "true"),
        ("small", "smallint", "3", "3"),
        ("number", "integer", "\"{id}\"", "7"),
        ("big", "bigint", "5000000000", "5000000000"),
        ("price", "numeric(10,2)", "1.5", "1.50"),
        ("ratio", "double precision", "2.5", "2.5"),
        (
            "at",
            "timestamptz",
            "2024-01-02T03:04:05Z",
            "2024-01-02 03:04:05+00",
        ),
        ("day", "date", "\"2024-01-02\"", "2024-01-02"),
        ("doc", "jsonb", "'{{\"id\": {id}}}'", "{\"id\": 7}"),
        (
            "key",
            "uuid",
            "\"00000000-0000-0000-0000-00000000000{id}\"",
            "00000000-0000-0000-0000-000000000007",
        ),
        ("Label", "category", "\"NOTE\"", "NOTE"),
        ("labels", "category[]", "\"{{GUIDE,NOTE}}\"", "{GUIDE,NOTE}"),
        ("list", "text[]", "\"{{a,b}}\"", "{a,b}"),
        ("code", "char(4)", "\"ab\"", "ab"),
    ];
    let columns = values.map(|(name, kind, ..)| format!("ADD \"{name}\" {kind} NOT NULL"));
    let map = values.map(|(name, _, value, _)| format!("{name} = {value}\n"));
    let case = Case::new(
        "fixed values",
        &format!("ALTER TABLE post {};", columns.join(", ")),
    )
    .with_map(&format!("[tables.post.values]\n{}", map.concat()));
    let walk = Walk::new(&case);
    walk.write("Seven", "GUIDE", "[a]", "Words.\n");
    walk.blog.sync(&[]);
    let client = walk.blog.database().client();
    let names = values.map(|(name, ..)| format!("\"{name}\"::text"));
    let read = format!(
        "SET timezone = 'UTC'; SELECT {} FROM post",
        names.join(", ")
    );
    let expected = values.map(|(.., stored)| stored).join("|");
    assert_eq!(client.text(&read), expected);
    walk.write("Seven again", "GUIDE", "[a]", "Words.\n");
    walk.blog.sync(&[]);
    assert_eq!(client.text(&read), expected);
}

#[test]
fn a_category_that_the_database_gives_is_counted_and_found() {
    let case = Case::new(
        "default",
        "ALTER TABLE post ALTER category SET DEFAULT 'NOTE', ALTER category SET NOT NULL;",
    );
    let mut walk = Walk::new(&case);
    walk.blog.project.post(8, "Eight");
    walk.blog.sync(&[]);
    walk.says("categories", 0, "1  NOTE");
    walk.says("list --category NOTE", 0, "Eight");
    walk.says("search post --category NOTE", 0, "Eight");
    walk.blog
        .project
        .post_with(8, "Eight", "category: GUIDE", "The post.\n");
    walk.blog.sync(&[]);
    walk.says("categories", 0, "1  GUIDE");
    walk.says("search post --category NOTE", 0, "no posts match");
    assert_right([walk.wrong]);
}

#[test]
fn ids_that_the_application_made_may_be_of_any_size() {
    let case = Case::new(
        "large ids",
        "ALTER TABLE post ALTER id TYPE bigint; ALTER TABLE tag ALTER id TYPE bigint;
         ALTER TABLE post_tag ALTER post_id TYPE bigint, ALTER tag_id TYPE bigint;
         INSERT INTO post (id, title, content, updated_at, word_count)
             VALUES (7, 'Seven', 'Words.', now(), 1), (100, 'Theirs', 'Words.', now(), 1),
                (5000000000, 'Far', 'Words.', now(), 1), (-3, 'Below', 'Words.', now(), 1);
         INSERT INTO tag VALUES (5000000000, 'x');
         INSERT INTO post_tag VALUES (7, 5000000000), (100, 5000000000);",
    );
    let mut walk = Walk::new(&case);
    walk.blog.project.post_with(7, "Seven", "", "Words.\n");
    walk.blog
        .project
        .post_with(8, "Eight", "tags: [x, y]", "Words.\n");
    walk.says("sync content", 0, "1 adopted");
    walk.says("sync content", 0, "nothing changed: 2 posts");
    walk.says("tags", 0, "3  x");
    walk.says("list --tag x", 0, "Theirs");
    // Ids that no file can have are those of no posts.
    let all = walk.blog.json(&["list", "--format", "json"]);
    assert_eq!(crate::support::test_blog::ids(&all), [100, 8, 7]);
    walk.blog.project.remove("content/8.md");
    walk.says("sync content --prune", 0, "1 removed");
    walk.says("tags", 0, "2  x");
    assert_right([walk.wrong]);
}
