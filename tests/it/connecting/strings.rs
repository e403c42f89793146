//! The meaning of connection strings, none of whose passwords is ever printed.

mod table;

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use blogctl::store::SecretUrl;
use blogctl::store::StoreError;
use blogctl::store::postgres::settings::{Endpoint, Environment, Settings};
use tempfile::TempDir;
use tokio_postgres::config::{
    ChannelBinding, Host, LoadBalanceHosts, SslMode, SslNegotiation, TargetSessionAttrs,
};

use self::table::{ROWS, Row};
use crate::support::figure;
use crate::support::project::Project;

/// A row with a home directory of its own.
struct Case {
    row: &'static Row,
    home: TempDir,
}

impl Case {
    fn new(row: &'static Row) -> Self {
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
    fn filled(&self, text: &str) -> String {
        text.replace("$HOME", self.home_name())
    }

    fn home_name(&self) -> &str {
        self.home.path().to_str().unwrap()
    }

    fn variables(&self) -> Vec<(&'static str, String)> {
        let variables = self.row.variables.iter();
        variables
            .map(|(name, value)| (*name, self.filled(value)))
            .collect()
    }

    fn surroundings(&self) -> Environment {
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

    fn parse(&self) -> Result<Settings, StoreError> {
        Settings::parse(&self.filled(self.row.text), &self.surroundings(), false)
    }

    /// The pieces of the passwords that may stand in no output: all of six characters, except
    /// those that the rest of the row holds.
    fn secrets(&self) -> Vec<String> {
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
    fn keeps_its_secrets(&self, output: &str, how: &str) {
        for secret in self.secrets() {
            assert!(
                !output.contains(&secret),
                "{:?} {how} prints {secret:?}:\n{output}",
                self.row.text
            );
        }
    }
}

/// Settings in short, as the table writes them.
fn short(settings: &Settings) -> String {
    let config = &settings.config;
    let places: Vec<String> = settings.endpoints.iter().map(place).collect();
    let tls = match config.get_ssl_mode() {
        SslMode::Disable => "plain",
        SslMode::Require => "tls",
        other => panic!("{other:?} is neither"),
    };
    let mut text = format!(
        "{}@{}/{} {tls}",
        config.get_user().unwrap(),
        places.join(","),
        config.get_dbname().unwrap()
    );
    match config.get_channel_binding() {
        ChannelBinding::Require => text.push_str(" binding=require"),
        ChannelBinding::Disable => text.push_str(" binding=disable"),
        _ => {}
    }
    if config.get_ssl_negotiation() == SslNegotiation::Direct {
        text.push_str(" direct");
    }
    if config.get_target_session_attrs() != TargetSessionAttrs::Any {
        write!(text, " attrs={:?}", config.get_target_session_attrs()).unwrap();
    }
    if config.get_load_balance_hosts() == LoadBalanceHosts::Random {
        text.push_str(" random");
    }
    if let Some(name) = config.get_application_name() {
        write!(text, " app={name}").unwrap();
    }
    if let Some(options) = config.get_options() {
        write!(text, " options={options}").unwrap();
    }
    if let Some(path) = &settings.root_certificates {
        write!(text, " ca={}", path.display()).unwrap();
    }
    if let Some(identity) = &settings.identity {
        let (certificate, key) = (identity.certificate.display(), identity.key.display());
        write!(text, " id={certificate},{key}").unwrap();
    }
    if let Some(timeout) = settings.connect_timeout {
        write!(text, " timeout={}", timeout.as_secs()).unwrap();
    }
    for note in &settings.notes {
        let word = if note.is_warning { "warning: " } else { "" };
        write!(text, " | {word}{}", note.text).unwrap();
    }
    text
}

fn place(endpoint: &Endpoint) -> String {
    let host = match &endpoint.host {
        Host::Tcp(name) if name.contains(':') => format!("[{name}]"),
        Host::Tcp(name) => name.clone(),
        Host::Unix(path) => path.display().to_string(),
    };
    match endpoint.address {
        Some(address) => format!("{host}[{address}]:{}", endpoint.port),
        None => format!("{host}:{}", endpoint.port),
    }
}

#[test]
fn each_string_means_what_the_table_says() {
    assert!(ROWS.len() >= 100, "{} rows", ROWS.len());
    for row in ROWS {
        let case = Case::new(row);
        match (case.parse(), row.expected) {
            (Ok(settings), Ok(expected)) => {
                assert_eq!(short(&settings), case.filled(expected), "{:?}", row.text);
                let password = row.password.last().map(|password| password.as_bytes());
                for endpoint in &settings.endpoints {
                    assert_eq!(endpoint.password.as_deref(), password, "{:?}", row.text);
                }
                assert_eq!(settings.config.get_password(), password, "{:?}", row.text);
                case.keeps_its_secrets(&format!("{:?}", settings.notes), "in its notes");
                assert!(!format!("{:?}", settings.endpoints).contains("hunter2"));
            }
            (Err(StoreError::Target { message, help }), Err(expected)) => {
                let expected = case.filled(expected);
                assert!(
                    message.starts_with(&expected),
                    "{:?}:\n{message}\nand not\n{expected}",
                    row.text
                );
                assert!(!help.is_empty());
                case.keeps_its_secrets(&format!("{message} {help}"), "in its refusal");
            }
            (Ok(settings), Err(_)) => panic!("{:?} is read: {}", row.text, short(&settings)),
            (Err(error), _) => panic!("{:?}: {error}", row.text),
        }
        let address = SecretUrl::new(case.filled(row.text));
        case.keeps_its_secrets(&format!("{address} {address:?}"), "shown");
    }
}

/// Runs the program with a string in one of the places where one can stand.
fn run(case: &Case, way: &str) -> String {
    let project = Project::new();
    project.post(1, "Never published");
    let text = case.filled(case.row.text);
    let args: &[&str] = match way {
        "as a flag" => &["--database", &text, "list", "--verbose"],
        "as a variable" => &["sync", "content/", "--verbose"],
        "as an argument" => &["list", &text, "--verbose"],
        "to the doctor" => &["doctor", "--verbose", "--database", &text],
        "to the doctor, as JSON" => &["doctor", "--format", "json", "--database", &text],
        _ => &["list", "--verbose"],
    };
    let variables = case.variables();
    let mut variables: Vec<(&str, &str)> = variables
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    variables.extend([
        ("HOME", case.home_name()),
        ("PGCONNECT_TIMEOUT", "1"),
        // Loading the system's authorities takes most of a run, and nobody is reached.
        ("SSL_CERT_FILE", "/dev/null"),
        ("SSL_CERT_DIR", "/nowhere"),
        // A resolver that does not answer is waited for five seconds by default.
        ("RES_OPTIONS", "timeout:1 attempts:1"),
        ("RUST_BACKTRACE", "1"),
    ]);
    match way {
        "as a variable" => variables.push(("DATABASE_URL", &text)),
        "as a replica" => variables.push(("DATABASE_READ_URL", &text)),
        // As somebody would write it who knows nothing of the file's syntax.
        "in .env" => {
            project.write(".env", format!("DATABASE_URL={text}\n"));
        }
        "in blogctl.toml" => {
            project.write("blogctl.toml", format!("database = \"{text}\"\n"));
        }
        _ => {}
    }
    let output = project.run_with(args, &variables);
    assert_ne!(output.status, 0, "{text:?} {way}: {output:#?}");
    assert_ne!(output.status, 101, "{text:?} {way}: {output:#?}");
    format!("{}{}", output.stdout, output.stderr)
}

#[test]
fn no_password_is_printed_wherever_the_string_stands() {
    const WAYS: [&str; 8] = [
        "as a flag",
        "as a variable",
        "as a replica",
        "in .env",
        "in blogctl.toml",
        "as an argument",
        "to the doctor",
        "to the doctor, as JSON",
    ];
    let next = AtomicUsize::new(0);
    let begun = std::time::Instant::now();
    thread::scope(|scope| {
        // Most of the time is spent on waiting for those that do not answer.
        for _ in 0..24 {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let Some(row) = ROWS.get(number / WAYS.len()) else {
                        break;
                    };
                    let (case, way) = (Case::new(row), WAYS[number % WAYS.len()]);
                    let output = run(&case, way);
                    case.keeps_its_secrets(&output, way);
                }
            });
        }
    });
    figure(format_args!(
        "{} runs in {:.1} s",
        ROWS.len() * WAYS.len(),
        begun.elapsed().as_secs_f32()
    ));
}

