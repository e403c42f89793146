use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, date_time_ymd,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

use super::*;

/// Runs a handshake with `host` against a server, with an authority that is trusted; returns
/// the error of the client.
fn refused(
    host: &str,
    authority: &str,
    server: impl AsyncFnOnce(DuplexStream) -> Option<()> + 'static,
) -> String {
    let certificate = native_tls::Certificate::from_pem(authority.as_bytes()).unwrap();
    let connector = native_tls::TlsConnector::builder()
        .disable_built_in_roots(true)
        .add_root_certificate(certificate)
        .build()
        .unwrap();
    let connector = tokio_native_tls::TlsConnector::from(connector);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(async {
        let (near, far) = duplex(1 << 16);
        let client = async {
            let mut stream = connector.connect(host, near).await?;
            // A refusal of the client's certificate comes after the handshake.
            stream.read_u8().await?;
            Ok::<(), Box<dyn std::error::Error>>(())
        };
        let (ended, _) = tokio::join!(client, server(far));
        ended.unwrap_err().to_string()
    })
}

/// The meaning of an error, and what it says.
fn told(text: &str) -> (String, &'static str) {
    let meaning = meaning(text).unwrap_or_else(|| panic!("no meaning of {text}"));
    (meaning.explanation(), meaning.help(false))
}

fn authority(name: &str) -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// A server with a certificate, by an authority or by itself.
fn server_with(
    params: CertificateParams,
    issuer: Option<&CertifiedIssuer<'static, KeyPair>>,
) -> impl AsyncFnOnce(DuplexStream) -> Option<()> + 'static {
    let key = KeyPair::generate().unwrap();
    let certificate = match issuer {
        Some(issuer) => params.signed_by(&key, issuer).unwrap(),
        None => params.self_signed(&key).unwrap(),
    };
    let (certificate, key) = (certificate.pem(), key.serialize_pem());
    let identity = native_tls::Identity::from_pkcs8(certificate.as_bytes(), key.as_bytes());
    let acceptor = native_tls::TlsAcceptor::new(identity.unwrap()).unwrap();
    let acceptor = tokio_native_tls::TlsAcceptor::from(acceptor);
    async move |stream| acceptor.accept(stream).await.ok().map(drop)
}

/// A server that answers a hello with bytes of its own.
fn server_saying(answer: &'static [u8]) -> impl AsyncFnOnce(DuplexStream) -> Option<()> + 'static {
    async move |mut stream: DuplexStream| {
        stream.read_u8().await.ok()?;
        stream.write_all(answer).await.ok()?;
        // Until the client gives up.
        tokio::io::copy(&mut stream, &mut tokio::io::sink())
            .await
            .ok()
            .map(drop)
    }
}

#[test]
fn each_fault_of_a_certificate_has_words_and_a_remedy() {
    let (trusted, unknown) = (authority("one"), authority("another"));
    let params = || {
        let mut params = CertificateParams::new(vec!["db.example".to_owned()]).unwrap();
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(2100, 1, 1);
        params.use_authority_key_identifier_extension = true;
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params
    };
    let mut expired = params();
    expired.not_after = date_time_ymd(2021, 1, 1);
    let mut future = params();
    future.not_before = date_time_ymd(2099, 1, 1);
    let mut for_clients = params();
    for_clients.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    for (host, params, issuer, words, help) in [
        (
            "other.example",
            params(),
            Some(&trusted),
            "for another host name",
            "the name that is in",
        ),
        (
            "192.0.2.1",
            params(),
            Some(&trusted),
            "not for this address",
            "the name that is in",
        ),
        (
            "db.example",
            expired,
            Some(&trusted),
            "out of date",
            "renew",
        ),
        (
            "db.example",
            future,
            Some(&trusted),
            "does not count yet",
            "clock",
        ),
        (
            "db.example",
            for_clients,
            Some(&trusted),
            "not one for servers",
            "key usage",
        ),
        (
            "db.example",
            params(),
            Some(&unknown),
            "not trusted here",
            "sslrootcert",
        ),
        (
            "db.example",
            params(),
            None,
            "signed by itself",
            "sslrootcert",
        ),
    ] {
        let said = refused(host, &trusted.pem(), server_with(params, issuer));
        let (found, remedy) = told(&said);
        assert!(found.contains(words), "{said}: {found}");
        assert!(remedy.contains(help), "{said}: {remedy}");
    }
}

#[test]
fn each_refusal_of_a_server_has_words_and_a_remedy() {
    let authority = authority("one").pem();
    for (answer, words, help) in [
        (&b"HTTP/1.1 400 Bad Request\r\n\r\n"[..], NO_TLS, "port"),
        (b"220 mail.example ESMTP\r\n", NO_TLS, "port"),
        // A certificate before a hello.
        (
            b"\x16\x03\x03\0\x08\x0b\0\0\x04\0\0\0\0",
            "does not keep to the rules of TLS",
            "port",
        ),
        // Alerts: RFC 8446, section 6.
        (b"\x15\x03\x03\0\x02\x02\x28", NO_CIPHER, "ciphers"),
        (b"\x15\x03\x03\0\x02\x02\x47", NO_CIPHER, "ciphers"),
        (b"\x15\x03\x03\0\x02\x02\x46", NO_VERSION, "1.2"),
        (b"\x15\x03\x03\0\x02\x02\x2a", CLIENT_REFUSED, "sslcert"),
        (b"\x15\x03\x03\0\x02\x02\x30", CLIENT_REFUSED, "sslcert"),
        (
            b"\x15\x03\x03\0\x02\x02\x74",
            "wants a certificate",
            "sslcert",
        ),
        (
            b"\x15\x03\x03\0\x02\x02\x70",
            "no certificate for the host",
            "name",
        ),
        (b"\x15\x03\x03\0\x02\x02\x78", "not for PostgreSQL", "port"),
        (b"\x15\x03\x03\0\x02\x02\x50", "the server failed", "log"),
        // A hello of TLS 1.0.
        (
            b"\x16\x03\x01\0\x2a\x02\0\0\x26\x03\x01\
              0123456789abcdef0123456789abcdef\0\xc0\x13\0",
            NO_VERSION,
            "1.2",
        ),
    ] {
        let said = refused("db.example", &authority, server_saying(answer));
        let (found, remedy) = told(&said);
        assert!(found.contains(words), "{said}: {found}");
        assert!(remedy.contains(help), "{said}: {remedy}");
    }
}

#[test]
fn an_authority_that_was_named_is_told_to_be_the_wrong_one() {
    let text = "error:0A000086:SSL routines:tls_post_process_server_certificate:certificate verify \
        failed:ssl/x.c:2092: (self-signed certificate in certificate chain)";
    let meaning = meaning(text).unwrap();
    assert_eq!(
        meaning.explanation(),
        "the server's certificate is from an authority that is not trusted here \
         (self-signed certificate in certificate chain)"
    );
    assert_eq!(meaning.help(false), NAME_AUTHORITY);
    assert_eq!(meaning.help(true), OTHER_AUTHORITY);
}

#[test]
fn words_of_others_have_no_meaning_here() {
    for text in [
        "relation \"http request\" does not exist",
        "connection refused",
        "",
    ] {
        assert_eq!(meaning(text), None);
    }
}
