//! Databases of blogs as ORMs and their owners make them, in plain SQL.
//!
//! Each variant is one way in which such a database differs from blogctl's own tables, made
//! from [`BLOG`] where it can be. A test goes through [`all`] or takes one by its [`named`].

use super::client::Client;
use super::database::TestDatabase;

/// A kind of database that a blog's application made.
#[derive(Clone, Copy, Debug)]
pub struct Variant {
    /// The name that tests call it by.
    pub name: &'static str,
    /// The statements that make the tables, in order.
    sql: &'static [&'static str],
    /// The lines of `blogctl.toml` that name the tables; "" where they have blogctl's names.
    pub tables: &'static str,
    /// The query behind the site's list: id, title, category, text and tags, newest first.
    shown: &'static str,
}

/// A post as the site shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The id.
    pub id: i64,
    /// The title.
    pub title: String,
    /// The category; "" if there is none.
    pub category: String,
    /// The Markdown.
    pub text: String,
    /// The tags' names with commas between, in the order of the alphabet.
    pub tags: String,
}

impl Variant {
    /// Makes a database with the tables, empty.
    pub fn create(&self) -> TestDatabase {
        let database = TestDatabase::create();
        self.create_in(&database.client());
        database
    }

    /// Makes the tables in a database that is there.
    pub fn create_in(&self, client: &Client) {
        for sql in self.sql {
            client.batch(sql);
        }
    }

    /// Reads what the site shows, newest first.
    pub fn shown(&self, client: &Client) -> Vec<Shown> {
        let shown = |row: Vec<Option<String>>| {
            let values: Vec<_> = row.into_iter().map(Option::unwrap_or_default).collect();
            let [id, title, category, text, tags] =
                values.try_into().expect("the query has five columns");
            Shown {
                id: id.parse().expect("ids are integers"),
                title,
                category,
                text,
                tags,
            }
        };
        client.rows(self.shown).into_iter().map(shown).collect()
    }
}

/// Returns every variant.
pub fn all() -> impl Iterator<Item = &'static Variant> {
    VARIANTS.iter()
}

/// Returns the variant of this name.
pub fn named(name: &str) -> &'static Variant {
    all()
        .find(|variant| variant.name == name)
        .unwrap_or_else(|| panic!("there is no variant {name}"))
}

/// Version A: the blog as its author's ORM made it first.
const BLOG: &str = r#"
CREATE TYPE category AS ENUM ('GUIDE', 'CONCEPT', 'NOTE');
CREATE TABLE post (
    id          serial PRIMARY KEY,
    title       varchar(255) NOT NULL,
    description text,
    content     text NOT NULL,
    created_at  timestamptz(6) NOT NULL DEFAULT now(),
    updated_at  timestamptz(6) NOT NULL,
    category    category,
    image       varchar(500),
    word_count  integer NOT NULL,
    views       integer NOT NULL DEFAULT 0
);
CREATE INDEX post_id_idx ON post (id);
CREATE INDEX post_category_idx ON post (category);
CREATE TABLE tag (
    id   serial PRIMARY KEY,
    name varchar(100) NOT NULL
);
CREATE UNIQUE INDEX tag_name_key ON tag (name);
CREATE TABLE post_tag (
    post_id integer NOT NULL REFERENCES post (id) ON UPDATE CASCADE ON DELETE CASCADE,
    tag_id  integer NOT NULL REFERENCES tag (id) ON UPDATE CASCADE ON DELETE CASCADE,
    PRIMARY KEY (post_id, tag_id)
);
"#;

