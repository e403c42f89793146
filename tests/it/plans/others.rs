//! Plans of statements other than pages: single posts, counts, the history, and a whole sync.

use blogctl::doctor::{self, facts::Facts};
use blogctl::page::{Filter, Limit, Position, PostKey};
use blogctl::post::{ExtraTerm, PostId};
use blogctl::search::Query;
use blogctl::store::{Part, Reader, SearchRequest, Store};

use super::blog::{POSTS, Statistics, blog, store};
use crate::support::client::Client;
use crate::support::database::TestDatabase;
use crate::support::explain::Ran;
use crate::support::project::Project;

/// The tables that grow with the blog and its syncs.
const LARGE: [&str; 5] = ["post", "post_tag", "source", "extra_value", "run"];

fn large_scans(ran: &Ran) -> Vec<&str> {
    let scans = ran.sequential_scans().into_iter();
    scans.filter(|table| LARGE.contains(table)).collect()
}

#[test]
fn posts_counts_and_runs_are_read_by_index() {
    for statistics in [Statistics::Fresh, Statistics::Never] {
        let database = blog(statistics);
        let mut store = store(&database);
        let id = PostId::new(300_000).expect("it is above zero");
        assert!(store.show(id.into()).expect("it is read").is_some());
        let by_slug = store.show(PostKey::Slug("post-300000"));
        assert_eq!(
            by_slug.expect("it is read").map(|(post, _)| post.id),
            Some(id)
        );
        let ids: Vec<_> = (1..50).filter_map(|n| PostId::new(n * 3000)).collect();
        assert!(store.posts(&ids, None).expect("they are read").len() > 10);
        let untracked = store.untracked_posts(&ids, None).expect("they are read");
        assert!(untracked.len() > 10);
        assert_eq!(store.categories(None).expect("they are read").len(), 6);
        assert_eq!(store.tags(None).expect("they are read").len(), 5);
        for cursor in [None, PostId::new(10_000), PostId::new(30)] {
            let limit = Limit::DEFAULT;
            let page = store.history(Position { cursor, limit });
            assert_eq!(page.expect("it is read").items.len(), 20);
        }
        drop(store);
        // The counts are as many as there are categories and tags; a post has its tags, its
        // file and itself, and is found before it is read; a page of runs has its rows.
        let plans = database.plans();
        let plans = plans
            .iter()
            .filter(|ran| !ran.query.contains("blogctl.state"))
            .filter(|ran| !ran.query.contains("set_config"));
        let allowed = [14, 14, 50 * 14, 50 * 14, 20, 505 * 2, 21, 21, 21];
        let mut checked = 0;
        for (ran, allowed) in plans.zip(allowed) {
            let scans = large_scans(ran);
            assert!(scans.is_empty(), "{scans:?}\n{}", ran.outline());
            let rows = ran.rows_read();
            assert!(rows <= allowed, "{rows} of {allowed}\n{}", ran.outline());
            checked += 1;
        }
        assert_eq!(checked, allowed.len());
    }
}

#[test]
fn a_snapshot_reads_posts_and_runs_by_index() {
    for statistics in [Statistics::Fresh, Statistics::Never] {
        let database = blog(statistics);
        let mut store = store(&database);
        let (_, mut snapshot) = store.snapshot().expect("it is read");
        let ids: Vec<_> = (1..50).filter_map(|n| PostId::new(n * 3000)).collect();
        assert!(
            snapshot
                .posts(&ids, Part::Posts(None))
                .expect("they are read")
                .len()
                > 10
        );
        assert!(
            snapshot
                .rows(&ids, Part::Posts(None))
                .expect("they are read")
                .len()
                > 10
        );
        let page = snapshot.history(Position {
            cursor: None,
            limit: Limit::DEFAULT,
        });
        assert_eq!(page.expect("it is read").items.len(), 20);
        drop(snapshot);
        drop(store);
        let plans = database.plans();
        // The index reads everything, by design.
        let by_keys =
            |ran: &&Ran| ran.query.contains("AS found") || ran.query.contains("FROM blogctl.run");
        let mut checked = 0;
        for (ran, allowed) in plans.iter().filter(by_keys).zip([50 * 14, 50 * 14, 21]) {
            let scans = large_scans(ran);
            assert!(scans.is_empty(), "{scans:?}\n{}", ran.outline());
            let rows = ran.rows_read();
            assert!(rows <= allowed, "{rows} of {allowed}\n{}", ran.outline());
            checked += 1;
        }
        assert_eq!(checked, 3, "{statistics:?}");
    }
}

#[test]
fn doctor_finds_every_query_answered_by_its_index() {
    for statistics in [Statistics::Fresh, Statistics::Deleted, Statistics::Never] {
        let database = blog(statistics);
        let examined = store(&database).examine().expect("it is examined");
        let facts = Facts {
            store: Some(examined),
            ..Facts::default()
        };
        let wrong: Vec<_> = doctor::findings(&facts, jiff::Timestamp::now())
            .into_iter()
            .filter(|finding| finding.level > doctor::Level::Hint)
            .collect();
        assert_eq!(wrong, []);
    }
}

/// Reads of pages that hold bodies kept beside their rows.
fn body_pages_read(client: &Client) -> u64 {
    let sql = "SELECT coalesce(toast_blks_hit, 0) + coalesce(toast_blks_read, 0)
         FROM pg_statio_user_tables WHERE relid = 'public.post'::regclass";
    client.text(sql).parse().expect("a count")
}

