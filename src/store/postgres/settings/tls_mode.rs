//! The TLS modes of connection strings.

/// A TLS mode as asked for, from the least to the most strict. Every mode that demands TLS
/// verifies the server's certificate and name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum TlsMode {
    Disable,
    /// `allow` and `prefer`: TLS if possible.
    Prefer,
    Require,
}

impl TlsMode {
    /// Parses the words of libpq and of other drivers, in lower case and without punctuation.
    pub(super) fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "disable" | "disabled" | "false" | "0" | "no" | "off" => Self::Disable,
            "allow" | "prefer" | "preferred" => Self::Prefer,
            "require" | "required" | "verifyca" | "verifyfull" | "noverify" | "true" | "1"
            | "yes" | "on" => Self::Require,
            _ => return None,
        })
    }
}
