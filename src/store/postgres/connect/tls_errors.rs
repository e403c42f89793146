//! Explanations and remedies for errors of the TLS library.
//!
//! OpenSSL reports a failure as `error:NUMBER:SSL routines:FUNCTION:REASON:FILE:LINE:DETAIL
//! (VERDICT)`. The reason and the verdict are looked up here; OpenSSL's own words follow the
//! explanation in brackets, since they are what a web search finds.

/// The explanation of an error, and its remedy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meaning {
    /// A part of OpenSSL's message, in lower case.
    sign: &'static str,
    /// The explanation.
    words: &'static str,
    /// The remedy.
    help: &'static str,
}

const UNTRUSTED: &str = "the server's certificate is from an authority that is not trusted here";
const NAME_AUTHORITY: &str = "give the authority of the server's certificate with sslrootcert=FILE";
const OTHER_AUTHORITY: &str = "the server's certificate is not from the authority in sslrootcert: \
    name the file of its authority";
const NO_TLS: &str = "what answers there does not speak TLS";
const CHECK_PORT: &str = "check host and port: a web server, or a proxy, may listen there";
const NO_VERSION: &str = "the server and blogctl have no version of TLS in common";
const UPGRADE_TLS: &str = "have the server take TLS 1.2 or newer";
const NO_CIPHER: &str = "the server and blogctl could not agree on how to encrypt";
const CHECK_CIPHERS: &str = "check the ciphers and curves in the server's configuration \
    (ssl_ciphers, ssl_ecdh_curve), and the type of its certificate's key";
const WEAK: &str = "the server's certificate is too weak to be trusted";
const STRONGER: &str = "have the server use a certificate with an RSA key of at least 2048 bits, \
    or an elliptic curve, signed with SHA-256";
const NOT_FOR_SERVERS: &str = "the server's certificate is not one for servers";
const CLIENT_REFUSED: &str = "the server does not accept this client's certificate";
const CHECK_IDENTITY: &str = "check that sslcert and sslkey name a valid certificate that is from \
    an authority the server trusts";

