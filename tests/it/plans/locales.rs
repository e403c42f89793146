//! Plans of a blog with locales: each reader and writer by index, and no page reads more than its
//! walk.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use blogctl::locale::{Gap, Locale, Locales};
use blogctl::page::{Filter, Limit, Position, PostKey};
use blogctl::post::{ExtraTerm, PostId};
use blogctl::search::Query;
use blogctl::store::postgres::{ConnectOptions, PostgresStore, schema};
use blogctl::store::{Reader, SearchRequest, Store};
use blogctl::tables::TableMap;

use super::blog::{Statistics, with_statistics, without_vacuum};
use crate::support::client::Client;
use crate::support::database::TestDatabase;
use crate::support::explain::Ran;
use crate::support::project::Project;

/// Posts in the blog.
const POSTS: u64 = 20_000;

/// The posts, of which each has a text in Korean, every third one in English, every hundredth in
/// Japanese, and the oldest ones in German. Categories, tags and values of the key `kind` are named
/// for their frequency.
const BLOG: &str = "
    INSERT INTO public.post (id, title, content, created_at, updated_at, category, word_count)
    SELECT n * 3, 'Post ' || n, 'Its body', at, at,
        CASE
            WHEN n <= 600 THEN 'old'
            WHEN n % 1000 = 1 THEN 'rare'
            WHEN n % 10 IN (3, 4, 5) THEN 'third'
            WHEN n % 97 <> 0 THEN 'most'
        END,
        2
    FROM generate_series(1, 20000) n
    CROSS JOIN LATERAL (SELECT timestamptz '2015-01-01 00:00Z' + n * interval '3 hours' AS at) t;
    INSERT INTO public.tag (name)
    SELECT * FROM unnest(ARRAY['most', 'third', 'rare', 'old'])
    UNION ALL SELECT 'unused ' || n FROM generate_series(1, 100) n;
    INSERT INTO public.post_tag
    SELECT p.id, t.id
    FROM public.post p
    CROSS JOIN LATERAL (SELECT hashint4(p.id) & 1023 AS a, hashint4(p.id) >> 10 & 1023 AS b) h
    CROSS JOIN LATERAL (VALUES
        ('most', h.a < 922),
        ('third', h.b < 307),
        ('rare', (h.a * 7 + h.b) % 1000 = 0),
        ('old', p.id <= 1800)
    ) c (name, carried)
    JOIN public.tag t ON t.name = c.name
    WHERE c.carried;
    INSERT INTO public.post_translation (post_id, locale, title, content, word_count, slug)
    SELECT p.id, l.name, p.title || ' ' || l.name, 'Its body', 2,
        CASE WHEN p.id % 100 = 0 THEN 'post-' || p.id END
    FROM public.post p
    CROSS JOIN LATERAL (VALUES
        ('ko', true), ('en', p.id / 3 % 3 = 0), ('ja', p.id / 3 % 100 = 5), ('de', p.id <= 1800)
    ) l (name, has)
    WHERE l.has";

