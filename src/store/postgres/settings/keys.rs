//! The names of settings: libpq's, their aliases in other programs, and those that are ignored.

/// The aliases of libpq's keywords, in lower case and without punctuation.
const KEYS: &[(&str, &str)] = &[
    ("applicationname", "application_name"),
    ("channelbinding", "channel_binding"),
    ("connecttimeout", "connect_timeout"),
    ("database", "dbname"),
    ("databasename", "dbname"),
    ("db", "dbname"),
    ("dbname", "dbname"),
    ("host", "host"),
    ("hostaddr", "hostaddr"),
    ("hostname", "host"),
    ("keepalives", "keepalives"),
    ("keepalivescount", "keepalives_count"),
    ("keepalivesidle", "keepalives_idle"),
    ("keepalivesinterval", "keepalives_interval"),
    ("keepalivesretries", "keepalives_count"),
    ("loadbalancehosts", "load_balance_hosts"),
    ("options", "options"),
    ("passfile", "passfile"),
    ("password", "password"),
    ("pgpassfile", "passfile"),
    ("port", "port"),
    ("pwd", "password"),
    ("rootcertificate", "sslrootcert"),
    ("server", "host"),
    ("service", "service"),
    ("servicefile", "servicefile"),
    ("sslcert", "sslcert"),
    ("sslcertificate", "sslcert"),
    ("sslkey", "sslkey"),
    ("sslnegotiation", "sslnegotiation"),
    ("sslrootcert", "sslrootcert"),
    ("targetservertype", "target_session_attrs"),
    ("targetsessionattributes", "target_session_attrs"),
    ("targetsessionattrs", "target_session_attrs"),
    ("tcpusertimeout", "tcp_user_timeout"),
    ("uid", "user"),
    ("unixsock", "host"),
    ("user", "user"),
    ("userid", "user"),
    ("username", "user"),
];

/// The keys that set the TLS mode.
pub(super) const MODES: &[&str] = &[
    "gssencmode",
    "requiressl",
    "ssl",
    "sslaccept",
    "sslfactory",
    "sslmode",
    "sslminprotocolversion",
    "trustservercertificate",
];

/// The keys that set the schema, which is always `public`.
pub(super) const SCHEMAS: &[&str] = &["currentschema", "schema", "searchpath"];

/// The keys that libpq enforces and blogctl does not.
pub(super) const UNENFORCED: &[&str] = &["requireauth", "sslcrl", "sslcrldir", "sslpassword"];

/// The known keys that have no effect here. A key in no list may be part of a password that was
/// not encoded, so it is counted but never shown.
pub(super) const LEFT_OUT: &[&str] = &[
    "asyncfallback",
    "binaryparameters",
    "binarytransfer",
    "charset",
    "clientencoding",
    "clientminmessages",
    "commandtimeout",
    "connectionlifetime",
    "connectionlimit",
    "connectiontimeout",
    "connectiontimeoutmillis",
    "connmaxage",
    "connhealthchecks",
    "defaultqueryexecmode",
    "defaultrowfetchsize",
    "descriptioncachecapacity",
    "disableprepares",
    "encoding",
    "enlist",
    "fallbackapplicationname",
    "gssdelegation",
    "gsslib",
    "idleintransactionsessiontimeout",
    "idletimeout",
    "includeerrordetail",
    "keepalive",
    "krbspn",
    "krbsrvname",
    "locktimeout",
    "logintimeout",
    "max",
    "maxautoprepare",
    "maxidletime",
    "maxlifetime",
    "maxpoolsize",
    "maximumpoolsize",
    "maxuses",
    "minpoolsize",
    "minimumpoolsize",
    "multiplexing",
    "noresetonclose",
    "pgbouncer",
    "pool",
    "poolhealthcheckperiod",
    "poolmaxconnidletime",
    "poolmaxconnlifetime",
    "poolmaxconns",
    "poolminconns",
    "poolsize",
    "pooltimeout",
    "pooling",
    "prepare",
    "preparethreshold",
    "preparedstatementcachesize",
    "preparedstatements",
    "querytimeout",
    "reapingfrequency",
    "reconnect",
    "replication",
    "requirepeer",
    "rewritebatchedinserts",
    "serverversion",
    "simpleprotocolonly",
    "singleuseconnections",
    "sockettimeout",
    "sslcertmode",
    "sslcompression",
    "sslidentity",
    "sslmaxprotocolversion",
    "sslpasswordcallback",
    "sslsni",
    "statementcachecapacity",
    "statementcachemode",
    "statementcachesize",
    "statementtimeout",
    "stringtype",
    "supa",
    "tcpkeepalive",
    "timeout",
    "timezone",
    "uselibpqcompat",
    "workaround",
];

