//! The places where a server may listen.

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use tokio_postgres::config::Host;

use super::asked::Asked;
use super::surroundings::Surroundings;
use super::tls::Reach;
use super::{Endpoint, refuse};
use crate::store::Result;

const DEFAULT_PORT: u16 = 5432;

/// The beginning of a socket's name, before the port.
const SOCKET: &str = ".s.PGSQL.";

/// Refuses what is no list of hosts. Hosts are shown, so that nothing passes that might be a
/// piece of a password.
pub(super) fn check(hosts: &str, named: &str) -> Result<()> {
    for host in hosts.split(',').map(str::trim) {
        if host.starts_with('@') {
            return Err(refuse(
                format!("{named} is an abstract Unix socket, which blogctl does not reach"),
                "let the server listen in a directory or on localhost, and name that",
            ));
        }
        if host.contains(char::is_control) {
            return Err(unreadable(named));
        }
        if host.starts_with('/') {
            continue;
        }
        let bare = unbracketed(host);
        // The zone of a link-local address comes after a %.
        let address = bare.split_once('%').map_or(bare, |(address, _)| address);
        let is_name = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_');
        if !bare.chars().all(is_name) && address.parse::<IpAddr>().is_err() {
            return Err(unreadable(named));
        }
    }
    Ok(())
}

fn unreadable(named: &str) -> crate::store::StoreError {
    refuse(
        format!("{named} is not a host's name, an address, or a socket's directory"),
        "hosts stand between commas, the port in a place of its own",
    )
}

fn unbracketed(host: &str) -> &str {
    let inner = host.strip_prefix('[').and_then(|h| h.strip_suffix(']'));
    inner.unwrap_or(host)
}

/// Makes the endpoints, without their passwords; there is at least one.
pub(super) fn endpoints(asked: &Asked, surroundings: &Surroundings) -> Result<Vec<Endpoint>> {
    let list = |key: &str| -> Vec<String> {
        let items = asked.get(key).map(|value| value.split(','));
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
                asked.named("host"),
                asked.named("hostaddr")
            ),
        ));
    }
    if ports.len() > 1 && ports.len() != count {
        return Err(refuse(
            format!("there are {} ports for {count} hosts", ports.len()),
            "give one port for all, or one for each",
        ));
    }
    // Each was checked when it was put.
    Ok((0..count)
        .map(|n| {
            let host = hosts.get(n).map_or("", |host| unbracketed(host));
            let address = addresses.get(n).and_then(|text| address(text));
            let port = ports.get(n).or(ports.first()).and_then(|text| port(text));
            let port = port.unwrap_or(DEFAULT_PORT);
            let (host, port) = match address {
                // A directory is not connected to where an address is given.
                Some(address) if host.is_empty() || host.starts_with('/') => {
                    (Host::Tcp(address.to_string()), port)
                }
                None if host.is_empty() => (default_host(port, surroundings), port),
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

/// Refuses what is no list of IP addresses.
pub(super) fn check_addresses(addresses: &str, named: &str) -> Result<()> {
    let mut items = addresses.split(',').map(str::trim);
    if items.all(|item| item.is_empty() || address(item).is_some()) {
        return Ok(());
    }
    Err(refuse(
        format!("{named} is not an IP address"),
        "hostaddr is for addresses like 192.0.2.1; a name stands in host",
    ))
}

/// Refuses what is no list of ports.
pub(super) fn check_ports(ports: &str, named: &str) -> Result<()> {
    let mut items = ports.split(',').map(str::trim);
    if items.all(|item| item.is_empty() || port(item).is_some()) {
        return Ok(());
    }
    Err(refuse(
        format!("{named} is not a number from 1 to 65535"),
        "if it is a piece of the password, percent-encode the password: @ as %40, : as %3A, / as \
         %2F",
    ))
}

fn address(text: &str) -> Option<IpAddr> {
    unbracketed(text).parse().ok()
}

fn port(text: &str) -> Option<u16> {
    text.parse().ok().filter(|port| *port != 0)
}

/// Some programs name the socket itself instead of its directory.
fn socket(path: &str, port: u16) -> (Host, u16) {
    let (directory, name) = path.rsplit_once('/').unwrap_or((path, ""));
    match name.strip_prefix(SOCKET).map(str::parse) {
        Some(Ok(port)) => (Host::Unix(PathBuf::from(directory)), port),
        _ => (Host::Unix(PathBuf::from(path)), port),
    }
}

/// Where a server on this machine listens: at the first socket that is there, else on
/// localhost. libpq knows one directory, which differs from package to package.
fn default_host(port: u16, surroundings: &Surroundings) -> Host {
    let name = format!("{SOCKET}{port}");
    let mut directories = surroundings.socket_directories.iter();
    match directories.find(|directory| directory.join(&name).exists()) {
        Some(directory) => Host::Unix(directory.clone()),
        None => Host::Tcp("localhost".into()),
    }
}

/// Says how far away the servers are. An address, where one is given, is what is connected
/// to; the name is only checked.
pub(super) fn reach(endpoints: &[Endpoint]) -> Reach {
    let is_local = |endpoint: &Endpoint| match (&endpoint.address, &endpoint.host) {
        (Some(address), _) => address.is_loopback(),
        (None, Host::Unix(_)) => true,
        (None, Host::Tcp(name)) => {
            name.eq_ignore_ascii_case("localhost")
                || name.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
        }
    };
    if endpoints.iter().all(|e| matches!(e.host, Host::Unix(_))) {
        Reach::Sockets
    } else if endpoints.iter().all(is_local) {
        Reach::Local
    } else {
        Reach::Remote
    }
}

/// The names under which `.pgpass` may know a host.
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
