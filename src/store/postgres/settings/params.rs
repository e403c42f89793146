//! The parameters of one source: the connection string, a service, or the variables.

use std::collections::BTreeMap;
use std::fmt;

use super::host_list;
use super::keys::{self, LEFT_OUT, MODES, SCHEMAS, UNENFORCED, is_known, plain, variable};
use super::refusal::refuse;
use super::tls_mode::TlsMode;
use crate::store::{Result, StoreError};

/// A source of parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ParamSource {
    /// The connection string.
    Text,
    /// A section of a service file.
    Service,
    /// libpq's environment variables.
    Variables,
}

/// The parameters of one source, by libpq's names.
pub(super) struct Params {
    pub source: ParamSource,
    values: BTreeMap<&'static str, String>,
    password: Option<Vec<u8>>,
    /// The strictest TLS mode, and the text that set it.
    pub mode: Option<(TlsMode, String)>,
    /// The option that asks for unverified TLS, if one does.
    pub asks_unverified: Option<String>,
    /// Known keys that have no effect here.
    pub left_out: Vec<String>,
    /// The number of unknown keys.
    pub unknown: usize,
    /// Warnings about options that are not honoured.
    pub warnings: Vec<String>,
}

impl Params {
    pub(super) fn new(source: ParamSource) -> Self {
        Self {
            source,
            values: BTreeMap::new(),
            password: None,
            mode: None,
            asks_unverified: None,
            left_out: Vec::new(),
            unknown: 0,
            warnings: Vec::new(),
        }
    }

    /// Returns a parameter by libpq's name; never the password.
    pub(super) fn get(&self, key: &str) -> Option<&str> {
        self.values.get(key).map(String::as_str)
    }

    pub(super) fn password(&self) -> Option<&[u8]> {
        self.password.as_deref()
    }

    /// Sets a parameter; an empty value counts as unset. Of duplicates, the last wins in a
    /// string and the first in a service file, as in libpq; of TLS modes, the strictest.
    pub(super) fn put(&mut self, key: &str, value: Vec<u8>) -> Result<()> {
        if let Some(known) = keys::canonical(key) {
            return self.put_known(known, value);
        }
        let name = plain(key);
        let name = name.as_str();
        let value = self.text(key, value)?;
        let value = value.trim();
        if MODES.contains(&name) {
            self.put_mode(name, key, value)?;
        } else if SCHEMAS.contains(&name) {
            let first = value.split(',').next().unwrap_or_default();
            if !matches!(first.trim().trim_matches('"'), "" | "public") {
                self.warnings.push(format!(
                    "{} is left out: blogctl writes to the schema public",
                    self.named(key)
                ));
            }
        } else if UNENFORCED.contains(&name) {
            if !value.is_empty() {
                let named = self.named(key);
                self.warnings.push(match name {
                    "sslpassword" => {
                        format!("{named} is left out: the key in sslkey must not be encrypted")
                    }
                    _ => format!("{named} is left out: blogctl does not enforce it"),
                });
            }
        } else if LEFT_OUT.contains(&name) {
            self.left_out.push(key.to_owned());
        } else {
            self.unknown += 1;
        }
        Ok(())
    }

    fn put_known(&mut self, key: &'static str, value: Vec<u8>) -> Result<()> {
        if value.is_empty() {
            return Ok(());
        }
        if value.contains(&0) {
            return Err(refuse(
                format!("{} holds a NUL character", self.named(key)),
                "no setting of Postgres can hold it: remove it",
            ));
        }
        let first_counts = self.source == ParamSource::Service;
        if key == "password" {
            if !(first_counts && self.password.is_some()) {
                self.password = Some(value);
            }
            return Ok(());
        }
        let value = self.text(key, value)?;
        match key {
            "host" => host_list::check(&value, &self.named(key))?,
            "hostaddr" => host_list::check_addresses(&value, &self.named(key))?,
            "port" => host_list::check_ports(&value, &self.named(key))?,
            "user" | "dbname" if value.contains('=') || value.contains("://") => {
                return Err(refuse(
                    format!("{} seems to hold a whole address", self.named(key)),
                    "give only a name there, and the rest in keys of its own",
                ));
            }
            _ => {}
        }
        if !(first_counts && self.values.contains_key(key)) {
            self.values.insert(key, value);
        }
        Ok(())
    }

