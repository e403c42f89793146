//! Tests of whole connection strings; each parser has its own tests.

use std::path::Path;

use tokio_postgres::config::{ChannelBinding, SslNegotiation};

use super::*;
use crate::store::StoreError;

fn nobody() -> Environment {
    Environment {
        user: Some("os".into()),
        ..Environment::default()
    }
}

fn with(variables: &[(&str, &str)]) -> Environment {
    let variables = variables.iter();
    Environment {
        variables: variables
            .map(|(name, value)| ((*name).to_owned(), value.into()))
            .collect(),
        ..nobody()
    }
}

#[track_caller]
fn read(connection: &str) -> Settings {
    read_in(connection, &nobody())
}

#[track_caller]
fn read_in(connection: &str, environment: &Environment) -> Settings {
    match Settings::parse(connection, environment, false) {
        Ok(settings) => settings,
        Err(error) => panic!("{connection}: {error}"),
    }
}

fn mode(connection: &str) -> SslMode {
    read(connection).config.get_ssl_mode()
}

#[track_caller]
fn refusal(connection: &str) -> String {
    refusal_in(connection, &nobody())
}

#[track_caller]
fn refusal_in(connection: &str, environment: &Environment) -> String {
    match Settings::parse(connection, environment, false) {
        Err(StoreError::Target { message, help }) => format!("{message}; {help}"),
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("accepted: {connection}"),
    }
}

fn notes(connection: &str) -> Vec<(String, bool)> {
    let notes = read(connection).notes.into_iter();
    notes.map(|note| (note.text, note.is_warning)).collect()
}

#[test]
fn a_remote_host_is_always_verified() {
    for suffix in [
        "",
        "?sslmode=prefer",
        "?sslmode=allow",
        "?sslmode=require",
        "?sslmode=verify-ca",
        "?sslmode=VERIFY-FULL",
        "?sslmode=VerifyFull",
        "?sslmode=no-verify",
        "?sslmode=",
        "?ssl",
        "?ssl=true",
        "?ssl=1",
        "?ssl=require",
        "?ssl=no-verify",
        "?sslaccept=accept_invalid_certs",
        "?sslmode=disable&sslmode=require",
    ] {
        let url = format!("postgresql://u:p@db.example.com/blog{suffix}");
        assert_eq!(mode(&url), SslMode::Require, "{suffix}");
    }
    assert_eq!(mode("host=db.example.com user=u"), SslMode::Require);
    assert_eq!(
        mode("host=localhost,db.example.com user=u"),
        SslMode::Require
    );
}

#[test]
fn plaintext_is_for_this_machine_unless_allowed() {
    for local in [
        "postgresql://u@localhost/b?sslmode=disable",
        "postgresql://u@LOCALHOST/b?ssl=false",
        "postgresql://u@127.0.0.1/b",
        "postgresql://u@[::1]/b?sslmode=prefer",
        "postgresql://u@%2Fvar%2Frun%2Fpostgresql/b",
        "host=/tmp user=u sslmode=disable",
    ] {
        assert_eq!(mode(local), SslMode::Disable, "{local}");
    }
    for (how, said) in [
        ("sslmode=disable", "sslmode=disable would send"),
        ("ssl=false", "ssl=false would send"),
    ] {
        let remote = format!("postgresql://u:secret@db.example.com/b?{how}");
        let refusal = refusal(&remote);
        assert!(refusal.starts_with(said), "{refusal}");
        assert!(refusal.contains("--allow-plaintext"), "{refusal}");
        assert!(!refusal.contains("secret"), "{refusal}");
        let allowed = Settings::parse(&remote, &nobody(), true).unwrap();
        assert_eq!(allowed.config.get_ssl_mode(), SslMode::Disable);
    }
}

#[test]
fn a_loopback_name_with_a_remote_address_is_remote() {
    for remote in [
        "host=localhost hostaddr=192.0.2.1 user=u",
        "host=/tmp hostaddr=192.0.2.1 user=u",
        "host=a,b hostaddr=127.0.0.1, user=u",
    ] {
        assert_eq!(mode(remote), SslMode::Require, "{remote}");
    }
    assert_eq!(
        mode("host=db.example.com hostaddr=127.0.0.1 user=u"),
        SslMode::Disable
    );
}

