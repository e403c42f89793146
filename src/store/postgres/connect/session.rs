//! A connection that stands, and what is known of it.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
#[cfg(unix)]
use tokio::net::UnixStream;
use tokio::task::JoinHandle;
use tokio_postgres::{Client, Error, NoTls};

use super::super::settings::Settings;
use super::guard::Conduct;
use super::judge::{CameTo, Cause};
use super::stream::{Activity, Greeting, Overheard, Socket, Watched};
use super::tls::{Handshake, SharedConnector};

/// How long saying goodbye may take.
const FAREWELL: Duration = Duration::from_millis(500);

/// What the server was reached at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Peer {
    /// Over a network.
    Address(SocketAddr),
    /// A socket's file.
    #[cfg(unix)]
    Socket(PathBuf),
}

/// How long each part of connecting took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Phases {
    /// Asking for the addresses of the host's name.
    pub resolve: Duration,
    /// Opening the connection.
    pub reach: Duration,
    /// Agreeing on TLS; `None` without TLS.
    pub tls: Option<Duration>,
    /// Logging in.
    pub login: Duration,
}

/// What is known of a connection.
#[derive(Clone, Debug)]
pub struct Link {
    /// What the server was reached at.
    pub peer: Peer,
    /// The name it was asked for by; `None` for a socket.
    pub host: Option<String>,
    /// How long that took, the last attempt alone.
    pub phases: Phases,
    /// What the server said of itself.
    pub greeting: Arc<Greeting>,
    /// Whether TLS began without a question.
    pub direct: bool,
    /// How many attempts it took.
    pub attempts: u32,
}

/// A connection, and the task that drives it.
pub struct Session {
    /// What statements are sent by.
    pub client: Client,
    /// What is known of it.
    pub link: Link,
    pub(super) driver: JoinHandle<Result<(), Error>>,
    pub(super) activity: Arc<Activity>,
    pub(super) conduct: Arc<Conduct>,
}

impl Session {
    /// When bytes last passed.
    pub fn activity(&self) -> &Activity {
        &self.activity
    }

    /// Returns the bounds of what the server may say, and what came of them.
    pub fn conduct(&self) -> &Conduct {
        &self.conduct
    }

    /// Says goodbye, so that the server's log and a pooler's need not wonder; takes no longer
    /// than `left`.
    pub async fn close(self, left: Duration) {
        let Self { client, driver, .. } = self;
        drop(client);
        let _ = tokio::time::timeout(FAREWELL.min(left), driver).await;
    }

    /// Hangs up without a word: nobody listens any more.
    pub fn abandon(&self) {
        self.driver.abort();
    }

    /// Asks the server to give up what it does for this session, over a connection of its
    /// own. The server does not say whether it has.
    pub async fn cancel(&self, settings: &Settings, tls: &SharedConnector) -> Result<(), Cause> {
        let token = self.client.cancel_token();
        let socket = match &self.link.peer {
            Peer::Address(address) => Socket::Tcp(TcpStream::connect(address).await?),
            #[cfg(unix)]
            Peer::Socket(path) => Socket::Unix(UnixStream::connect(path).await?),
        };
        let greeting = Arc::default();
        let stream = Overheard::deaf(
            Watched::new(socket, Arc::new(Activity::new())),
            Arc::clone(&greeting),
        );
        match &self.link.host {
            Some(host) if self.link.phases.tls.is_some() => {
                let handshake = Handshake {
                    connector: tls.clone(),
                    settings,
                    host: host.clone(),
                    done: Arc::default(),
                    came_to: CameTo::default(),
                    greeting,
                    conduct: Arc::default(),
                    lingers: true,
                };
                token.cancel_query_raw(stream, handshake).await?;
            }
            _ => token.cancel_query_raw(stream.lingering(), NoTls).await?,
        }
        Ok(())
    }

    /// Asks for the server's certificate, over a connection of its own: the driver's adapter
    /// of the TLS library keeps it to itself. Returns it in DER; `None` without TLS.
    pub async fn certificate(
        &self,
        settings: &Settings,
        tls: &SharedConnector,
    ) -> Result<Option<Vec<u8>>, Cause> {
        let (Peer::Address(address), Some(host)) = (&self.link.peer, &self.link.host) else {
            return Ok(None);
        };
        if self.link.phases.tls.is_none() {
            return Ok(None);
        }
        let mut stream = TcpStream::connect(address).await?;
        if !self.link.direct {
            // SSLRequest, and the only answer that goes on.
            stream.write_all(&[0, 0, 0, 8, 4, 210, 22, 47]).await?;
            if stream.read_u8().await? != b'S' {
                return Ok(None);
            }
        }
        let connector = tls.get(settings).await?;
        let connector = tokio_native_tls::TlsConnector::from(connector);
        let stream = connector.connect(host, stream).await?;
        let certificate = stream.get_ref().peer_certificate()?;
        Ok(certificate
            .map(|certificate| certificate.to_der())
            .transpose()?)
    }
}
