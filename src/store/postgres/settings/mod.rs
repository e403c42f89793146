//! What a connection string asks for, and what of it is granted.
//!
//! The strings that people have are written for libpq or for an ORM. What a string leaves out
//! is taken from where libpq would take it; keys that say nothing to this program are left
//! out; TLS is never weaker than asked for. What is accepted stands in `docs/connecting.md`.

mod asked;
mod form;
mod hosts;
mod keys;
mod layer;
mod pairs;
mod passfile;
mod service;
mod surroundings;
mod tls;
mod url;

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use tokio_postgres::config::{Host, LoadBalanceHosts, SslMode, TargetSessionAttrs};

use self::asked::Asked;
pub use self::form::{is_address, shown};
pub use self::keys::is_known as is_known_key;
pub use self::surroundings::Surroundings;
use crate::secret;
use crate::store::{Result, StoreError};

/// A connection string, read, with what the surroundings add to it.
#[derive(Clone)]
pub struct Settings {
    /// All that is the same at every endpoint: the user, the database, the options. The TLS
    /// mode is decided: `Disable` or `Require`, nothing between.
    pub config: tokio_postgres::Config,
    /// Where to connect, in the order to try; never empty.
    pub endpoints: Vec<Endpoint>,
    /// The PEM file of authorities to trust instead of the system's.
    pub root_certificates: Option<PathBuf>,
    /// What the client shows of itself where the server asks.
    pub identity: Option<ClientIdentity>,
    /// How long connecting may take, as the string or the surroundings say.
    pub connect_timeout: Option<Duration>,
    /// What a user may want to know about the reading.
    pub notes: Vec<Note>,
}

/// One place where a server may listen.
#[derive(Clone)]
pub struct Endpoint {
    /// The name, address or socket directory as it was given: what a certificate is checked
    /// against, and what is shown.
    pub host: Host,
    /// The address to connect to instead of asking for the name's.
    pub address: Option<IpAddr>,
    /// The port; with a socket directory, the number in the socket's name.
    pub port: u16,
    /// The password for this endpoint; it may come from a file that has one for each.
    pub password: Option<Vec<u8>>,
}

/// Shows everything but the password.
impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint")
            .field("host", &self.host)
            .field("address", &self.address)
            .field("port", &self.port)
            .field("password", &self.password.as_ref().map(|_| "***"))
            .finish()
    }
}

/// A certificate of the client and its key, both PEM files; the key in PKCS #8.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientIdentity {
    /// `sslcert`.
    pub certificate: PathBuf,
    /// `sslkey`.
    pub key: PathBuf,
}

/// What a user may want to know about how a string was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The words; never a value that may be secret.
    pub text: String,
    /// Whether it is to be seen by all, and not only by those who ask for more.
    pub is_warning: bool,
}

impl Note {
    fn detail(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            is_warning: false,
        }
    }

    fn warning(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            is_warning: true,
        }
    }
}

/// What programs put where the password belongs, for their users to replace.
const PLACEHOLDERS: [&str; 3] = ["[YOUR-PASSWORD]", "[YOUR_PASSWORD]", "<password>"];

