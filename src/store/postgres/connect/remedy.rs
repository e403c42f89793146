//! The remedies for failed attempts to connect.

use tokio_postgres::error::SqlState;

use super::failure::{Failure, Stage, message_chain};
use super::guard::Breach;
use super::tls_errors;

impl Failure {
    /// Returns the remedy, if one is known.
    pub fn help(&self, own_authority: bool) -> Option<String> {
        let text = message_chain(self.cause.as_ref());
        let has = |part: &str| text.contains(part);
        let help = if has("sslrootcert") {
            "sslrootcert names a PEM file with the authority of the server's certificate; \
             without it the system's authorities are trusted"
        } else if has("sslcert") || has("sslkey") {
            "sslcert and sslkey name PEM files with the client's certificate and its key in \
             PKCS #8 form"
        } else if has("endpoint id is not specified") {
            "this host tells its databases apart by the host's name: connect by that name, or \
             add options=endpoint%3DENDPOINT_ID to the connection string"
        } else if has("unsupported startup parameter") {
            "a pooler takes no options at the start: leave them out of the connection string, \
             or connect to the host without the pooler"
        } else if has("endpoint") && (has("is disabled") || has("be found")) {
            "check the host's name, and whether the database is enabled at the provider"
        } else if has("quota") {
            "raise the provider's limit, or wait for its next period"
        } else if has("ip address") && has("not allowed") {
            "let this machine's address in, in the provider's settings"
        } else if has("no pg_hba.conf entry") && has("no encryption") {
            "the server takes this user over TLS only: add sslmode=require"
        } else if has("no pg_hba.conf entry") {
            "let the server's pg_hba.conf admit this user, database and address"
        } else if has("channel binding") {
            "the server, or a pooler before it, cannot bind the login to TLS: connect without \
             channel_binding=require"
        } else if let Some(meaning) = tls_errors::meaning(&text) {
            meaning.help(own_authority)
        } else if Breach::of(self.cause.as_ref()).is_some()
            || has("unexpected message from server")
            || has("error parsing response from server")
        {
            "check that the address leads to your PostgreSQL server"
        } else if has("iteration count") {
            "set the password of this role again, with scram_iterations at most \
             100000"
        } else if has("unsupported authentication method") || has("unknown authentication tag") {
            "have the server's pg_hba.conf take a password (scram-sha-256): blogctl has no \
             Kerberos, GSSAPI or SSPI"
        } else if has("server does not support tls") {
            "turn TLS on at the server; on this machine alone, sslmode=disable is accepted"
        } else if has("password missing") || has("password authentication failed") {
            "check the user and the password in the connection string"
        } else if has("no answer within") {
            "check host, port and network, or allow more with --connect-timeout SECONDS"
        } else if let Some(state) = self.state() {
            return help_for_state(state);
        } else if self.stage == Stage::Name {
            "check the host's name in the connection string, and this machine's network"
        } else if has("no such file") {
            "check the socket's directory and port, and that the server runs"
        } else if has("permission denied") {
            "connect as a user who may use the socket, or by host=localhost"
        } else if has("read only") || has("allow writes") {
            "check target_session_attrs in the connection string"
        } else if has("connection refused") || self.stage == Stage::Reach {
            "check host and port, and that the server runs"
        } else if self.is_disconnect() {
            "check that a PostgreSQL server listens there, then try again"
        } else {
            return None;
        };
        Some(help.into())
    }
}

fn help_for_state(state: &SqlState) -> Option<String> {
    let help = match *state {
        SqlState::INVALID_PASSWORD | SqlState::INVALID_AUTHORIZATION_SPECIFICATION => {
            "check the user and the password in the connection string"
        }
        SqlState::INVALID_CATALOG_NAME => "check the database's name, or create the database",
        SqlState::TOO_MANY_CONNECTIONS => "close other connections, or connect through the pooler",
        SqlState::CANNOT_CONNECT_NOW => "try again in a moment",
        _ => return None,
    };
    Some(help.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_refusal_of_a_hosted_database_has_its_remedy() {
        for (text, help) in [
            ("Endpoint ID is not specified", "options=endpoint%3D"),
            ("unsupported startup parameter in options: x", "pooler"),
            (
                "IP address 192.0.2.1 is not allowed",
                "let this machine's address in",
            ),
            ("endpoint is disabled", "enabled at the provider"),
            ("exceeded the compute time quota", "limit"),
            (
                "no pg_hba.conf entry for host x, no encryption",
                "sslmode=require",
            ),
            ("sslrootcert /x: no", "PEM"),
        ] {
            let said = failure(text).help(false).unwrap();
            assert!(said.contains(help), "{text}: {said}");
        }
    }

    fn failure(cause: &str) -> Failure {
        Failure {
            place: "db.example:5432".into(),
            stage: Stage::Login,
            cause: cause.into(),
        }
    }
}
