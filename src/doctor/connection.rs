//! Findings about the connection to a server.

use std::time::Duration;

use jiff::Timestamp;

use super::facts::{Certificate, Link, Postgres, Route, Tls};
use super::{Finding, number};

/// The time before a certificate's expiry from which on it is a warning: enough to renew it.
const RENEWAL: Duration = Duration::from_secs(21 * 86_400);

/// The round-trip time above which a command mostly waits for the network.
const FAR: Duration = Duration::from_millis(100);

/// Judges the connection and its latency.
pub(super) fn findings(database: &Postgres, now: Timestamp) -> Vec<Finding> {
    let link = &database.link;
    let mut found = vec![connection(link), tls(link)];
    if let Some(certificate) = link.tls.as_ref().and_then(|tls| tls.certificate.as_ref()) {
        found.push(judge_certificate(certificate, now));
    }
    found.extend(link.tls.as_ref().map(channel_binding));
    found.push(route(link));
    found.push(round_trip(database.round_trip));
    let limit = |limit: Duration| match limit.as_secs() {
        0 if limit.is_zero() => "without limit".to_owned(),
        seconds => format!("{seconds} s"),
    };
    let message = format!(
        "connect {}, a statement that reads {}, one that writes {}",
        limit(database.connect_timeout),
        limit(database.read_timeout),
        limit(database.write_timeout)
    );
    found.push(Finding::ok("timeouts", message));
    found
}

fn connection(link: &Link) -> Finding {
    const CHECK: &str = "connection";
    let tls = link.tls.as_ref().map(|tls| ("TLS", tls.took));
    // An IP address is not looked up.
    let is_name = |host: &String| host.parse::<std::net::IpAddr>().is_err();
    let is_named = link.host.as_ref().is_some_and(is_name);
    let named = is_named.then_some(("name", link.resolve));
    let phases = [
        named,
        Some(("network", link.reach)),
        tls,
        Some(("login", link.login)),
    ];
    let phases: Vec<_> = phases.into_iter().flatten().collect();
    let sum = phases.iter().map(|(_, took)| *took).sum();
    let parts: Vec<String> = phases
        .iter()
        .map(|(name, took)| format!("{name} {}", millis(*took)))
        .collect();
    let message = format!("{} in {}: {}", link.peer, millis(sum), parts.join(", "));
    if link.attempts > 1 {
        let message = format!(
            "{message}; at attempt {}: the database was asleep or out of reach at first",
            link.attempts
        );
        return Finding::hint(CHECK, message);
    }
    Finding::ok(CHECK, message)
}

fn tls(link: &Link) -> Finding {
    const CHECK: &str = "tls";
    let Some(tls) = &link.tls else {
        if link.is_local {
            return Finding::ok(CHECK, "none: the server is this machine");
        }
        return Finding::warning(
            CHECK,
            "none: the password and every post cross the network in the clear",
        )
        .help("leave out --allow-plaintext and sslmode=disable");
    };
    match (&tls.version, &tls.cipher) {
        (Some(version), Some(cipher)) if matches!(version.as_str(), "TLS 1.0" | "TLS 1.1") => {
            Finding::warning(CHECK, format!("{version}, {cipher}: no longer safe"))
                .help("let the server offer TLS 1.2 or newer: ssl_min_protocol_version")
        }
        (Some(version), Some(cipher)) => Finding::ok(
            CHECK,
            format!("{version}, {cipher}, chain and name verified"),
        ),
        _ => Finding::hint(
            CHECK,
            "chain and name verified; version and cipher were not understood",
        ),
    }
}

fn judge_certificate(certificate: &Certificate, now: Timestamp) -> Finding {
    const CHECK: &str = "certificate";
    let end = certificate.not_after.strftime("%Y-%m-%d UTC");
    let names = match &certificate.names[..] {
        [] => "it names nobody".to_owned(),
        [name] => format!("for {name}"),
        [name, others @ ..] => format!("for {name} and {} more", others.len()),
    };
    let left = certificate.not_after.duration_since(now);
    let days = left.as_hours().unsigned_abs() / 24;
    let renew = "renew the server's certificate, or ask the provider to";
    if left.is_negative() {
        return Finding::error(CHECK, format!("{names}, ended {end}")).help(renew);
    }
    let message = format!("{names}, ends {end}, in {}", number(days, "day"));
    if left.unsigned_abs() <= RENEWAL {
        return Finding::warning(CHECK, message).help(renew);
    }
    Finding::ok(CHECK, message)
}

fn channel_binding(tls: &Tls) -> Finding {
    const CHECK: &str = "channel-binding";
    if tls.is_channel_bound {
        return Finding::ok(CHECK, "the login is tied to the TLS channel");
    }
    Finding::hint(
        CHECK,
        "the login is not tied to the TLS channel: the server, or a pooler, does not offer it",
    )
}

fn route(link: &Link) -> Finding {
    const CHECK: &str = "pooler";
    const MEANS: &str = "every command works through it; it waits where the pool is full, and \
                         takes no options at the start";
    match link.route {
        Route::Direct => Finding::ok(CHECK, "none: the server itself answers"),
        Route::Pooler => {
            let host = link.host.as_deref().unwrap_or_default();
            Finding::hint(CHECK, format!("{host} is a pooler: {MEANS}"))
        }
        Route::Proxied => Finding::hint(CHECK, format!("a pooler or a proxy answers: {MEANS}")),
    }
}

fn round_trip(took: Duration) -> Finding {
    const CHECK: &str = "round-trip";
    let message = format!("{} there and back", millis(took));
    if took > FAR {
        let message = format!("{message}: far; a sync waits for three of them, a page for one");
        return Finding::hint(CHECK, message).help("run blogctl nearer to the database");
    }
    Finding::ok(CHECK, message)
}

/// Formats a time for people: `0.4 ms`, `12 ms`, `1.2 s`.
fn millis(took: Duration) -> String {
    let millis = took.as_secs_f64() * 1_000.0;
    if millis < 10.0 {
        format!("{millis:.1} ms")
    } else if millis < 1_000.0 {
        format!("{millis:.0} ms")
    } else {
        format!("{:.1} s", millis / 1_000.0)
    }
}
