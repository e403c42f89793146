//! Memory limits of commands: bodies are streamed to the store, never collected, and hostile
//! posts cost no extra memory.
//!
//! `./test --test it memory -- --nocapture` prints the figures.

use std::fs::File;
use std::process::Stdio;
use std::sync::LazyLock;
use std::time::Instant;

use crate::support::database::TestDatabase;
use crate::support::memory::peak_rss;
use crate::support::project::{Project, post};

/// Posts, each of about 4 KB: a blog of 80 MB.
const POSTS: i64 = 20_000;

/// The memory in MiB that even a small CI machine has.
const LIMIT: u64 = 150 << 20;

/// The blog, written once.
static BLOG: LazyLock<Project> = LazyLock::new(|| {
    let project = Project::new();
    let line = "Words that fill a line of a post, 그리고 한글도 조금, so that it has its size.\n";
    for id in 1..=POSTS {
        let front_matter = format!(
            "description: The post of number {id}\ncategory: c{}\ntags: [all, \"t{}\", \"u{}\"]\n\
             created_at: 2025-01-{:02}\n",
            id % 12,
            id % 100,
            id % 1000,
            id % 28 + 1
        );
        let body = format!("# Number {id}\n\n{}", line.repeat(4096 / line.len()));
        let text = post(id, &format!("Post {id}"), &front_matter, &body);
        project.write(format!("content/{}/{id}.md", id / 100), text);
    }
    project
});

#[track_caller]
fn a_first_sync_stays_small(store: &str, url: &str) {
    let project = &*BLOG;
    let said = project.path(format!("{store}.txt"));
    let output = File::create(&said).expect("the project is writable");
    let begun = Instant::now();
    let mut command = project.command(&["sync", "content/", "--database", url]);
    let peak = peak_rss(command.stdout(Stdio::from(output)));
    let seconds = begun.elapsed().as_secs_f64();
    let said = std::fs::read_to_string(said).expect("the file was written");
    assert!(peak.status.success(), "{said}");
    assert!(said.contains(&format!("{POSTS} created")), "{said}");
    println!(
        "{store}: {POSTS} posts of 4 KB in {seconds:.1} s with at most {} MiB",
        peak.bytes >> 20
    );
    assert!(peak.bytes < LIMIT, "{store}: {} bytes", peak.bytes);
}

#[test]
fn a_first_sync_into_postgres_takes_less_than_150_mib() {
    let database = TestDatabase::create();
    a_first_sync_stays_small("postgres", &database.url());
}

#[test]
fn a_first_sync_into_the_embedded_store_takes_less_than_150_mib() {
    let directory = tempfile::tempdir().expect("a directory can be made");
    let url = format!("sqlite:{}", directory.path().join("blog.db").display());
    a_first_sync_stays_small("embedded", &url);
}

/// The memory limit in MiB of any command on any input of up to 64 MB.
const HARD_LIMIT: u64 = 512 << 20;

/// Posts of 16 MiB of what costs a search most: a letter that folds to eighteen, and brackets
/// that may each begin a link.
fn costly() -> Project {
    let project = Project::new();
    let room = (16 << 20) - 200;
    for (id, piece) in [(1, "\u{fdfa}"), (2, "[")] {
        let body = piece.repeat(room / piece.len());
        project.write(format!("content/{id}.md"), post(id, "needle", "", &body));
    }
    project
}

#[track_caller]
fn costly_posts_stay_small(store: &str, url: &str) {
    let project = costly();
    let commands: [&[&str]; 6] = [
        &["diff", "--format", "json"],
        &["sync", "content/", "--dry-run"],
        &["sync", "content/"],
        &["search", "needle", "--format", "json"],
        &["show", "1", "--format", "json"],
        &["list", "--all", "--format", "json"],
    ];
    for words in commands {
        let mut command = project.command(words);
        command.args(["--database", url, "--statement-timeout", "0"]);
        let peak = peak_rss(command.stdout(Stdio::null()));
        assert!(peak.status.success(), "{store}: {words:?}");
        println!(
            "figure: {store}: two posts of 16 MiB: {}: at most {} MiB",
            words[0],
            peak.bytes >> 20
        );
        assert!(
            peak.bytes < HARD_LIMIT,
            "{store}: {words:?}: {} bytes",
            peak.bytes
        );
    }
}

#[test]
fn posts_made_to_cost_memory_take_less_than_512_mib_in_postgres() {
    let database = TestDatabase::create();
    costly_posts_stay_small("postgres", &database.url());
}

#[test]
fn posts_made_to_cost_memory_take_less_than_512_mib_in_the_embedded_store() {
    let directory = tempfile::tempdir().expect("a directory can be made");
    let url = format!("sqlite:{}", directory.path().join("blog.db").display());
    costly_posts_stay_small("embedded", &url);
}
