//! A blog of 200,000 posts, written by SQL.

use std::sync::LazyLock;

use blogctl::store::postgres::{ConnectOptions, PostgresStore, schema};
use blogctl::tables::TableMap;

use crate::support::client::Client;
use crate::support::database::TestDatabase;

/// Posts in it.
pub const POSTS: u64 = 200_000;

/// The posts. Ids rise by three on average, with a wide gap in the middle. A post comes every
/// twenty minutes, up to five hours before or after its turn, and every fiftieth has no time.
/// Categories and tags are named for how common they are; `old` occurs among the oldest alone, `new` among the
/// newest.
/// Every hundredth has a body that is kept beside its row.
const POST: &str = "
    INSERT INTO public.post
        (id, title, description, content, created_at, updated_at, category, image, word_count)
    SELECT
        n * 3 + n % 2 + CASE WHEN n > 100000 THEN 1000000 ELSE 0 END,
        'Post ' || n,
        CASE WHEN n % 2 = 0 THEN 'Its description' END,
        CASE
            WHEN n % 100 = 0
            THEN (SELECT string_agg(md5((n * 200 + m)::text), '') FROM generate_series(1, 130) m)
            ELSE 'Its body'
        END,
        at, at,
        CASE
            WHEN n <= 2000 THEN 'old'
            WHEN n % 1000 = 1 THEN 'rare'
            WHEN n % 100 = 2 THEN 'one'
            WHEN n % 10 IN (3, 4, 5) THEN 'third'
            WHEN n > 140000 AND n % 10 > 5 THEN 'new'
            WHEN n % 97 <> 0 THEN 'most'
        END,
        NULL,
        2
    FROM generate_series(1, 200000) n
    CROSS JOIN LATERAL (SELECT CASE
        WHEN n % 50 <> 7
        THEN timestamptz '2015-01-01 00:00Z'
            + n * interval '20 min' + (n * 7919 % 600 - 300) * interval '1 min'
    END AS at) t";

/// Tags are strewn by a hash, so that they do not follow the categories.
const TAGS: &str = "
    INSERT INTO public.tag (name)
    SELECT * FROM unnest(ARRAY['most', 'third', 'one', 'rare', 'old'])
    UNION ALL SELECT 'unused ' || n FROM generate_series(1, 500) n;
    INSERT INTO public.post_tag
    SELECT p.id, t.id
    FROM public.post p
    CROSS JOIN LATERAL (SELECT hashint4(p.id) & 1023 AS a, hashint4(p.id) >> 10 & 1023 AS b) h
    CROSS JOIN LATERAL (VALUES
        ('most', h.a < 922),
        ('third', h.b < 307),
        ('one', (h.a + h.b) % 100 = 0),
        ('rare', (h.a * 7 + h.b) % 1000 = 0),
        ('old', p.id <= 6000)
    ) c (name, carried)
    JOIN public.tag t ON t.name = c.name
    WHERE c.carried";

/// SQL for the bookkeeping that syncs of these posts would have written, for files that no test
/// has.
const KEPT: &str = "
    INSERT INTO blogctl.source
        (post_id, path, file_digest, post_digest, row_xmin, row_digest, tags, terms_version)
    SELECT
        p.id, 'elsewhere/' || p.id || '.md', substr(sha256(p.id::text::bytea), 1, 16),
        substr(sha256(p.title::bytea), 1, 16), p.xmin,
        blogctl.row_digest(
            p.title, p.description, p.content, p.created_at,
            p.updated_at, p.category, p.image, p.word_count, ''
        ),
        ARRAY(
            SELECT t.name::text
            FROM public.post_tag pt JOIN public.tag t ON t.id = pt.tag_id
            WHERE pt.post_id = p.id
            ORDER BY t.name COLLATE \"C\"
        ),
        1
    FROM public.post p;
    INSERT INTO blogctl.category_count
    SELECT category, count(*) FROM public.post WHERE category IS NOT NULL GROUP BY category;
    INSERT INTO blogctl.tag_count SELECT tag_id, count(*) FROM public.post_tag GROUP BY tag_id;
    INSERT INTO blogctl.run
        (started_at, finished_at, created, updated, moved, removed, unchanged, directory, actor)
    SELECT now(), now(), 1, 0, 0, 0, 0, 'elsewhere', 'tester@here'
    FROM generate_series(1, 20000)";

/// Values of extra keys, scattered as the tags are and named for their frequency; and slugs.
const EXTRA: &str = "
    INSERT INTO blogctl.extra_value (post_id, key, value)
    SELECT p.id, 'kind', c.value
    FROM public.post p
    CROSS JOIN LATERAL (SELECT hashint4(p.id + 7) & 1023 AS a, hashint4(p.id + 7) >> 10 & 1023 AS b) h
    CROSS JOIN LATERAL (VALUES
        ('most', h.a < 922),
        ('one', (h.a + h.b) % 100 = 0),
        ('rare', (h.a * 7 + h.b) % 1000 = 0),
        ('old', p.id <= 6000)
    ) c (value, has)
    WHERE c.has;
    UPDATE public.post SET slug = 'post-' || id WHERE id % 100 = 0;
    UPDATE blogctl.source s SET row_xmin = p.xmin, stated = '{slug}',
        row_digest = blogctl.row_digest(
            p.title, p.description, p.content, p.created_at,
            p.updated_at, p.category, p.image, p.word_count, ROW('slug', p.slug)::text
        )
    FROM public.post p WHERE p.id = s.post_id AND p.slug IS NOT NULL";