/// The explanations, in order of precedence: a verdict is more specific than the reason before
/// it.
const MEANINGS: &[Meaning] = &[
    Meaning {
        sign: "hostname mismatch",
        words: "the server's certificate is for another host name",
        help: "connect by the name that is in the server's certificate",
    },
    Meaning {
        sign: "ip address mismatch",
        words: "the server's certificate is not for this address",
        help: "connect by the name that is in the server's certificate",
    },
    Meaning {
        sign: "certificate has expired",
        words: "the server's certificate is out of date",
        help: "renew the server's certificate, or correct this machine's clock",
    },
    Meaning {
        sign: "certificate is not yet valid",
        words: "the server's certificate does not count yet",
        help: "correct this machine's clock, or wait until the day on which the certificate begins",
    },
    Meaning {
        sign: "certificate revoked",
        words: "the server's certificate was withdrawn by its authority",
        help: "have the server use a new certificate",
    },
    Meaning {
        sign: "self-signed certificate in certificate chain",
        words: UNTRUSTED,
        help: NAME_AUTHORITY,
    },
    Meaning {
        sign: "self-signed certificate",
        words: "the server's certificate is signed by itself, and not by an authority",
        help: "copy the server's certificate to this machine over a way that you trust, and name \
            it with sslrootcert=FILE",
    },
    Meaning {
        sign: "unable to get local issuer certificate",
        words: UNTRUSTED,
        help: NAME_AUTHORITY,
    },
    Meaning {
        sign: "unable to get issuer certificate",
        words: UNTRUSTED,
        help: NAME_AUTHORITY,
    },
    Meaning {
        sign: "unable to verify the first certificate",
        words: UNTRUSTED,
        help: NAME_AUTHORITY,
    },
    Meaning {
        sign: "unsuitable certificate purpose",
        words: NOT_FOR_SERVERS,
        help: "have the server use a certificate whose extended key usage names servers",
    },
    Meaning {
        sign: "invalid ca certificate",
        words: "the server's certificate was issued by something that is no authority",
        help: "have the server use a certificate from an authority",
    },
    Meaning {
        sign: "too weak",
        words: WEAK,
        help: STRONGER,
    },
    Meaning {
        sign: "key too small",
        words: WEAK,
        help: STRONGER,
    },
    Meaning {
        sign: "certificate required",
        words: "the server wants a certificate of this client",
        help: "name it and its key with sslcert=FILE and sslkey=FILE",
    },
    Meaning {
        sign: "alert bad certificate",
        words: CLIENT_REFUSED,
        help: CHECK_IDENTITY,
    },
    Meaning {
        sign: "alert unsupported certificate",
        words: CLIENT_REFUSED,
        help: CHECK_IDENTITY,
    },
    Meaning {
        sign: "alert certificate expired",
        words: CLIENT_REFUSED,
        help: CHECK_IDENTITY,
    },
    Meaning {
        sign: "alert certificate revoked",
        words: CLIENT_REFUSED,
        help: CHECK_IDENTITY,
    },
    Meaning {
        sign: "alert unknown ca",
        words: CLIENT_REFUSED,
        help: CHECK_IDENTITY,
    },
    Meaning {
        sign: "unrecognized name",
        words: "the server has no certificate for the host's name",
        help: "check the host's name in the connection string",
    },
    Meaning {
        sign: "no application protocol",
        words: "what answers there speaks TLS, but not for PostgreSQL",
        help: CHECK_PORT,
    },
    Meaning {
        sign: "wrong version number",
        words: NO_TLS,
        help: CHECK_PORT,
    },
    Meaning {
        sign: "http request",
        words: NO_TLS,
        help: CHECK_PORT,
    },
    Meaning {
        sign: "packet length too long",
        words: NO_TLS,
        help: CHECK_PORT,
    },
    Meaning {
        sign: "record layer failure",
        words: NO_TLS,
        help: CHECK_PORT,
    },
    Meaning {
        sign: "unexpected message",
        words: "what answers there does not keep to the rules of TLS",
        help: CHECK_PORT,
    },
    Meaning {
        sign: "unsupported protocol",
        words: NO_VERSION,
        help: UPGRADE_TLS,
    },
    Meaning {
        sign: "alert protocol version",
        words: NO_VERSION,
        help: UPGRADE_TLS,
    },
    Meaning {
        sign: "version too low",
        words: NO_VERSION,
        help: UPGRADE_TLS,
    },
    Meaning {
        sign: "no shared cipher",
        words: NO_CIPHER,
        help: CHECK_CIPHERS,
    },
    Meaning {
        sign: "wrong cipher returned",
        words: NO_CIPHER,
        help: CHECK_CIPHERS,
    },
    Meaning {
        sign: "handshake failure",
        words: NO_CIPHER,
        help: CHECK_CIPHERS,
    },
    Meaning {
        sign: "insufficient security",
        words: NO_CIPHER,
        help: CHECK_CIPHERS,
    },
    Meaning {
        sign: "alert internal error",
        words: "the server failed while TLS was being negotiated",
        help: "look into the server's log, then try again",
    },
];

/// Returns the explanation of an error's message.
pub fn meaning(text: &str) -> Option<Meaning> {
    let text = text.to_lowercase();
    // Messages that are not from the TLS library may contain the same words.
    if !text.contains("ssl routines") && !text.contains("certificate verify failed") {
        return None;
    }
    let found = MEANINGS.iter().find(|meaning| text.contains(meaning.sign));
    found.copied()
}

impl Meaning {
    /// Returns the explanation, with OpenSSL's message.
    pub fn explanation(self) -> String {
        format!("{} ({})", self.words, self.sign)
    }

    /// Returns the remedy; `own_authority` is true if `sslrootcert` names a file.
    pub fn help(self, own_authority: bool) -> &'static str {
        if own_authority && self.words == UNTRUSTED {
            return OTHER_AUTHORITY;
        }
        self.help
    }
}

#[cfg(test)]
mod tests;
