//! TLS: everything verified, and the certificates loaded while the network is waited for.

use std::io;
use std::path::Path;
use std::pin::Pin;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::task::{Context, Poll};
use std::time::Instant;

use native_tls::{Certificate, Identity, TlsConnector};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::OnceCell;
use tokio::task::spawn_blocking;
use tokio_postgres::tls::TlsConnect;

use super::super::settings::{ClientIdentity, Settings};
use super::guard::Conduct;
use super::hello::Listener;
use super::judge::{CameTo, Cause, Stage};
use super::stream::{Greeting, Overheard};
use crate::input_file::{self, Links, MAX_SETTINGS_FILE};

/// A connector that is made once. Making one takes some 100 ms, most of it for reading the
/// system's certificates; so it is begun beside the first attempt, which has a name to look
/// up, a host to reach and a question to ask before it needs it.
#[derive(Clone, Default)]
pub struct SharedConnector(Arc<OnceCell<TlsConnector>>);

impl SharedConnector {
    /// Begins to make it, in a thread of the runtime's.
    pub fn prepare(&self, settings: &Settings) {
        let (shared, settings) = (self.clone(), settings.clone());
        // An error is told to who needs it.
        tokio::spawn(async move { shared.get(&settings).await.map(drop) });
    }

    /// Waits for it, or makes it.
    pub async fn get(&self, settings: &Settings) -> Result<TlsConnector, Cause> {
        let made =
            self.0.get_or_try_init(|| {
                let (roots, identity) = (
                    settings.root_certificates.clone(),
                    settings.identity.clone(),
                );
                async move {
                    spawn_blocking(move || connector(roots.as_deref(), identity.as_ref())).await?
                }
            });
        made.await.cloned()
    }
}

/// Makes a connector that verifies chain and host name, always.
fn connector(
    root_certificates: Option<&Path>,
    identity: Option<&ClientIdentity>,
) -> Result<TlsConnector, Cause> {
    let mut builder = TlsConnector::builder();
    // Servers demand it where TLS begins without a question, and ignore it elsewhere.
    postgres_native_tls::set_postgresql_alpn(&mut builder);
    if let Some(path) = root_certificates {
        let unusable = |cause: String| format!("sslrootcert {}: {cause}", path.display());
        let pem = input_file::read(path, Links::Follow, MAX_SETTINGS_FILE);
        let pem = pem.map_err(|error| unusable(error.to_string()))?;
        let certificates =
            Certificate::stack_from_pem(&pem).map_err(|error| unusable(error.to_string()))?;
        if certificates.is_empty() {
            return Err(unusable("the file holds no PEM certificate".into()).into());
        }
        // As libpq does: a file that is named replaces the system's authorities.
        builder.disable_built_in_roots(true);
        for certificate in certificates {
            builder.add_root_certificate(certificate);
        }
    }
    if let Some(ClientIdentity { certificate, key }) = identity {
        let read = |name: &str, path: &Path| {
            input_file::read(path, Links::Follow, MAX_SETTINGS_FILE)
                .map_err(|error| format!("{name} {}: {error}", path.display()))
        };
        let (certificate, key) = (read("sslcert", certificate)?, read("sslkey", key)?);
        let identity = Identity::from_pkcs8(&certificate, &key)
            .map_err(|error| format!("sslcert and sslkey do not go together: {error}"))?;
        builder.identity(identity);
    }
    Ok(builder.build()?)
}

/// What the driver asks for TLS; it notes how far that came.
pub struct Handshake<'a> {
    /// Where the connector comes from.
    pub connector: SharedConnector,
    /// What it is made of.
    pub settings: &'a Settings,
    /// The name or address that stands in the certificate.
    pub host: String,
    /// Set to when the channel was made.
    pub done: Arc<OnceLock<Instant>>,
    /// Notes that the login begins.
    pub came_to: CameTo,
    /// Notes what is said in the channel.
    pub greeting: Arc<Greeting>,
    /// The bounds of what the server may say in it.
    pub conduct: Arc<Conduct>,
    /// Whether closing leaves it to the server to hang up first.
    pub lingers: bool,
}

impl<S> TlsConnect<S> for Handshake<'_>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    type Stream = Overheard<postgres_native_tls::TlsStream<Tapped<S>>>;
    type Error = Cause;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Stream, Cause>> + Send>>;

    fn connect(self, stream: S) -> Self::Future {
        let Self {
            connector,
            settings,
            host,
            done,
            came_to,
            greeting,
            conduct,
            lingers,
        } = self;
        let settings = settings.clone();
        Box::pin(async move {
            let connector = connector.get(&settings).await?;
            let connector = postgres_native_tls::TlsConnector::new(connector, &host);
            let listener = Arc::new(Mutex::new(Listener::default()));
            let tapped = Tapped {
                stream,
                listener: Arc::clone(&listener),
            };
            let stream = connector.connect(tapped).await?;
            // Nobody else sets either of the two.
            let _ = done.set(Instant::now());
            came_to.set(Stage::Login);
            let heard = listener
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .end();
            if let Some(hello) = heard {
                let _ = greeting.hello.set(hello);
            }
            let stream = Overheard::new(stream, greeting, conduct);
            Ok(if lingers { stream.lingering() } else { stream })
        })
    }
}

/// A stream that is listened to until the channel stands.
#[derive(Debug)]
pub struct Tapped<S> {
    stream: S,
    listener: Arc<Mutex<Listener>>,
}

impl<S: AsyncRead + Unpin> AsyncRead for Tapped<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(context, buffer);
        // It only collects bytes: a panic elsewhere leaves it as good as it was.
        let listener = self.listener.lock();
        let mut listener = listener.unwrap_or_else(PoisonError::into_inner);
        listener.hear(&buffer.filled()[before..]);
        polled
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Tapped<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
