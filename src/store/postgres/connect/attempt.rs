//! One attempt at one endpoint: name, network, TLS, login.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use tokio::net::TcpStream;
#[cfg(unix)]
use tokio::net::UnixStream;
use tokio_postgres::config::{Host, SslMode, SslNegotiation, TargetSessionAttrs};
use tokio_postgres::{Client, Config, NoTls, SimpleQueryMessage};

use super::super::settings::{Endpoint, Settings};
use super::failure::{Cause, Failure, Stage, StageCell};
use super::guard::{Breach, Conduct};
use super::happy_eyeballs;
use super::session::{ConnectionInfo, Peer, Phases, Session};
use super::stream::{Activity, ActivityStream, Socket, StartupInfo, StartupSniffer};
use super::tls::{Handshake, SharedConnector};

/// One attempt to connect to an endpoint.
pub struct Attempt<'a> {
    /// The user, the database and the options of the login.
    pub settings: &'a Settings,
    /// The TLS connector.
    pub tls: &'a SharedConnector,
    /// The way TLS begins: by a request, or directly.
    pub negotiation: SslNegotiation,
    /// The stage that the attempt has reached.
    pub stage: StageCell,
}

impl Attempt<'_> {
    /// Connects to an endpoint. Tries all of its addresses as long as none of them answers.
    ///
    /// # Errors
    /// Returns the failure of each address, at least one.
    pub async fn connect(&self, endpoint: &Endpoint) -> Result<Session, Vec<Failure>> {
        let host = match &endpoint.host {
            #[cfg(unix)]
            Host::Unix(directory) => {
                let path = directory.join(format!(".s.PGSQL.{}", endpoint.port));
                return self.over_socket(endpoint, path).await.map_err(|f| vec![f]);
            }
            Host::Tcp(host) => host,
        };
        self.stage.set(Stage::Name);
        let begun = Instant::now();
        let fail = |stage, place: String, cause: Cause| Failure {
            place,
            stage,
            cause,
        };
        let found = happy_eyeballs::addresses(host, endpoint).await;
        let mut remaining =
            found.map_err(|error| vec![fail(Stage::Name, host.clone(), error.into())])?;
        if remaining.is_empty() {
            let cause = "the name has no address".into();
            return Err(vec![fail(Stage::Name, host.clone(), cause)]);
        }
        let resolve = begun.elapsed();
        let mut failures = Vec::new();
        loop {
            self.stage.set(Stage::Reach);
            let begun = Instant::now();
            let (stream, address) = match happy_eyeballs::connect_first(&remaining).await {
                Ok(reached) => reached,
                Err(unreached) => {
                    failures.extend(unreached.into_iter().map(|(address, error)| {
                        fail(Stage::Reach, address.to_string(), error.into())
                    }));
                    return Err(failures);
                }
            };
            let phases = Phases {
                resolve,
                reach: begun.elapsed(),
                ..Phases::default()
            };
            match self
                .over_network(endpoint, host, stream, address, phases)
                .await
            {
                Ok(session) => return Ok(session),
                Err(failure) => {
                    // A port that accepts and hangs up, as that of a forwarder does when it
                    // cannot reach its server, leaves the other addresses worth a try.
                    let next = failure.is_disconnect();
                    failures.push(failure);
                    remaining.retain(|other| *other != address);
                    if !next || remaining.is_empty() {
                        return Err(failures);
                    }
                }
            }
        }
    }

    #[cfg(unix)]
    async fn over_socket(&self, endpoint: &Endpoint, path: PathBuf) -> Result<Session, Failure> {
        self.stage.set(Stage::Reach);
        let place = path.display().to_string();
        let begun = Instant::now();
        let stream = UnixStream::connect(&path).await.map_err(|error| Failure {
            place: place.clone(),
            stage: Stage::Reach,
            cause: error.into(),
        })?;
        let phases = Phases {
            reach: begun.elapsed(),
            ..Phases::default()
        };
        let mut config = self.config(endpoint);
        // A Unix socket needs no TLS; Postgres does not offer it there, and libpq does not ask
        // for it.
        config.ssl_mode(SslMode::Disable);
        let peer = Peer::Socket(path);
        self.log_in(&config, Socket::Unix(stream), None, peer, phases)
            .await
            .map_err(|(stage, cause)| Failure {
                place,
                stage,
                cause,
            })
    }

    async fn over_network(
        &self,
        endpoint: &Endpoint,
        host: &str,
        stream: TcpStream,
        address: SocketAddr,
        phases: Phases,
    ) -> Result<Session, Failure> {
        let fail = |(stage, cause)| Failure {
            place: address.to_string(),
            stage,
            cause,
        };
        let config = self.config(endpoint);
        happy_eyeballs::prepare(&stream, &config)
            .map_err(|error| fail((Stage::Reach, error.into())))?;
        let peer = Peer::Address(address);
        self.log_in(&config, Socket::Tcp(stream), Some(host), peer, phases)
            .await
            .map_err(fail)
    }

    fn config(&self, endpoint: &Endpoint) -> Config {
        let mut config = self.settings.config.clone();
        config.ssl_negotiation(self.negotiation);
        if let Some(password) = &endpoint.password {
            config.password(password);
        }
        config
    }

    /// Negotiates TLS if it is required, and logs in.
    async fn log_in(
        &self,
        config: &Config,
        socket: Socket,
        host: Option<&str>,
        peer: Peer,
        mut phases: Phases,
    ) -> Result<Session, (Stage, Cause)> {
        let (activity, startup) = (Arc::new(Activity::new()), Arc::new(StartupInfo::default()));
        let conduct = Arc::new(Conduct::default());
        let socket = ActivityStream::new(socket, Arc::clone(&activity));
        let begun = Instant::now();
        let (client, driver) = match host.filter(|_| config.get_ssl_mode() != SslMode::Disable) {
            None => {
                self.stage.set(Stage::Login);
                let stream =
                    StartupSniffer::new(socket, Arc::clone(&startup), Arc::clone(&conduct));
                let connected = config.connect_raw(stream, NoTls).await;
                let failed = |e| (Stage::Login, cause(e, &conduct));
                let (client, connection) = connected.map_err(failed)?;
                (client, tokio::spawn(connection))
            }
            Some(host) => {
                self.stage.set(Stage::Tls);
                let encrypted = Arc::new(OnceLock::new());
                let handshake = Handshake {
                    connector: self.tls.clone(),
                    settings: self.settings,
                    host: host.to_owned(),
                    done: Arc::clone(&encrypted),
                    stage: self.stage.clone(),
                    startup: Arc::clone(&startup),
                    conduct: Arc::clone(&conduct),
                    waits_for_close: false,
                };
                let stream = StartupSniffer::passthrough(socket, Arc::clone(&startup));
                let connected = config.connect_raw(stream, handshake).await;
                let took = encrypted
                    .get()
                    .map(|done: &Instant| done.duration_since(begun));
                let stage = if took.is_some() {
                    Stage::Login
                } else {
                    Stage::Tls
                };
                phases.tls = took;
                let failed = |e| match stage {
                    Stage::Login => (stage, cause(e, &conduct)),
                    _ => (stage, e.into()),
                };
                let (client, connection) = connected.map_err(failed)?;
                (client, tokio::spawn(connection))
            }
        };
        phases.login = begun.elapsed() - phases.tls.unwrap_or(Duration::ZERO);
        let session = Session {
            link: ConnectionInfo {
                peer,
                host: host.map(str::to_owned),
                phases,
                startup,
                direct: self.negotiation == SslNegotiation::Direct,
                attempts: 1,
            },
            client,
            driver,
            activity,
            conduct,
        };
        // If the connection fails, the pending statement returns the error.
        let wanted = config.get_target_session_attrs();
        check_session_attrs(&session.client, wanted)
            .await
            .map_err(|cause| (Stage::Login, cause))?;
        Ok(session)
    }
}

