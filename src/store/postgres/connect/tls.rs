//! TLS: everything verified, and the certificates loaded while the network is waited for.

use std::fs;
use std::io;
use std::path::Path;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::Instant;

use native_tls::{Certificate, Identity, TlsConnector};
use tokio::io::{AsyncRead, AsyncWrite, BufReader, ReadBuf};
use tokio::sync::OnceCell;
use tokio::task::spawn_blocking;
use tokio_postgres::tls::{ChannelBinding, TlsConnect, TlsStream};

use super::super::settings::{ClientIdentity, Settings};
use super::hello::{Listener, ServerHello};
use super::judge::Cause;
use super::stream::{Greeting, Overheard};

/// The name by which PostgreSQL's protocol is told from others over TLS.
const ALPN: &str = "postgresql";

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
    builder.request_alpns(&[ALPN]);
    if let Some(path) = root_certificates {
        let unusable = |cause: String| format!("sslrootcert {}: {cause}", path.display());
        let pem = fs::read(path).map_err(|error| unusable(error.to_string()))?;
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
            fs::read(path).map_err(|error| format!("{name} {}: {error}", path.display()))
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
    /// Notes what is said in the channel.
    pub greeting: Arc<Greeting>,
    /// Whether closing leaves it to the server to hang up first.
    pub lingers: bool,
}

impl<S> TlsConnect<S> for Handshake<'_>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    type Stream = Overheard<Sealed<S>>;
    type Error = Cause;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Stream, Cause>> + Send>>;

    fn connect(self, stream: S) -> Self::Future {
        let Self {
            connector,
            settings,
            host,
            done,
            greeting,
            lingers,
        } = self;
        let settings = settings.clone();
        Box::pin(async move {
            let connector = connector.get(&settings).await?;
            let connector = tokio_native_tls::TlsConnector::from(connector);
            let stream = BufReader::new(Tapped {
                stream,
                listener: Listener::default(),
            });
            let mut stream = connector.connect(&host, stream).await?;
            // Nobody else sets either of the two.
            let _ = done.set(Instant::now());
            let heard = stream.get_mut().get_mut().get_mut().get_mut();
            let _ = greeting.tls.set(Agreement {
                hello: heard.listener.end(),
                certificate: certificate(&stream),
            });
            let stream = Overheard::new(Sealed(stream), greeting);
            Ok(if lingers { stream.lingering() } else { stream })
        })
    }
}

/// What the two ends of a channel agreed on.
#[derive(Debug)]
pub struct Agreement {
    /// The version and the cipher; `None` if they were not understood.
    pub hello: Option<ServerHello>,
    /// The server's certificate in DER; `None` if the TLS library does not tell it.
    pub certificate: Option<Vec<u8>>,
}

fn certificate<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &tokio_native_tls::TlsStream<S>,
) -> Option<Vec<u8>> {
    let certificate = stream.get_ref().peer_certificate().ok().flatten()?;
    certificate.to_der().ok()
}

/// A stream that is listened to until the channel stands.
#[derive(Debug)]
pub struct Tapped<S> {
    stream: S,
    listener: Listener,
}

impl<S: AsyncRead + Unpin> AsyncRead for Tapped<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(context, buffer);
        self.listener.hear(&buffer.filled()[before..]);
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

/// A stream within TLS. The driver's own adapter for the TLS library shows neither the
/// certificate nor what was agreed on.
#[derive(Debug)]
pub struct Sealed<S>(tokio_native_tls::TlsStream<BufReader<Tapped<S>>>);

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Sealed<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Sealed<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> TlsStream for Sealed<S> {
    /// RFC 5929, section 4: what ties a login to the certificate.
    fn channel_binding(&self) -> ChannelBinding {
        match self.0.get_ref().tls_server_end_point().ok().flatten() {
            Some(digest) => ChannelBinding::tls_server_end_point(digest),
            None => ChannelBinding::none(),
        }
    }
}
