//! What stands before a hosted database: a door that opens late, says why it is shut, takes
//! TLS without being asked, or never says a word.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use super::certs::Authorities;
use super::cluster::TlsKind;
use super::database::TestDatabase;

/// What a client meets that comes to the door.
#[derive(Clone, Debug)]
pub enum Meets {
    /// The connection ends as soon as it is made.
    HangUp,
    /// Nothing ever comes.
    Silence,
    /// An answer to the login: its SQLSTATE, and its words.
    Refusal(&'static str, &'static str),
}

/// A running door. Dropping it shuts it for new clients.
pub struct Door {
    address: SocketAddr,
    state: Arc<State>,
}

struct State {
    server: SocketAddr,
    meets: Mutex<Vec<Meets>>,
    came: AtomicUsize,
    stopping: AtomicBool,
}

impl Door {
    /// Opens a door to the server of a database. The first clients meet what is listed, one
    /// each; those after them get through.
    pub fn before(database: &TestDatabase, meets: Vec<Meets>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
        Self::at(listener, database, meets)
    }

    /// As [`Door::before`], where somebody has already listened.
    pub fn at(listener: TcpListener, database: &TestDatabase, mut meets: Vec<Meets>) -> Self {
        meets.reverse();
        let address = listener.local_addr().expect("the listener is bound");
        let state = Arc::new(State {
            server: (Ipv4Addr::LOCALHOST, database.endpoint().port).into(),
            meets: Mutex::new(meets),
            came: AtomicUsize::new(0),
            stopping: AtomicBool::new(false),
        });
        let accepting = Arc::clone(&state);
        std::thread::spawn(move || {
            for client in listener.incoming() {
                if accepting.stopping.load(Ordering::SeqCst) {
                    return;
                }
                accepting.came.fetch_add(1, Ordering::SeqCst);
                let met = accepting.meets.lock().expect("no thread panics").pop();
                let server = accepting.server;
                // A client that goes away ends its connection, not the door.
                if let Ok(client) = client {
                    std::thread::spawn(move || meet(client, met, server));
                }
            }
        });
        Self { address, state }
    }

    /// How many clients came.
    pub fn came(&self) -> usize {
        self.state.came.load(Ordering::SeqCst)
    }

    /// The address of a database through the door, without TLS.
    pub fn url(&self, database: &TestDatabase) -> String {
        let mut endpoint = database.endpoint().clone();
        endpoint.port = self.address.port();
        endpoint.plain_url(database.name())
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        self.state.stopping.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
    }
}

fn meet(mut client: TcpStream, met: Option<Meets>, server: SocketAddr) -> std::io::Result<()> {
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
        Some(Meets::HangUp) => Ok(()),
        Some(Meets::Silence) => {
            // Until the client gives up.
            std::io::copy(&mut client, &mut std::io::sink()).map(drop)
        }
        Some(Meets::Refusal(state, words)) => {
            let mut length = [0; 4];
            client.read_exact(&mut length)?;
            let mut startup = vec![0; u32::from_be_bytes(length) as usize - 4];
            client.read_exact(&mut startup)?;
            client.write_all(&refusal(state, words))
        }
    }
}

/// ErrorResponse: fields of a type byte and a string, then an end.
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

/// A proxy that takes TLS from the first byte, as Neon's does, and talks plainly to the server
/// behind it.
pub struct TlsDoor {
    port: u16,
    came: Arc<AtomicUsize>,
    _runtime: tokio::runtime::Runtime,
}

impl TlsDoor {
    /// Opens one with a right certificate.
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
        let came = Arc::new(AtomicUsize::new(0));
        let counting = Arc::clone(&came);
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
            came,
            _runtime: runtime,
        }
    }

    /// How many clients came.
    pub fn came(&self) -> usize {
        self.came.load(Ordering::SeqCst)
    }

    /// The address of a database through the door, with options as given.
    pub fn url(&self, database: &TestDatabase, options: &str) -> String {
        let mut endpoint = database.endpoint().clone();
        endpoint.port = self.port;
        let ca_file = endpoint.ca_file.display().to_string();
        let options = format!("sslmode=require&sslrootcert={ca_file}&{options}");
        endpoint.tcp_url(database.name(), &options)
    }
}
