//! All sources together, in libpq's order: the string, the service, the variables.

use std::path::{Path, PathBuf};

use super::keys::{VARIABLES, plain};
use super::layer::{Layer, Source};
use super::surroundings::Surroundings;
use super::tls::Mode;
use super::{Note, refuse, service};
use crate::store::Result;

pub(super) struct Asked {
    /// From the one that counts most.
    layers: Vec<Layer>,
    home: Option<PathBuf>,
}

impl Asked {
    /// Adds to what the string says what its service and the variables do.
    pub(super) fn new(text: Layer, surroundings: &Surroundings) -> Result<Self> {
        let mut variables = Layer::new(Source::Variables);
        for (name, key) in VARIABLES {
            if let Some(value) = surroundings.variable(name) {
                variables.put(key, value.as_encoded_bytes().to_vec())?;
            }
        }
        let mut asked = Self {
            layers: vec![text, variables],
            home: surroundings.home.clone(),
        };
        if let Some(service) = service::read(&asked, surroundings)? {
            asked.layers.insert(1, service);
        }
        Ok(asked)
    }

    /// What is said, by libpq's name for it; never the password.
    pub(super) fn get(&self, key: &str) -> Option<&str> {
        self.layers.iter().find_map(|layer| layer.get(key))
    }

    /// The password, if one is given in the open.
    pub(super) fn password(&self) -> Option<&[u8]> {
        self.layers.iter().find_map(Layer::password)
    }

    /// How strict TLS is to be, and the words that say so.
    pub(super) fn mode(&self) -> Option<(Mode, &str)> {
        let mut modes = self.layers.iter().filter_map(|layer| layer.mode.as_ref());
        modes.next().map(|(mode, said)| (*mode, said.as_str()))
    }

    /// Names what asks for TLS with whoever answers.
    pub(super) fn asks_unverified(&self) -> Option<&str> {
        let mut layers = self.layers.iter();
        layers.find_map(|layer| layer.asks_unverified.as_deref())
    }

    /// Reads a value that is one of a few words.
    pub(super) fn word<T>(
        &self,
        key: &str,
        words: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>> {
        let Some(layer) = self.of(key) else {
            return Ok(None);
        };
        let word = plain(layer.get(key).unwrap_or_default().trim());
        match read(&word) {
            Some(value) => Ok(Some(value)),
            None => Err(layer.bad_value(key, words)),
        }
    }

    /// Reads a whole number.
    pub(super) fn number(&self, key: &str) -> Result<Option<i64>> {
        let Some(layer) = self.of(key) else {
            return Ok(None);
        };
        match layer.get(key).unwrap_or_default().trim().parse() {
            Ok(number) => Ok(Some(number)),
            Err(_) => Err(refuse(
                format!("{} is not a whole number", layer.named(key)),
                format!("give {key} as digits alone"),
            )),
        }
    }

    /// Reads the path of a file; `~/` is the home directory, which libpq does not know, and
    /// which can hardly mean anything else.
    pub(super) fn path(&self, key: &str) -> Option<PathBuf> {
        let text = self.get(key)?;
        let home = self.home.as_deref();
        Some(match text.strip_prefix("~/").zip(home) {
            Some((rest, home)) => home.join(rest),
            None => PathBuf::from(text),
        })
    }

    /// A file of libpq's in the home directory, where it is there.
    pub(super) fn default_file(&self, name: &str) -> Option<PathBuf> {
        let path = self.home.as_deref().map(|home: &Path| home.join(name))?;
        path.is_file().then_some(path)
    }

    /// Names a setting for users.
    pub(super) fn named(&self, key: &str) -> String {
        self.of(key)
            .map_or_else(|| key.to_owned(), |layer| layer.named(key))
    }

    fn of(&self, key: &str) -> Option<&Layer> {
        self.layers.iter().find(|layer| layer.get(key).is_some())
    }

    /// What there is to say about what is not granted.
    pub(super) fn notes(&self) -> Vec<Note> {
        let mut notes = Vec::new();
        for layer in &self.layers {
            let mut keys = layer.left_out.clone();
            match layer.unknown {
                0 => {}
                1 => keys.push("a key that nobody knows".into()),
                n => keys.push(format!("{n} keys that nobody knows")),
            }
            if !keys.is_empty() {
                let place = match layer.source {
                    Source::Service => "the service",
                    _ => "the connection string",
                };
                notes.push(Note::detail(format!(
                    "left out of {place}: {}",
                    keys.join(", ")
                )));
            }
            notes.extend(layer.warnings.iter().cloned().map(Note::warning));
        }
        notes
    }
}
