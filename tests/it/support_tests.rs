//! Tests of the test support: a relay that miscounts would prove anything.

use std::future::poll_fn;
use std::net::Ipv4Addr;
use std::task::Poll;

use futures_util::SinkExt;
use tokio_postgres::types::Type;

use crate::support::certs::Authorities;
use crate::support::client::{Client, block_on};
use crate::support::cluster::{Server, TlsKind};
use crate::support::database::TestDatabase;
use crate::support::memory::peak_rss;
use crate::support::pgbouncer::PgBouncer;
use crate::support::project::{Output, Project};
use crate::support::relay::{Direction, Fault, Kind, Relay};

mod relay_faults;
mod servers;

mod cluster {
    use super::*;

    #[test]
    fn answers_over_tcp_and_over_its_socket() {
        let database = TestDatabase::create();
        for url in [database.plain_url(), database.socket_url()] {
            let client = Client::connect(&url);
            assert_eq!(
                client.text("SELECT current_database(), 1 + 1, NULL"),
                format!("{}|2|", database.name())
            );
        }
    }

    #[test]
    fn demands_the_password_over_tcp() {
        let database = TestDatabase::create();
        let wrong = database
            .plain_url()
            .replace(&database.endpoint().password, "wrong");
        let error = Client::try_connect(&wrong)
            .err()
            .expect("a wrong password is refused");
        assert_eq!(error.code().map(|code| code.code()), Some("28P01"));
    }

    #[test]
    fn gives_each_test_a_database_that_goes_with_it() {
        let (kept, dropped) = (TestDatabase::create(), TestDatabase::create());
        let name = dropped.name().to_owned();
        let _still_connected = dropped.client();
        drop(dropped);
        let sql = format!(
            "SELECT count(*) FROM pg_database WHERE datname IN ('{name}', '{}')",
            kept.name()
        );
        assert_eq!(kept.client().text(&sql), "1");
    }

    #[test]
    fn tells_how_a_statement_was_run() {
        let database = TestDatabase::create();
        database.client().batch(
            "CREATE TABLE number (n integer PRIMARY KEY, parity integer); \
             INSERT INTO number SELECT n, n % 2 FROM generate_series(1, 10000) n; \
             ANALYZE number",
        );
        database.record_plans();
        assert_eq!(database.plans().len(), 0);
        let client = database.client();
        client.batch("SELECT * FROM number WHERE parity = 5");
        block_on(client.inner().query_typed(
            "SELECT *\n\tFROM number WHERE n > $1 AND parity = 0 ORDER BY n LIMIT 5",
            &[(&9000, Type::INT4)],
        ))
        .unwrap();
        let plans = database.plans();
        let [all, few] = plans.as_slice() else {
            panic!("{plans:?}")
        };
        assert_eq!(
            (all.sequential_scans(), all.rows_read()),
            (vec!["number"], 10_000)
        );
        assert!(
            few.query
                .starts_with("SELECT *\n\tFROM number WHERE n > $1")
        );
        assert_eq!(
            (few.sequential_scans(), few.indexes()),
            (vec![], vec!["number_pkey"])
        );
        assert!((9..=10).contains(&few.rows_read()), "{}", few.json());
        // Ten thousand rows of 32 bytes fill 45 pages of 8 KB.
        assert!((40..=50).contains(&all.pages_touched()), "{}", all.json());
        assert!((2..=8).contains(&few.pages_touched()), "{}", few.json());
        assert!(few.outline().contains("number_pkey"), "{}", few.outline());
    }

    #[test]
    fn goes_with_its_files_when_it_is_dropped() {
        let server = Server::start(TlsKind::None);
        let (dir, endpoint) = (server.dir().to_owned(), server.endpoint().clone());
        assert!(dir.is_dir());
        drop(server);
        assert!(!dir.exists());
        assert!(Client::try_connect(&endpoint.plain_url("postgres")).is_err());
    }
}

mod tls {
    use super::*;

    fn connect(kind: TlsKind) -> Result<String, String> {
        let server = Server::start(kind);
        let url = server.endpoint().tcp_url("postgres", "sslmode=require");
        let authority = Authorities::of_this_run().trusted_pem();
        let client = Client::try_connect_tls(&url, &authority).map_err(|e| {
            format!(
                "{e}: {}",
                std::error::Error::source(&e)
                    .map(ToString::to_string)
                    .unwrap_or_default()
            )
        })?;
        Ok(client.text("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"))
    }

    #[test]
    fn is_accepted_with_a_good_certificate() {
        assert_eq!(connect(TlsKind::Good).as_deref(), Ok("t"));
    }

    #[test]
    fn is_refused_for_each_thing_that_is_wrong() {
        for (kind, words) in [
            (TlsKind::WrongHost, "mismatch"),
            (TlsKind::Expired, "expired"),
            (
                TlsKind::UnknownAuthority,
                "unable to get local issuer certificate",
            ),
            (TlsKind::None, "server does not support TLS"),
        ] {
            let said = connect(kind).expect_err("the certificate is wrong");
            assert!(said.contains(words), "{kind:?}: {said}");
        }
    }
}

