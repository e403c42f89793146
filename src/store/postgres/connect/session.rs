//! An open connection and the facts about it.

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
use super::failure::{Cause, StageCell};
use super::guard::Conduct;
use super::stream::{Activity, ActivityStream, Socket, StartupInfo, StartupSniffer};
use super::tls::{Handshake, SharedConnector};

/// The timeout for a clean close.
const CLOSE_TIMEOUT: Duration = Duration::from_millis(500);

/// The address of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Peer {
    /// A TCP address.
    Address(SocketAddr),
    /// The path of a Unix domain socket.
    #[cfg(unix)]
    Socket(PathBuf),
}

/// The durations of the parts of connecting.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Phases {
    /// Resolving the host's name.
    pub resolve: Duration,
    /// Opening the connection.
    pub reach: Duration,
    /// Negotiating TLS; `None` without TLS.
    pub tls: Option<Duration>,
    /// Logging in.
    pub login: Duration,
}

/// The facts about a connection.
#[derive(Clone, Debug)]
pub struct ConnectionInfo {
    /// The server's address.
    pub peer: Peer,
    /// The host's name; `None` for a Unix socket.
    pub host: Option<String>,
    /// The durations of the last attempt.
    pub phases: Phases,
    /// Facts that the server revealed during startup.
    pub startup: Arc<StartupInfo>,
    /// True for direct TLS negotiation.
    pub direct: bool,
    /// The number of attempts, this one included.
    pub attempts: u32,
}

/// An open connection with the task that drives it.
pub struct Session {
    /// The driver's client.
    pub client: Client,
    /// The facts about the connection.
    pub link: ConnectionInfo,
    pub(super) driver: JoinHandle<Result<(), Error>>,
    pub(super) activity: Arc<Activity>,
    pub(super) conduct: Arc<Conduct>,
}

impl Session {
    /// Returns the record of the last traffic.
    pub fn activity(&self) -> &Activity {
        &self.activity
    }

    /// Returns the bounds on the server's messages, and any breach of them.
    pub fn conduct(&self) -> &Conduct {
        &self.conduct
    }

    /// Closes the connection cleanly, so that nothing is logged as broken; takes no longer than
    /// `left`.
    pub async fn close(self, left: Duration) {
        let Self { client, driver, .. } = self;
        drop(client);
        let _ = tokio::time::timeout(CLOSE_TIMEOUT.min(left), driver).await;
    }

    /// Drops the connection without a goodbye, for a peer that no longer answers.
    pub fn abort(&self) {
        self.driver.abort();
    }

    /// Sends a cancel request, over a second connection. The server does not confirm it.
    pub async fn cancel(&self, settings: &Settings, tls: &SharedConnector) -> Result<(), Cause> {
        let token = self.client.cancel_token();
        let socket = match &self.link.peer {
            Peer::Address(address) => Socket::Tcp(TcpStream::connect(address).await?),
            #[cfg(unix)]
            Peer::Socket(path) => Socket::Unix(UnixStream::connect(path).await?),
        };
        let startup = Arc::default();
        let stream = StartupSniffer::passthrough(
            ActivityStream::new(socket, Arc::new(Activity::new())),
            Arc::clone(&startup),
        );
        match &self.link.host {
            Some(host) if self.link.phases.tls.is_some() => {
                let handshake = Handshake {
                    connector: tls.clone(),
                    settings,
                    host: host.clone(),
                    done: Arc::default(),
                    stage: StageCell::default(),
                    startup,
                    conduct: Arc::default(),
                    waits_for_close: true,
                };
                token.cancel_query_raw(stream, handshake).await?;
            }
            _ => {
                token
                    .cancel_query_raw(stream.waiting_for_close(), NoTls)
                    .await?
            }
        }
        Ok(())
    }

    /// Returns the server's certificate in DER; `None` without TLS. It needs a second
    /// connection: the driver's TLS adapter does not expose the certificate.
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
            // SSLRequest, and the answer that accepts TLS.
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
