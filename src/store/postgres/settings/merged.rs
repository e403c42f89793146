//! The parameters of all sources together, in libpq's order: the string, the service, the
//! variables.

use std::path::{Path, PathBuf};

use super::environment::Environment;
use super::keys::{VARIABLES, plain};
use super::note::Note;
use super::params::{ParamSource, Params};
use super::refusal::refuse;
use super::service;
use super::tls_mode::TlsMode;
use crate::store::Result;

/// The parameters of the connection string, the service and the variables.
pub(super) struct MergedParams {
    /// By precedence, the highest first.
    sources: Vec<Params>,
    home: Option<PathBuf>,
}

impl MergedParams {
    /// Adds the parameters of the service and of the variables to those of the string.
    pub(super) fn new(text: Params, environment: &Environment) -> Result<Self> {
        let mut variables = Params::new(ParamSource::Variables);
        for (name, key) in VARIABLES {
            if let Some(value) = environment.variable(name) {
                variables.put(key, value.as_encoded_bytes().to_vec())?;
            }
        }
        let mut merged = Self {
            sources: vec![text, variables],
            home: environment.home.clone(),
        };
        if let Some(name) = merged.get("service") {
            let service = service::read(name, merged.path("servicefile"), environment)?;
            merged.sources.insert(1, service);
        }
        Ok(merged)
    }

    /// Returns a setting by libpq's name; never the password.
    pub(super) fn get(&self, key: &str) -> Option<&str> {
        self.sources.iter().find_map(|params| params.get(key))
    }

    /// Returns the password, if a source other than `.pgpass` has one.
    pub(super) fn password(&self) -> Option<&[u8]> {
        self.sources.iter().find_map(Params::password)
    }

    /// Returns the TLS mode and the text that set it.
    pub(super) fn mode(&self) -> Option<(TlsMode, &str)> {
        let mut modes = self
            .sources
            .iter()
            .filter_map(|params| params.mode.as_ref());
        modes.next().map(|(mode, said)| (*mode, said.as_str()))
    }

    /// Returns the option that asks for unverified TLS, if one does.
    pub(super) fn asks_unverified(&self) -> Option<&str> {
        let mut sources = self.sources.iter();
        sources.find_map(|params| params.asks_unverified.as_deref())
    }

    /// Parses a value that is one of a few words.
    pub(super) fn word<T>(
        &self,
        key: &str,
        words: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>> {
        let Some(params) = self.of(key) else {
            return Ok(None);
        };
        let word = plain(params.get(key).unwrap_or_default().trim());
        match read(&word) {
            Some(value) => Ok(Some(value)),
            None => Err(params.bad_value(key, words)),
        }
    }

    /// Parses a whole number.
    pub(super) fn number(&self, key: &str) -> Result<Option<i64>> {
        let Some(params) = self.of(key) else {
            return Ok(None);
        };
        match params.get(key).unwrap_or_default().trim().parse() {
            Ok(number) => Ok(Some(number)),
            Err(_) => Err(refuse(
                format!("{} is not a whole number", params.named(key)),
                format!("give {key} as digits alone"),
            )),
        }
    }

    /// Returns the path in a setting. `~/` is expanded, which libpq does not do, since it can
    /// hardly mean anything else.
    pub(super) fn path(&self, key: &str) -> Option<PathBuf> {
        let text = self.get(key)?;
        let home = self.home.as_deref();
        Some(match text.strip_prefix("~/").zip(home) {
            Some((rest, home)) => home.join(rest),
            None => PathBuf::from(text),
        })
    }

    /// Returns one of libpq's default files in the home directory, if it exists.
    pub(super) fn default_file(&self, name: &str) -> Option<PathBuf> {
        let path = self.home.as_deref().map(|home: &Path| home.join(name))?;
        path.is_file().then_some(path)
    }

    /// Returns the name and source of a setting, for messages.
    pub(super) fn named(&self, key: &str) -> String {
        self.of(key)
            .map_or_else(|| key.to_owned(), |params| params.named(key))
    }

    fn of(&self, key: &str) -> Option<&Params> {
        self.sources.iter().find(|params| params.get(key).is_some())
    }

    /// Returns the remarks on ignored keys and options that are not honoured.
    pub(super) fn notes(&self) -> Vec<Note> {
        let mut notes = Vec::new();
        for params in &self.sources {
            let mut keys = params.left_out.clone();
            match params.unknown {
                0 => {}
                1 => keys.push("a key that nobody knows".into()),
                n => keys.push(format!("{n} keys that nobody knows")),
            }
            if !keys.is_empty() {
                let place = match params.source {
                    ParamSource::Service => "the service",
                    _ => "the connection string",
                };
                notes.push(Note::detail(format!(
                    "left out of {place}: {}",
                    keys.join(", ")
                )));
            }
            notes.extend(params.warnings.iter().cloned().map(Note::warning));
        }
        notes
    }
}
