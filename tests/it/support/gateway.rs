//! Fake gateways of hosted databases: one that refuses or ignores its first clients, and one
//! that expects TLS from the first byte.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use super::certs::Authorities;
use super::cluster::TlsKind;
use super::database::TestDatabase;

/// The behaviour of a gateway towards a client.
#[derive(Clone, Debug)]
pub enum Behaviour {
    /// The gateway closes the connection at once.
    HangUp,
    /// The gateway never answers.
    Silence,
    /// The gateway answers the login with an error: its SQLSTATE and message.
    Refusal(&'static str, &'static str),
}

/// A running gateway. Dropping it closes it for new clients.
pub struct FakeGateway {
    address: SocketAddr,
    state: Arc<State>,
}

struct State {
    server: SocketAddr,
    behaviour: Mutex<Vec<Behaviour>>,
    connections: AtomicUsize,
    stopping: AtomicBool,
}

impl FakeGateway {
    /// Starts a gateway before the server of a database. The first clients get the listed
    /// behaviours, one each; later ones are connected to the server.
    pub fn before(database: &TestDatabase, behaviour: Vec<Behaviour>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
        Self::at(listener, database, behaviour)
    }

    /// Starts a gateway, as [`FakeGateway::before`], on an existing listener.
    pub fn at(
        listener: TcpListener,
        database: &TestDatabase,
        mut behaviour: Vec<Behaviour>,
    ) -> Self {
        behaviour.reverse();
        let address = listener.local_addr().expect("the listener is bound");
        let state = Arc::new(State {
            server: (Ipv4Addr::LOCALHOST, database.endpoint().port).into(),
            behaviour: Mutex::new(behaviour),
            connections: AtomicUsize::new(0),
            stopping: AtomicBool::new(false),
        });
        let accepting = Arc::clone(&state);
        std::thread::spawn(move || {
            for client in listener.incoming() {
                if accepting.stopping.load(Ordering::SeqCst) {
                    return;
                }
                accepting.connections.fetch_add(1, Ordering::SeqCst);
                let met = accepting.behaviour.lock().expect("no thread panics").pop();
                let server = accepting.server;
                // A client that goes away ends its connection, not the gateway.
                if let Ok(client) = client {
                    std::thread::spawn(move || meet(client, met, server));
                }
            }
        });
        Self { address, state }
    }

    /// Returns the number of clients that connected.
    pub fn connections(&self) -> usize {
        self.state.connections.load(Ordering::SeqCst)
    }

    /// Returns the URL of a database through the gateway, without TLS.
    pub fn url(&self, database: &TestDatabase) -> String {
        let mut endpoint = database.endpoint().clone();
        endpoint.port = self.address.port();
        endpoint.plain_url(database.name())
    }
}

impl Drop for FakeGateway {
    fn drop(&mut self) {
        self.state.stopping.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
    }
}

fn meet(mut client: TcpStream, met: Option<Behaviour>, server: SocketAddr) -> std::io::Result<()> {
    match met {
        None => {
            let server = TcpStream::connect(server)?;
            let (mut up, mut down) = (client.try_clone()?, server.try_clone()?);
            std::thread::spawn(move || {
                let _ = std::io::copy(&mut up, &mut down);
                down.shutdown(std::net::Shutdown::Write)
            });
            let (mut up, mut down) = (client, server);
            std::io::copy(&mut down, &mut up)?;
            up.shutdown(std::net::Shutdown::Write)
        }
        Some(Behaviour::HangUp) => Ok(()),
        Some(Behaviour::Silence) => {
            // Until the client gives up.
            std::io::copy(&mut client, &mut std::io::sink()).map(drop)
        }
        Some(Behaviour::Refusal(state, words)) => {
            let mut length = [0; 4];
            client.read_exact(&mut length)?;
            let mut startup = vec![0; u32::from_be_bytes(length) as usize - 4];
            client.read_exact(&mut startup)?;
            client.write_all(&refusal(state, words))
        }
    }
}

/// Builds an ErrorResponse: fields of a type byte and a string, then a terminator.
fn refusal(state: &str, words: &str) -> Vec<u8> {
    let mut fields = Vec::new();
    for (kind, value) in [
        (b'S', "FATAL"),
        (b'V', "FATAL"),
        (b'C', state),
        (b'M', words),
    ] {
        fields.push(kind);
        fields.extend(value.as_bytes());
        fields.push(0);
    }
    fields.push(0);
    let length = u32::try_from(fields.len() + 4).expect("a short message");
    [&b"E"[..], &length.to_be_bytes(), &fields].concat()
}

/// A proxy that expects TLS from the first byte, as Neon's does, and connects to its server in
/// the clear.
pub struct TlsGateway {
    port: u16,
    connections: Arc<AtomicUsize>,
    _runtime: tokio::runtime::Runtime,
}

impl TlsGateway {
    /// Starts a gateway with a valid certificate.
    pub fn before(database: &TestDatabase) -> Self {
        let issued = Authorities::of_this_run().issue(TlsKind::Good);
        let issued = issued.expect("this kind has a certificate");
        let identity =
            native_tls::Identity::from_pkcs8(issued.certificate.as_bytes(), issued.key.as_bytes());
        let acceptor = native_tls::TlsAcceptor::builder(identity.expect("they go together"))
            .build()
            .expect("the certificate is usable");
        let acceptor = Arc::new(tokio_native_tls::TlsAcceptor::from(acceptor));
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a thread can be started");
        let listen = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
        let listener = runtime.block_on(listen).expect("a port is free");
        let port = listener.local_addr().expect("the listener is bound").port();
        let server = (Ipv4Addr::LOCALHOST, database.endpoint().port);
        let connections = Arc::new(AtomicUsize::new(0));
        let counting = Arc::clone(&connections);
        runtime.spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                counting.fetch_add(1, Ordering::SeqCst);
                let acceptor = Arc::clone(&acceptor);
                tokio::spawn(async move {
                    // Whoever does not begin with TLS is hung up on.
                    let mut client = acceptor.accept(client).await.ok()?;
                    let mut server = tokio::net::TcpStream::connect(server).await.ok()?;
                    tokio::io::copy_bidirectional(&mut client, &mut server)
                        .await
                        .ok()
                });
            }
        });
        Self {
            port,
            connections,
            _runtime: runtime,
        }
    }

    /// Returns the number of clients that connected.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// Returns the URL of a database through the gateway, with the given options.
    pub fn url(&self, database: &TestDatabase, options: &str) -> String {
        let mut endpoint = database.endpoint().clone();
        endpoint.port = self.port;
        let ca_file = endpoint.ca_file.display().to_string();
        let options = format!("sslmode=require&sslrootcert={ca_file}&{options}");
        endpoint.tcp_url(database.name(), &options)
    }
}