#[test]
fn what_needs_tls_gets_it_on_this_machine_too() {
    for option in [
        "sslmode=require",
        "sslmode=verify-ca",
        "channel_binding=require",
        "sslnegotiation=direct",
        "sslrootcert=system",
        "sslmode=prefer&channel_binding=require",
    ] {
        let url = format!("postgresql://u@localhost/b?{option}");
        assert_eq!(mode(&url), SslMode::Require, "{option}");
    }
    for (contradiction, named) in [
        ("sslmode=disable&channel_binding=require", "channel_binding"),
        ("sslmode=disable&sslnegotiation=direct", "sslnegotiation"),
    ] {
        let said = refusal(&format!("postgresql://u@localhost/b?{contradiction}"));
        assert!(said.starts_with("sslmode=disable contradicts"), "{said}");
        assert!(said.contains(named), "{said}");
    }
}

#[test]
fn a_unix_socket_has_no_tls_whatever_is_asked() {
    for option in ["require", "verify-full", "disable"] {
        let pairs = format!("host=/tmp user=u sslmode={option}");
        assert_eq!(mode(&pairs), SslMode::Disable, "{option}");
    }
    let said = refusal("host=/tmp user=u channel_binding=require");
    assert!(said.contains("Unix socket"), "{said}");
}

#[test]
fn what_would_weaken_tls_is_not_granted_and_said() {
    for (option, named) in [
        ("sslmode=no-verify", "sslmode"),
        ("ssl=no-verify", "ssl"),
        ("sslaccept=accept_invalid_certs", "sslaccept"),
        ("trustServerCertificate=true", "trustServerCertificate"),
    ] {
        let notes = notes(&format!("postgresql://u@h.example/b?{option}"));
        let text = format!(
            "{named} in the connection string is not granted: the server's certificate is \
             verified"
        );
        assert_eq!(notes, [(text, true)], "{option}");
    }
    assert_eq!(notes("postgresql://u@h.example/b?sslaccept=strict"), []);
}

#[test]
fn keys_of_other_programs_are_left_out_and_named() {
    let settings = read(
        "postgresql://u:p@h.example/b?pgbouncer=true&sslmode=require&connection_limit=1\
         &channel_binding=require&sslrootcert=%2Ftmp%2Fca%20file.pem&xyz=secret&abc=secret",
    );
    assert_eq!(
        settings.notes[0].text,
        "left out of the connection string: pgbouncer, connection_limit, 2 keys that nobody knows"
    );
    assert_eq!(
        settings.root_certificates,
        Some(PathBuf::from("/tmp/ca file.pem"))
    );
    assert_eq!(
        settings.config.get_channel_binding(),
        ChannelBinding::Require
    );
}

#[test]
fn another_schema_is_warned_of() {
    for key in ["schema", "search_path", "currentSchema"] {
        let url = |value| format!("postgresql://u@h.example/b?{key}={value}");
        let text = format!(
            "{key} in the connection string is left out: blogctl writes to the schema public"
        );
        assert_eq!(notes(&url("blog,public")), [(text, true)]);
        assert_eq!(notes(&url("public")), []);
    }
}

#[test]
fn kinds_of_server_are_those_that_the_driver_can_tell() {
    for (word, expected) in [
        ("any", TargetSessionAttrs::Any),
        ("read-write", TargetSessionAttrs::ReadWrite),
        ("read-only", TargetSessionAttrs::ReadOnly),
        ("primary", TargetSessionAttrs::ReadWrite),
        ("standby", TargetSessionAttrs::ReadOnly),
        ("prefer-standby", TargetSessionAttrs::Any),
    ] {
        let settings = read(&format!("host=h user=u target_session_attrs={word}"));
        assert_eq!(settings.config.get_target_session_attrs(), expected);
        assert_eq!(settings.notes.len(), usize::from(word == "prefer-standby"));
    }
    let said = refusal("host=h user=u target_session_attrs=hunter2");
    assert!(said.starts_with("target_session_attrs in the connection string has an unknown"));
    assert!(!said.contains("hunter2"), "{said}");
}

#[test]
fn a_timeout_bounds_nothing_from_zero_down() {
    for (text, expected) in [
        ("10", Some(10)),
        (" 1 ", Some(1)),
        ("0", None),
        ("-5", None),
    ] {
        let settings = read(&format!("host=h user=u connect_timeout='{text}'"));
        assert_eq!(
            settings.connect_timeout,
            expected.map(Duration::from_secs),
            "{text}"
        );
    }
    let said = refusal("host=h user=u connect_timeout=10s");
    assert!(said.contains("not a whole number"), "{said}");
}

