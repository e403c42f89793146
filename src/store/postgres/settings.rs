//! What a connection string asks for, and what of it is granted.
//!
//! The strings that people have are written for libpq or for an ORM. Keys that neither this
//! program nor its driver knows are left out; the TLS mode is never weaker than asked for.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use tokio_postgres::config::{Host, SslMode};

use crate::store::{Result, StoreError};

/// Keys that the driver takes as they are.
const DRIVER_KEYS: &[&str] = &[
    "application_name",
    "channel_binding",
    "connect_timeout",
    "dbname",
    "host",
    "hostaddr",
    "keepalives",
    "keepalives_idle",
    "keepalives_interval",
    "keepalives_retries",
    "load_balance_hosts",
    "options",
    "password",
    "port",
    "sslnegotiation",
    "target_session_attrs",
    "tcp_user_timeout",
    "user",
];

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

impl Settings {
    /// Reads a URL or a key=value string.
    ///
    /// # Errors
    /// [`StoreError::Target`] if it cannot be read, or asks for a remote connection without
    /// TLS where `allow_plaintext` is false. The message never repeats the string.
    pub fn parse(connection: &str, allow_plaintext: bool) -> Result<Self> {
        let connection = connection.trim();
        let mut asked = Asked::default();
        let driver_string = if is_url(connection) {
            refuse_unencoded(connection)?;
            asked.take_from_url(connection)
        } else {
            asked.take_from_pairs(connection)?
        };
        let mut config: tokio_postgres::Config =
            driver_string.parse().map_err(|error| bad_string(&error))?;
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            return Err(StoreError::Target {
                message: "the connection string names no host".into(),
                help: "write it as postgresql://USER:PASSWORD@HOST/DATABASE".into(),
            });
        }
        config.ssl_mode(asked.tls_mode(is_local(&config), allow_plaintext)?);
        let root_certificates = asked.root_certificates.filter(|path| path != "system");
        let mut notes = Vec::new();
        if !asked.ignored.is_empty() {
            let text = format!(
                "left out of the connection string: {}",
                asked.ignored.join(", ")
            );
            notes.push(Note {
                text,
                is_warning: false,
            });
        }
        Ok(Self {
            endpoints: endpoints(&config),
            connect_timeout: config.get_connect_timeout().copied(),
            config,
            root_certificates: root_certificates.map(PathBuf::from),
            identity: None,
            notes,
        })
    }
}

fn endpoints(config: &tokio_postgres::Config) -> Vec<Endpoint> {
    let (hosts, addresses) = (config.get_hosts(), config.get_hostaddrs());
    let ports = config.get_ports();
    let password = config.get_password().map(<[u8]>::to_vec);
    let endpoint = |n: usize| {
        let address = addresses.get(n).copied();
        let named = address.map(|address| Host::Tcp(address.to_string()));
        Some(Endpoint {
            host: hosts.get(n).cloned().or(named)?,
            address,
            port: ports.get(n).or(ports.first()).copied().unwrap_or(5432),
            password: password.clone(),
        })
    };
    (0..hosts.len().max(addresses.len()))
        .filter_map(endpoint)
        .collect()
}

fn is_url(connection: &str) -> bool {
    connection.starts_with("postgresql://") || connection.starts_with("postgres://")
}

/// Refuses a URL whose user or password holds a character that ends them: what comes after
/// it would be taken for the host, and shown.
fn refuse_unencoded(url: &str) -> Result<()> {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority_end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, after) = rest.split_at(authority_end);
    let path_end = after.find('?').unwrap_or(after.len());
    let suspicious = match authority.matches('@').count() {
        0 => after.contains('@'),
        1 => after[..path_end].contains('@'),
        _ => true,
    };
    if !suspicious {
        return Ok(());
    }
    Err(StoreError::Target {
        message: "the user or the password in the connection string holds a character that \
                  must be percent-encoded"
            .into(),
        help: "write @ as %40, / as %2F, ? as %3F, # as %23, : as %3A and % as %25".into(),
    })
}

/// The driver's error names the key or the place, never a value.
fn bad_string(error: &tokio_postgres::Error) -> StoreError {
    let cause = std::error::Error::source(error).map_or_else(String::new, |c| format!(": {c}"));
    StoreError::Target {
        message: format!("the connection string cannot be read{cause}"),
        help: "write it as postgresql://USER:PASSWORD@HOST/DATABASE, with special \
               characters in the password percent-encoded (@ is %40)"
            .into(),
    }
}

