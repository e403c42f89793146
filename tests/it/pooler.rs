//! Every command through a pooler that gives each transaction another server connection and
//! knows no prepared statement: what many hosted databases put before themselves.

use crate::support::client::Client;
use crate::support::cluster::Server;
use crate::support::database::TestDatabase;
use crate::support::pgbouncer::PgBouncer;
use crate::support::project::{Output, Project};

/// Settings that a transaction must not leave behind in its session.
const SETTINGS: [&str; 12] = [
    "lock_timeout",
    "statement_timeout",
    "idle_in_transaction_session_timeout",
    "work_mem",
    "gin_pending_list_limit",
    "enable_bitmapscan",
    "enable_seqscan",
    "max_parallel_workers_per_gather",
    "jit",
    "transaction_read_only",
    "default_transaction_read_only",
    "search_path",
];

/// A project, and a database behind a pooler.
struct Pooled {
    project: Project,
    database: TestDatabase,
    url: String,
    _bouncer: PgBouncer,
}

impl Pooled {
    fn new() -> Self {
        Self::through(PgBouncer::start)
    }

    fn through(start: impl Fn(&Server) -> PgBouncer) -> Self {
        let database = TestDatabase::create();
        let bouncer = start(Server::shared());
        Self {
            project: Project::new(),
            url: bouncer.url(database.name()),
            database,
            _bouncer: bouncer,
        }
    }

    #[track_caller]
    fn run(&self, args: &[&str]) -> Output {
        self.project.run(&self.with_address(args)).expect_status(0)
    }

    fn with_address<'a>(&'a self, args: &[&'a str]) -> Vec<&'a str> {
        [args, &["--database", &self.url]].concat()
    }

    /// Demands of the pooler's server connections that they are as new ones are.
    #[track_caller]
    fn left_nothing_behind(&self) {
        let fresh = self.database.client();
        // Each takes a server connection of its own while its transaction is open, so that
        // all that the pooler has are looked at.
        let ours = "SELECT count(*) FROM pg_stat_activity \
             WHERE datname = current_database() AND client_port > 0";
        let servers: usize = fresh.text(ours).parse().expect("a count");
        assert!(servers > 0, "the pooler keeps its connections");
        let clients: Vec<_> = (0..servers).map(|_| Client::connect(&self.url)).collect();
        for client in &clients {
            client.batch("BEGIN");
            for setting in SETTINGS {
                let show = format!("SHOW {setting}");
                assert_eq!(client.text(&show), fresh.text(&show), "{setting}");
            }
        }
        for client in &clients {
            client.batch("ROLLBACK");
        }
        let locks = "SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database \
             WHERE l.locktype = 'advisory' AND d.datname = current_database()";
        assert_eq!(fresh.text(locks), "0", "advisory locks");
        let open = "SELECT count(*) FROM pg_stat_activity \
             WHERE datname = current_database() AND state LIKE 'idle in transaction%'";
        assert_eq!(fresh.text(open), "0", "open transactions");
        let prepared = "SELECT count(*) FROM pg_prepared_statements";
        for client in &clients {
            assert_eq!(client.text(prepared), "0");
        }
    }
}

/// Every combination of the filters that a page can have.
fn lists() -> Vec<Vec<&'static str>> {
    let filters: [&[&str]; 6] = [
        &["--category", "guide"],
        &["--tag", "a"],
        &["--tag", "b"],
        &["--since", "2025-01-05"],
        &["--until", "2025-01-20"],
        &["--cursor", "40"],
    ];
    (0..1 << filters.len())
        .map(|chosen: usize| {
            let mut args = vec!["list", "--format", "jsonl"];
            for (n, filter) in filters.iter().enumerate() {
                if chosen & 1 << n != 0 {
                    args.extend(*filter);
                }
            }
            args
        })
        .collect()
}

fn write_posts(project: &Project, ids: std::ops::RangeInclusive<i64>) {
    for id in ids {
        let front_matter = format!(
            "category: {}\ntags: [a, \"{}\"]\ncreated_at: 2025-01-{:02}\n",
            if id % 3 == 0 { "note" } else { "guide" },
            if id % 2 == 0 { "b" } else { "c" },
            id % 28 + 1
        );
        project.post_with(id, "A post", &front_matter, "Its body.\n");
    }
}

#[test]
fn every_command_works_through_a_pooler() {
    let pooled = Pooled::new();
    let Pooled { project, .. } = &pooled;
    pooled.run(&["schema", "status"]);
    pooled.run(&["schema", "apply"]);
    pooled.run(&["schema", "apply"]);
    write_posts(project, 1..=60);
    let says = |args: &[&str], words: &str| {
        let output = pooled.run(args);
        assert!(output.stdout.contains(words), "{args:?}: {output:#?}");
    };
    says(&["sync", "content/"], "60 created");
    says(&["sync", "content/"], "60 posts");
    project.post_with(7, "Another title", "category: guide\n", "Its body.\n");
    project.rename("content/8.md", "content/a/8.md");
    project.remove("content/9.md");
    let changes = "1 updated, 1 moved, 1 removed";
    says(&["sync", "content/", "--prune", "--dry-run"], changes);
    says(&["sync", "content/", "--prune"], changes);
    // The same answers as without a pooler.
    let direct = pooled.database.plain_url();
    let answers_alike = |args: &[&str]| {
        let through = pooled.run(args);
        let past = project.run(&[args, &["--database", &direct]].concat());
        assert_eq!(through.stdout, past.stdout, "{args:?}");
        assert_ne!(through.stdout, "", "{args:?}");
    };
    for args in lists() {
        answers_alike(&args);
    }
    for args in [
        &["list", "--all", "--format", "json"][..],
        &["show", "7", "--format", "json"],
        &["categories"],
        &["tags"],
        &["history"],
    ] {
        answers_alike(args);
    }
    pooled.run(&["doctor"]);
    pooled.run(&["schema", "status"]);
    pooled.left_nothing_behind();
}