/// Command lines with an address, `$A`, in the place of something else.
const MISPLACED: &[&[&str]] = &[
    &["$A"],
    &["--$A"],
    &["--color", "$A", "list"],
    &["--connect-timeout=$A", "list"],
    &["--database", "sqlite:$A", "list"],
    &["sync", "$A"],
    &["sync", "content/$A", "--format", "json"],
    &["sync", "content/", "--lock-timeout", "$A"],
    &["list", "--since", "$A"],
    &["list", "--until", "$A"],
    &["list", "--tag", "$A", "--format", "json"],
    &["list", "--category=$A"],
    &["list", "--cursor", "$A"],
    &["list", "--format", "$A"],
    &["show", "$A"],
    &["search", "$A", "--verbose"],
    &["search", "-$A"],
    &["search", "a", "--tag", "$A"],
    &["history", "--limit", "$A"],
    &["doctor", "$A", "--format", "json"],
    &["schema", "print", "--dialect", "$A"],
];

#[test]
fn no_password_is_printed_of_an_address_in_the_place_of_something_else() {
    let next = AtomicUsize::new(0);
    let begun = std::time::Instant::now();
    let project = Project::new();
    project.post(1, "Never published");
    // So that a search finds nothing, rather than no tables.
    assert_eq!(project.run(&["schema", "apply"]).status, 0);
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let Some(row) = ROWS.get(number / MISPLACED.len()) else {
                        break;
                    };
                    let (case, line) = (Case::new(row), MISPLACED[number % MISPLACED.len()]);
                    let text = case.filled(row.text);
                    let line: Vec<String> =
                        line.iter().map(|word| word.replace("$A", &text)).collect();
                    let line: Vec<&str> = line.iter().map(|word| &**word).collect();
                    let output = project.run_with(&line, &[("HOME", case.home_name())]);
                    assert_ne!(output.status, 101, "{line:?}: {output:#?}");
                    let output = format!("{}{}", output.stdout, output.stderr);
                    case.keeps_its_secrets(&output, &format!("in {line:?}"));
                }
            });
        }
    });
    figure(format_args!(
        "{} misplaced addresses in {:.1} s",
        ROWS.len() * MISPLACED.len(),
        begun.elapsed().as_secs_f32()
    ));
}

