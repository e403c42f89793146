//! Opening a store of either kind.

use super::postgres::{ConnectOptions, PostgresStore, Unconnected};
use super::sqlite::{SqliteOptions, SqliteStore};
use super::target::TargetKind;
use super::{Reader, Result, Store, StoreError};

/// Options for opening a store. A store in a file takes only the timeouts of its statements, the
/// interrupt and the locales from them.
pub type OpenOptions = ConnectOptions;

impl From<&OpenOptions> for SqliteOptions {
    fn from(options: &OpenOptions) -> Self {
        Self {
            read_timeout: options.read_timeout,
            write_timeout: options.write_timeout,
            interrupt: options.interrupt.clone(),
            locales: options.tables.locales().cloned(),
            locale: options.locale,
        }
    }
}

/// Opens the store at a target.
///
/// # Errors
/// [`StoreError::Target`] if the address cannot be used, [`StoreError::Unreachable`] if the store
/// cannot be reached.
pub fn open(target: &TargetKind, options: &OpenOptions) -> Result<Box<dyn Store>> {
    Ok(match target {
        TargetKind::Postgres(url) => Box::new(PostgresStore::connect(url.expose(), options)?),
        TargetKind::Sqlite { .. } if options.tables.is_adopted() => {
            return Err(StoreError::Target {
                message: format!(
                    "[tables] in blogctl.toml is for Postgres, and {target} is a file"
                ),
                help: "name a Postgres database, or remove [tables]".to_owned(),
            });
        }
        TargetKind::Sqlite { path, embedded } => {
            let options = SqliteOptions::from(options);
            Box::new(match embedded {
                true => SqliteStore::open_embedded(path, options)?,
                false => SqliteStore::open_with(path, options)?,
            })
        }
    })
}

/// Opens the store at a target for reading alone, as a replica is: nothing can be written to it,
/// and it cannot be asked for what decides a write.
///
/// # Errors
/// As [`open`].
pub fn open_reader(target: &TargetKind, options: &OpenOptions) -> Result<Box<dyn Reader>> {
    Ok(open(target, options)?)
}

/// Returns the stage of connecting that failed, such as `looking up the host's name`; `None` for
/// any other error, and for a store in a file.
pub fn failed_stage(error: &StoreError) -> Option<String> {
    let StoreError::Unreachable { source, .. } = error else {
        return None;
    };
    let unconnected = source.downcast_ref::<Unconnected>()?;
    unconnected.stage().map(|stage| stage.to_string())
}