mod relay {
    use super::*;

    /// A client's actions, and the round trips and statements that they must count as.
    fn counts(act: impl AsyncFnOnce(&mut tokio_postgres::Client)) -> (usize, usize) {
        let database = TestDatabase::create();
        let relay = Relay::before(&database);
        block_on(async {
            let (mut client, connection) =
                tokio_postgres::connect(&relay.url(&database), tokio_postgres::NoTls)
                    .await
                    .expect("the relay leads to the server");
            tokio::spawn(connection);
            assert_eq!((relay.round_trips(), relay.counts().logins), (0, 1));
            act(&mut client).await;
        });
        assert_eq!(relay.counts().depth, relay.round_trips());
        (relay.round_trips(), relay.statements())
    }

    /// Starts every future before it waits for any.
    async fn at_once<F: Future>(futures: impl Iterator<Item = F>) -> Vec<F::Output> {
        let mut futures: Vec<_> = futures.map(|future| (Box::pin(future), None)).collect();
        poll_fn(|context| {
            for (future, output) in &mut futures {
                if output.is_none()
                    && let Poll::Ready(ready) = future.as_mut().poll(context)
                {
                    *output = Some(ready);
                }
            }
            if futures.iter().all(|(_, output)| output.is_some()) {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
        futures
            .into_iter()
            .filter_map(|(_, output)| output)
            .collect()
    }

    #[test]
    fn counts_nothing_for_connecting() {
        assert_eq!(counts(async |_| {}), (0, 0));
    }

    #[test]
    fn counts_one_for_a_simple_query() {
        let act = async |client: &mut tokio_postgres::Client| {
            client.simple_query("SELECT 1; SELECT 2").await.unwrap();
        };
        assert_eq!(counts(act), (1, 1));
    }

    #[test]
    fn counts_two_for_a_query_that_is_prepared_first() {
        let act = async |client: &mut tokio_postgres::Client| {
            client.query("SELECT $1::int4", &[&1]).await.unwrap();
        };
        assert_eq!(counts(act), (2, 1));
    }

    #[test]
    fn counts_one_for_twenty_statements_that_do_not_wait() {
        let act = async |client: &mut tokio_postgres::Client| {
            let client = &*client;
            let queries = (0..20).map(|i: i32| async move {
                client.query_typed("SELECT $1", &[(&i, Type::INT4)]).await
            });
            let answers = at_once(queries).await;
            assert!(answers.iter().all(Result::is_ok));
        };
        assert_eq!(counts(act), (1, 20));
    }

    #[test]
    fn counts_each_statement_that_waits_for_the_one_before() {
        let act = async |client: &mut tokio_postgres::Client| {
            client.batch_execute("BEGIN").await.unwrap();
            client.query_typed("SELECT 1", &[]).await.unwrap();
            client.batch_execute("COMMIT").await.unwrap();
        };
        assert_eq!(counts(act), (3, 3));
    }

    #[test]
    fn counts_one_where_a_statement_fails_among_those_that_do_not_wait() {
        let act = async |client: &mut tokio_postgres::Client| {
            let client = &*client;
            let queries = (0..3).map(|i: i32| async move {
                client
                    .query_typed("SELECT 1 / $1", &[(&i, Type::INT4)])
                    .await
            });
            let answers = at_once(queries).await;
            assert!(answers[0].is_err() && answers[1].is_ok() && answers[2].is_ok());
        };
        assert_eq!(counts(act), (1, 3));
    }

    #[test]
    fn counts_three_for_a_copy_prepared_called_for_and_sent() {
        let act = async |client: &mut tokio_postgres::Client| {
            client
                .batch_execute("CREATE TABLE numbers (n integer)")
                .await
                .unwrap();
            let sink = client.copy_in("COPY numbers FROM STDIN").await.unwrap();
            let mut sink = std::pin::pin!(sink);
            sink.send(&b"1\n2\n"[..]).await.unwrap();
            assert_eq!(sink.as_mut().finish().await.unwrap(), 2);
            client.simple_query("SELECT 1").await.unwrap();
        };
        assert_eq!(counts(act), (1 + 3 + 1, 3));
    }

    #[test]
    fn tells_a_client_that_waits_while_more_is_in_flight() {
        let database = TestDatabase::create();
        let relay = Relay::before(&database);
        let client = Client::connect(&relay.url(&database));
        block_on(async {
            let slow = client.inner().query_typed("SELECT pg_sleep(0.5)", &[]);
            let waits = async {
                client.inner().query_typed("SELECT 1", &[]).await.unwrap();
                client.inner().query_typed("SELECT 2", &[]).await.unwrap();
            };
            // The first answer comes at once, and the second statement while the third's
            // answer, the slow one's, is still to come.
            let (_, slow) = futures_util::future::join(waits, slow).await;
            slow.unwrap();
        });
        let counts = relay.counts();
        assert_eq!((counts.round_trips, counts.depth), (1, 2));
    }

    #[test]
    fn counts_from_zero_after_a_reset() {
        let database = TestDatabase::create();
        let relay = Relay::before(&database);
        let client = Client::connect(&relay.url(&database));
        client.batch("SELECT 1");
        assert!(relay.counts().bytes_sent > 0 && relay.counts().bytes_received > 0);
        relay.reset();
        assert_eq!(relay.counts(), Default::default());
        client.batch("SELECT 1");
        assert_eq!(relay.round_trips(), 1);
    }

    #[test]
    fn cuts_the_connection_where_it_is_told_to() {
        let database = TestDatabase::create();
        let relay = Relay::breaking((Ipv4Addr::LOCALHOST, database.endpoint().port).into());
        let client = Client::connect(&relay.url(&database));
        relay.arm(Fault::new(Kind::CutAfter, Direction::ToServer, 2));
        client.batch("CREATE TABLE first ()");
        assert!(client.try_batch("CREATE TABLE second ()").is_err());
        let tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'";
        assert!(database.client().text(tables).contains("first"));
        assert!(client.try_batch("SELECT 1").is_err());
    }
}

mod pgbouncer {
    use super::*;

    #[test]
    fn shares_one_server_connection_between_transactions() {
        let database = TestDatabase::create();
        let bouncer = PgBouncer::start(Server::shared());
        let clients = [(); 2].map(|()| Client::connect(&bouncer.url(database.name())));
        let pids = clients
            .each_ref()
            .map(|client| client.text("SELECT pg_backend_pid()"));
        assert_eq!(pids[0], pids[1], "the mode is not transaction");
    }

    #[test]
    fn loses_named_prepared_statements_between_transactions() {
        let database = TestDatabase::create();
        let bouncer = PgBouncer::start(Server::shared());
        let [one, other] = [(); 2].map(|()| Client::connect(&bouncer.url(database.name())));
        block_on(async {
            let statement = one.inner().prepare("SELECT 1").await.unwrap();
            // Holds the server connection on which it was prepared.
            other.inner().batch_execute("BEGIN").await.unwrap();
            let error = one.inner().query(&statement, &[]).await.unwrap_err();
            assert_eq!(error.code().map(|code| code.code()), Some("26000"));
        });
    }
}

mod project {
    use super::*;

    #[test]
    fn runs_the_program_in_its_root_without_the_callers_environment() {
        let project = Project::new();
        let mut command = project.command(&[]);
        let variables: Vec<_> = command
            .get_envs()
            .filter_map(|(name, value)| value.map(|_| name.to_owned()))
            .collect();
        assert_eq!(variables, ["HOME", "LC_ALL", "PATH", "TZ", "USER"]);
        assert_eq!(command.get_current_dir(), Some(project.root().as_path()));
        assert!(command.status().is_ok());
    }

    #[test]
    fn writes_posts_with_front_matter() {
        let project = Project::new();
        project
            .post_with(7, "A \"title\"", "draft: true\n", "Body.\n")
            .rename("content/7.md", "content/a/b.md");
        assert_eq!(
            project.read("content/a/b.md"),
            "---\nid: 7\ntitle: \"A \\\"title\\\"\"\ndraft: true\n---\nBody.\n"
        );
        project.remove("content/a/b.md");
        assert!(!project.path("content/a/b.md").exists());
    }

    #[test]
    fn shows_in_a_snapshot_what_stays_from_run_to_run() {
        let project = Project::new();
        let said = format!(
            "{} 127.0.0.1:5433/test_12 took 0.3 s at {}, written 2024-01-02T03:04:05Z",
            project.path("content/1.md").display(),
            jiff::Timestamp::now(),
        );
        let shown = Output::of(&project, 1, &said).snapshot();
        assert_eq!(
            shown,
            "status: 1\n--- stdout ---\n[PROJECT]/content/1.md 127.0.0.1:[PORT]/[DATABASE] took \
             [DURATION] at [NOW], written 2024-01-02T03:04:05Z⏎\n--- stderr ---\n"
        );
    }

    #[test]
    fn runs_as_a_user_whom_permissions_bind() {
        use std::os::unix::fs::PermissionsExt;
        let project = Project::new();
        project.post(1, "Unreadable");
        let file = project.path("content/1.md");
        std::fs::set_permissions(&file, PermissionsExt::from_mode(0o000)).unwrap();
        let output = project.run_as_nobody(&["--version"]);
        assert_ne!(output.status, -1);
        assert_eq!(
            std::fs::metadata(&file).unwrap().permissions().mode() & 0o777,
            0
        );
    }
}

#[test]
fn memory_is_measured_where_a_command_takes_it() {
    let take = |mib: usize| {
        let script = format!(
            "x=$(head -c {} /dev/zero | tr '\\0' x); sleep 0.05",
            mib << 20
        );
        let peak = peak_rss(std::process::Command::new("sh").args(["-c", &script]));
        assert!(peak.status.success());
        peak.bytes >> 20
    };
    let (small, large) = (take(1), take(64));
    assert!(
        small < 32 && (64..512).contains(&large),
        "{small} and {large} MiB"
    );
}
