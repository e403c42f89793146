//! Tests of the test support: a relay that miscounts would prove anything.

use std::future::poll_fn;
use std::net::Ipv4Addr;
use std::task::Poll;

use futures_util::SinkExt;
use tokio_postgres::types::Type;

use crate::support::certs::Authorities;
use crate::support::client::{Client, block_on};
use crate::support::cluster::{Server, TlsKind};
use crate::support::database::TestDatabase;
use crate::support::memory::peak_rss;
use crate::support::pgbouncer::PgBouncer;
use crate::support::project::{Output, Project};
use crate::support::relay::{Direction, Fault, Kind, Relay};

mod cluster;
mod pgbouncer;
mod project;
mod relay;
mod relay_faults;
mod servers;
mod tls;
mod variants;

#[test]
fn memory_is_measured_where_a_command_takes_it() {
    let take = |mib: usize| {
        let script = format!(
            "x=$(head -c {} /dev/zero | tr '\\0' x); sleep 0.05",
            mib << 20
        );
        let peak = peak_rss(std::process::Command::new("sh").args(["-c", &script]));
        assert!(peak.status.success());
        peak.bytes >> 20
    };
    let (small, large) = (take(1), take(64));
    assert!(
        small < 32 && (64..512).contains(&large),
        "{small} and {large} MiB"
    );
}
