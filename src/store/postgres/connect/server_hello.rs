//! The TLS ServerHello: the version and the cipher that a server chose. It is sent in the clear
//! in every version, and the TLS library exposes neither.

use std::fmt;

/// The most bytes that are recorded; even an unusually long certificate chain fits.
const MOST_BYTES: usize = 64 << 10;

/// Types of records and of messages: RFC 8446, sections 5.1 and 4.
const CHANGE_CIPHER_SPEC: u8 = 20;
const HANDSHAKE: u8 = 22;
const SERVER_HELLO: u8 = 2;
/// The extension that holds the version from TLS 1.3 on: section 4.2.1.
const SUPPORTED_VERSIONS: u16 = 43;

/// The version and the cipher that a server chose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServerHello {
    /// The version as encoded in the protocol: 0x0304 is TLS 1.3.
    pub version: u16,
    /// The cipher suite's number.
    pub cipher: u16,
}

impl ServerHello {
    /// Returns the version's name: `TLS 1.3`.
    pub fn version_name(self) -> String {
        match self.version {
            0x0304 => "TLS 1.3".into(),
            0x0303 => "TLS 1.2".into(),
            0x0302 => "TLS 1.1".into(),
            0x0301 => "TLS 1.0".into(),
            other => format!("TLS {other:#06x}"),
        }
    }

    /// Returns the cipher suite's name as registered by IANA, or its number.
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

/// A recorder of the server's bytes up to the end of the handshake.
#[derive(Default)]
pub struct ServerHelloRecorder {
    received: Vec<u8>,
    done: bool,
}

impl ServerHelloRecorder {
    /// Records the next bytes.
    pub fn record(&mut self, bytes: &[u8]) {
        if self.done {
            return;
        }
        self.received.extend_from_slice(bytes);
        self.done = self.received.len() > MOST_BYTES;
    }

    /// Stops recording and returns the ServerHello; `None` if there was none.
    pub fn end(&mut self) -> Option<ServerHello> {
        self.done = true;
        server_hello(&std::mem::take(&mut self.received))
    }
}

/// Formats the number of bytes; their content is of no use in a log.
impl fmt::Debug for ServerHelloRecorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ServerHelloRecorder({} bytes)", self.received.len())
    }
}

/// Returns the last ServerHello in the bytes that a server sent. A HelloRetryRequest has the
/// same form and comes before the ServerHello that counts.
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

/// Joins the handshake messages that are in the clear. Everything after the first record of
/// another type is encrypted or not TLS.
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

/// Parses a ServerHello: RFC 8446, section 4.1.3; RFC 5246, section 7.4.1.3.
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

/// Returns the version in the supported_versions extension. Old servers send no extensions.
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