#[test]
fn numbers_of_the_network_mean_what_they_mean_to_libpq() {
    let settings = read(
        "host=h user=u keepalives=0 keepalives_idle=60 keepalives_interval=5 \
         keepalives_count=3 tcp_user_timeout=1500",
    );
    let config = settings.config;
    assert!(!config.get_keepalives());
    assert_eq!(config.get_keepalives_idle(), Duration::from_secs(60));
    assert_eq!(config.get_keepalives_retries(), Some(3));
    assert_eq!(
        config.get_tcp_user_timeout(),
        Some(&Duration::from_millis(1500))
    );
}

#[test]
fn hosts_addresses_and_ports_go_together() {
    let settings = read("host=a,b hostaddr=192.0.2.1,192.0.2.2 port=1,2 user=u");
    let second = &settings.endpoints[1];
    assert_eq!(second.host, Host::Tcp("b".into()));
    assert_eq!(second.address, Some([192, 0, 2, 2].into()));
    assert_eq!(second.port, 2);
    assert_eq!(settings.config.get_hostaddrs().len(), 2);
    let only_address = read("hostaddr=192.0.2.1 user=u");
    assert_eq!(
        only_address.endpoints[0].host,
        Host::Tcp("192.0.2.1".into())
    );
    for (bad, words) in [
        ("host=a,b hostaddr=192.0.2.1", "1 addresses for 2 hosts"),
        ("host=a,b,c port=1,2", "2 ports for 3 hosts"),
        ("host=a port=0", "from 1 to 65535"),
        ("host=a port=65536", "from 1 to 65535"),
        ("host=a hostaddr=name", "not an IP address"),
        ("host=@blog", "abstract"),
        ("host=a;b", "not a host's name"),
        ("host=a:5432", "not a host's name"),
    ] {
        let said = refusal(&format!("{bad} user=u"));
        assert!(said.contains(words), "{bad}: {said}");
    }
}

#[test]
fn without_a_host_the_socket_that_is_there_is_taken_else_localhost() {
    let (empty, full) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    std::fs::write(full.path().join(".s.PGSQL.6000"), "").unwrap();
    let environment = Environment {
        socket_directories: vec![empty.path().into(), full.path().into()],
        ..nobody()
    };
    let host = |text: &str| read_in(text, &environment).endpoints[0].host.clone();
    assert_eq!(host("port=6000"), Host::Unix(full.path().into()));
    assert_eq!(host("postgresql:///blog"), Host::Tcp("localhost".into()));
    assert_eq!(
        host("postgresql://:6000/blog"),
        Host::Unix(full.path().into())
    );
}

#[test]
fn a_socket_may_be_named_instead_of_its_directory() {
    let endpoint = &read("postgresql://u@/b?host=/run/pg/.s.PGSQL.6001").endpoints[0];
    assert_eq!(endpoint.host, Host::Unix("/run/pg".into()));
    assert_eq!(endpoint.port, 6001);
}

#[test]
fn the_string_counts_before_the_variables_and_these_before_the_system() {
    let variables = with(&[
        ("PGHOST", "db.example"),
        ("PGPORT", "6000"),
        ("PGUSER", "env"),
        ("PGPASSWORD", "p"),
        ("PGDATABASE", "d"),
        ("PGSSLMODE", "verify-full"),
        ("PGSSLNEGOTIATION", "direct"),
        ("PGAPPNAME", "app"),
        ("PGOPTIONS", "-c x=y"),
        ("PGCONNECT_TIMEOUT", "7"),
        ("PGTARGETSESSIONATTRS", "primary"),
    ]);
    let all = read_in("postgresql://", &variables);
    assert_eq!(all.endpoints[0].host, Host::Tcp("db.example".into()));
    assert_eq!(all.endpoints[0].port, 6000);
    assert_eq!(all.endpoints[0].password, Some(b"p".to_vec()));
    assert_eq!(all.config.get_user(), Some("env"));
    assert_eq!(all.config.get_dbname(), Some("d"));
    assert_eq!(all.config.get_ssl_negotiation(), SslNegotiation::Direct);
    assert_eq!(all.config.get_application_name(), Some("app"));
    assert_eq!(all.config.get_options(), Some("-c x=y"));
    assert_eq!(all.connect_timeout, Some(Duration::from_secs(7)));
    let own = read_in(
        "postgresql://me:q@other.example:5433/e?connect_timeout=1",
        &variables,
    );
    assert_eq!(own.endpoints[0].host, Host::Tcp("other.example".into()));
    assert_eq!(own.endpoints[0].port, 5433);
    assert_eq!(own.endpoints[0].password, Some(b"q".to_vec()));
    assert_eq!(own.config.get_user(), Some("me"));
    assert_eq!(own.connect_timeout, Some(Duration::from_secs(1)));
    let none = read_in("postgresql://", &with(&[("PGUSER", "")]));
    assert_eq!(none.config.get_user(), Some("os"));
    assert_eq!(none.config.get_dbname(), Some("os"));
}