/// What syncs of these texts would have kept, for files that no test has.
const KEPT: &str = "
    INSERT INTO blogctl.source
        (post_id, path, file_digest, post_digest, row_xmin, row_digest, tags, terms_version, locale)
    SELECT
        p.id, 'elsewhere/ko/' || p.id || '.md', substr(sha256(p.id::text::bytea), 1, 16),
        substr(sha256(p.title::bytea), 1, 16), p.xmin, '', '{}', 1, 'ko'
    FROM public.post p;
    INSERT INTO blogctl.translation
        (post_id, locale, path, file_digest, post_digest, text_digest, row_xmin, row_digest,
            terms_version, stated)
    SELECT t.post_id, t.locale, 'elsewhere/' || t.locale || '/' || t.post_id || '.md',
        substr(sha256(t.title::bytea), 1, 16), substr(sha256(t.title::bytea), 1, 16),
        substr(sha256(t.title::bytea), 1, 16), t.xmin, '', 1, '{}'
    FROM public.post_translation t;
    INSERT INTO blogctl.extra_value (post_id, key, value)
    SELECT t.post_id, t.locale || chr(31) || 'kind',
        CASE WHEN t.post_id / 3 % 500 = 0 THEN 'rare' ELSE 'most' END
    FROM public.post_translation t;
    INSERT INTO blogctl.extra_value (post_id, key, value)
    SELECT p.id, chr(31) || 'missing', l.locale
    FROM public.post p CROSS JOIN (VALUES ('en'), ('ja'), ('de')) l (locale)
    WHERE NOT EXISTS (
        SELECT FROM public.post_translation t WHERE t.post_id = p.id AND t.locale = l.locale
    );
    INSERT INTO blogctl.extra_value (post_id, key, value)
    SELECT p.id, chr(31) || 'stale', 'en' FROM public.post p WHERE p.id % 900 = 0;
    INSERT INTO blogctl.category_count
    SELECT category, count(*) FROM public.post WHERE category IS NOT NULL GROUP BY category;
    INSERT INTO blogctl.tag_count SELECT tag_id, count(*) FROM public.post_tag GROUP BY tag_id;
    INSERT INTO blogctl.locale_count
    SELECT locale, count(*) FROM public.post_translation GROUP BY 1;
    INSERT INTO blogctl.locale_category_count
    SELECT t.locale, p.category, count(*)
    FROM public.post p JOIN public.post_translation t ON t.post_id = p.id
    WHERE p.category IS NOT NULL GROUP BY 1, 2;
    INSERT INTO blogctl.locale_tag_count
    SELECT t.locale, l.tag_id, count(*)
    FROM public.post_tag l JOIN public.post_translation t ON t.post_id = l.post_id GROUP BY 1, 2;
    INSERT INTO blogctl.run
        (started_at, finished_at, created, updated, moved, removed, unchanged, directory, actor)
    SELECT now(), now(), 1, 0, 0, 0, 0, 'elsewhere', 'tester@here'
    FROM generate_series(1, 2000);
    INSERT INTO blogctl.translation_search
    SELECT t.post_id, t.locale, array_to_tsvector(array_remove(
        ARRAY[
            'common',
            CASE WHEN t.post_id / 3 % 4 = 0 THEN 'frequent' END,
            CASE WHEN t.post_id / 3 % 500 = 0 THEN 'rarest' END,
            CASE WHEN t.post_id <= 1800 THEN 'ancient' END,
            'x4:kindmost', ':l:' || t.locale, 'c:' || p.category,
            ':0:' || p.id / 512, ':1:' || p.id / 4096, ':2:' || p.id / 32768,
            ':3:' || p.id / 262144, ':4:' || p.id / 2097152
        ]
        || ARRAY(
            SELECT 'filler' || (hashint4(p.id + n * 1000003) & 4095) FROM generate_series(1, 9) n
        ),
        NULL
    ))
    FROM public.post_translation t JOIN public.post p ON p.id = t.post_id";

static DATABASE: LazyLock<TestDatabase> = LazyLock::new(|| {
    let database = TestDatabase::create();
    let client = database.client();
    client.batch(&schema(&tables()));
    without_vacuum(&client);
    client.batch(BLOG);
    client.batch("ANALYZE");
    client.batch(KEPT);
    client.batch("VACUUM ANALYZE");
    database
});

fn locale(name: &str) -> Locale {
    Locale::new(name).expect("a test's locale is one")
}

fn tables() -> TableMap {
    let mut tables = TableMap::default();
    let others = ["en", "ja", "de"].map(locale);
    tables.with_translations(Locales::new(locale("ko"), others, None));
    tables
}

/// A copy of the blog, in which what is run from now on is recorded.
fn blog(statistics: Statistics) -> TestDatabase {
    with_statistics(DATABASE.copy(), statistics)
}

fn store(database: &TestDatabase, name: &str) -> PostgresStore {
    let options = ConnectOptions {
        tables: tables(),
        locale: Some(locale(name)),
        ..ConnectOptions::default()
    };
    PostgresStore::connect(&database.plain_url(), &options).expect("the server is there")
}

const ALL_STATISTICS: [Statistics; 3] = [Statistics::Fresh, Statistics::Deleted, Statistics::Never];