#[test]
fn no_password_is_printed_of_an_address_in_a_file_of_the_content() {
    // What is no address is no more than a text, and a password ends at a space.
    let is_whole = |row: &Row| {
        let has_space = row.text.contains(" hunter2=") || row.password.concat().contains(' ');
        row.expected.is_ok() && !has_space
    };
    let rows = ROWS.iter().enumerate().filter(|(_, row)| is_whole(row));
    for (number, row) in rows {
        let case = Case::new(row);
        let text = case.filled(row.text);
        let project = Project::new();
        for (name, content) in [
            ("id", format!("---\nid: {text}\n---\n")),
            ("key", format!("---\nid: 2\n{text}: 1\n---\n")),
            (
                "tag",
                format!("---\nid: 3\ntags: [{text}, {text}]\ncreated_at: {text}\n---\n"),
            ),
            ("env", format!("DATABASE_URL=\"{text}\"\n")),
        ] {
            project.write(format!("content/{number}-{name}.md"), content);
        }
        let mut all = String::new();
        for line in [
            &["sync", "content/"] as &[&str],
            &["sync", "content/", "--format", "json"],
            &["doctor", "--format", "json"],
        ] {
            let output = project.run(line);
            assert_ne!(output.status, 101, "{output:#?}");
            all += &format!("{}{}", output.stdout, output.stderr);
        }
        case.keeps_its_secrets(&all, "in a file of the content");
    }
}

/// Tells the test below that it is the process that panics.
const PANICS: &str = "BLOGCTL_TEST_PANICS";

#[test]
fn no_password_is_printed_by_a_panic() {
    if std::env::var_os(PANICS).is_some() {
        return panic_over_each_string();
    }
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "--nocapture"])
        .arg("connecting::strings::no_password_is_printed_by_a_panic")
        .env(PANICS, "1")
        .output()
        .unwrap();
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text);
    assert!(output.status.success(), "{text}");
    // Three of each, all of them with their place.
    let count = text.matches("internal error: called on ").count();
    assert_eq!(count, ROWS.len() * 3, "{text}");
    assert!(text.contains("tests/it/connecting/strings.rs:"), "{text}");
    for row in ROWS {
        Case::new(row).keeps_its_secrets(&text, "in a panic");
    }
}

/// Panics with messages that hold the strings and their passwords, on purpose.
fn panic_over_each_string() {
    blogctl::panic::install(blogctl::output::ui::Ui::default());
    for row in ROWS {
        let case = Case::new(row);
        let address = SecretUrl::new(case.filled(row.text));
        let _ = case.parse();
        let text = address.expose();
        let password = row.password.last().copied().unwrap_or(text);
        for caught in [
            std::panic::catch_unwind(|| panic!("called on {text}")),
            std::panic::catch_unwind(|| panic!("called on {text:?}")),
            std::panic::catch_unwind(|| panic!("called on {password}")),
        ] {
            assert!(caught.is_err());
        }
    }
}