#[test]
fn a_variable_is_named_where_it_is_to_blame() {
    for (variable, value, said) in [
        ("PGSSLMODE", "hunter2", "PGSSLMODE has an unknown value"),
        ("PGSSLMODE", "disable", "PGSSLMODE=disable would send"),
        ("PGPORT", "hunter2", "PGPORT is not a number"),
        ("PGHOSTADDR", "hunter2", "PGHOSTADDR is not an IP"),
        ("PGGSSENCMODE", "require", "PGGSSENCMODE demands"),
        ("PGHOST", "@hunter2", "PGHOST is an abstract"),
        ("PGCONNECT_TIMEOUT", "hunter2", "PGCONNECT_TIMEOUT is not"),
        ("PGCHANNELBINDING", "hunter2", "PGCHANNELBINDING has"),
    ] {
        let url = match variable {
            "PGHOST" => "postgresql://",
            _ => "postgresql://db.example/d",
        };
        let refusal = refusal_in(url, &with(&[(variable, value)]));
        assert!(refusal.starts_with(said), "{refusal}");
        assert!(!refusal.contains("hunter2"), "{refusal}");
    }
}

/// A home directory with files of a mode.
fn home(files: &[(&str, &str, u32)]) -> (tempfile::TempDir, Environment) {
    use std::os::unix::fs::PermissionsExt;
    let home = tempfile::tempdir().unwrap();
    for (name, text, mode) in files {
        let path = home.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(*mode)).unwrap();
    }
    let environment = Environment {
        home: Some(home.path().into()),
        ..nobody()
    };
    (home, environment)
}

#[test]
fn the_password_file_answers_for_each_endpoint() {
    let file = "a.example:*:*:u:one\nb.example:*:*:u:two\nlocalhost:*:*:*:socket\n";
    let (_home, environment) = home(&[(".pgpass", file, 0o600)]);
    let settings = read_in("host=a.example,b.example,c.example user=u", &environment);
    let passwords = settings.endpoints.iter().map(|e| e.password.as_deref());
    assert_eq!(
        passwords.collect::<Vec<_>>(),
        [Some(&b"one"[..]), Some(b"two"), None]
    );
    // The driver has one for all, which would reach the wrong host.
    assert_eq!(settings.config.get_password(), None);
    let socket = read_in("host=/tmp user=u", &environment);
    assert_eq!(socket.endpoints[0].password, Some(b"socket".to_vec()));
    let given = read_in("host=a.example user=u password=own", &environment);
    assert_eq!(given.config.get_password(), Some(&b"own"[..]));
    assert!(!format!("{:?}", given.endpoints).contains("own"));
}

#[test]
fn a_password_file_that_others_can_read_is_ignored_with_a_warning() {
    let (home, environment) = home(&[(".pgpass", "*:*:*:*:hunter2\n", 0o644)]);
    let settings = read_in("host=h user=u", &environment);
    assert_eq!(settings.endpoints[0].password, None);
    let path = home.path().join(".pgpass").display().to_string();
    let [note] = settings.notes.as_slice() else {
        panic!("{:?}", settings.notes);
    };
    assert!(note.is_warning && note.text.contains(&format!("`chmod 600 {path}`")));
    // Nobody needs it.
    assert_eq!(read_in("host=h user=u password=p", &environment).notes, []);
}

#[test]
fn a_password_file_that_is_named_must_be_there() {
    let (home, environment) = home(&[("elsewhere", "*:*:*:*:p\n", 0o400)]);
    let settings = read_in("host=h user=u passfile=~/elsewhere", &environment);
    assert_eq!(settings.endpoints[0].password, Some(b"p".to_vec()));
    let path = home.path().join("nowhere");
    let settings = read_in(
        &format!("host=h user=u passfile={}", path.display()),
        &environment,
    );
    assert!(settings.notes[0].text.contains("is not there"));
    assert_eq!(read_in("host=h user=u", &environment).notes, []);
}