/// The tables that grow with the blog and its syncs.
const LARGE: [&str; 8] = [
    "post",
    "post_tag",
    "post_translation",
    "source",
    "translation",
    "translation_search",
    "extra_value",
    "run",
];

fn large_scans(ran: &Ran) -> Vec<&str> {
    let scans = ran.sequential_scans().into_iter();
    scans.filter(|table| LARGE.contains(table)).collect()
}

/// Rows that a page reads to know whether there is more.
const PROBE: usize = 21;

/// Tags that a post has at most.
const LINKS: u64 = 4;

/// Ids that one look into the index of times answers for.
const BLOCK: i64 = 4000;

/// A locale; a category, a tag and a value of the key `kind`, each or nothing; since and before or
/// nothing.
type Asked = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    [&'static str; 2],
);

const ANY: [&str; 2] = ["", ""];
const A_MONTH: [&str; 2] = ["2017-06-01T00:00:00Z", "2017-07-01T00:00:00Z"];
const EARLY: [&str; 2] = ["", "2015-03-01T00:00:00Z"];

const CASES: &[Asked] = &[
    ("ko", "", "", "", ANY),
    ("en", "", "", "", ANY),
    ("ja", "", "", "", ANY),
    ("de", "", "", "", ANY),
    ("en", "most", "", "", ANY),
    ("ja", "most", "", "", ANY),
    ("de", "most", "", "", ANY),
    ("de", "old", "", "", ANY),
    ("en", "rare", "", "", ANY),
    ("en", "none", "", "", ANY),
    ("en", "", "most", "", ANY),
    ("ja", "", "most", "", ANY),
    ("de", "", "third", "", ANY),
    ("en", "", "rare", "", ANY),
    ("en", "", "", "most", ANY),
    ("ja", "", "", "most", ANY),
    ("en", "", "", "rare", ANY),
    ("en", "third", "most", "", ANY),
    ("ja", "third", "most", "most", ANY),
    ("de", "old", "old", "most", ANY),
    ("ko", "", "", "", A_MONTH),
    ("en", "", "", "", A_MONTH),
    ("ja", "", "", "", EARLY),
    ("en", "most", "most", "", A_MONTH),
    ("de", "old", "", "", EARLY),
    ("ja", "", "", "most", A_MONTH),
];

fn filter((_, category, tag, kind, [since, before]): Asked) -> Filter {
    let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let time = |text: &str| (!text.is_empty()).then(|| text.parse().expect("a time"));
    Filter {
        category: given(category),
        tags: given(tag).into_iter().collect(),
        since: time(since),
        before: time(before),
        extra: given(kind)
            .map(|value| ExtraTerm {
                key: "kind".to_owned(),
                value,
            })
            .into_iter()
            .collect(),
        ..Filter::default()
    }
}

/// Knows the right answers, by reading everything.
struct Oracle {
    client: Client,
    known: HashMap<String, Arc<[i64]>>,
}

impl Oracle {
    fn ids(&mut self, condition: &str) -> Arc<[i64]> {
        let read = || {
            let sql = format!("SELECT id FROM public.post p WHERE {condition} ORDER BY id DESC");
            let rows = self.client.rows(&sql);
            rows.iter()
                .filter_map(|row| row[0].as_ref()?.parse().ok())
                .collect()
        };
        Arc::clone(self.known.entry(condition.to_owned()).or_insert_with(read))
    }