impl Settings {
    /// Reads a connection string in any form that is known, and fills its gaps as libpq does:
    /// from its service, from the variables, from defaults.
    ///
    /// # Errors
    /// [`StoreError::Target`] if it cannot be read, or asks for what cannot be granted, or for
    /// a remote connection without TLS where `allow_plaintext` is false. The message never
    /// repeats what may be a piece of a password.
    pub fn parse(
        connection: &str,
        surroundings: &Surroundings,
        allow_plaintext: bool,
    ) -> Result<Self> {
        let asked = Asked::new(form::read(connection)?, surroundings)?;
        let mut notes = asked.notes();
        let mut config = tokio_postgres::Config::new();

        let user = asked.get("user").or(surroundings.user.as_deref());
        let user = user.ok_or_else(|| {
            refuse(
                "the connection string names no user, and the system names none either",
                "write it as postgresql://USER:PASSWORD@HOST/DATABASE, or set PGUSER",
            )
        })?;
        let database = asked.get("dbname").unwrap_or(user);
        config.user(user).dbname(database);

        let mut endpoints = hosts::endpoints(&asked, surroundings)?;
        let ssl_mode = tls::decide(&asked, hosts::reach(&endpoints), allow_plaintext)?;
        config
            .ssl_mode(ssl_mode)
            .ssl_negotiation(tls::negotiation(&asked)?)
            .channel_binding(tls::channel_binding(&asked)?);
        if let Some(said) = asked.asks_unverified()
            && ssl_mode == SslMode::Require
        {
            notes.push(Note::warning(format!(
                "{said} is not granted: the server's certificate is verified"
            )));
        }

        match asked.password() {
            Some(password) => {
                refuse_placeholder(password)?;
                for endpoint in &mut endpoints {
                    endpoint.password = Some(password.to_vec());
                }
            }
            None => {
                let place = (database, user);
                notes.extend(passfile::fill(&mut endpoints, place, &asked, surroundings));
            }
        }
        register(&endpoints, &[user, database]);
        put_places(&endpoints, &mut config);
        put_options(&asked, &mut config)?;
        if let Some(attributes) = session_attributes(&asked, &mut notes)? {
            config.target_session_attrs(attributes);
        }
        let connect_timeout = asked.number("connect_timeout")?.and_then(positive);
        if let Some(timeout) = connect_timeout {
            config.connect_timeout(Duration::from_secs(timeout));
        }
        Ok(Self {
            config,
            endpoints,
            root_certificates: root_certificates(&asked, ssl_mode, &mut notes),
            identity: identity(&asked, ssl_mode, &mut notes),
            connect_timeout: connect_timeout.map(Duration::from_secs),
            notes,
        })
    }
}

/// An error about a connection string.
fn refuse(message: impl Into<String>, help: impl Into<String>) -> StoreError {
    StoreError::Target {
        message: message.into(),
        help: help.into(),
    }
}

fn refuse_placeholder(password: &[u8]) -> Result<()> {
    let is_placeholder = PLACEHOLDERS.iter().any(|p| p.as_bytes() == password)
        || password.len() > 1 && password.iter().all(|byte| *byte == b'*');
    if is_placeholder {
        return Err(refuse(
            "where the password belongs in the connection string, a placeholder stands",
            "put the password in its place; a vendor's console shows it when asked to",
        ));
    }
    Ok(())
}

/// Has nothing that is printed hold a password.
fn register(endpoints: &[Endpoint], shown: &[&str]) {
    for endpoint in endpoints {
        let host = match &endpoint.host {
            Host::Tcp(name) => name.clone(),
            Host::Unix(path) => path.display().to_string(),
        };
        let shown = [shown, &[&host, "postgresql"]].concat();
        if let Some(password) = &endpoint.password {
            secret::register(password, &shown);
        }
    }
}

/// Tells the driver's own connecting what the endpoints say.
fn put_places(endpoints: &[Endpoint], config: &mut tokio_postgres::Config) {
    let all_have_addresses = endpoints.iter().all(|e| e.address.is_some());
    for endpoint in endpoints {
        match &endpoint.host {
            Host::Tcp(name) => config.host(name),
            Host::Unix(path) => config.host_path(path),
        };
        config.port(endpoint.port);
        // The driver knows addresses for all hosts or for none.
        if let Some(address) = endpoint.address.filter(|_| all_have_addresses) {
            config.hostaddr(address);
        }
    }
    // One that differs from host to host must not reach the wrong one.
    let [first, others @ ..] = endpoints else {
        return;
    };
    if let Some(password) = &first.password
        && others.iter().all(|e| e.password.as_ref() == Some(password))
    {
        config.password(password);
    }
}

