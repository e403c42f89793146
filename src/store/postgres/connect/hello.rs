//! What the server's answer to the first word of TLS says: the version and the cipher. The
//! answer is in the clear in every version, and the TLS library tells neither.

use std::fmt;

/// As many bytes of an answer are looked at: a certificate of unusual length lies within.
const MOST_BYTES: usize = 64 << 10;

/// Types of records and of messages: RFC 8446, sections 5.1 and 4.
const CHANGE_CIPHER_SPEC: u8 = 20;
const HANDSHAKE: u8 = 22;
const SERVER_HELLO: u8 = 2;
/// The extension that holds the version from TLS 1.3 on: section 4.2.1.
const SUPPORTED_VERSIONS: u16 = 43;

/// What a server chose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServerHello {
    /// The version, as it stands in the protocol: 0x0304 is TLS 1.3.
    pub version: u16,
    /// The cipher suite's number.
    pub cipher: u16,
}

impl ServerHello {
    /// The version's name: `TLS 1.3`.
    pub fn version_name(self) -> String {
        match self.version {
            0x0304 => "TLS 1.3".into(),
            0x0303 => "TLS 1.2".into(),
            0x0302 => "TLS 1.1".into(),
            0x0301 => "TLS 1.0".into(),
            other => format!("TLS {other:#06x}"),
        }
    }

    /// The cipher suite's name as IANA registers it, or its number.
    /// <https://www.iana.org/assignments/tls-parameters>
    pub fn cipher_name(self) -> String {
        let name = match self.cipher {
            0x1301 => "TLS_AES_128_GCM_SHA256",
            0x1302 => "TLS_AES_256_GCM_SHA384",
            0x1303 => "TLS_CHACHA20_POLY1305_SHA256",
            0x1304 => "TLS_AES_128_CCM_SHA256",
            0xc02b => "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
            0xc02c => "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
            0xc02f => "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
            0xc030 => "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
            0xcca8 => "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
            0xcca9 => "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
            0xccaa => "TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
            0x009e => "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256",
            0x009f => "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384",
            0x009c => "TLS_RSA_WITH_AES_128_GCM_SHA256",
            0x009d => "TLS_RSA_WITH_AES_256_GCM_SHA384",
            0xc013 => "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
            0xc014 => "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
            other => return format!("{other:#06x}"),
        };
        name.into()
    }
}

/// Collects what a server sends until the answer is complete.
#[derive(Default)]
pub struct Listener {
    received: Vec<u8>,
    done: bool,
}

impl Listener {
    /// Takes what came next.
    pub fn hear(&mut self, bytes: &[u8]) {
        if self.done {
            return;
        }
        self.received.extend_from_slice(bytes);
        self.done = self.received.len() > MOST_BYTES;
    }

    /// Ends listening, and says what was heard; `None` if it was no answer.
    pub fn end(&mut self) -> Option<ServerHello> {
        self.done = true;
        server_hello(&std::mem::take(&mut self.received))
    }
}

/// The bytes themselves say nothing to anybody.
impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Listener({} bytes)", self.received.len())
    }
}

/// Finds the last answer in what a server sent. A server that asks for another first word
/// does so in the form of an answer, before it gives the one that counts.
pub fn server_hello(received: &[u8]) -> Option<ServerHello> {
    let messages = cleartext_messages(received);
    let mut rest = Bytes(&messages);
    let mut last = None;
    while let Some((kind, body)) = rest.message() {
        if kind == SERVER_HELLO {
            last = parse(body).or(last);
        }
    }
    last
}

/// The handshake messages that stand in records of their own kind, one after the other;
/// what comes after the first record of another kind is encrypted, or none.
fn cleartext_messages(received: &[u8]) -> Vec<u8> {
    let mut rest = Bytes(received);
    let mut messages = Vec::new();
    while let Some(kind) = rest.u8() {
        let body = (|| {
            rest.u16()?;
            let length = rest.u16()?;
            rest.take(length.into())
        })();
        match (kind, body) {
            (HANDSHAKE, Some(body)) => messages.extend_from_slice(body),
            (CHANGE_CIPHER_SPEC, Some(_)) => {}
            _ => break,
        }
    }
    messages
}

/// RFC 8446, section 4.1.3; the same in RFC 5246.
fn parse(body: &[u8]) -> Option<ServerHello> {
    let mut body = Bytes(body);
    let legacy_version = body.u16()?;
    body.take(32)?; // the random
    let session = body.u8()?;
    body.take(session.into())?;
    let cipher = body.u16()?;
    body.u8()?; // the compression
    Some(ServerHello {
        version: supported_version(body).unwrap_or(legacy_version),
        cipher,
    })
}

/// Looks for the extension with the version; old servers send no extensions at all.
fn supported_version(mut body: Bytes<'_>) -> Option<u16> {
    let length = body.u16()?;
    let mut extensions = Bytes(body.take(length.into())?);
    loop {
        let kind = extensions.u16()?;
        let length = extensions.u16()?;
        let value = extensions.take(length.into())?;
        if kind == SUPPORTED_VERSIONS {
            return Bytes(value).u16();
        }
    }
}

/// Bytes that are read from their front; `None` where they end too early.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn u8(&mut self) -> Option<u8> {
        self.take(1).map(|bytes| bytes[0])
    }

    fn u16(&mut self) -> Option<u16> {
        self.take(2)
            .map(|bytes| u16::from_be_bytes([bytes[0], bytes[1]]))
    }

    /// A handshake message: its type, a length of three bytes, its body.
    fn message(&mut self) -> Option<(u8, &'a [u8])> {
        let head = self.take(4)?;
        let length = u32::from_be_bytes([0, head[1], head[2], head[3]]);
        Some((head[0], self.take(length as usize)?))
    }
}