/// Version B: the same blog after translations came; tags are shared with a timeline.
const TRANSLATED_BLOG: &str = r#"
CREATE TYPE category AS ENUM ('GUIDE', 'CONCEPT', 'NOTE');
CREATE TYPE locale AS ENUM ('ko', 'en');
CREATE TABLE post (
    id         serial PRIMARY KEY,
    title      varchar(255) NOT NULL,
    created_at timestamptz(6) NOT NULL DEFAULT now(),
    updated_at timestamptz(6) NOT NULL,
    category   category NOT NULL,
    image      varchar(500)
);
CREATE INDEX post_id_idx ON post (id);
CREATE INDEX post_category_idx ON post (category);
CREATE TABLE post_translation (
    id          serial PRIMARY KEY,
    post_id     integer NOT NULL REFERENCES post (id) ON DELETE CASCADE,
    locale      locale NOT NULL,
    description text,
    content     text NOT NULL,
    word_count  integer NOT NULL,
    UNIQUE (post_id, locale)
);
CREATE TABLE tag (id serial PRIMARY KEY, name varchar(100) NOT NULL UNIQUE);
CREATE TABLE post_tag (
    post_id integer NOT NULL REFERENCES post (id) ON DELETE CASCADE,
    tag_id  integer NOT NULL REFERENCES tag (id) ON DELETE CASCADE,
    PRIMARY KEY (post_id, tag_id)
);
CREATE TABLE timeline (id serial PRIMARY KEY, name text NOT NULL);
CREATE TABLE timeline_tag (
    timeline_id integer NOT NULL REFERENCES timeline (id) ON DELETE CASCADE,
    tag_id      integer NOT NULL REFERENCES tag (id) ON DELETE CASCADE,
    PRIMARY KEY (timeline_id, tag_id)
);
"#;