/// Tells the driver what is the same for it and for libpq.
fn put_options(asked: &Asked, config: &mut tokio_postgres::Config) -> Result<()> {
    if let Some(name) = asked.get("application_name") {
        config.application_name(name);
    }
    if let Some(options) = asked.get("options") {
        config.options(options);
    }
    if let Some(keepalives) = asked.number("keepalives")? {
        config.keepalives(keepalives != 0);
    }
    if let Some(seconds) = asked.number("keepalives_idle")?.and_then(positive) {
        config.keepalives_idle(Duration::from_secs(seconds));
    }
    if let Some(seconds) = asked.number("keepalives_interval")?.and_then(positive) {
        config.keepalives_interval(Duration::from_secs(seconds));
    }
    let count = asked.number("keepalives_count")?.and_then(positive);
    if let Some(count) = count.and_then(|count| u32::try_from(count).ok()) {
        config.keepalives_retries(count);
    }
    // libpq's are milliseconds.
    if let Some(milliseconds) = asked.number("tcp_user_timeout")?.and_then(positive) {
        config.tcp_user_timeout(Duration::from_millis(milliseconds));
    }
    let order = asked.word("load_balance_hosts", "disable or random", |word| {
        Some(match word {
            "disable" | "false" => LoadBalanceHosts::Disable,
            "random" | "true" => LoadBalanceHosts::Random,
            _ => return None,
        })
    })?;
    if let Some(order) = order {
        config.load_balance_hosts(order);
    }
    Ok(())
}

/// Zero and less stand for the system's choice, or for no bound.
fn positive(number: i64) -> Option<u64> {
    u64::try_from(number).ok().filter(|number| *number > 0)
}

/// Which kind of server is wanted. The driver can ask whether one takes writes, and that is
/// what tells a primary from a standby.
fn session_attributes(asked: &Asked, notes: &mut Vec<Note>) -> Result<Option<TargetSessionAttrs>> {
    const KEY: &str = "target_session_attrs";
    let words = "any, read-write, read-only, primary, standby or prefer-standby";
    let found = asked.word(KEY, words, |word| {
        Some(match word {
            "any" => (TargetSessionAttrs::Any, false),
            "readwrite" | "primary" | "master" => (TargetSessionAttrs::ReadWrite, false),
            "readonly" | "standby" | "secondary" | "slave" => (TargetSessionAttrs::ReadOnly, false),
            "preferstandby" | "prefersecondary" | "preferslave" | "preferprimary" => {
                (TargetSessionAttrs::Any, true)
            }
            _ => return None,
        })
    })?;
    Ok(found.map(|(attributes, is_preference)| {
        if is_preference {
            notes.push(Note::detail(format!(
                "{} states a preference: the first server that answers is used",
                asked.named(KEY)
            )));
        }
        attributes
    }))
}

/// The authorities to trust: the file that is named, else libpq's own where it is there.
fn root_certificates(asked: &Asked, mode: SslMode, notes: &mut Vec<Note>) -> Option<PathBuf> {
    if mode != SslMode::Require || asked.get("sslrootcert") == Some("system") {
        return None;
    }
    asked.path("sslrootcert").or_else(|| {
        let path = asked.default_file(".postgresql/root.crt")?;
        notes.push(Note::detail(format!(
            "trusting the authorities in {}, as libpq does; sslrootcert=system trusts the \
             system's",
            path.display()
        )));
        Some(path)
    })
}

/// What to show of this client: the files that are named, else libpq's own where both are
/// there.
fn identity(asked: &Asked, mode: SslMode, notes: &mut Vec<Note>) -> Option<ClientIdentity> {
    if mode != SslMode::Require {
        return None;
    }
    let file = |key: &str, name: &str| asked.path(key).or_else(|| asked.default_file(name));
    let certificate = file("sslcert", ".postgresql/postgresql.crt")?;
    match file("sslkey", ".postgresql/postgresql.key") {
        Some(key) => Some(ClientIdentity { certificate, key }),
        None if asked.get("sslcert").is_none() => None,
        None => {
            notes.push(Note::warning(format!(
                "{} is left out: it is this client's certificate, and no sslkey stands beside \
                 it; sslrootcert names an authority to trust",
                asked.named("sslcert")
            )));
            None
        }
    }
}

#[cfg(test)]
mod tests;