/// A reader over bytes; its methods return `None` if too few are left.
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

    /// Reads a handshake message: its type, a length of three bytes, its body.
    fn message(&mut self) -> Option<(u8, &'a [u8])> {
        let head = self.take(4)?;
        let length = u32::from_be_bytes([0, head[1], head[2], head[3]]);
        Some((head[0], self.take(length as usize)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A TLS 1.3 handshake without a retry, up to the first encrypted record.
    const TLS_1_3: &str = "\
         160303007a02000076030388934de61206d4c3fbcfe74b7ab93afc8f7d8a60571e1aa9de8278\
         b9d19c763a20565f4c64501a4cdf4e7217de404e073b462328166879c1916096fd6bcbf969b1\
         130200002e002b0002030400330024001d00209a7ea09d70747368697e9b0319fbec03ace316\
         5ad2458847c89782c9c6ea3e2e140303000101170303001784140a5bfa78d1e27ac30464f7cb\
         a9b04be5dfa800e7d6";
    /// A TLS 1.3 handshake with a HelloRetryRequest.
    const TLS_1_3_ASKED_TWICE: &str = "\
         1603030058020000540303cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09\
         e2c8a8339c20d8acc46a399bb9faa68c7c2bf3609a4169adb49885cc4f72c8c961783a4e44dd\
         130200000c002b0002030400330002001814030300010116030300bb020000b70303dbf5ac0b\
         48b83b1ddbbd53d1a3f1affd808dcf0c3819513d70372d1b29a5032d20d8acc46a399bb9faa6\
         8c7c2bf3609a4169adb49885cc4f72c8c961783a4e44dd130200006f002b0002030400330065\
         001800610473c70a6603cc8d450beb0bded656fccf06a255a67af2a70082a858a16b031325d0\
         4561c7296c441c77a6c4d20be0a5c7064063f0491ca3c5299d43dedf05edaa5b767142cb6b40\
         b684a17703aeb3ddbb383e3ff7b85fd88933d8ed84d437b102170303001782f5ec6c709a6441\
         e0392836a2a9c98f06351d498e9b41";
    /// A TLS 1.2 handshake.
    const TLS_1_2: &str = "\
         16030300410200003d03039864447dccdd7185e4fa5f677d83f0b4581a275966dff664313fd8\
         236f2c04cc00c02c000015ff01000100000b0004030001020023000000170000";

    /// Decodes a recording of a real server.
    fn recorded(hex: &str) -> Vec<u8> {
        let digit = |c: u8| u8::try_from(char::from(c).to_digit(16).unwrap()).unwrap();
        let pairs = hex.as_bytes().chunks(2);
        pairs
            .map(|pair| digit(pair[0]) * 16 + digit(pair[1]))
            .collect()
    }

    const AES_256: ServerHello = ServerHello {
        version: 0x0304,
        cipher: 0x1302,
    };

    #[test]
    fn the_version_and_the_cipher_are_those_that_were_chosen() {
        let hello = server_hello(&recorded(TLS_1_3)).unwrap();
        assert_eq!(hello, AES_256);
        assert_eq!(hello.version_name(), "TLS 1.3");
        assert_eq!(hello.cipher_name(), "TLS_AES_256_GCM_SHA384");
        let hello = server_hello(&recorded(TLS_1_2)).unwrap();
        assert_eq!(hello.version_name(), "TLS 1.2");
        let expected = "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384";
        assert_eq!(hello.cipher_name(), expected);
    }

    #[test]
    fn of_two_answers_the_last_one_counts() {
        let mut bytes = recorded(TLS_1_3_ASKED_TWICE);
        assert_eq!(server_hello(&bytes), Some(AES_256));
        // Changes the cipher in the HelloRetryRequest.
        let at = bytes
            .windows(2)
            .position(|two| two == [0x13, 0x02])
            .unwrap();
        bytes[at + 1] = 0x01;
        assert_eq!(server_hello(&bytes), Some(AES_256));
    }

    #[test]
    fn however_the_answer_is_cut_nothing_is_made_up() {
        for hex in [TLS_1_3, TLS_1_3_ASKED_TWICE, TLS_1_2] {
            let bytes = recorded(hex);
            let whole = server_hello(&bytes);
            for length in 0..bytes.len() {
                let hello = server_hello(&bytes[..length]);
                assert!(hello.is_none() || hello == whole, "{length}: {hello:?}");
            }
        }
    }

    #[test]
    fn an_answer_comes_in_pieces_of_any_size() {
        let bytes = recorded(TLS_1_3);
        for size in 1..=bytes.len() {
            let mut recorder = ServerHelloRecorder::default();
            bytes.chunks(size).for_each(|piece| recorder.record(piece));
            assert_eq!(recorder.end(), Some(AES_256), "{size}");
            // Bytes after the end are not recorded.
            recorder.record(&recorded(TLS_1_2));
            assert_eq!(recorder.end(), None);
        }
    }

    #[test]
    fn what_is_unknown_is_told_by_its_number() {
        let hello = ServerHello {
            version: 0x7f1c,
            cipher: 0xfeff,
        };
        assert_eq!(hello.version_name(), "TLS 0x7f1c");
        assert_eq!(hello.cipher_name(), "0xfeff");
    }

    proptest::proptest! {
        #[test]
        fn nothing_that_a_server_sends_ends_the_program(
            bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..300),
            at in 0_usize..200,
            value in proptest::num::u8::ANY,
        ) {
            server_hello(&bytes);
            let mut damaged = recorded(TLS_1_3_ASKED_TWICE);
            let at = at % damaged.len();
            damaged[at] = value;
            server_hello(&damaged);
        }
    }
}
