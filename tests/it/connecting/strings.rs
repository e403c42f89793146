//! The meaning of connection strings, none of whose passwords is ever printed.

mod case;
mod printed;
mod table;

use std::fmt::Write as _;
use std::process::Command;

use blogctl::store::SecretUrl;
use blogctl::store::StoreError;
use blogctl::store::postgres::settings::{Endpoint, Settings};
use tokio_postgres::config::{
    ChannelBinding, Host, LoadBalanceHosts, SslMode, SslNegotiation, TargetSessionAttrs,
};

use self::case::Case;
use self::table::ROWS;

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
