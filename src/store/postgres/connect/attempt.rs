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
use super::guard::{Breach, Conduct};
use super::judge::{CameTo, Cause, Failure, Stage};
use super::reach;
use super::session::{Link, Peer, Phases, Session};
use super::stream::{Activity, Greeting, Overheard, Socket, Watched};
use super::tls::{Handshake, SharedConnector};

/// What an attempt is made with.
pub struct Attempt<'a> {
    /// Who to log in as, and how.
    pub settings: &'a Settings,
    /// For TLS.
    pub tls: &'a SharedConnector,
    /// How TLS begins.
    pub negotiation: SslNegotiation,
    /// Notes how far it comes.
    pub came_to: CameTo,
}

impl Attempt<'_> {
    /// Connects to an endpoint. All of its addresses are tried, as long as nobody answers.
    ///
    /// # Errors
    /// What came of each address, at least one.
    pub async fn connect(&self, endpoint: &Endpoint) -> Result<Session, Vec<Failure>> {
        let host = match &endpoint.host {
            #[cfg(unix)]
            Host::Unix(directory) => {
                let path = directory.join(format!(".s.PGSQL.{}", endpoint.port));
                return self.over_socket(endpoint, path).await.map_err(|f| vec![f]);
            }
            Host::Tcp(host) => host,
        };
        self.came_to.set(Stage::Name);
        let begun = Instant::now();
        let fail = |stage, place: String, cause: Cause| Failure {
            place,
            stage,
            cause,
        };
        let found = reach::addresses(host, endpoint).await;
        let mut remaining =
            found.map_err(|error| vec![fail(Stage::Name, host.clone(), error.into())])?;
        if remaining.is_empty() {
            let cause = "the name has no address".into();
            return Err(vec![fail(Stage::Name, host.clone(), cause)]);
        }
        let resolve = begun.elapsed();
        let mut failures = Vec::new();
        loop {
            self.came_to.set(Stage::Reach);
            let begun = Instant::now();
            let (stream, address) = match reach::race(&remaining).await {
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
                    // Something that listens and hangs up, as a forwarder does whose server
                    // has no such address, leaves the others worth a try.
                    let next = failure.broke_off();
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
        self.came_to.set(Stage::Reach);
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
        // Nobody stands between; servers offer no TLS there, and libpq asks for none.
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
        reach::prepare(&stream, &config).map_err(|error| fail((Stage::Reach, error.into())))?;
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

    /// Negotiates TLS where that is asked for, and logs in.
    async fn log_in(
        &self,
        config: &Config,
        socket: Socket,
        host: Option<&str>,
        peer: Peer,
        mut phases: Phases,
    ) -> Result<Session, (Stage, Cause)> {
        let (activity, greeting) = (Arc::new(Activity::new()), Arc::new(Greeting::default()));
        let conduct = Arc::new(Conduct::default());
        let socket = Watched::new(socket, Arc::clone(&activity));
        let begun = Instant::now();
        let (client, driver) = match host.filter(|_| config.get_ssl_mode() != SslMode::Disable) {
            None => {
                self.came_to.set(Stage::Login);
                let stream = Overheard::new(socket, Arc::clone(&greeting), Arc::clone(&conduct));
                let connected = config.connect_raw(stream, NoTls).await;
                let failed = |e| (Stage::Login, cause(e, &conduct));
                let (client, connection) = connected.map_err(failed)?;
                (client, tokio::spawn(connection))
            }
            Some(host) => {
                self.came_to.set(Stage::Tls);
                let encrypted = Arc::new(OnceLock::new());
                let handshake = Handshake {
                    connector: self.tls.clone(),
                    settings: self.settings,
                    host: host.to_owned(),
                    done: Arc::clone(&encrypted),
                    came_to: self.came_to.clone(),
                    greeting: Arc::clone(&greeting),
                    conduct: Arc::clone(&conduct),
                    lingers: false,
                };
                let stream = Overheard::deaf(socket, Arc::clone(&greeting));
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
            link: Link {
                peer,
                host: host.map(str::to_owned),
                phases,
                greeting,
                direct: self.negotiation == SslNegotiation::Direct,
                attempts: 1,
            },
            client,
            driver,
            activity,
            conduct,
        };
        // An error of the connection reaches the statement that waits for an answer.
        let wanted = config.get_target_session_attrs();
        suits(&session.client, wanted)
            .await
            .map_err(|cause| (Stage::Login, cause))?;
        Ok(session)
    }
}

/// Tells an end of the connection from an end of a message before its fields: the driver has the
/// same error for both. The first may pass, and the second does not.
fn cause(error: tokio_postgres::Error, conduct: &Conduct) -> Cause {
    let source: Option<&(dyn std::error::Error + 'static)> = std::error::Error::source(&error);
    let io = source.and_then(|source| source.downcast_ref::<io::Error>());
    if io.is_some_and(|io| io.kind() == io::ErrorKind::UnexpectedEof) && !conduct.has_ended() {
        return Breach::Unreadable.into();
    }
    error.into()
}

/// Whether the server is of the kind that `target_session_attrs` asks for.
async fn suits(client: &Client, wanted: TargetSessionAttrs) -> Result<(), Cause> {
    let wants_writes = match wanted {
        TargetSessionAttrs::ReadWrite => true,
        TargetSessionAttrs::ReadOnly => false,
        // Any, and whatever the driver may come to know.
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