    /// The conditions of all that is asked for but the time.
    fn conditions((name, category, tag, kind, _): Asked) -> Vec<String> {
        let mut conditions = vec![format!(
            "p.id IN (SELECT post_id FROM public.post_translation WHERE locale = '{name}')"
        )];
        if !category.is_empty() {
            conditions.push(format!("p.category = '{category}'"));
        }
        if !tag.is_empty() {
            conditions.push(format!(
                "p.id IN (SELECT l.post_id FROM public.post_tag l
                 JOIN public.tag t ON t.id = l.tag_id WHERE t.name = '{tag}')"
            ));
        }
        if !kind.is_empty() {
            conditions.push(format!(
                "p.id IN (SELECT v.post_id FROM blogctl.extra_value v
                 WHERE v.key = '{name}' || chr(31) || 'kind' AND v.value = '{kind}')"
            ));
        }
        conditions
    }

    fn in_time([since, before]: [&str; 2]) -> String {
        let since = if since.is_empty() { "-infinity" } else { since };
        let before = if before.is_empty() {
            "infinity"
        } else {
            before
        };
        format!("p.created_at >= '{since}' AND p.created_at < '{before}'")
    }

    fn matching(&mut self, asked: Asked) -> Arc<[i64]> {
        let mut conditions = Self::conditions(asked);
        conditions.push(Self::in_time(asked.4));
        self.ids(&conditions.join(" AND "))
    }

    /// The rows that a page may read: the walk along the rarest thing that was asked for, the
    /// locale among them, from the cursor to the page's last row; and what is looked up for each
    /// row of it and for the page.
    fn rows_allowed(&mut self, asked: Asked, cursor: Option<i64>, rest: &[i64]) -> u64 {
        let conditions = Self::conditions(asked);
        let sets = conditions.iter().map(|condition| self.ids(condition));
        let rarest = sets
            .min_by_key(|ids| ids.len())
            .expect("a locale is asked for");
        let from = cursor.unwrap_or(i64::MAX);
        let (mut low, mut high) = (rest.get(PROBE - 1).copied().unwrap_or(0), from);
        let mut blocks = 0;
        if asked.4 != ANY {
            let in_time = self.ids(&Self::in_time(asked.4));
            let block = |id: i64| id / BLOCK * BLOCK;
            low = low.max(in_time.last().map_or(i64::MAX, |id| block(*id)));
            let below = in_time.iter().copied().find(|id| *id < from);
            high = below.map_or(0, |id| (block(id) + BLOCK).min(from));
            blocks = 4 * (3 * POSTS / BLOCK.unsigned_abs() + 2);
        }
        let walked = rarest.iter().filter(|id| (low..high).contains(id)).count() as u64;
        // Each is looked up among the posts, the texts, its own links, and the pairs; the posts of a
        // pair are counted up to 4,000.
        let looked_up = walked * (3 + LINKS + 2);
        let counted = if asked.3.is_empty() { 0 } else { 4000 };
        looked_up + counted + blocks + PROBE as u64 * (LINKS * 2 + 4) + 24
    }
}

