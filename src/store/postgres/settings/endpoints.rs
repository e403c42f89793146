//! The hosts and ports where a server may listen.

use std::fmt;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use tokio_postgres::config::Host;

use super::environment::Environment;
use super::host_list::{address, port, unbracketed};
use super::merged::MergedParams;
use super::refusal::refuse;
use crate::store::Result;

const DEFAULT_PORT: u16 = 5432;

/// The prefix of a socket's file name, before the port.
const SOCKET: &str = ".s.PGSQL.";

/// A host and port where a server may listen.
#[derive(Clone)]
pub struct Endpoint {
    /// The name, address or socket directory as given; certificates are verified against it,
    /// and messages show it.
    pub host: Host,
    /// The address to connect to instead of resolving the name.
    pub address: Option<IpAddr>,
    /// The port; for a socket directory, the number in the socket's file name.
    pub port: u16,
    /// The password for this endpoint; `.pgpass` may have one for each.
    pub password: Option<Vec<u8>>,
}

/// Formats everything except the password.
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

/// The distance of a set of endpoints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Locality {
    /// All are Unix sockets, where Postgres does not offer TLS.
    Sockets,
    /// All are on this machine.
    Local,
    /// At least one is on another machine.
    Remote,
}

/// Builds the endpoints, at least one, without their passwords.
pub(super) fn endpoints(params: &MergedParams, environment: &Environment) -> Result<Vec<Endpoint>> {
    let list = |key: &str| -> Vec<String> {
        let items = params.get(key).map(|value| value.split(','));
        items
            .into_iter()
            .flatten()
            .map(|item| item.trim().to_owned())
            .collect()
    };
    let (hosts, addresses, ports) = (list("host"), list("hostaddr"), list("port"));
    let count = hosts.len().max(addresses.len()).max(1);
    if !hosts.is_empty() && !addresses.is_empty() && hosts.len() != addresses.len() {
        return Err(refuse(
            format!(
                "there are {} addresses for {} hosts",
                addresses.len(),
                hosts.len()
            ),
            format!(
                "give {} and {} as many elements, which may be empty",
                params.named("host"),
                params.named("hostaddr")
            ),
        ));
    }
    if ports.len() > 1 && ports.len() != count {
        return Err(refuse(
            format!("there are {} ports for {count} hosts", ports.len()),
            "give one port for all, or one for each",
        ));
    }
    // All three lists were validated when the parameters were set.
    Ok((0..count)
        .map(|n| {
            let host = hosts.get(n).map_or("", |host| unbracketed(host));
            let address = addresses.get(n).and_then(|text| address(text));
            let port = ports.get(n).or(ports.first()).and_then(|text| port(text));
            let port = port.unwrap_or(DEFAULT_PORT);
            let (host, port) = match address {
                // An address takes precedence over a socket directory.
                Some(address) if host.is_empty() || host.starts_with('/') => {
                    (Host::Tcp(address.to_string()), port)
                }
                None if host.is_empty() => (default_host(port, environment), port),
                None if host.starts_with('/') => socket(host, port),
                _ => (Host::Tcp(host.to_owned()), port),
            };
            Endpoint {
                host,
                address,
                port,
                password: None,
            }
        })
        .collect())
}

/// Splits a path into a socket directory and a port. Some programs name the socket's file
/// instead of its directory.
fn socket(path: &str, port: u16) -> (Host, u16) {
    let (directory, name) = path.rsplit_once('/').unwrap_or((path, ""));
    match name.strip_prefix(SOCKET).map(str::parse) {
        Some(Ok(port)) => (Host::Unix(PathBuf::from(directory)), port),
        _ => (Host::Unix(PathBuf::from(path)), port),
    }
}

/// Returns the host of a server on this machine: the first socket directory with a socket for
/// the port, or localhost. libpq has one directory compiled in, which differs by package.
fn default_host(port: u16, environment: &Environment) -> Host {
    let name = format!("{SOCKET}{port}");
    let mut directories = environment.socket_directories.iter();
    match directories.find(|directory| directory.join(&name).exists()) {
        Some(directory) => Host::Unix(directory.clone()),
        None => Host::Tcp("localhost".into()),
    }
}

/// Returns the locality of the endpoints. If an address is given, it decides: the name is only
/// used to verify the certificate.
pub(super) fn locality(endpoints: &[Endpoint]) -> Locality {
    let is_local = |endpoint: &Endpoint| match (&endpoint.address, &endpoint.host) {
        (Some(address), _) => address.is_loopback(),
        (None, Host::Unix(_)) => true,
        (None, Host::Tcp(name)) => {
            name.eq_ignore_ascii_case("localhost")
                || name.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
        }
    };
    if endpoints.iter().all(|e| matches!(e.host, Host::Unix(_))) {
        Locality::Sockets
    } else if endpoints.iter().all(is_local) {
        Locality::Local
    } else {
        Locality::Remote
    }
}

/// Returns the names of a host in `.pgpass`.
pub(super) fn pgpass_names(host: &Host, default_directories: &[&str]) -> Vec<String> {
    match host {
        Host::Tcp(name) => vec![name.clone()],
        Host::Unix(path) => {
            let mut names = vec![path.to_string_lossy().into_owned()];
            if default_directories.iter().any(|d| Path::new(d) == path) {
                names.push("localhost".into());
            }
            names
        }
    }
}