#[test]
fn a_service_stands_between_the_string_and_the_variables() {
    let file = "[blog]\nhost=db.example\nport=6000\nuser=service\npgbouncer=true\n";
    let (_home, mut environment) = home(&[(".pg_service.conf", file, 0o644)]);
    for (name, value) in [("PGPORT", "7000"), ("PGDATABASE", "d")] {
        environment.variables.insert(name.into(), value.into());
    }
    let settings = read_in("service=blog user=me", &environment);
    assert_eq!(settings.endpoints[0].host, Host::Tcp("db.example".into()));
    assert_eq!(settings.endpoints[0].port, 6000);
    assert_eq!(settings.config.get_user(), Some("me"));
    assert_eq!(settings.config.get_dbname(), Some("d"));
    assert_eq!(
        settings.notes,
        [Note::detail("left out of the service: pgbouncer")]
    );
    environment
        .variables
        .insert("PGSERVICE".into(), "blog".into());
    let settings = read_in("postgresql://", &environment);
    assert_eq!(settings.config.get_user(), Some("service"));
}

#[test]
fn a_service_that_is_nowhere_names_the_files_looked_at() {
    let (home, mut environment) = home(&[
        (".pg_service.conf", "[other]\n", 0o644),
        ("etc/pg_service.conf", "[system]\nhost=h.example\n", 0o644),
    ]);
    let etc = home.path().join("etc");
    environment
        .variables
        .insert("PGSYSCONFDIR".into(), etc.clone().into());
    let said = refusal_in("service=blog", &environment);
    let files = [
        home.path().join(".pg_service.conf"),
        etc.join("pg_service.conf"),
    ];
    for file in files {
        assert!(said.contains(&file.display().to_string()), "{said}");
    }
    let settings = read_in("service=system", &environment);
    assert_eq!(settings.endpoints[0].host, Host::Tcp("h.example".into()));
    environment
        .variables
        .insert("PGSERVICEFILE".into(), "/nowhere/file".into());
    let said = refusal_in("service=system", &environment);
    assert!(said.contains("/nowhere/file"), "{said}");
}

#[test]
fn files_of_libpq_in_the_home_directory_count() {
    let (home, environment) = home(&[
        (".postgresql/root.crt", "", 0o644),
        (".postgresql/postgresql.crt", "", 0o644),
        (".postgresql/postgresql.key", "", 0o600),
    ]);
    let path = |name: &str| home.path().join(".postgresql").join(name);
    let settings = read_in("host=h.example user=u", &environment);
    assert_eq!(settings.root_certificates, Some(path("root.crt")));
    let identity = settings.identity.unwrap();
    assert_eq!(identity.certificate, path("postgresql.crt"));
    assert_eq!(identity.key, path("postgresql.key"));
    let settings = read_in(
        "host=h.example user=u sslrootcert=system sslcert=~/c sslkey=k",
        &environment,
    );
    assert_eq!(settings.root_certificates, None);
    let identity = settings.identity.unwrap();
    assert_eq!(identity.certificate, home.path().join("c"));
    assert_eq!(identity.key, Path::new("k"));
    let plain = read_in("host=localhost user=u", &environment);
    assert_eq!((plain.root_certificates, plain.identity), (None, None));
}

#[test]
fn a_certificate_without_a_key_is_left_out_with_a_warning() {
    let settings = read("host=h.example user=u sslcert=/c.pem");
    assert_eq!(settings.identity, None);
    assert!(settings.notes[0].is_warning);
    assert!(settings.notes[0].text.contains("sslkey"));
}

#[test]
fn a_placeholder_is_no_password() {
    for placeholder in ["[YOUR-PASSWORD]", "****************"] {
        let said = refusal(&format!("postgresql://u:{placeholder}@h.example/b"));
        assert!(said.contains("placeholder"), "{said}");
    }
}

#[test]
fn key_value_strings_are_read_with_their_quotes() {
    let settings = read(r"host=localhost user='a \'b\'' password = p\ w schema=public");
    assert_eq!(settings.config.get_user(), Some("a 'b'"));
    assert_eq!(settings.config.get_password(), Some(&b"p w"[..]));
    assert_eq!(settings.notes, []);
}