fn every_page_of_a_locale_reads_no_more_than_its_walk(statistics: Statistics) {
    let database = blog(statistics);
    let asked = DATABASE.copy();
    let mut oracle = Oracle {
        client: asked.client(),
        known: HashMap::new(),
    };
    let mut pages = Vec::new();
    for &asked in CASES {
        let matching = oracle.matching(asked);
        let mut store = store(&database, asked.0);
        let mut cursors = vec![("first", None)];
        if matching.len() > 2 * PROBE {
            cursors.push(("middle", Some(matching[matching.len() / 2])));
            cursors.push(("deep", Some(matching[matching.len() - PROBE - 5])));
        }
        for (depth, cursor) in cursors {
            let position = Position {
                cursor: cursor.and_then(PostId::new),
                limit: Limit::DEFAULT,
            };
            let page = store.list(&filter(asked), position).expect("it is read");
            let rest: Vec<i64> = matching
                .iter()
                .copied()
                .filter(|id| cursor.is_none_or(|cursor| *id < cursor))
                .collect();
            let found: Vec<i64> = page.items.iter().map(|post| post.id.get().into()).collect();
            let shown = rest.len().min(PROBE - 1);
            assert_eq!(found, rest[..shown], "{asked:?}, {depth} page");
            pages.push((asked, depth, oracle.rows_allowed(asked, cursor, &rest)));
        }
    }
    let plans = database.plans();
    let plans: Vec<&Ran> = plans
        .iter()
        .filter(|ran| ran.query.contains("RECURSIVE down"))
        .collect();
    assert_eq!(plans.len(), pages.len());
    let mut wrong = Vec::new();
    for ((asked, depth, allowed), ran) in pages.iter().zip(plans) {
        let (rows, touched) = (ran.rows_read(), ran.pages_touched());
        let at =
            format!("{statistics:?} {asked:?} {depth}: {rows} rows of {allowed}, {touched} pages");
        println!("{at}");
        let scans = large_scans(ran);
        if !scans.is_empty() || rows > *allowed || touched > 4 * allowed {
            wrong.push(format!("{at}: scans {scans:?}\n{}", ran.outline()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_page_of_a_locale_reads_no_more_than_its_walk_with_fresh_statistics() {
    every_page_of_a_locale_reads_no_more_than_its_walk(Statistics::Fresh);
}

#[test]
fn every_page_of_a_locale_reads_no_more_than_its_walk_with_statistics_deleted() {
    every_page_of_a_locale_reads_no_more_than_its_walk(Statistics::Deleted);
}

#[test]
fn every_page_of_a_locale_reads_no_more_than_its_walk_with_no_statistics_ever_made() {
    every_page_of_a_locale_reads_no_more_than_its_walk(Statistics::Never);
}

#[test]
fn a_search_in_a_locale_looks_at_a_small_multiple() {
    for statistics in ALL_STATISTICS {
        let database = blog(statistics);
        let mut asked = Vec::new();
        for name in ["ko", "en", "ja", "de"] {
            let mut store = store(&database, name);
            for words in ["common", "frequent", "rarest", "ancient", "absent"] {
                for category in ["", "most", "rare"] {
                    let requirement = Query::parse(words).expect("a query").requirement();
                    let filter = filter((name, category, "", "", ANY));
                    for cursor in [None, PostId::new(2_000)] {
                        let request = SearchRequest {
                            requirement: &requirement,
                            filter: &filter,
                            cursor,
                            rows: 25,
                        };
                        let found = store.search(&request).expect("it is answered");
                        assert!(found.is_sorted_by(|a, b| a.post.id > b.post.id));
                        asked.push((name, words, category, cursor, found.len()));
                    }
                }
            }
        }
        assert!(asked.iter().any(|one| one.4 == 25), "it finds something");
        let plans = database.plans();
        let plans: Vec<_> = plans
            .iter()
            .filter(|ran| ran.query.contains("blogctl.translation_search s"))
            .collect();
        assert_eq!(plans.len(), asked.len());
        let mut wrong = Vec::new();
        for (asked, ran) in asked.iter().zip(plans) {
            let touched = ran.pages_touched();
            let at = format!("{statistics:?} {asked:?}: {touched} pages");
            println!("{at}");
            let is_by_terms = ran.indexes().contains(&"translation_search_terms_idx");
            let scans = ran.sequential_scans();
            if touched > 1_000 || !is_by_terms || !scans.is_empty() {
                wrong.push(format!("{at}: scans {scans:?}\n{}", ran.outline()));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}

/// Reads single posts and counts of a locale.
fn read_others(database: &TestDatabase) {
    let mut store = store(database, "en");
    let id = PostId::new(900).expect("it is above zero");
    assert!(store.show(id.into()).expect("it is read").is_some());
    let by_slug = store.show(PostKey::Slug("post-900")).expect("it is read");
    assert_eq!(by_slug.map(|(post, _)| post.id), Some(id));
    let ids: Vec<_> = (1..50).filter_map(|n| PostId::new(n * 900)).collect();
    for name in ["ko", "en"] {
        let read = store.posts(&ids, Some(locale(name)));
        assert!(read.expect("they are read").len() > 10);
        let read = store.untracked_posts(&ids, Some(locale(name)));
        assert!(read.expect("they are read").len() > 10);
    }
    assert!(store.bodies(&ids).expect("they are read").len() > 10);
    for with_content in [false, true] {
        let texts = store.texts(&ids, &["ko", "en"].map(locale), with_content);
        assert!(texts.expect("they are read").len() > 20);
    }
    assert_eq!(store.categories(None).expect("they are read").len(), 4);
    assert_eq!(store.tags(None).expect("they are read").len(), 4);
}

#[test]
fn texts_and_counts_of_a_locale_are_read_by_index() {
    for statistics in ALL_STATISTICS {
        let database = blog(statistics);
        read_others(&database);
        let plans = database.plans();
        let plans = plans
            .iter()
            .filter(|ran| !ran.query.contains("blogctl.state"))
            .filter(|ran| !ran.query.contains("set_config"));
        let mut checked = 0;
        for ran in plans {
            let scans = large_scans(ran);
            assert!(scans.is_empty(), "{scans:?}\n{}", ran.outline());
            let rows = ran.rows_read();
            assert!(rows <= 50 * 16, "{rows}\n{}", ran.outline());
            checked += 1;
        }
        assert_eq!(checked, 11, "{statistics:?}");
    }
}

/// Missing and stale translations are terms: as with a pair of an extra key and its value, up to
/// 4,000 posts are counted where a category is asked for, too.
#[test]
fn missing_and_stale_translations_are_listed_by_index() {
    for statistics in ALL_STATISTICS {
        let database = blog(statistics);
        let mut store = store(&database, "ko");
        let en = locale("en");
        let asked: [(&[Gap], &'static str, u64); 4] = [
            (&[], "", 0),
            (&[Gap::Missing(en)], "", 0),
            (&[Gap::Missing(en)], "most", 4_000),
            (&[Gap::Stale(en)], "", 0),
        ];
        for (gaps, category, _) in asked {
            let filter = Filter {
                gaps: gaps.to_vec(),
                in_main_text: true,
                ..filter(("", category, "", "", ANY))
            };
            let position = Position {
                cursor: PostId::new(30_000),
                limit: Limit::DEFAULT,
            };
            let page = store.list(&filter, position).expect("it is read");
            assert!(page.has_more(), "{filter:?}");
            for post in page.items {
                assert_eq!(post.locale, Some(locale("ko")));
            }
        }
        let plans = database.plans();
        let plans = plans.iter().filter(|ran| ran.query.contains("RECURSIVE"));
        let plans: Vec<&Ran> = plans.collect();
        assert_eq!(plans.len(), asked.len());
        for ((gaps, category, counted), ran) in asked.iter().zip(plans) {
            let at = format!("{statistics:?} {gaps:?} {category}");
            let scans = large_scans(ran);
            assert!(scans.is_empty(), "{at}: {scans:?}\n{}", ran.outline());
            let rows = ran.rows_read();
            assert!(rows <= counted + 50 * 16, "{at}: {rows}\n{}", ran.outline());
        }
    }
}

const LOCALES: &str =
    "[locales]\ndefault = \"ko\"\nothers = [\"en\", \"ja\", \"de\"]\npath = \"{locale}/{name}\"\n";

/// Says that the terms of the texts that a test wrote are of an earlier version.
const OLD_TERMS: &str = "UPDATE blogctl.translation SET terms_version = 0 WHERE post_id >= 700000";

/// Runs syncs of a few texts in the large blog; returns what each of them sent.
fn small_syncs(database: &TestDatabase) -> Vec<(&'static str, Vec<Ran>)> {
    let project = Project::new();
    project.write("blogctl.toml", LOCALES);
    let url = database.plain_url();
    let sync = |options: &[&str]| {
        let args = [&["sync", "content/", "--database", &url], options].concat();
        project.run(&args).expect_status(0).stdout
    };
    let korean = |n: i64, title: &str, category: &str| {
        let id = 700_000 + n;
        let post = format!(
            "---\nid: {id}\ntitle: {title}\ncategory: {category}\ntags: [most, third, its own]\n\
             ---\nA body.\n"
        );
        project.write(format!("content/ko/{id}.md"), post);
    };
    let english = |n: i64, title: &str| {
        let id = 700_000 + n;
        let post = format!("---\nid: {id}\ntitle: {title}\n---\nA body.\n");
        project.write(format!("content/en/{id}.md"), post);
    };
    let mut done = Vec::new();
    let mut seen = database.plans().len();
    let mut record = |what: &'static str, said: String, expected: &str| {
        assert!(said.contains(expected), "{what}: {said}");
        let plans = database.plans();
        done.push((what, plans[seen..].to_vec()));
        seen = plans.len();
    };
    for n in 0..20 {
        korean(n, "A title", "third");
        english(n, "A title");
    }
    record("create", sync(&[]), "40 created");
    english(3, "Another title");
    record("update", sync(&[]), "1 updated");
    korean(3, "Another title", "rare");
    record("update a main text", sync(&[]), "1 updated");
    project.remove("content/en/700004.md");
    record("remove", sync(&["--prune"]), "1 removed");
    project
        .remove("content/en/700005.md")
        .remove("content/ko/700005.md");
    record("remove a post", sync(&["--prune"]), "2 removed");
    project.rename("content/en/700006.md", "content/a/en/700006.md");
    record("move", sync(&[]), "1 moved");
    database.client().batch(
        "INSERT INTO post_translation (post_id, locale, title, content, word_count)
         VALUES (700007, 'ja', 'A title', 'A body.', 2)",
    );
    let text = "---\nid: 700007\ntitle: A title\n---\nA body.\n";
    project.write("content/ja/700007.md", text);
    record("adopt", sync(&[]), "1 adopted");
    database.client().batch(OLD_TERMS);
    record("reindex", sync(&[]), "nothing changed");
    done
}

fn a_small_sync_of_texts_writes_by_index(statistics: Statistics) {
    let database = blog(statistics);
    let mut wrong = Vec::new();
    for (what, plans) in small_syncs(&database) {
        // It reads everything, by design.
        let is_index = |ran: &&Ran| ran.query.contains("FULL JOIN public.post");
        assert_eq!(plans.iter().filter(is_index).count(), 2, "{what}");
        assert!(plans.len() > 5, "{what}");
        let is_ours = |ran: &&Ran| ran.query == OLD_TERMS;
        for ran in plans.iter().filter(|ran| !is_index(ran) && !is_ours(ran)) {
            let scans = large_scans(ran);
            println!(
                "{statistics:?} {what}: {} rows, {} pages: {:.60}",
                ran.rows_read(),
                ran.pages_touched(),
                ran.query.replace('\n', " ")
            );
            if !scans.is_empty() {
                let (query, outline) = (&ran.query, ran.outline());
                wrong.push(format!("{what} scans {scans:?}\n{query}\n{outline}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{statistics:?} {}", wrong.join("\n"));
}

#[test]
fn a_small_sync_of_texts_writes_by_index_with_fresh_statistics() {
    a_small_sync_of_texts_writes_by_index(Statistics::Fresh);
}

#[test]
fn a_small_sync_of_texts_writes_by_index_with_no_statistics_ever_made() {
    a_small_sync_of_texts_writes_by_index(Statistics::Never);
}

#[test]
fn every_index_of_a_blog_with_locales_is_used() {
    let database = blog(Statistics::Fresh);
    database.client().batch("SELECT pg_stat_reset()");
    read_others(&database);
    let mut store = store(&database, "en");
    for asked in [
        ("en", "", "", "", ANY),
        ("en", "third", "", "", ANY),
        ("en", "", "rare", "", ANY),
        ("en", "", "", "rare", A_MONTH),
    ] {
        let position = Position {
            cursor: None,
            limit: Limit::DEFAULT,
        };
        store.list(&filter(asked), position).expect("it is read");
        store.history(position).expect("it is read");
    }
    let requirement = Query::parse("common").expect("a query").requirement();
    let request = SearchRequest {
        requirement: &requirement,
        filter: &Filter::default(),
        cursor: None,
        rows: 20,
    };
    assert_eq!(store.search(&request).expect("it is answered").len(), 20);
    drop(store);
    small_syncs(&database);
    // The server counts with a delay.
    std::thread::sleep(std::time::Duration::from_secs(1));
    let unused = "SELECT indexrelname FROM pg_stat_user_indexes
         WHERE idx_scan = 0
             -- Keeps the state one row; nothing looks for it.
             AND indexrelname <> 'state_pkey'
             -- Serve programs that know no locales.
             AND indexrelname NOT IN ('post_slug_id_idx', 'search_pkey', 'search_terms_idx')
         ORDER BY 1";
    assert_eq!(database.client().text(unused), "");
}
