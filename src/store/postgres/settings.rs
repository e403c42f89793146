//! Connection settings, read from a connection string and the environment.
//!
//! Most connection strings are written for libpq or for an ORM. Missing settings come from the
//! same places as in libpq; keys without a meaning here are ignored; TLS is never weaker than
//! asked for. `docs/connecting.md` lists everything that is accepted.

mod detect;
mod endpoints;
mod environment;
mod host_list;
mod keys;
mod keyword_value;
mod merged;
mod note;
mod params;
mod passfile;
mod refusal;
mod service;
mod tls;
mod tls_mode;
mod url;

use std::path::PathBuf;
use std::time::Duration;

use tokio_postgres::config::{Host, LoadBalanceHosts, SslMode, TargetSessionAttrs};

pub use self::detect::{is_address, shown};
pub use self::endpoints::Endpoint;
pub use self::environment::Environment;
pub use self::keys::is_known as is_known_key;
use self::merged::MergedParams;
pub use self::note::Note;
use self::refusal::refuse;
use crate::secret;
use crate::store::Result;

/// The settings of a connection string, completed from the environment.
#[derive(Clone)]
pub struct Settings {
    /// The settings that are the same for every endpoint: the user, the database, the options.
    /// The TLS mode is already decided: `Disable` or `Require`.
    pub config: tokio_postgres::Config,
    /// The endpoints in the order to try; never empty.
    pub endpoints: Vec<Endpoint>,
    /// The PEM file of trusted authorities, which replace the system's.
    pub root_certificates: Option<PathBuf>,
    /// The client certificate, for servers that ask for one.
    pub identity: Option<ClientIdentity>,
    /// The connect timeout, if the string or the environment sets one.
    pub connect_timeout: Option<Duration>,
    /// Remarks for the user on how the string was read.
    pub notes: Vec<Note>,
}

/// A client certificate and its key, both PEM files; the key in PKCS #8.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientIdentity {
    /// `sslcert`.
    pub certificate: PathBuf,
    /// `sslkey`.
    pub key: PathBuf,
}

/// The placeholders that programs put where the password belongs.
const PLACEHOLDERS: [&str; 3] = ["[YOUR-PASSWORD]", "[YOUR_PASSWORD]", "<password>"];

impl Settings {
    /// Parses a connection string in any known form, and completes it as libpq does: from its
    /// service, from the variables, from defaults.
    ///
    /// # Errors
    /// Returns [`StoreError::Target`] if the string cannot be parsed, asks for something that
    /// is not supported, or asks for a remote connection without TLS while `allow_plaintext` is
    /// false. The message never repeats anything that may be part of a password.
    pub fn parse(
        connection: &str,
        environment: &Environment,
        allow_plaintext: bool,
    ) -> Result<Self> {
        let params = MergedParams::new(detect::read(connection)?, environment)?;
        let mut notes = params.notes();
        let mut config = tokio_postgres::Config::new();

        let user = params.get("user").or(environment.user.as_deref());
        let user = user.ok_or_else(|| {
            refuse(
                "the connection string names no user, and the system names none either",
                "write it as postgresql://USER:PASSWORD@HOST/DATABASE, or set PGUSER",
            )
        })?;
        let database = params.get("dbname").unwrap_or(user);
        config.user(user).dbname(database);

        let mut endpoints = endpoints::endpoints(&params, environment)?;
        let ssl_mode = tls::decide(&params, endpoints::locality(&endpoints), allow_plaintext)?;
        config
            .ssl_mode(ssl_mode)
            .ssl_negotiation(tls::negotiation(&params)?)
            .channel_binding(tls::channel_binding(&params)?);
        if let Some(said) = params.asks_unverified()
            && ssl_mode == SslMode::Require
        {
            notes.push(Note::warning(format!(
                "{said} is not granted: the server's certificate is verified"
            )));
        }

        match params.password() {
            Some(password) => {
                refuse_placeholder(password)?;
                for endpoint in &mut endpoints {
                    endpoint.password = Some(password.to_vec());
                }
            }
            None => {
                let place = (database, user);
                notes.extend(passfile::fill(&mut endpoints, place, &params, environment));
            }
        }
        register(&endpoints, &[user, database]);
        put_places(&endpoints, &mut config);
        put_options(&params, &mut config)?;
        if let Some(attributes) = session_attributes(&params, &mut notes)? {
            config.target_session_attrs(attributes);
        }
        let connect_timeout = params.number("connect_timeout")?.and_then(positive);
        if let Some(timeout) = connect_timeout {
            config.connect_timeout(Duration::from_secs(timeout));
        }
        Ok(Self {
            config,
            endpoints,
            root_certificates: root_certificates(&params, ssl_mode, &mut notes),
            identity: identity(&params, ssl_mode, &mut notes),
            connect_timeout: connect_timeout.map(Duration::from_secs),
            notes,
        })
    }
}

