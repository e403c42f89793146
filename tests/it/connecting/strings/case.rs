//! A row of the table with a home directory of its own.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use blogctl::store::StoreError;
use blogctl::store::postgres::settings::{Environment, Settings};
use tempfile::TempDir;

use super::table::Row;

/// A row with a home directory of its own.
pub struct Case {
    pub row: &'static Row,
    home: TempDir,
}

impl Case {
    pub fn new(row: &'static Row) -> Self {
        let home = tempfile::tempdir().unwrap();
        for (name, text, mode) in row.files {
            let path = home.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(*mode)).unwrap();
        }
        Self { row, home }
    }

    /// Puts the home directory into a text of the table.
    pub fn filled(&self, text: &str) -> String {
        text.replace("$HOME", self.home_name())
    }

    pub fn home_name(&self) -> &str {
        self.home.path().to_str().unwrap()
    }

    pub fn variables(&self) -> Vec<(&'static str, String)> {
        let variables = self.row.variables.iter();
        variables
            .map(|(name, value)| (*name, self.filled(value)))
            .collect()
    }

    pub fn surroundings(&self) -> Environment {
        let variables = self.variables().into_iter();
        Environment {
            variables: variables
                .map(|(name, value)| (name.to_owned(), value.into()))
                .collect(),
            home: Some(self.home.path().into()),
            user: Some("tester".into()),
            socket_directories: Vec::new(),
        }
    }

    pub fn parse(&self) -> Result<Settings, StoreError> {
        Settings::parse(&self.filled(self.row.text), &self.surroundings(), false)
    }

    /// The pieces of the passwords that may stand in no output: all of six characters, except
    /// those that the rest of the row holds.
    pub fn secrets(&self) -> Vec<String> {
        let row = self.row;
        // A file that is not read has a password, too.
        let passwords = row.password.iter().copied().chain(["hunter2"]);
        let passwords: Vec<&str> = passwords.collect();
        let variables = self.variables().into_iter().map(|(_, value)| value);
        let files = row.files.iter().map(|(_, text, _)| (*text).to_owned());
        let mut rest: Vec<String> = [row.text.to_owned()]
            .into_iter()
            .chain(variables)
            .chain(files)
            .collect();
        for text in &mut rest {
            for password in &passwords {
                *text = text.replace(password, "\0");
            }
        }
        let mut pieces = Vec::new();
        for password in passwords {
            pieces.push(password.to_owned());
            let characters: Vec<char> = password.chars().collect();
            pieces.extend(characters.windows(6).map(|piece| piece.iter().collect()));
        }
        pieces.retain(|piece: &String| !rest.iter().any(|text| text.contains(piece)));
        assert!(pieces.iter().any(|piece| piece.contains("hunter")));
        pieces
    }

    #[track_caller]
    pub fn keeps_its_secrets(&self, output: &str, how: &str) {
        for secret in self.secrets() {
            assert!(
                !output.contains(&secret),
                "{:?} {how} prints {secret:?}:\n{output}",
                self.row.text
            );
        }
    }
}
