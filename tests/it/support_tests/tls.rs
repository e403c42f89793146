//! Tests of the certificates of the servers.

use super::*;

fn connect(kind: TlsKind) -> Result<String, String> {
    let server = Server::start(kind);
    let url = server.endpoint().tcp_url("postgres", "sslmode=require");
    let authority = Authorities::of_this_run().trusted_pem();
    let client = Client::try_connect_tls(&url, &authority).map_err(|e| {
        format!(
            "{e}: {}",
            std::error::Error::source(&e)
                .map(ToString::to_string)
                .unwrap_or_default()
        )
    })?;
    Ok(client.text("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"))
}

#[test]
fn is_accepted_with_a_good_certificate() {
    assert_eq!(connect(TlsKind::Good).as_deref(), Ok("t"));
}

#[test]
fn is_refused_for_each_thing_that_is_wrong() {
    for (kind, words) in [
        (TlsKind::WrongHost, "mismatch"),
        (TlsKind::Expired, "expired"),
        (
            TlsKind::UnknownAuthority,
            "unable to get local issuer certificate",
        ),
        (TlsKind::None, "server does not support TLS"),
    ] {
        let said = connect(kind).expect_err("the certificate is wrong");
        assert!(said.contains(words), "{kind:?}: {said}");
    }
}