/// Reads the index, and returns how many pages of bodies were read for it.
fn bodies_read_for_the_index(database: &TestDatabase) -> u64 {
    let client = database.client();
    let before = body_pages_read(&client);
    let mut store = store(database);
    let index = store.index().expect("it is read");
    assert_eq!(index.entries.len() as u64, POSTS);
    drop(store);
    // The server counts a session's reads at the latest as the session ends.
    let sessions = "SELECT count(*) FROM pg_stat_activity
         WHERE datname = current_database() AND application_name LIKE 'blogctl%'";
    while client.text(sessions) != "0" {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    // From version 13 to 14 a process of its own does.
    std::thread::sleep(std::time::Duration::from_secs(1));
    body_pages_read(&database.client()) - before
}

#[test]
fn the_index_of_a_sync_reads_no_body_of_an_untouched_row() {
    let database = blog(Statistics::Fresh);
    assert_eq!(bodies_read_for_the_index(&database), 0);
    // Where the rows' versions say nothing, as after a restore, it has to.
    let client = database.client();
    client.batch("UPDATE blogctl.source SET row_xmin = '3' WHERE post_id < 30000");
    assert!(bodies_read_for_the_index(&database) > 0);
}

/// Runs syncs of a few posts in the large blog; returns what each of them sent.
fn small_syncs(database: &TestDatabase) -> Vec<(&'static str, Vec<Ran>)> {
    let project = Project::new();
    let url = database.plain_url();
    let sync = |options: &[&str]| {
        let args = [&["sync", "content/", "--database", &url], options].concat();
        project.run(&args).expect_status(0).stdout
    };
    // Ids in the gap in the middle of the others.
    let post = |n: i64, title: &str| {
        let front_matter = "category: third\ntags: [most, third, \"of its own\"]\n";
        project.post_with(700_000 + n, title, front_matter, "A body.\n");
    };
    let mut done = Vec::new();
    let mut seen = database.plans().len();
    let mut record = |what: &'static str, said: String, expected: &str| {
        assert!(said.contains(expected), "{said}");
        let plans = database.plans();
        done.push((what, plans[seen..].to_vec()));
        seen = plans.len();
    };
    for n in 0..20 {
        post(n, "A title");
    }
    record("create", sync(&[]), "20 created");
    post(3, "Another title");
    record("update", sync(&[]), "1 updated");
    project.remove("content/700004.md");
    record("remove", sync(&["--prune"]), "1 removed");
    project.rename("content/700005.md", "content/a/700005.md");
    record("move", sync(&[]), "1 moved");
    database.client().batch(
        "INSERT INTO post (id, title, content, word_count)
         VALUES (700050, 'A title', 'A body.', 2)",
    );
    project.post_with(700_050, "A title", "", "A body.\n");
    record("adopt", sync(&[]), "1 adopted");
    done
}

fn a_small_sync_writes_by_index(statistics: Statistics) {
    let database = blog(statistics);
    let mut wrong = Vec::new();
    for (what, plans) in small_syncs(&database) {
        let is_index = |ran: &&Ran| ran.query.contains("FULL JOIN public.post");
        assert_eq!(plans.iter().filter(is_index).count(), 1, "{what}");
        assert!(plans.len() > 4, "{what}");
        for ran in plans.iter().filter(|ran| !is_index(ran)) {
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
fn a_small_sync_writes_by_index_with_fresh_statistics() {
    a_small_sync_writes_by_index(Statistics::Fresh);
}

#[test]
fn a_small_sync_writes_by_index_with_no_statistics_ever_made() {
    a_small_sync_writes_by_index(Statistics::Never);
}

#[test]
fn every_index_is_used() {
    let database = blog(Statistics::Fresh);
    database.client().batch("SELECT pg_stat_reset()");
    let mut store = store(&database);
    let filter = |category: &str, tag: &str, since: &str| Filter {
        category: (!category.is_empty()).then(|| category.to_owned()),
        tags: (!tag.is_empty())
            .then(|| tag.to_owned())
            .into_iter()
            .collect(),
        since: since.parse().ok(),
        before: None,
        extra: Vec::new(),
        ..Filter::default()
    };
    for filter in [
        filter("", "", ""),
        filter("third", "", ""),
        filter("", "most", ""),
        filter("third", "most", "2018-06-01T00:00:00Z"),
    ] {
        let position = Position {
            cursor: None,
            limit: Limit::DEFAULT,
        };
        assert!(
            store
                .list(&filter, position)
                .expect("it is read")
                .has_more()
        );
        store.history(position).expect("it is read");
    }
    let (key, value) = ("kind".to_owned(), "most".to_owned());
    let by_pair = Filter {
        extra: vec![ExtraTerm { key, value }],
        ..Filter::default()
    };
    let position = Position {
        cursor: None,
        limit: Limit::DEFAULT,
    };
    assert!(
        store
            .list(&by_pair, position)
            .expect("it is read")
            .has_more()
    );
    let by_slug = store.show(PostKey::Slug("post-300000"));
    assert!(by_slug.expect("it is read").is_some());
    let requirement = Query::parse("common").expect("it is a query").requirement();
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
         ORDER BY 1";
    assert_eq!(database.client().text(unused), "");
}
