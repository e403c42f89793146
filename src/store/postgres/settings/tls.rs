//! Whether a connection is encrypted: with everything verified, or not at all.

use tokio_postgres::config::{ChannelBinding, SslMode, SslNegotiation};

use super::asked::Asked;
use super::refuse;
use crate::store::Result;

/// What is asked for, from the least strict. All that demand TLS get all of it verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Mode {
    Disable,
    /// `allow` and `prefer`: TLS or not, as it comes.
    Either,
    Require,
}

impl Mode {
    /// Reads libpq's words, and what other drivers have instead of them, without case and
    /// punctuation.
    pub(super) fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "disable" | "disabled" | "false" | "0" | "no" | "off" => Self::Disable,
            "allow" | "prefer" | "preferred" => Self::Either,
            "require" | "required" | "verifyca" | "verifyfull" | "noverify" | "true" | "1"
            | "yes" | "on" => Self::Require,
            _ => return None,
        })
    }
}

/// Where the servers are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// All behind Unix sockets, where Postgres speaks no TLS.
    Sockets,
    /// All on this machine.
    Local,
    /// At least one elsewhere.
    Remote,
}

/// Decides how to connect.
pub(super) fn decide(asked: &Asked, reach: Reach, allow_plaintext: bool) -> Result<SslMode> {
    let needs = needs_tls(asked)?;
    let mode = asked.mode();
    if reach == Reach::Sockets {
        // As libpq does: sslmode says nothing about a socket.
        return match needs {
            Some(key @ "channel_binding") => Err(refuse(
                format!("{key}=require needs TLS, and there is none on a Unix socket"),
                format!("leave {key} out, or connect to localhost"),
            )),
            _ => Ok(SslMode::Disable),
        };
    }
    match (mode, needs) {
        (Some((Mode::Disable, said)), Some(key)) => Err(refuse(
            format!("{said} contradicts {key}, which needs TLS"),
            format!("leave {key} out, or {said}"),
        )),
        (Some((Mode::Disable, said)), None) => {
            if reach == Reach::Local || allow_plaintext {
                return Ok(SslMode::Disable);
            }
            let key = said.split('=').next().unwrap_or_default();
            Err(refuse(
                format!(
                    "{said} would send the password and every post in the clear to a remote host"
                ),
                format!("leave {key} out, or give --allow-plaintext if the network is yours"),
            ))
        }
        // On this machine there is nobody between; a server there seldom has a certificate
        // that could be verified.
        (None | Some((Mode::Either, _)), None) if reach == Reach::Local => Ok(SslMode::Disable),
        _ => Ok(SslMode::Require),
    }
}

/// Names a setting that has no meaning without TLS, where one is given.
fn needs_tls(asked: &Asked) -> Result<Option<&'static str>> {
    Ok(if channel_binding(asked)? == ChannelBinding::Require {
        Some("channel_binding")
    } else if negotiation(asked)? == SslNegotiation::Direct {
        Some("sslnegotiation")
    } else if asked.get("sslrootcert") == Some("system") && asked.mode().is_none() {
        // As libpq does: who trusts the system's authorities wants them asked.
        Some("sslrootcert")
    } else {
        None
    })
}

/// Whether the handshake is bound to the TLS channel.
pub(super) fn channel_binding(asked: &Asked) -> Result<ChannelBinding> {
    let found = asked.word("channel_binding", "disable, prefer or require", |word| {
        Some(match word {
            "disable" => ChannelBinding::Disable,
            "prefer" => ChannelBinding::Prefer,
            "require" => ChannelBinding::Require,
            _ => return None,
        })
    })?;
    Ok(found.unwrap_or(ChannelBinding::Prefer))
}

/// How TLS begins.
pub(super) fn negotiation(asked: &Asked) -> Result<SslNegotiation> {
    let found = asked.word("sslnegotiation", "postgres or direct", |word| {
        Some(match word {
            "postgres" => SslNegotiation::Postgres,
            "direct" => SslNegotiation::Direct,
            _ => return None,
        })
    })?;
    Ok(found.unwrap_or(SslNegotiation::Postgres))
}