    fn put_mode(&mut self, name: &str, key: &str, value: &str) -> Result<()> {
        let word = plain(value);
        let mut unverified = false;
        let mode = match name {
            "sslmode" if word.is_empty() => None,
            // A bare `ssl` turns TLS on.
            "ssl" if word.is_empty() => Some(TlsMode::Require),
            "sslmode" | "ssl" => {
                unverified = word == "noverify";
                let mode = TlsMode::parse(&word).ok_or_else(|| {
                    refuse(
                        format!("{} has an unknown value", self.named(key)),
                        "it may be disable, allow, prefer, require, verify-ca or verify-full",
                    )
                })?;
                Some(mode)
            }
            "requiressl" => (word == "1").then_some(TlsMode::Require),
            "sslminprotocolversion" => {
                if word == "tlsv1.3" {
                    let named = self.named(key);
                    let text = format!("{named} is left out: TLS 1.2 is accepted, too");
                    self.warnings.push(text);
                }
                None
            }
            "gssencmode" => {
                if word == "require" {
                    return Err(refuse(
                        format!("{} demands GSSAPI encryption", self.named(key)),
                        "blogctl encrypts with TLS: leave gssencmode out, or set it to prefer \
                         or disable",
                    ));
                }
                None
            }
            "sslaccept" => {
                unverified = word == "acceptinvalidcerts";
                None
            }
            "trustservercertificate" => {
                unverified = word == "true";
                None
            }
            _ => {
                unverified = word.contains("nonvalidating");
                None
            }
        };
        if unverified {
            self.asks_unverified = Some(self.named(key));
        }
        if let Some(mode) = mode
            && self.mode.as_ref().is_none_or(|(said, _)| *said < mode)
        {
            let said = match self.source {
                ParamSource::Text => format!("{key}={value}"),
                ParamSource::Service => format!("{key}={value} in the service"),
                ParamSource::Variables => format!("{}={value}", variable(key)),
            };
            self.mode = Some((mode, said));
        }
        Ok(())
    }

    fn text(&self, key: &str, value: Vec<u8>) -> Result<String> {
        String::from_utf8(value).map_err(|_| {
            // An unknown key is not shown: it may be part of a password.
            let named = if is_known(key) {
                self.named(key)
            } else {
                "a value in the connection string".to_owned()
            };
            refuse(
                format!("{named} is not UTF-8"),
                "percent-encode the bytes of UTF-8",
            )
        })
    }

    /// Returns the name and source of a parameter, for messages. The key must be a known one.
    pub(super) fn named(&self, key: &str) -> String {
        match self.source {
            ParamSource::Text => format!("{key} in the connection string"),
            ParamSource::Service => format!("{key} in the service"),
            ParamSource::Variables => variable(key).to_owned(),
        }
    }

    /// Returns an error for an unknown value of a parameter.
    pub(super) fn bad_value(&self, key: &str, help: impl fmt::Display) -> StoreError {
        let message = format!("{} has an unknown value", self.named(key));
        refuse(message, format!("it may be {help}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(source: ParamSource, pairs: &[(&str, &str)]) -> Params {
        let mut params = Params::new(source);
        for (key, value) in pairs {
            params.put(key, value.as_bytes().to_vec()).unwrap();
        }
        params
    }

    #[test]
    fn names_count_without_case_and_punctuation() {
        let params = params(
            ParamSource::Text,
            &[
                ("User Id", "me"),
                ("applicationName", "x"),
                ("DATABASE", "d"),
            ],
        );
        assert_eq!(params.get("user"), Some("me"));
        assert_eq!(params.get("application_name"), Some("x"));
        assert_eq!(params.get("dbname"), Some("d"));
    }

    #[test]
    fn of_two_values_a_string_counts_the_last_and_a_service_the_first() {
        let twice = [
            ("user", "one"),
            ("password", "1"),
            ("user", "two"),
            ("password", "2"),
        ];
        let (text, service) = (
            params(ParamSource::Text, &twice),
            params(ParamSource::Service, &twice),
        );
        assert_eq!(
            (text.get("user"), text.password()),
            (Some("two"), Some(&b"2"[..]))
        );
        assert_eq!(
            (service.get("user"), service.password()),
            (Some("one"), Some(&b"1"[..]))
        );
    }

    #[test]
    fn of_two_modes_the_strictest_counts() {
        for pairs in [
            [("sslmode", "disable"), ("ssl", "true")],
            [("ssl", "true"), ("sslmode", "disable")],
            [("sslmode", "prefer"), ("sslmode", "Verify-CA")],
            [("requiressl", "1"), ("sslmode", "allow")],
        ] {
            let mode = params(ParamSource::Text, &pairs).mode.unwrap();
            assert_eq!(mode.0, TlsMode::Require, "{pairs:?}");
        }
    }

    #[test]
    fn a_key_that_nobody_knows_is_counted_and_not_named() {
        let params = params(
            ParamSource::Text,
            &[("pgbouncer", "true"), ("hunter2", "x"), ("", "")],
        );
        assert_eq!(
            (params.left_out, params.unknown),
            (vec!["pgbouncer".to_owned()], 2)
        );
    }

    #[test]
    fn a_name_that_holds_an_address_is_refused() {
        for (key, value) in [
            ("dbname", "postgresql://u:hunter2@h/d"),
            ("dbname", "d?password=hunter2"),
            ("user", "me password=hunter2"),
        ] {
            let error = Params::new(ParamSource::Text)
                .put(key, value.into())
                .unwrap_err();
            assert!(error.to_string().starts_with(key), "{error}");
            assert!(!error.to_string().contains("hunter2"), "{error}");
        }
    }
}
