//! Connecting: TLS, one bounded attempt, and errors that say what to do.

use std::fs;
use std::path::Path;
use std::time::Duration;

use native_tls::{Certificate, TlsConnector};
use postgres_native_tls::MakeTlsConnector;
use tokio::time::timeout;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, NoTls};

use super::settings::Settings;
use crate::store::{Result, StoreError};

/// How long connecting may take in all: names, TCP, TLS and login.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(30);

/// Postgres cuts a longer name, with a notice.
const APPLICATION_NAME_BYTES: usize = 63;

/// Connects, and drives the connection in a task of the current runtime.
pub async fn connect(mut settings: Settings, actor: &str) -> Result<Client> {
    if settings.config.get_application_name().is_none() {
        // Shown to whoever finds this sync in their way.
        let mut name = format!("blogctl {actor} pid {}", std::process::id());
        name.truncate(name.floor_char_boundary(APPLICATION_NAME_BYTES));
        settings.config.application_name(name);
    }
    let location = location(&settings.config);
    match timeout(CONNECT_TIMEOUT, open(&settings)).await {
        Ok(Ok(client)) => Ok(client),
        Ok(Err(source)) => Err(StoreError::Unreachable {
            help: help(source.as_ref(), &settings),
            location,
            source,
        }),
        Err(_) => Err(StoreError::Unreachable {
            location,
            help: Some("check the host and the network, then try again".into()),
            source: format!("no answer within {} s", CONNECT_TIMEOUT.as_secs()).into(),
        }),
    }
}

type Cause = Box<dyn std::error::Error + Send + Sync>;

async fn open(settings: &Settings) -> std::result::Result<Client, Cause> {
    let config = &settings.config;
    if config.get_ssl_mode() == SslMode::Disable {
        let (client, connection) = config.connect(NoTls).await?;
        tokio::spawn(connection);
        return Ok(client);
    }
    let tls = MakeTlsConnector::new(tls_connector(settings.root_certificates.as_deref())?);
    let (client, connection) = config.connect(tls).await?;
    // An error of the connection reaches the statement that waits for an answer.
    tokio::spawn(connection);
    Ok(client)
}

/// Makes a connector that verifies chain and host name, always.
fn tls_connector(root_certificates: Option<&Path>) -> std::result::Result<TlsConnector, Cause> {
    let mut builder = TlsConnector::builder();
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
    Ok(builder.build()?)
}

/// Where a configuration points, for users: everything but the password.
pub fn location(config: &tokio_postgres::Config) -> String {
    let user = config
        .get_user()
        .map_or(String::new(), |user| format!("{user}@"));
    let database = config
        .get_dbname()
        .or(config.get_user())
        .unwrap_or_default();
    let ports = config.get_ports();
    let port = |n: usize| ports.get(n).or(ports.first()).copied().unwrap_or(5432);
    let mut hosts: Vec<String> = config
        .get_hosts()
        .iter()
        .enumerate()
        .map(|(n, host)| match host {
            Host::Tcp(name) if name.contains(':') => format!("[{name}]:{}", port(n)),
            Host::Tcp(name) => format!("{name}:{}", port(n)),
            Host::Unix(path) => format!("{}:{}", path.display(), port(n)),
        })
        .collect();
    if hosts.is_empty() {
        let addresses = config.get_hostaddrs().iter().enumerate();
        hosts.extend(addresses.map(|(n, address)| format!("{address}:{}", port(n))));
    }
    format!("postgresql://{user}{}/{database}", hosts.join(","))
}

/// Says what to do about a failed connection, where its cause is known.
fn help(source: &(dyn std::error::Error + 'static), settings: &Settings) -> Option<String> {
    if let Some(error) = source.downcast_ref::<tokio_postgres::Error>()
        && let Some(state) = error.code()
    {
        return match *state {
            SqlState::INVALID_PASSWORD | SqlState::INVALID_AUTHORIZATION_SPECIFICATION => {
                Some("check the user and the password in the connection string".into())
            }
            SqlState::INVALID_CATALOG_NAME => {
                Some("check the database's name, or create the database".into())
            }
            SqlState::TOO_MANY_CONNECTIONS | SqlState::CANNOT_CONNECT_NOW => {
                Some("try again in a moment".into())
            }
            _ => None,
        };
    }
    let mut text = String::new();
    let mut cause = Some(source);
    while let Some(error) = cause {
        text.push_str(&error.to_string());
        text.push('\n');
        cause = error.source();
    }
    let help = if text.starts_with("sslrootcert") {
        "sslrootcert names a PEM file with the authority of the server's certificate; without \
         it the system's authorities are trusted"
    } else if text.contains("certificate has expired") {
        "renew the server's certificate, or correct this machine's clock"
    } else if text.contains("ostname mismatch") || text.contains("IP address mismatch") {
        "connect by the name that stands in the server's certificate"
    } else if text.contains("certificate verify failed") {
        if settings.root_certificates.is_some() {
            "the server's certificate is not from the authority in sslrootcert"
        } else {
            "give the authority of the server's certificate with sslrootcert=FILE"
        }
    } else if text.contains("server does not support TLS") {
        "turn TLS on at the server; on this machine alone, sslmode=disable is accepted"
    } else if text.contains("onnection refused") {
        "check host and port, and that the server runs"
    } else if text.contains("password missing") {
        "check the user and the password in the connection string"
    } else if text.contains("lookup address") {
        "check the host's name in the connection string, and this machine's network"
    } else if text.contains("No such file") {
        "check the socket's directory and port, and that the server runs"
    } else {
        return None;
    };
    Some(help.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(connection: &str) -> String {
        let nothing = super::super::settings::Surroundings::default();
        location(&Settings::parse(connection, &nothing, true).unwrap().config)
    }

    #[test]
    fn a_location_never_shows_the_password() {
        assert_eq!(
            shown("postgresql://ann:secret@db.example.com/blog?sslmode=require"),
            "postgresql://ann@db.example.com:5432/blog"
        );
        assert_eq!(
            shown("host=/run/pg user=ann password=secret port=5433"),
            "postgresql://ann@/run/pg:5433/ann"
        );
        assert_eq!(
            shown("postgresql://u:secret@[::1]:6000/b"),
            "postgresql://u@[::1]:6000/b"
        );
    }
}
