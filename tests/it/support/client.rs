//! A blocking client with which tests look into a database.

use std::future::Future;
use std::sync::OnceLock;

use native_tls::{Certificate, TlsConnector};
use postgres_native_tls::MakeTlsConnector;
use tokio::runtime::{Builder, Runtime};
use tokio_postgres::{Config, NoTls, SimpleQueryMessage};

/// Runs a future of the tests' own clients.
pub fn block_on<F: Future>(future: F) -> F::Output {
    runtime().block_on(future)
}

fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| {
        Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime can be made")
    })
}

/// A connection. Its functions panic with the statement and the server's words.
pub struct Client {
    inner: tokio_postgres::Client,
}

impl Client {
    /// Connects without TLS; for tests of this support and for looking into databases.
    pub fn connect(url: &str) -> Self {
        Self::try_connect(url).unwrap_or_else(|e| panic!("cannot connect to {url}: {e:?}"))
    }

    /// As [`Client::connect`], for servers that may refuse.
    pub fn try_connect(url: &str) -> Result<Self, tokio_postgres::Error> {
        let config: Config = url.parse()?;
        block_on(async {
            let (inner, connection) = config.connect(NoTls).await?;
            tokio::spawn(connection);
            Ok(Self { inner })
        })
    }

    /// Connects over TLS, trusting the authority `ca_pem` alone besides the system's.
    pub fn try_connect_tls(url: &str, ca_pem: &str) -> Result<Self, tokio_postgres::Error> {
        let config: Config = url.parse()?;
        let authority = Certificate::from_pem(ca_pem.as_bytes()).expect("the PEM is rcgen's");
        let connector = TlsConnector::builder()
            .add_root_certificate(authority)
            .build()
            .expect("the options are supported");
        block_on(async {
            let (inner, connection) = config.connect(MakeTlsConnector::new(connector)).await?;
            tokio::spawn(connection);
            Ok(Self { inner })
        })
    }

    /// The asynchronous client, for use with [`block_on`].
    pub fn inner(&self) -> &tokio_postgres::Client {
        &self.inner
    }

    /// Runs statements separated by `;`.
    pub fn batch(&self, sql: &str) {
        self.try_batch(sql)
            .unwrap_or_else(|e| panic!("{sql}\nfailed: {e:?}"));
    }

    /// Runs statements that may fail.
    pub fn try_batch(&self, sql: &str) -> Result<(), tokio_postgres::Error> {
        block_on(self.inner.batch_execute(sql))
    }

    /// The rows of a query, each value as text, NULL as `None`.
    pub fn rows(&self, sql: &str) -> Vec<Vec<Option<String>>> {
        let messages = block_on(self.inner.simple_query(sql))
            .unwrap_or_else(|e| panic!("{sql}\nfailed: {e:?}"));
        let mut rows = Vec::new();
        for message in messages {
            if let SimpleQueryMessage::Row(row) = message {
                rows.push(
                    (0..row.len())
                        .map(|i| row.get(i).map(str::to_owned))
                        .collect(),
                );
            }
        }
        rows
    }

    /// A query's answer as lines of values with `|` between, NULL as nothing: what
    /// `psql -At` prints.
    pub fn text(&self, sql: &str) -> String {
        let line = |row: Vec<Option<String>>| {
            let values: Vec<_> = row.into_iter().map(Option::unwrap_or_default).collect();
            values.join("|")
        };
        self.rows(sql)
            .into_iter()
            .map(line)
            .collect::<Vec<_>>()
            .join("\n")
    }
}
