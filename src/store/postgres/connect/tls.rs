//! TLS connectors: always verifying, with the certificates loaded while the network is busy.

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
use super::failure::{Cause, Stage, StageCell};
use super::guard::Conduct;
use super::server_hello::ServerHelloRecorder;
use super::stream::{StartupInfo, StartupSniffer};
use crate::input_file::{self, Links, MAX_SETTINGS_FILE};

/// A TLS connector that is built once. Building takes some 100 ms, most of it for reading the
/// system's certificates, so it starts together with the first attempt, which has to resolve
/// and reach the host before it needs the connector.
#[derive(Clone, Default)]
pub struct SharedConnector(Arc<OnceCell<TlsConnector>>);

impl SharedConnector {
    /// Starts building the connector on a thread of the runtime.
    pub fn prepare(&self, settings: &Settings) {
        let (shared, settings) = (self.clone(), settings.clone());
        // `get` returns the error.
        tokio::spawn(async move { shared.get(&settings).await.map(drop) });
    }

    /// Returns the connector, building it if necessary.
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

/// Builds a connector that verifies the chain and the host's name.
fn connector(
    root_certificates: Option<&Path>,
    identity: Option<&ClientIdentity>,
) -> Result<TlsConnector, Cause> {
    let mut builder = TlsConnector::builder();
    // Servers require ALPN for direct negotiation, and ignore it otherwise.
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
        // As in libpq, sslrootcert replaces the system's authorities.
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

/// The TLS handshake that the driver calls; it records its progress.
pub struct Handshake<'a> {
    /// The source of the connector.
    pub connector: SharedConnector,
    /// The settings that the connector is built from.
    pub settings: &'a Settings,
    /// The name or address that the certificate must contain.
    pub host: String,
    /// Set to the time when the handshake was done.
    pub done: Arc<OnceLock<Instant>>,
    /// Set to the login's stage after the handshake.
    pub stage: StageCell,
    /// Receives the facts that the server reveals during startup.
    pub startup: Arc<StartupInfo>,
    /// The bounds on the server's messages.
    pub conduct: Arc<Conduct>,
    /// True if closing waits until the server has closed.
    pub waits_for_close: bool,
}

impl<S> TlsConnect<S> for Handshake<'_>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    type Stream = StartupSniffer<postgres_native_tls::TlsStream<RecordingStream<S>>>;
    type Error = Cause;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Stream, Cause>> + Send>>;

    fn connect(self, stream: S) -> Self::Future {
        let Self {
            connector,
            settings,
            host,
            done,
            stage,
            startup,
            conduct,
            waits_for_close,
        } = self;
        let settings = settings.clone();
        Box::pin(async move {
            let connector = connector.get(&settings).await?;
            let connector = postgres_native_tls::TlsConnector::new(connector, &host);
            let recorder = Arc::new(Mutex::new(ServerHelloRecorder::default()));
            let recording = RecordingStream {
                stream,
                recorder: Arc::clone(&recorder),
            };
            let stream = connector.connect(recording).await?;
            // Only this handshake sets either of the two.
            let _ = done.set(Instant::now());
            stage.set(Stage::Login);
            let heard = recorder
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .end();
            if let Some(hello) = heard {
                let _ = startup.hello.set(hello);
            }
            let stream = StartupSniffer::new(stream, startup, conduct);
            Ok(if waits_for_close {
                stream.waiting_for_close()
            } else {
                stream
            })
        })
    }
}

/// A stream that is recorded until the handshake is done.
#[derive(Debug)]
pub struct RecordingStream<S> {
    stream: S,
    recorder: Arc<Mutex<ServerHelloRecorder>>,
}

impl<S: AsyncRead + Unpin> AsyncRead for RecordingStream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(context, buffer);
        // The recorder only collects bytes, so a poisoned lock is harmless.
        let recorder = self.recorder.lock();
        let mut recorder = recorder.unwrap_or_else(PoisonError::into_inner);
        recorder.record(&buffer.filled()[before..]);
        polled
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for RecordingStream<S> {
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
