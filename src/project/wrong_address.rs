//! The text in the place of a database's address, described without showing any of it: it may
//! hold a password.

/// The schemes of other databases, and their names.
const OTHERS: [(&str, &str); 14] = [
    ("mysql", "MySQL"),
    ("mysql2", "MySQL"),
    ("mariadb", "MariaDB"),
    ("mongodb", "MongoDB"),
    ("redis", "Redis"),
    ("rediss", "Redis"),
    ("sqlserver", "SQL Server"),
    ("mssql", "SQL Server"),
    ("oracle", "Oracle"),
    ("libsql", "libSQL"),
    ("cockroachdb", "CockroachDB"),
    ("clickhouse", "ClickHouse"),
    ("duckdb", "DuckDB"),
    ("snowflake", "Snowflake"),
];

/// The help for a text that resembles no address.
const FORMS: &str = "write postgresql://USER:PASSWORD@HOST/DATABASE, \
                     \"host=HOST dbname=DATABASE\", or sqlite:PATH";

/// A text that is no address, described by its kind, with a remedy.
pub(super) struct WrongAddress {
    /// Follows "it", as in "it is the address of a web page".
    pub what: Option<String>,
    /// The remedy.
    pub help: String,
}

/// Describes a text that is no address of a database.
pub(super) fn describe(text: &str) -> WrongAddress {
    let text = text.trim();
    let scheme = scheme(text);
    let of_scheme = scheme.as_deref().and_then(|scheme| by_scheme(scheme, text));
    let (what, help) = match of_scheme.or_else(|| by_look(text)) {
        Some((what, help)) => (Some(what), help),
        None => (None, FORMS.to_owned()),
    };
    WrongAddress { what, help }
}

type Found = Option<(String, String)>;

fn found(what: &str, help: &str) -> Found {
    Some((what.to_owned(), help.to_owned()))
}

/// Returns the letters before the first colon, without `jdbc:` and the name of a driver.
fn scheme(text: &str) -> Option<String> {
    let text = text
        .trim_start_matches(['\'', '"', '`'])
        .to_ascii_lowercase();
    let text = text.strip_prefix("jdbc:").unwrap_or(&text);
    let (scheme, _) = text.split_once(':')?;
    let is_scheme = scheme
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"+-._".contains(&byte));
    is_scheme.then(|| scheme.to_owned())
}

fn by_scheme(scheme: &str, text: &str) -> Found {
    let (base, _) = scheme.split_once('+').unwrap_or((scheme, ""));
    if let Some((_, name)) = OTHERS.iter().find(|(other, _)| *other == base) {
        return Some((
            format!("names a database of {name}, and blogctl writes to Postgres and SQLite"),
            FORMS.to_owned(),
        ));
    }
    match base {
        "prisma" => found(
            "is the address of Prisma's own proxy",
            "write the address of the database itself, which Prisma calls the direct URL: \
             postgresql://USER:PASSWORD@HOST/DATABASE",
        ),
        "http" | "https" => found(
            "is the address of a web page or an API",
            "write the connection string that the database's provider shows: \
             postgresql://USER:PASSWORD@HOST/DATABASE",
        ),
        "sqlite" if text.contains(":memory:") => found(
            "names a database in memory, which would be gone at the end",
            "write sqlite:PATH with the path of a file",
        ),
        "sqlite" if text.ends_with('/') && text.len() > "sqlite:///".len() => found(
            "names a directory",
            "write sqlite:PATH with the path of a file in it",
        ),
        "sqlite" if scheme == "sqlite" => found(
            "names no file",
            "write sqlite:PATH with the path of a file, like sqlite:blog.db",
        ),
        "sqlite" | "sqlite3" => found(
            "names a file of SQLite as another program does",
            "write sqlite:PATH, like sqlite:blog.db",
        ),
        "file" => found(
            "names a file as another program does",
            "write sqlite:PATH in place of file:PATH",
        ),
        "postgres" | "postgresql" | "pgsql" => found(
            "has no two slashes after its scheme",
            "write postgresql:// with two slashes: postgresql://USER:PASSWORD@HOST/DATABASE",
        ),
        _ => None,
    }
}