/// The variables that are used if neither the string nor the service has the setting.
/// <https://www.postgresql.org/docs/current/libpq-envars.html>
pub(super) const VARIABLES: &[(&str, &str)] = &[
    ("PGAPPNAME", "application_name"),
    ("PGCHANNELBINDING", "channel_binding"),
    ("PGCONNECT_TIMEOUT", "connect_timeout"),
    ("PGDATABASE", "dbname"),
    ("PGGSSENCMODE", "gssencmode"),
    ("PGHOST", "host"),
    ("PGHOSTADDR", "hostaddr"),
    ("PGLOADBALANCEHOSTS", "load_balance_hosts"),
    ("PGOPTIONS", "options"),
    ("PGPASSFILE", "passfile"),
    ("PGPASSWORD", "password"),
    ("PGPORT", "port"),
    ("PGREQUIREAUTH", "require_auth"),
    ("PGREQUIRESSL", "requiressl"),
    ("PGSERVICE", "service"),
    ("PGSERVICEFILE", "servicefile"),
    ("PGSSLCERT", "sslcert"),
    ("PGSSLCRL", "sslcrl"),
    ("PGSSLCRLDIR", "sslcrldir"),
    ("PGSSLKEY", "sslkey"),
    ("PGSSLMINPROTOCOLVERSION", "ssl_min_protocol_version"),
    ("PGSSLMODE", "sslmode"),
    ("PGSSLNEGOTIATION", "sslnegotiation"),
    ("PGSSLROOTCERT", "sslrootcert"),
    ("PGTARGETSESSIONATTRS", "target_session_attrs"),
    ("PGUSER", "user"),
];

/// Returns libpq's name for a key that has the same meaning here.
pub(super) fn canonical(key: &str) -> Option<&'static str> {
    let key = plain(key);
    let found = KEYS.iter().find(|(name, _)| *name == key);
    found.map(|(_, name)| *name)
}

/// Returns true if some program knows the key.
pub fn is_known(key: &str) -> bool {
    let name = plain(key);
    let name = name.as_str();
    canonical(key).is_some()
        || [MODES, SCHEMAS, UNENFORCED, LEFT_OUT]
            .concat()
            .contains(&name)
}

/// Normalises case and punctuation: `SSL Mode`, `sslmode` and `ssl_mode` are equal.
pub(super) fn plain(text: &str) -> String {
    let kept = text.chars().filter(|c| !matches!(c, '_' | '-' | ' '));
    kept.map(|c| c.to_ascii_lowercase()).collect()
}

/// Returns the variable for a setting.
pub(super) fn variable(key: &str) -> &str {
    let found = VARIABLES.iter().find(|(_, name)| *name == key);
    found.map_or(key, |(variable, _)| variable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_list_holds_plain_names() {
        let names = KEYS.iter().map(|(name, _)| name);
        let lists = [MODES, SCHEMAS, UNENFORCED, LEFT_OUT].concat();
        for name in names.copied().chain(lists) {
            assert_eq!(plain(name), name);
        }
        for (variable, key) in VARIABLES {
            assert!(is_known(key), "{variable}");
        }
    }
}