/// Returns true if two connection strings name the same database at the same hosts and ports.
pub fn is_same_database(one: &str, other: &str) -> bool {
    let environment = Environment::current();
    let place = |address: &str| {
        // Whether the connection may be made is decided as it is opened.
        let settings = Settings::parse(address, &environment, true).ok()?;
        let endpoints = settings.endpoints.iter();
        let mut hosts: Vec<_> = endpoints
            .map(|endpoint| (format!("{:?}", endpoint.host), endpoint.port))
            .collect();
        hosts.sort();
        Some((settings.config.get_dbname().map(str::to_owned), hosts))
    };
    one == other || place(one).is_some_and(|found| Some(found) == place(other))
}

fn refuse_placeholder(password: &[u8]) -> Result<()> {
    let is_placeholder = PLACEHOLDERS.iter().any(|p| p.as_bytes() == password)
        || password.len() > 1 && password.iter().all(|byte| *byte == b'*');
    if is_placeholder {
        return Err(refuse(
            "the connection string has a placeholder in the place of the password",
            "put the password in its place; a vendor's console shows it when asked to",
        ));
    }
    Ok(())
}

/// Registers the passwords for redaction.
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

/// Copies the endpoints into the driver's configuration, which it uses for cancel requests.
fn put_places(endpoints: &[Endpoint], config: &mut tokio_postgres::Config) {
    let all_have_addresses = endpoints.iter().all(|e| e.address.is_some());
    for endpoint in endpoints {
        match &endpoint.host {
            Host::Tcp(name) => config.host(name),
            Host::Unix(path) => config.host_path(path),
        };
        config.port(endpoint.port);
        // The driver takes addresses for all hosts or for none.
        if let Some(address) = endpoint.address.filter(|_| all_have_addresses) {
            config.hostaddr(address);
        }
    }
    // Passwords that differ by host must not be sent to the wrong one.
    let [first, others @ ..] = endpoints else {
        return;
    };
    if let Some(password) = &first.password
        && others.iter().all(|e| e.password.as_ref() == Some(password))
    {
        config.password(password);
    }
}

/// Copies the options that the driver and libpq have in common.
fn put_options(params: &MergedParams, config: &mut tokio_postgres::Config) -> Result<()> {
    if let Some(name) = params.get("application_name") {
        config.application_name(name);
    }
    if let Some(options) = params.get("options") {
        config.options(options);
    }
    if let Some(keepalives) = params.number("keepalives")? {
        config.keepalives(keepalives != 0);
    }
    if let Some(seconds) = params.number("keepalives_idle")?.and_then(positive) {
        config.keepalives_idle(Duration::from_secs(seconds));
    }
    if let Some(seconds) = params.number("keepalives_interval")?.and_then(positive) {
        config.keepalives_interval(Duration::from_secs(seconds));
    }
    let count = params.number("keepalives_count")?.and_then(positive);
    if let Some(count) = count.and_then(|count| u32::try_from(count).ok()) {
        config.keepalives_retries(count);
    }
    // libpq counts this one in milliseconds.
    if let Some(milliseconds) = params.number("tcp_user_timeout")?.and_then(positive) {
        config.tcp_user_timeout(Duration::from_millis(milliseconds));
    }
    let order = params.word("load_balance_hosts", "disable or random", |word| {
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

/// Returns a number above zero. libpq takes others as the system's default or as no limit.
fn positive(number: i64) -> Option<u64> {
    u64::try_from(number).ok().filter(|number| *number > 0)
}

/// Returns the kind of server that is asked for. The driver can only ask whether a server takes
/// writes, which distinguishes a primary from a standby.
fn session_attributes(
    params: &MergedParams,
    notes: &mut Vec<Note>,
) -> Result<Option<TargetSessionAttrs>> {
    const KEY: &str = "target_session_attrs";
    let words = "any, read-write, read-only, primary, standby or prefer-standby";
    let found = params.word(KEY, words, |word| {
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
                params.named(KEY)
            )));
        }
        attributes
    }))
}

/// Returns the file of trusted authorities: sslrootcert, or libpq's default file if it exists.
fn root_certificates(
    params: &MergedParams,
    mode: SslMode,
    notes: &mut Vec<Note>,
) -> Option<PathBuf> {
    if mode != SslMode::Require || params.get("sslrootcert") == Some("system") {
        return None;
    }
    params.path("sslrootcert").or_else(|| {
        let path = params.default_file(".postgresql/root.crt")?;
        notes.push(Note::detail(format!(
            "trusting the authorities in {}, as libpq does; sslrootcert=system trusts the \
             system's",
            path.display()
        )));
        Some(path)
    })
}

/// Returns the client certificate: sslcert and sslkey, or libpq's default files if both exist.
fn identity(params: &MergedParams, mode: SslMode, notes: &mut Vec<Note>) -> Option<ClientIdentity> {
    if mode != SslMode::Require {
        return None;
    }
    let file = |key: &str, name: &str| params.path(key).or_else(|| params.default_file(name));
    let certificate = file("sslcert", ".postgresql/postgresql.crt")?;
    match file("sslkey", ".postgresql/postgresql.key") {
        Some(key) => Some(ClientIdentity { certificate, key }),
        None if params.get("sslcert").is_none() => None,
        None => {
            notes.push(Note::warning(format!(
                "{} is left out: it is this client's certificate, and there is no sslkey with \
                 it; sslrootcert names an authority to trust",
                params.named("sslcert")
            )));
            None
        }
    }
}

#[cfg(test)]
mod tests;