/// The search terms of the posts: words scattered by a hash and named for their frequency,
/// `ancient` only among the oldest, twenty fillers, the category, the tags, the values of
/// [`EXTRA`], the blocks of ids.
/// The index is created afterwards, which takes a tenth of the time.
const TERMS: &str = "
    DROP INDEX blogctl.search_terms_idx;
    INSERT INTO blogctl.search
    SELECT p.id, array_to_tsvector(array_remove(
        ARRAY[
            CASE WHEN h.a < 922 THEN 'common' END,
            CASE WHEN h.b < 307 THEN 'frequent' END,
            CASE WHEN (h.a + h.b) % 100 = 1 THEN 'seldom' END,
            CASE WHEN (h.a * 7 + h.b) % 5000 = 3 THEN 'rarest' END,
            CASE WHEN h.a < 922 THEN '데이터' END,
            CASE WHEN h.b < 307 THEN '이터베' END,
            CASE WHEN p.id <= 6000 THEN 'ancient' END,
            CASE WHEN e.a < 922 THEN 'x4:kindmost' END,
            CASE WHEN (e.a + e.b) % 100 = 0 THEN 'x4:kindone' END,
            CASE WHEN (e.a * 7 + e.b) % 1000 = 0 THEN 'x4:kindrare' END,
            CASE WHEN p.id <= 6000 THEN 'x4:kindold' END,
            'c:' || p.category,
            ':0:' || p.id / 512, ':1:' || p.id / 4096, ':2:' || p.id / 32768,
            ':3:' || p.id / 262144, ':4:' || p.id / 2097152
        ]
        || ARRAY(SELECT 'filler' || (hashint4(p.id + n * 1000003) & 4095) FROM generate_series(1, 20) n)
        || (SELECT array_agg('t:' || name) FROM unnest(s.tags) AS t (name)),
        NULL
    ))
    FROM public.post p
    JOIN blogctl.source s ON s.post_id = p.id
    CROSS JOIN LATERAL (SELECT hashint4(p.id) & 1023 AS a, hashint4(p.id) >> 10 & 1023 AS b) h
    CROSS JOIN LATERAL (SELECT hashint4(p.id + 7) & 1023 AS a, hashint4(p.id + 7) >> 10 & 1023 AS b) e;
    CREATE INDEX search_terms_idx ON blogctl.search USING gin (terms)";

/// Leaves the statistics of all tables as each test wants them.
pub fn without_vacuum(client: &Client) {
    let tables = "SELECT oid::regclass::text FROM pg_class
         WHERE relkind = 'r' AND relnamespace IN ('public'::regnamespace, 'blogctl'::regnamespace)";
    for table in client.rows(tables).into_iter().flatten().flatten() {
        client.batch(&format!(
            "ALTER TABLE {table} SET (autovacuum_enabled = off)"
        ));
    }
}

static BLOG: LazyLock<TestDatabase> = LazyLock::new(|| {
    let database = TestDatabase::create();
    let client = database.client();
    client.batch(&schema(&TableMap::default()));
    without_vacuum(&client);
    for sql in [POST, TAGS] {
        client.batch(sql);
    }
    client.batch("ANALYZE");
    client.batch(KEPT);
    client.batch(EXTRA);
    client.batch(TERMS);
    client.batch("VACUUM ANALYZE");
    database
});

/// The state of the planner's statistics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Statistics {
    /// As after VACUUM ANALYZE.
    Fresh,
    /// Nothing of the columns' values, and the sizes as they are.
    Deleted,
    /// Nothing at all, as just after a first sync.
    Never,
}

/// A copy of the blog as it is.
pub fn copy() -> TestDatabase {
    BLOG.copy()
}

/// A copy of the blog, in which what is run from now on is recorded.
pub fn blog(statistics: Statistics) -> TestDatabase {
    with_statistics(BLOG.copy(), statistics)
}

/// Puts the statistics of a database into a state, and records from now on what is run.
pub fn with_statistics(database: TestDatabase, statistics: Statistics) -> TestDatabase {
    let client = database.client();
    if statistics != Statistics::Fresh {
        client.batch("DELETE FROM pg_statistic");
    }
    if statistics == Statistics::Never {
        client.batch(
            "UPDATE pg_class SET reltuples = -1, relpages = 0, relallvisible = 0
             WHERE relnamespace IN ('public'::regnamespace, 'blogctl'::regnamespace)",
        );
    }
    database.record_plans();
    database
}

/// Connects the store to a database, as the program does.
pub fn store(database: &TestDatabase) -> PostgresStore {
    PostgresStore::connect(&database.plain_url(), &ConnectOptions::default())
        .expect("the server is there")
}
