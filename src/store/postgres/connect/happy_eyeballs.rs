//! From a host to an open socket, by trying its addresses in parallel (Happy Eyeballs, RFC
//! 8305).

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};
use tokio::net::{TcpStream, lookup_host};
use tokio::task::JoinSet;
use tokio::time::sleep;
use tokio_postgres::Config;

use super::super::settings::Endpoint;

/// The delay between the starts of two attempts: RFC 8305, section 5, recommends it.
const CONNECTION_ATTEMPT_DELAY: Duration = Duration::from_millis(250);

/// Returns the addresses of a host, in the system's order of preference.
pub async fn addresses(host: &str, endpoint: &Endpoint) -> io::Result<Vec<SocketAddr>> {
    if let Some(address) = endpoint.address {
        return Ok(vec![SocketAddr::new(address, endpoint.port)]);
    }
    Ok(lookup_host((host, endpoint.port)).await?.collect())
}

/// Connects to the address that answers first. Each attempt starts a little after the one
/// before, or as soon as that one has failed, so an unreachable address delays the others
/// little.
///
/// # Errors
/// Returns the error of each address.
pub async fn connect_first(
    addresses: &[SocketAddr],
) -> Result<(TcpStream, SocketAddr), Vec<(SocketAddr, io::Error)>> {
    let mut waiting = addresses.iter().copied();
    let mut racing = JoinSet::new();
    let mut failed = Vec::new();
    let start = |racing: &mut JoinSet<_>, address: SocketAddr| {
        racing.spawn(async move { (address, TcpStream::connect(address).await) });
    };
    if let Some(first) = waiting.next() {
        start(&mut racing, first);
    }
    loop {
        let more = waiting.len() > 0;
        tokio::select! {
            ended = racing.join_next() => match ended {
                Some(Ok((address, Ok(stream)))) => return Ok((stream, address)),
                Some(Ok((address, Err(error)))) => {
                    failed.push((address, error));
                    if let Some(next) = waiting.next() {
                        start(&mut racing, next);
                    }
                }
                // These tasks neither panic nor are they cancelled.
                Some(Err(_)) => {}
                None => return Err(failed),
            },
            () = sleep(CONNECTION_ATTEMPT_DELAY), if more => {
                if let Some(next) = waiting.next() {
                    start(&mut racing, next);
                }
            }
        }
    }
}

/// Sets the socket's options from the connection string.
pub fn prepare(stream: &TcpStream, config: &Config) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let socket = SockRef::from(stream);
    if config.get_keepalives() {
        let mut keepalive = TcpKeepalive::new().with_time(config.get_keepalives_idle());
        #[cfg(not(any(target_os = "openbsd", target_os = "redox", target_os = "solaris")))]
        if let Some(interval) = config.get_keepalives_interval() {
            keepalive = keepalive.with_interval(interval);
        }
        #[cfg(any(target_os = "linux", target_os = "macos", target_os = "freebsd"))]
        if let Some(retries) = config.get_keepalives_retries() {
            keepalive = keepalive.with_retries(retries);
        }
        socket.set_tcp_keepalive(&keepalive)?;
    }
    #[cfg(target_os = "linux")]
    if let Some(timeout) = config.get_tcp_user_timeout() {
        socket.set_tcp_user_timeout(Some(*timeout))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, TcpListener};

    use super::*;

    fn connected(addresses: &[SocketAddr]) -> Result<SocketAddr, Vec<SocketAddr>> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let ended = runtime.block_on(connect_first(addresses));
        ended
            .map(|(_, address)| address)
            .map_err(|failed| failed.into_iter().map(|(address, _)| address).collect())
    }

    /// Returns an address where nothing listens any more.
    fn closed() -> SocketAddr {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        listener.local_addr().unwrap()
    }

    #[test]
    fn the_address_that_answers_is_taken_wherever_it_stands() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let open = listener.local_addr().unwrap();
        assert_eq!(connected(&[open]), Ok(open));
        assert_eq!(connected(&[closed(), open]), Ok(open));
        // Reserved for documentation: refused or never answered, depending on the network.
        let nowhere = SocketAddr::from(([192, 0, 2, 1], 9));
        assert_eq!(connected(&[nowhere, closed(), open]), Ok(open));
    }

    #[test]
    fn where_none_answers_each_is_told() {
        let (first, second) = (closed(), closed());
        assert_eq!(connected(&[first, second]), Err(vec![first, second]));
        assert_eq!(connected(&[]), Err(vec![]));
    }
}
