//! The options that every command takes.

use clap::Args;

use crate::output::style::Color;
use crate::output::ui::Ui;
use crate::project::SecretUrl;

/// The options that every command takes.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Global options")]
pub struct GlobalArgs {
    /// Use this database: postgresql://USER:PASSWORD@HOST/DATABASE or sqlite:PATH
    ///
    /// Other users of this machine can see a command's arguments. Keep an address that has
    /// a password in the variable DATABASE_URL, or in a .env file that git ignores.
    #[arg(long, global = true, value_name = "URL", value_parser = secret_url)]
    pub database: Option<SecretUrl>,

    /// Read posts from this replica of the database
    ///
    /// list, search, show, categories and tags use it; every other command uses the database
    /// itself. If the replica fails, the database answers, with a warning. An empty value
    /// turns off a replica that DATABASE_READ_URL or blogctl.toml names.
    #[arg(long, global = true, value_name = "URL", value_parser = secret_url)]
    pub read_database: Option<SecretUrl>,

    /// Allow sslmode=disable for a database on another host
    ///
    /// The password and all posts then cross the network unencrypted.
    #[arg(long, global = true)]
    pub allow_plaintext: bool,

    /// Give up connecting after SECONDS, retries included [default: 30]
    #[arg(long, global = true, value_name = "SECONDS",
          value_parser = seconds::<1, 3_600>)]
    pub connect_timeout: Option<u64>,

    /// Give up on a statement after SECONDS; 0 is no limit [default: 5 to read, 60 to write]
    #[arg(long, global = true, value_name = "SECONDS",
          value_parser = seconds::<0, 86_400>)]
    pub statement_timeout: Option<u64>,

    /// Color the output
    #[arg(long, global = true, value_name = "WHEN", value_enum, default_value_t)]
    pub color: Color,

    /// Print errors only, and what list, show and the like are asked for
    #[arg(long, short, global = true, conflicts_with = "verbose")]
    pub quiet: bool,

    /// Print more, such as which database is used and what named it
    #[arg(long, short, global = true)]
    pub verbose: bool,
}

impl GlobalArgs {
    /// Returns the writer that these options ask for.
    pub fn ui(&self) -> Ui {
        Ui::new(self.quiet, self.verbose, self.color.resolve())
    }
}

/// Takes an address from an argument.
pub(super) fn secret_url(text: &str) -> Result<SecretUrl, std::convert::Infallible> {
    Ok(SecretUrl::new(text))
}

/// Takes a number of seconds from an argument.
pub(super) fn seconds<const LEAST: u64, const MOST: u64>(text: &str) -> Result<u64, String> {
    text.parse()
        .ok()
        .filter(|seconds| (LEAST..=MOST).contains(seconds))
        .ok_or_else(|| format!("write whole seconds from {LEAST} to {MOST}"))
}
