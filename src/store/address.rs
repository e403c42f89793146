//! The address of a Postgres database, which may hold a password.

use std::fmt;

use super::postgres::settings;
use crate::secret;

/// An address as it was given; its `Display` leaves out the password and the options.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretUrl(String);

impl SecretUrl {
    /// Takes an address in any form, and registers its password to be redacted in all output.
    pub fn new(address: impl Into<String>) -> Self {
        let address = address.into();
        if !address.starts_with("sqlite:") {
            secret::register_address(&address);
        }
        Self(address)
    }

    /// Returns the address with its password: for connecting, never for output.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Returns whether it is meant as an address of Postgres: a URL, or `key=value` pairs that
    /// name a host, a database or a service, in any of the forms that programs write.
    pub fn is_postgres(&self) -> bool {
        settings::is_address(&self.0)
    }
}

impl fmt::Display for SecretUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = settings::shown(&self.0);
        f.write_str(shown.as_deref().unwrap_or("postgresql://..."))
    }
}

impl fmt::Debug for SecretUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretUrl({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(address: &str) -> String {
        SecretUrl::new(address).to_string()
    }

    #[test]
    fn a_url_is_shown_without_password_and_options() {
        assert_eq!(
            shown("postgresql://me:hunter2@ep-x.neon.tech:5432/blog?sslmode=require"),
            "postgresql://me@ep-x.neon.tech:5432/blog"
        );
        assert_eq!(
            shown("postgres://db.example/blog"),
            "postgresql://db.example/blog"
        );
        assert_eq!(shown("postgresql:///blog"), "postgresql:///blog");
        assert_eq!(
            shown("postgresql://a:5432,[::1]:5433/blog"),
            "postgresql://a:5432,[::1]:5433/blog"
        );
        assert_eq!(
            shown("postgresql://:hunter2@[::1]:5432/blog"),
            "postgresql://[::1]:5432/blog"
        );
    }

    #[test]
    fn pairs_are_shown_as_a_url() {
        assert_eq!(
            shown("host=db.example port=5433 user=me password=hunter2 dbname=blog"),
            "postgresql://me@db.example:5433/blog"
        );
        assert_eq!(
            shown("host = /run/postgresql dbname='my blog' password='hun''ter2'"),
            "postgresql://..."
        );
        assert_eq!(
            shown(r"host='/run/postgresql' dbname='my\'s' password='hun\'ter2'"),
            "postgresql:///run/postgresql/my's"
        );
    }

    #[test]
    fn no_way_to_write_a_password_shows_it() {
        let secret = "hunter2";
        for address in [
            "postgresql://me:hunter2@db.example/blog",
            "postgresql://me:hun@hunter2@db.example/blog",
            "postgresql://me:x/hunter2@db.example/blog",
            "postgresql://me:x?hunter2@db.example/blog",
            "postgresql://me:x#hunter2@db.example/blog",
            "postgresql://me:hunter2?x@db.example/blog",
            "postgresql://me:hunter2#x",
            "postgresql://me:hunter2",
            "postgresql://me:hunter2/x",
            "postgresql://me:1:hunter2",
            "postgresql://me:hunter2#x?y@db.example/blog",
            "postgresql://me:a:hunter2@db.example/blog",
            "postgresql://db.example/blog?password=hunter2",
            "postgresql://db.example/blog?user=me&password=hunter2@x",
            "postgresql://me:one@db.example/blog?password=hunter2",
            "POSTGRES://me:hunter2@db.example/blog",
            "host=h dbname=d password=hunter2",
            "host=h dbname=d password = hunter2",
            "host=h dbname=d password=one hunter2",
            "host=h dbname=d password='one hunter2'",
            r"host=h dbname=d password=one\ hunter2",
            "host=h dbname=d password='hunter2",
            "hunter2",
            "mysql://me:hunter2@h/d",
        ] {
            let url = SecretUrl::new(address);
            assert!(!url.to_string().contains(secret), "{address} -> {url}");
            assert!(!format!("{url:?}").contains(secret), "{address} -> {url:?}");
            assert_eq!(url.expose(), address);
        }
    }

    #[test]
    fn urls_and_pairs_with_a_host_or_a_database_are_postgres() {
        for good in [
            "postgresql://h/d",
            "postgres://h/d",
            "Postgres://h/d",
            "host=h",
            "dbname = d user=me",
            "user=me hostaddr=127.0.0.1",
        ] {
            assert!(SecretUrl::new(good).is_postgres(), "{good}");
        }
        for bad in [
            "",
            "h",
            "mysql://h/d",
            "user=me",
            "content.db",
            "/a/host=x",
            "postgresql:h",
        ] {
            assert!(!SecretUrl::new(bad).is_postgres(), "{bad}");
        }
    }
}