/// Recognizes a text without a scheme by what it looks like.
fn by_look(text: &str) -> Found {
    let bare = text.trim_matches(['\'', '"', '`']);
    let is_name = |text: &str| {
        !text.is_empty()
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    let is_variable = bare.starts_with('$')
        || bare.starts_with("process.env")
        || bare.starts_with("env(")
        || bare.starts_with("{{")
        || bare.len() > 2 && bare.starts_with('%') && bare.ends_with('%');
    if is_variable {
        return found(
            "is the name of a variable, which nothing has put a value in the place of",
            "in a shell, write \"$NAME\" in double quotes; in a file, write the address itself",
        );
    }
    if is_name(bare) && bare.to_ascii_uppercase().ends_with("DATABASE_URL") {
        return found(
            "is the name of a variable",
            "write \"$NAME\" in a shell; in a file, write the address itself",
        );
    }
    if let Some((key, value)) = bare.split_once('=') {
        let value = value.trim_start_matches([' ', '\'', '"', '`']);
        if is_name(key.trim()) && scheme(value).is_some() {
            return found(
                "begins with the name of a variable",
                "leave out the part up to the `=`",
            );
        }
        if is_name(key.trim()) && !bare.contains("://") {
            return found(
                "names neither a host nor a database",
                "write \"host=HOST dbname=DATABASE\", or postgresql://USER:PASSWORD@HOST/DATABASE",
            );
        }
    }
    let is_file = [".db", ".db3", ".sqlite", ".sqlite3"]
        .iter()
        .any(|end| bare.to_ascii_lowercase().ends_with(end));
    if is_file || bare.starts_with(['/', '.', '~', '\\']) {
        return found(
            "is a path",
            "write sqlite:PATH for a file of SQLite: `sqlite:` comes before the path",
        );
    }
    let host = bare.split(['/', '?']).next().unwrap_or_default();
    let host = host.rsplit('@').next().unwrap_or_default();
    let (name, port) = host.split_once(':').unwrap_or((host, ""));
    let is_port = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    let is_host = name.contains('.') || name == "localhost" || is_port || bare.contains('@');
    if is_host && !bare.contains("://") && !bare.contains(char::is_whitespace) {
        return found(
            "has no postgresql:// at its start",
            "write postgresql://USER:PASSWORD@HOST:5432/DATABASE",
        );
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_address_is_named_for_what_it_is() {
        for (text, what, help) in [
            ("mysql://me:hunter2@h/d", "of MySQL", "postgresql://"),
            ("jdbc:mysql://h/d", "of MySQL", "postgresql://"),
            (
                "mongodb+srv://me:hunter2@h/d",
                "of MongoDB",
                "postgresql://",
            ),
            ("mysql+pymysql://h/d", "of MySQL", "postgresql://"),
            (
                "prisma+postgres://h/?api_key=hunter2",
                "Prisma",
                "direct URL",
            ),
            (
                "https://hunter2.supabase.co",
                "a web page",
                "connection string",
            ),
            ("http://localhost:5432", "a web page", "postgresql://"),
            ("postgres:/me:hunter2@h/d", "two slashes", "postgresql://"),
            ("postgresql:h", "two slashes", "postgresql://"),
            ("sqlite:", "names no file", "sqlite:blog.db"),
            ("sqlite::memory:", "in memory", "sqlite:PATH"),
            ("sqlite:///hunter2/", "a directory", "sqlite:PATH"),
            ("sqlite+aiosqlite:///a.db", "another program", "sqlite:PATH"),
            ("file:./hunter2.db", "another program", "sqlite:PATH"),
            ("$DATABASE_URL", "a variable", "double quotes"),
            ("${hunter2}", "a variable", "double quotes"),
            ("%DATABASE_URL%", "a variable", "itself"),
            ("env(\"DATABASE_URL\")", "a variable", "itself"),
            ("DATABASE_URL", "a variable", "itself"),
            (
                "DATABASE_URL=postgresql://me:hunter2@h/d",
                "the name of a variable",
                "up to the `=`",
            ),
            ("user=me password=hunter2", "neither a host", "host=HOST"),
            ("localhost:5432", "no postgresql://", "postgresql://"),
            ("localhost:5432/blog", "no postgresql://", "postgresql://"),
            ("me:hunter2@h/d", "no postgresql://", "postgresql://"),
            ("db.example.com", "no postgresql://", "postgresql://"),
            ("./hunter2", "a path", "sqlite:PATH"),
            ("hunter2.db", "a path", "sqlite:PATH"),
            ("/var/lib/hunter2.sqlite3", "a path", "sqlite:PATH"),
        ] {
            let wrong = describe(text);
            let said = wrong.what.as_deref().unwrap_or_default();
            assert!(said.contains(what), "{text}: {said}");
            assert!(wrong.help.contains(help), "{text}: {}", wrong.help);
            assert!(!said.contains("hunter2") && !wrong.help.contains("hunter2"));
        }
        for text in ["hunter2", "", "a b c", "ünïcode"] {
            assert!(describe(text).what.is_none(), "{text}");
        }
    }
}