/// The keys that this program answers itself.
#[derive(Default)]
struct Asked {
    ssl_mode: Option<String>,
    root_certificates: Option<String>,
    ignored: Vec<String>,
}

impl Asked {
    /// Returns whether the driver gets the key.
    fn take(&mut self, key: &str, value: &str) -> bool {
        match key {
            "sslmode" => self.ssl_mode = Some(value.to_ascii_lowercase()),
            "sslrootcert" => self.root_certificates = Some(value.to_owned()),
            _ if DRIVER_KEYS.contains(&key) => return true,
            _ => self.ignored.push(key.to_owned()),
        }
        false
    }

    fn take_from_url(&mut self, url: &str) -> String {
        let Some((base, query)) = url.split_once('?') else {
            return url.to_owned();
        };
        let kept: Vec<&str> = query
            .split('&')
            .filter(|pair| {
                let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
                !pair.is_empty() && self.take(&percent_decode(key), &percent_decode(value))
            })
            .collect();
        if kept.is_empty() {
            base.to_owned()
        } else {
            format!("{base}?{}", kept.join("&"))
        }
    }

    fn take_from_pairs(&mut self, pairs: &str) -> Result<String> {
        let mut kept = String::new();
        for (key, value) in read_pairs(pairs)? {
            if self.take(&key, &value) {
                let value = value.replace('\\', "\\\\").replace('\'', "\\'");
                kept.push_str(&format!("{key}='{value}' "));
            }
        }
        Ok(kept)
    }

    /// Decides between TLS with everything verified and none at all; nothing lies between.
    fn tls_mode(&self, local: bool, allow_plaintext: bool) -> Result<SslMode> {
        match self.ssl_mode.as_deref().unwrap_or_default() {
            "disable" if local || allow_plaintext => Ok(SslMode::Disable),
            "disable" => Err(StoreError::Target {
                message: "sslmode=disable would send the password and every post in the clear \
                          to a remote host"
                    .into(),
                help: "leave sslmode out, or give --allow-plaintext if the network is yours".into(),
            }),
            // On this machine there is nobody between; a server there seldom has a
            // certificate that could be verified.
            "" | "allow" | "prefer" if local => Ok(SslMode::Disable),
            "" | "allow" | "prefer" | "require" | "verify-ca" | "verify-full" => {
                Ok(SslMode::Require)
            }
            _ => Err(StoreError::Target {
                message: "the connection string has an unknown sslmode".into(),
                help: "it may be disable, allow, prefer, require, verify-ca or verify-full".into(),
            }),
        }
    }
}

/// Whether every host is this machine: a Unix socket or a loopback address.
fn is_local(config: &tokio_postgres::Config) -> bool {
    let local_host = |host: &Host| match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => {
            name == "localhost"
                || name
                    .parse()
                    .is_ok_and(|address: IpAddr| address.is_loopback())
        }
    };
    // An address, where one is given, is what is connected to; the name is only checked.
    if config.get_hostaddrs().is_empty() {
        config.get_hosts().iter().all(local_host)
    } else {
        config.get_hostaddrs().iter().all(IpAddr::is_loopback)
    }
}

/// Reads `key=value` pairs as libpq does: values may stand in single quotes, a backslash
/// takes the next character as it is.
/// <https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-KEYWORD-VALUE>
fn read_pairs(text: &str) -> Result<Vec<(String, String)>> {
    let unreadable = || StoreError::Target {
        message: "the connection string cannot be read as key=value pairs".into(),
        help: "write it as host=HOST dbname=DATABASE user=USER, or as a postgresql:// URL".into(),
    };
    let mut pairs = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let (key, after) = rest.split_once('=').ok_or_else(unreadable)?;
        let key = key.trim();
        if key.is_empty() || key.contains(char::is_whitespace) {
            return Err(unreadable());
        }
        let after = after.trim_start();
        let (quoted, body) = match after.strip_prefix('\'') {
            Some(body) => (true, body),
            None => (false, after),
        };
        let mut value = String::new();
        let mut characters = body.char_indices();
        let mut end = None;
        while let Some((at, character)) = characters.next() {
            match character {
                '\\' => value.extend(characters.next().map(|(_, next)| next)),
                '\'' if quoted => {
                    end = Some(at + 1);
                    break;
                }
                _ if !quoted && character.is_whitespace() => {
                    end = Some(at);
                    break;
                }
                _ => value.push(character),
            }
        }
        if quoted && end.is_none() {
            return Err(unreadable());
        }
        pairs.push((key.to_owned(), value));
        rest = body[end.unwrap_or(body.len())..].trim_start();
    }
    Ok(pairs)
}

