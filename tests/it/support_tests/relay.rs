//! Tests of the relay: its counts, and where it cuts.

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