/// The tables that Prisma makes of models without any names for the database.
const PRISMA_NAMES: &str = r#"
CREATE TYPE "Category" AS ENUM ('GUIDE', 'CONCEPT', 'NOTE');
CREATE TABLE "Post" (
    "id"          serial PRIMARY KEY,
    "title"       text NOT NULL,
    "description" text,
    "content"     text NOT NULL,
    "createdAt"   timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt"   timestamp(3) NOT NULL,
    "category"    "Category",
    "image"       text,
    "wordCount"   integer NOT NULL DEFAULT 0,
    "views"       integer NOT NULL DEFAULT 0
);
CREATE TABLE "Tag" ("id" serial PRIMARY KEY, "name" text NOT NULL);
CREATE UNIQUE INDEX "Tag_name_key" ON "Tag" ("name");
CREATE TABLE "_PostToTag" (
    "A" integer NOT NULL REFERENCES "Post" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
    "B" integer NOT NULL REFERENCES "Tag" ("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "_PostToTag_AB_pkey" PRIMARY KEY ("A", "B")
);
CREATE INDEX "_PostToTag_B_index" ON "_PostToTag" ("B");
"#;

/// Gives the columns of [`BLOG`] the names that a program in JavaScript calls them by.
const CAMEL_CASE: &str = r#"
ALTER TABLE post RENAME created_at TO "createdAt";
ALTER TABLE post RENAME updated_at TO "updatedAt";
ALTER TABLE post RENAME word_count TO "wordCount";
ALTER TABLE post_tag RENAME post_id TO "postId";
ALTER TABLE post_tag RENAME tag_id TO "tagId";
"#;

/// Moves [`BLOG`] into a schema of its own.
const TO_SCHEMA_BLOG: &str = "
CREATE SCHEMA blog;
ALTER TYPE category SET SCHEMA blog;
ALTER TABLE post SET SCHEMA blog;
ALTER TABLE tag SET SCHEMA blog;
ALTER TABLE post_tag SET SCHEMA blog;
";

const BIGINT_IDS: &str = "
ALTER TABLE post ALTER id TYPE bigint;
ALTER TABLE tag ALTER id TYPE bigint;
ALTER TABLE post_tag ALTER post_id TYPE bigint, ALTER tag_id TYPE bigint;
";

/// What Drizzle recommends.
const IDS_ALWAYS_GENERATED: &str = "
ALTER TABLE post ALTER id DROP DEFAULT;
ALTER TABLE tag ALTER id DROP DEFAULT;
DROP SEQUENCE post_id_seq, tag_id_seq;
ALTER TABLE post ALTER id ADD GENERATED ALWAYS AS IDENTITY;
ALTER TABLE tag ALTER id ADD GENERATED ALWAYS AS IDENTITY;
";

const UUIDS: &str = "
ALTER TABLE post_tag DROP CONSTRAINT post_tag_post_id_fkey;
ALTER TABLE post ALTER id DROP DEFAULT;
ALTER TABLE post ALTER id TYPE uuid USING gen_random_uuid(), ALTER id SET DEFAULT gen_random_uuid();
ALTER TABLE post_tag ALTER post_id TYPE uuid USING gen_random_uuid();
ALTER TABLE post_tag ADD FOREIGN KEY (post_id) REFERENCES post (id) ON DELETE CASCADE;
";

const TIMELINE: &str = "
CREATE TABLE timeline (id serial PRIMARY KEY, name text NOT NULL);
CREATE TABLE timeline_tag (
    timeline_id integer NOT NULL REFERENCES timeline (id) ON DELETE CASCADE,
    tag_id      integer NOT NULL,
    PRIMARY KEY (timeline_id, tag_id)
);
";

const COMMENTS: &str = "
CREATE TABLE comment (
    id      serial PRIMARY KEY,
    post_id integer NOT NULL REFERENCES post (id) ON DELETE CASCADE,
    words   text NOT NULL
);
";

/// The site's query over [`BLOG`].
const SHOWN: &str = "SELECT p.id, p.title, p.category, p.content,
    (SELECT string_agg(t.name, ',' ORDER BY t.name)
     FROM post_tag l JOIN tag t ON t.id = l.tag_id WHERE l.post_id = p.id)
    FROM post p ORDER BY p.id DESC";

/// A change of [`BLOG`] that leaves every name as it is.
const fn changed(name: &'static str, sql: &'static [&'static str]) -> Variant {
    Variant {
        name,
        sql,
        tables: "[tables.post]\nname = \"post\"\ncolumns = { slug = false, extra = false }\n",
        shown: SHOWN,
    }
}

const VARIANTS: &[Variant] = &[
    // Whole databases, with names of every kind.
    changed("version A", &[BLOG]),
    Variant {
        name: "version B",
        sql: &[TRANSLATED_BLOG],
        tables: "[tables.post]\nname = \"post\"\n\
            columns = { description = false, content = false, word_count = false, slug = false, \
            extra = false }\n\
            [tables.translation]\nname = \"post_translation\"\n\
            columns = { title = false, slug = false, extra = false }\n\
            [locales]\ndefault = \"ko\"\nothers = [\"en\"]\npath = \"{locale}/{name}\"\n",
        shown: "SELECT p.id, p.title, p.category, l.content,
            (SELECT string_agg(t.name, ',' ORDER BY t.name)
             FROM post_tag l JOIN tag t ON t.id = l.tag_id WHERE l.post_id = p.id)
            FROM post p JOIN post_translation l ON l.post_id = p.id AND l.locale = 'ko'
            ORDER BY p.id DESC",
    },
    Variant {
        name: "Prisma's names",
        sql: &[PRISMA_NAMES],
        tables: "[tables.post]\nname = \"Post\"\n\
            columns = { created_at = \"createdAt\", updated_at = \"updatedAt\", \
            word_count = \"wordCount\", slug = false, extra = false }\n\
            [tables.tag]\nname = \"Tag\"\n\
            [tables.post_tag]\nname = \"_PostToTag\"\n\
            columns = { post_id = \"A\", tag_id = \"B\" }\n",
        shown: r#"SELECT p."id", p."title", p."category", p."content",
            (SELECT string_agg(t."name", ',' ORDER BY t."name")
             FROM "_PostToTag" l JOIN "Tag" t ON t."id" = l."B" WHERE l."A" = p."id")
            FROM "Post" p ORDER BY p."id" DESC"#,
    },
    Variant {
        name: "camel case",
        sql: &[BLOG, CAMEL_CASE],
        tables: "[tables.post]\nname = \"post\"\n\
            columns = { created_at = \"createdAt\", updated_at = \"updatedAt\", \
            word_count = \"wordCount\", slug = false, extra = false }\n\
            [tables.post_tag]\nname = \"post_tag\"\n\
            columns = { post_id = \"postId\", tag_id = \"tagId\" }\n",
        shown: "SELECT p.id, p.title, p.category, p.content,
            (SELECT string_agg(t.name, ',' ORDER BY t.name)
             FROM post_tag l JOIN tag t ON t.id = l.\"tagId\" WHERE l.\"postId\" = p.id)
            FROM post p ORDER BY p.id DESC",
    },
    Variant {
        name: "schema blog",
        sql: &[BLOG, TO_SCHEMA_BLOG],
        tables: "[tables.post]\nname = \"blog.post\"\ncolumns = { slug = false, extra = false }\n\
            [tables.tag]\nname = \"blog.tag\"\n\
            [tables.post_tag]\nname = \"blog.post_tag\"\n",
        shown: "SELECT p.id, p.title, p.category, p.content,
            (SELECT string_agg(t.name, ',' ORDER BY t.name)
             FROM blog.post_tag l JOIN blog.tag t ON t.id = l.tag_id WHERE l.post_id = p.id)
            FROM blog.post p ORDER BY p.id DESC",
    },
    Variant {
        name: "renamed tag table",
        sql: &[BLOG, "ALTER TABLE tag RENAME TO label"],
        tables: "[tables.post]\ncolumns = { slug = false, extra = false }\n\
            [tables.tag]\nname = \"label\"\n",
        shown: "SELECT p.id, p.title, p.category, p.content,
            (SELECT string_agg(t.name, ',' ORDER BY t.name)
             FROM post_tag l JOIN label t ON t.id = l.tag_id WHERE l.post_id = p.id)
            FROM post p ORDER BY p.id DESC",
    },
    Variant {
        name: "no tags",
        sql: &[BLOG, "DROP TABLE post_tag, tag"],
        tables: "[tables]\ntags = false\n[tables.post]\ncolumns = { slug = false, extra = false }\n",
        shown: "SELECT id, title, category, content, NULL FROM post ORDER BY id DESC",
    },
    // Types that can be written to.
    changed(
        "category text",
        &[BLOG, "ALTER TABLE post ALTER category TYPE text"],
    ),
    changed("bigint ids", &[BLOG, BIGINT_IDS]),
    changed("ids always generated", &[BLOG, IDS_ALWAYS_GENERATED]),
    changed(
        "timestamp(3)",
        &[
            BLOG,
            "ALTER TABLE post ALTER created_at TYPE timestamp(3), ALTER updated_at TYPE timestamp(3)",
        ],
    ),
    changed(
        "date",
        &[BLOG, "ALTER TABLE post ALTER created_at TYPE date"],
    ),
    changed(
        "category domain",
        &[
            BLOG,
            "CREATE DOMAIN topic AS text CHECK (VALUE IN ('GUIDE', 'CONCEPT', 'NOTE'));
             ALTER TABLE post ALTER category TYPE topic USING category::text",
        ],
    ),
    changed(
        "category check",
        &[
            BLOG,
            "ALTER TABLE post ALTER category TYPE text;
             ALTER TABLE post ADD CONSTRAINT post_category_check
                CHECK (category IN ('GUIDE', 'CONCEPT', 'NOTE'))",
        ],
    ),
    // Tables that refuse rows, or some of them.
    changed(
        "short title",
        &[BLOG, "ALTER TABLE post ALTER title TYPE varchar(20)"],
    ),
    changed(
        "required category",
        &[BLOG, "ALTER TABLE post ALTER category SET NOT NULL"],
    ),
    changed(
        "required column",
        &[BLOG, "ALTER TABLE post ADD url text NOT NULL"],
    ),
    changed(
        "generated word_count",
        &[
            BLOG,
            "ALTER TABLE post DROP word_count;
             ALTER TABLE post ADD word_count integer
                GENERATED ALWAYS AS (length(content)) STORED",
        ],
    ),
    changed(
        "tag names not unique",
        &[BLOG, "DROP INDEX tag_name_key; CREATE INDEX ON tag (name)"],
    ),
    changed("UUIDs", &[BLOG, UUIDS]),
    // Tables where statements succeed and do nothing.
    changed(
        "row-level security",
        &[
            BLOG,
            "ALTER TABLE post ENABLE ROW LEVEL SECURITY;
             ALTER TABLE post FORCE ROW LEVEL SECURITY;
             CREATE POLICY mine ON post USING (id < 100)",
        ],
    ),
    changed(
        "trigger that skips",
        &[
            BLOG,
            "CREATE FUNCTION skip() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
             CREATE TRIGGER skip BEFORE UPDATE ON post FOR EACH ROW EXECUTE FUNCTION skip()",
        ],
    ),
    // Other tables that refer to the blog's.
    changed(
        "timeline, cascade",
        &[
            BLOG,
            TIMELINE,
            "ALTER TABLE timeline_tag ADD FOREIGN KEY (tag_id) REFERENCES tag (id) ON DELETE CASCADE",
        ],
    ),
    changed(
        "timeline, restrict",
        &[
            BLOG,
            TIMELINE,
            "ALTER TABLE timeline_tag
                ADD FOREIGN KEY (tag_id) REFERENCES tag (id) ON DELETE RESTRICT",
        ],
    ),
    changed("comments, cascade", &[BLOG, COMMENTS]),
];