#[test]
fn a_sync_that_fails_leaves_nothing_behind_in_a_pooler() {
    let pooled = Pooled::new();
    pooled.project.post(1, "A post");
    pooled.run(&["sync", "content/"]);
    let holder = pooled.database.client();
    holder.batch("BEGIN; SELECT pg_advisory_xact_lock(x'626c6f6763746c31'::bigint)");
    pooled.project.post(2, "Another");
    let args = pooled.with_address(&["sync", "content/", "--lock-timeout", "1"]);
    let output = pooled.project.run(&args).expect_status(4);
    assert!(output.stderr.contains("another sync"), "{output:#?}");
    holder.batch("ROLLBACK");
    // A failure among statements that were all sent already.
    pooled
        .database
        .client()
        .batch("ALTER TABLE public.post ADD CONSTRAINT short CHECK (id < 2)");
    let args = pooled.with_address(&["sync", "content/"]);
    pooled.project.run(&args).expect_status(1);
    assert_eq!(
        pooled
            .database
            .client()
            .text("SELECT count(*) FROM public.post"),
        "1"
    );
    pooled.left_nothing_behind();
}

#[test]
fn readers_and_a_sync_share_a_pooler() {
    /// Readers at once, and how often each reads.
    const READERS: usize = 8;
    const ROUNDS: usize = 4;
    let pooled = Pooled::new();
    write_posts(&pooled.project, 1..=60);
    pooled.run(&["sync", "content/"]);
    let writing = Project::new();
    write_posts(&writing, 1..=600);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let args = pooled.with_address(&["sync", "content/"]);
            writing.run(&args).expect_status(0);
        });
        for reader in 0..READERS {
            let pooled = &pooled;
            scope.spawn(move || {
                let lists = lists();
                for round in 0..ROUNDS {
                    let args = &lists[(reader + round * READERS) % lists.len()];
                    pooled.run(args);
                    let args = [["show", "7"], ["tags", "-q"], ["categories", "-q"]];
                    pooled.run(&args[(reader + round) % args.len()]);
                    // A reader sees the state before the sync or the state after.
                    let all = pooled.run(&["categories", "--format", "json"]).stdout;
                    let all: serde_json::Value = serde_json::from_str(&all).expect("JSON");
                    let sum: i64 = all["categories"]
                        .as_array()
                        .expect("an array")
                        .iter()
                        .filter_map(|category| category["posts"].as_i64())
                        .sum();
                    assert!(sum == 60 || sum == 600, "{all}");
                }
            });
        }
    });
    pooled.left_nothing_behind();
}

/// Clients at once, each with a project and posts of its own, through two server connections:
/// what one leaves behind, the next would find.
#[test]
fn eight_clients_share_two_server_connections() {
    const CLIENTS: i64 = 8;
    const EACH: i64 = 12;
    let pooled = Pooled::through(|server| PgBouncer::with_pool_size(server, 2));
    pooled.run(&["schema", "apply"]);
    std::thread::scope(|scope| {
        for client in 0..CLIENTS {
            let pooled = &pooled;
            scope.spawn(move || {
                let project = Project::new();
                let mine = client * EACH + 1..=(client + 1) * EACH;
                let run = |args: &[&str]| {
                    let args = pooled.with_address(args);
                    let output = project.run(&args).expect_status(0);
                    output.stdout
                };
                let sync = ["sync", "content/", "--lock-timeout", "120"];
                write_posts(&project, mine.clone());
                assert!(run(&sync).contains("12 created"));
                // What others publish meanwhile does not lie in this one's directory.
                assert!(run(&sync).contains("nothing changed"));
                let first = mine.start().to_string();
                project.post_with(*mine.start(), "Edited", "tags: [a]", "Another body.\n");
                assert!(run(&sync).contains("1 updated"));
                assert!(run(&["show", &first]).contains("Edited"));
                assert!(run(&["list", "--tag", "a", "--all", "-q"]).contains("Edited"));
                assert!(run(&["search", "another"]).contains("Edited"));
                for args in [
                    &["categories"][..],
                    &["tags"],
                    &["history"],
                    &["schema", "status"],
                ] {
                    assert_ne!(run(args), "");
                }
                run(&["schema", "apply"]);
            });
        }
    });
    let posts = pooled
        .database
        .client()
        .text("SELECT count(*) FROM public.post");
    assert_eq!(posts, (CLIENTS * EACH).to_string());
    pooled.left_nothing_behind();
}
