//! One database per test.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::client::Client;
use super::cluster::{Endpoint, Server};

/// A database of a test's own, dropped with it, even if somebody is still connected.
#[derive(Debug)]
pub struct TestDatabase {
    endpoint: Endpoint,
    name: String,
}

impl TestDatabase {
    /// Makes an empty database on the shared server.
    pub fn create() -> Self {
        Server::shared().database()
    }

    /// Makes a database with all that this one holds, while nobody is connected to it. Its
    /// settings, [`TestDatabase::record_plans`] among them, stay behind.
    pub fn copy(&self) -> Self {
        Self::create_from(self.endpoint.clone(), &self.name)
    }

    pub(super) fn create_on(endpoint: Endpoint) -> Self {
        Self::create_from(endpoint, "template0")
    }

    fn create_from(endpoint: Endpoint, template: &str) -> Self {
        static CREATED: AtomicUsize = AtomicUsize::new(0);
        let name = format!("test_{}", CREATED.fetch_add(1, Ordering::Relaxed));
        Client::connect(&endpoint.socket_url("postgres"))
            .batch(&format!("CREATE DATABASE {name} TEMPLATE {template}"));
        Self { endpoint, name }
    }

    /// The database's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The server it is on.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Over TLS with the run's authority: what a user of a remote database gives.
    pub fn url(&self) -> String {
        self.endpoint.url(&self.name)
    }

    /// Over TCP without TLS, also for [relays](super::relay).
    pub fn plain_url(&self) -> String {
        self.endpoint.plain_url(&self.name)
    }

    /// Over the Unix socket.
    pub fn socket_url(&self) -> String {
        self.endpoint.socket_url(&self.name)
    }

    /// Waits until the server has ended every session but those of the superuser over the
    /// socket: what was cut has then had all its effect.
    pub fn settle(&self) {
        let client = self.client();
        let begun = Instant::now();
        let others = "SELECT count(*) FROM pg_stat_activity \
            WHERE datname = current_database() AND client_port > 0";
        while client.text(others) != "0" {
            assert!(begun.elapsed() < Duration::from_secs(20), "a session stays");
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Connects as the superuser, to look into it.
    pub fn client(&self) -> Client {
        Client::connect(&self.socket_url())
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        // The server may have been dropped before, and the database with it.
        if let Ok(client) = Client::try_connect(&self.endpoint.socket_url("postgres")) {
            let dropped = client.try_batch(&format!("DROP DATABASE {} WITH (FORCE)", self.name));
            if let Err(e) = dropped {
                eprintln!("cannot drop database {}: {e:?}", self.name);
            }
        }
    }
}