/// Distinguishes the end of the connection from a message that is too short for its fields: the
/// driver reports both with the same error. The first is transient, the second is not.
fn cause(error: tokio_postgres::Error, conduct: &Conduct) -> Cause {
    let source: Option<&(dyn std::error::Error + 'static)> = std::error::Error::source(&error);
    let io = source.and_then(|source| source.downcast_ref::<io::Error>());
    if io.is_some_and(|io| io.kind() == io::ErrorKind::UnexpectedEof) && !conduct.has_ended() {
        return Breach::Unreadable.into();
    }
    error.into()
}

/// Checks that the server is of the kind that `target_session_attrs` asks for.
async fn check_session_attrs(client: &Client, wanted: TargetSessionAttrs) -> Result<(), Cause> {
    let wants_writes = match wanted {
        TargetSessionAttrs::ReadWrite => true,
        TargetSessionAttrs::ReadOnly => false,
        // `Any`, and variants that the driver may add.
        _ => return Ok(()),
    };
    let answer = client.simple_query("SHOW transaction_read_only").await?;
    let read_only = answer.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => row.get(0).map(|value| value == "on"),
        _ => None,
    });
    match read_only {
        Some(true) if wants_writes => Err("the server is read only".into()),
        Some(false) if !wants_writes => Err("the server is not read only".into()),
        _ => Ok(()),
    }
}
