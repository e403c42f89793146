//! Lists of hosts, addresses and ports, separated by commas.

use std::net::IpAddr;

use super::refusal::refuse;
use crate::store::{Result, StoreError};

/// Refuses a value that is not a list of hosts. Hosts are shown in messages, so the check also
/// keeps out anything that might be part of a password.
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

fn unreadable(named: &str) -> StoreError {
    refuse(
        format!("{named} is not a host's name, an address, or a socket's directory"),
        "hosts stand between commas, the port in a place of its own",
    )
}

/// Removes the brackets of an IPv6 address.
pub(super) fn unbracketed(host: &str) -> &str {
    let inner = host.strip_prefix('[').and_then(|h| h.strip_suffix(']'));
    inner.unwrap_or(host)
}

/// Refuses a value that is not a list of IP addresses.
pub(super) fn check_addresses(addresses: &str, named: &str) -> Result<()> {
    let mut items = addresses.split(',').map(str::trim);
    if items.all(|item| item.is_empty() || address(item).is_some()) {
        return Ok(());
    }
    Err(refuse(
        format!("{named} is not an IP address"),
        "hostaddr is for addresses like 192.0.2.1; names go into host",
    ))
}

/// Refuses a value that is not a list of ports.
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

/// Parses an IP address, in brackets or not.
pub(super) fn address(text: &str) -> Option<IpAddr> {
    unbracketed(text).parse().ok()
}

/// Parses a port from 1 to 65535.
pub(super) fn port(text: &str) -> Option<u16> {
    text.parse().ok().filter(|port| *port != 0)
}