fn percent_decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let pair = tail
            .get(..2)
            .and_then(|pair| std::str::from_utf8(pair).ok());
        match pair.and_then(|pair| u8::from_str_radix(pair, 16).ok()) {
            Some(byte) if first == b'%' => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            _ => {
                bytes.push(first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(connection: &str) -> SslMode {
        Settings::parse(connection, false)
            .unwrap()
            .config
            .get_ssl_mode()
    }

    fn refusal(connection: &str) -> String {
        match Settings::parse(connection, false) {
            Err(StoreError::Target { message, help }) => format!("{message}; {help}"),
            Err(other) => panic!("{other:?}"),
            Ok(_) => panic!("accepted"),
        }
    }

    #[test]
    fn a_remote_host_is_always_verified() {
        for suffix in [
            "",
            "?sslmode=prefer",
            "?sslmode=allow",
            "?sslmode=require",
            "?sslmode=verify-ca",
            "?sslmode=VERIFY-FULL",
            "?sslmode=",
        ] {
            let url = format!("postgresql://u:p@db.example.com/blog{suffix}");
            assert_eq!(mode(&url), SslMode::Require, "{suffix}");
        }
        assert_eq!(mode("host=db.example.com user=u"), SslMode::Require);
    }

    #[test]
    fn plaintext_is_for_this_machine_unless_allowed() {
        for local in [
            "postgresql://u@localhost/b?sslmode=disable",
            "postgresql://u@127.0.0.1/b",
            "postgresql://u@[::1]/b?sslmode=prefer",
            "postgresql://u@%2Fvar%2Frun%2Fpostgresql/b",
            "host=/tmp user=u sslmode=disable",
        ] {
            assert_eq!(mode(local), SslMode::Disable, "{local}");
        }
        let remote = "postgresql://u:secret@db.example.com/b?sslmode=disable";
        let said = refusal(remote);
        assert!(said.contains("--allow-plaintext"), "{said}");
        assert!(!said.contains("secret"), "{said}");
        let allowed = Settings::parse(remote, true).unwrap();
        assert_eq!(allowed.config.get_ssl_mode(), SslMode::Disable);
    }

    #[test]
    fn a_loopback_name_with_a_remote_address_is_remote() {
        assert_eq!(
            mode("host=localhost hostaddr=192.0.2.1 user=u"),
            SslMode::Require
        );
    }

    #[test]
    fn require_is_verified_on_this_machine_too() {
        assert_eq!(
            mode("postgresql://u@localhost/b?sslmode=require"),
            SslMode::Require
        );
    }

    #[test]
    fn keys_of_other_programs_are_left_out_and_named() {
        let settings = Settings::parse(
            "postgresql://u:p@h.example/b?pgbouncer=true&sslmode=require&connection_limit=1\
             &channel_binding=require&sslrootcert=%2Ftmp%2Fca%20file.pem",
            false,
        )
        .unwrap();
        assert_eq!(
            settings.notes[0].text,
            "left out of the connection string: pgbouncer, connection_limit"
        );
        assert_eq!(
            settings.root_certificates,
            Some(PathBuf::from("/tmp/ca file.pem"))
        );
    }

    #[test]
    fn key_value_strings_are_read_with_their_quotes() {
        let settings = Settings::parse(
            r"host=localhost user='a \'b\'' password = p\ w schema=x",
            false,
        )
        .unwrap();
        assert_eq!(settings.config.get_user(), Some("a 'b'"));
        assert_eq!(settings.config.get_password(), Some(&b"p w"[..]));
        assert_eq!(
            settings.notes[0].text,
            "left out of the connection string: schema"
        );
    }

    #[test]
    fn what_cannot_be_read_is_explained_without_repeating_it() {
        for bad in [
            "host='unfinished secret",
            "secret",
            "postgresql://u:secret@h:port/b",
            "postgresql://u:secret@h/b?sslmode=maybe",
            "postgresql:///b?password=secret",
            "postgresql://u:se@secret@h/b",
            "postgresql://u:se/secret@h/b",
            "postgresql://u:se?secret@h/b",
            "postgresql://u:se#secret@h/b",
        ] {
            let said = refusal(bad);
            assert!(!said.contains("secret"), "{said}");
        }
    }
}