#[test]
fn options_pass_through() {
    for (text, expected) in [
        (
            "postgresql://u@h/b?options=endpoint%3Dep-x",
            "endpoint=ep-x",
        ),
        ("postgresql://u@h/b?options=-c%20geqo%3Doff", "-c geqo=off"),
        (
            "postgresql://u@h/b?options=neon_lsn:0/16F9A00",
            "neon_lsn:0/16F9A00",
        ),
    ] {
        assert_eq!(read(text).config.get_options(), Some(expected), "{text}");
    }
}

#[test]
fn what_cannot_be_read_is_explained_without_repeating_it() {
    for bad in [
        "host='unfinished secret",
        "secret",
        "postgresql://u:secret@h:port/b",
        "postgresql://u:secret@h/b?sslmode=maybe",
        "postgresql://u:se@secret@h/b",
        "postgresql://u:se/secret@h/b",
        "postgresql://u:se?secret@h/b",
        "postgresql://u:se#secret@h/b",
        "postgresql://u:secret%@h/b",
        "postgresql://u:sec ret@h/b",
        "postgresql://u%3Asecret@h/b",
        "postgresql://u:secret@h,/b?port=1,2,3",
        "psql -h h -d 'secret'",
        "'postgresql://u:secret@h/b",
        "Host=h;secret=x",
        "gssencmode=require host=h password=secret",
    ] {
        let said = refusal(bad);
        assert!(!said.contains("secret"), "{said}");
    }
}

#[test]
fn no_string_makes_the_reader_panic() {
    let corpus: [&[u8]; 5] = [
        b"postgresql://me:p%40ss@ep-x.neon.tech:5432/blog?sslmode=require&options=endpoint%3Dx",
        b"postgres://a:5432,[::1]:5433/blog?target_session_attrs=read-write",
        b"host=/run/postgresql dbname='my blog' password='hun\\'ter2'",
        b"psql 'postgresql://me@h/d?pgbouncer=true&connect_timeout=5'",
        b"Server=h;Port=5432;Database=d;User Id=me;Password=p w;",
    ];
    let dictionary: [&[u8]; 12] = [
        b"postgresql://",
        b"jdbc:",
        b"@",
        b":",
        b"%",
        b"%00",
        b"?",
        b"&",
        b"'",
        b"\\",
        b"=",
        b",",
    ];
    crate::fuzz::run("connection string", &corpus, &dictionary, |bytes| {
        let text = String::from_utf8_lossy(bytes);
        let _ = Settings::parse(&text, &nobody(), false);
        let _ = is_address(&text);
        let _ = shown(&text);
    });
}

/// A password is in its usual position, with random text around it that neither ends it early nor
/// makes something else of it: then no form of the address and no refusal shows it.
#[test]
fn no_refusal_and_no_form_of_a_string_shows_its_password() {
    const PASSWORD: &str = "hunter2hunter2";
    let corpus: [&[u8]; 4] = [
        b"me ep-x.neon.tech:5432/blog?sslmode=require&options=endpoint%3Dx",
        b"me%40x a:5432,[::1]:5433/blog?target_session_attrs=read-write",
        b"host=h user=me dbname=blog port=x sslmode=maybe",
        "나 [::1]:99999/blog?sslmode=verify-full&x=y#z".as_bytes(),
    ];
    let dictionary: [&[u8]; 12] = [
        b" ",
        b"@",
        b":",
        b"%",
        b"%00",
        b"?",
        b"&",
        b"/",
        b"=",
        b",",
        b"sslmode=",
        b"[",
    ];
    let unseen = |text: &str| {
        let said = match Settings::parse(text, &nobody(), false) {
            Ok(settings) => format!("{:?} {:?}", settings.endpoints, settings.notes),
            Err(error) => format!("{error} {error:?}"),
        };
        assert!(!said.contains(PASSWORD), "{text}: {said}");
        let shown = shown(text).unwrap_or_default();
        assert!(!shown.contains(PASSWORD), "{text}: {shown}");
    };
    crate::fuzz::run(
        "password in a connection string",
        &corpus,
        &dictionary,
        |bytes| {
            let text = String::from_utf8_lossy(bytes);
            let (user, rest) = text.split_once(' ').unwrap_or((&text, ""));
            // Behind one of these it is no longer the password that follows.
            if !user.contains(['/', '?', '#']) {
                unseen(&format!("postgresql://{user}:{PASSWORD}@{rest}"));
            }
            if !text.contains(['\'', '\\', ';']) && !text.trim_end().ends_with('=') {
                unseen(&format!("{text} password={PASSWORD}"));
                unseen(&format!("password={PASSWORD} {text}"));
            }
        },
    );
}
