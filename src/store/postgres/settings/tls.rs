//! The decision on TLS: verified, or none.

use tokio_postgres::config::{ChannelBinding, SslMode, SslNegotiation};

use super::endpoints::Locality;
use super::merged::MergedParams;
use super::refusal::refuse;
use super::tls_mode::TlsMode;
use crate::store::Result;

/// Decides between verified TLS and no TLS.
pub(super) fn decide(
    params: &MergedParams,
    locality: Locality,
    allow_plaintext: bool,
) -> Result<SslMode> {
    let needs = needs_tls(params)?;
    let mode = params.mode();
    if locality == Locality::Sockets {
        // As in libpq, sslmode does not apply to a Unix socket.
        return match needs {
            Some(key @ "channel_binding") => Err(refuse(
                format!("{key}=require needs TLS, and there is none on a Unix socket"),
                format!("leave {key} out, or connect to localhost"),
            )),
            _ => Ok(SslMode::Disable),
        };
    }
    match (mode, needs) {
        (Some((TlsMode::Disable, said)), Some(key)) => Err(refuse(
            format!("{said} contradicts {key}, which needs TLS"),
            format!("leave {key} out, or {said}"),
        )),
        (Some((TlsMode::Disable, said)), None) => {
            if locality == Locality::Local || allow_plaintext {
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
        // On this machine nobody can intercept the connection, and a local server rarely has a
        // certificate that can be verified.
        (None | Some((TlsMode::Prefer, _)), None) if locality == Locality::Local => {
            Ok(SslMode::Disable)
        }
        _ => Ok(SslMode::Require),
    }
}

/// Returns a setting that requires TLS, if one is given.
fn needs_tls(params: &MergedParams) -> Result<Option<&'static str>> {
    Ok(if channel_binding(params)? == ChannelBinding::Require {
        Some("channel_binding")
    } else if negotiation(params)? == SslNegotiation::Direct {
        Some("sslnegotiation")
    } else if params.get("sslrootcert") == Some("system") && params.mode().is_none() {
        // As in libpq, trusting the system's authorities implies TLS.
        Some("sslrootcert")
    } else {
        None
    })
}

/// Returns the channel binding of the login.
pub(super) fn channel_binding(params: &MergedParams) -> Result<ChannelBinding> {
    let found = params.word("channel_binding", "disable, prefer or require", |word| {
        Some(match word {
            "disable" => ChannelBinding::Disable,
            "prefer" => ChannelBinding::Prefer,
            "require" => ChannelBinding::Require,
            _ => return None,
        })
    })?;
    Ok(found.unwrap_or(ChannelBinding::Prefer))
}

/// Returns the way TLS begins: by a request, or directly.
pub(super) fn negotiation(params: &MergedParams) -> Result<SslNegotiation> {
    let found = params.word("sslnegotiation", "postgres or direct", |word| {
        Some(match word {
            "postgres" => SslNegotiation::Postgres,
            "direct" => SslNegotiation::Direct,
            _ => return None,
        })
    })?;
    Ok(found.unwrap_or(SslNegotiation::Postgres))
}
