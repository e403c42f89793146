//! The program connects with what other programs' strings and the surroundings say.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use tempfile::TempDir;

use crate::support::database::TestDatabase;
use crate::support::project::{Output, Project};

/// Publishes with an address, variables and files in the home directory.
#[track_caller]
fn publish(
    address: &str,
    variables: &[(&str, &str)],
    files: &[(&str, String)],
    status: i32,
) -> Output {
    let home = TempDir::new().unwrap();
    for (name, text) in files {
        let path = home.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    }
    let project = Project::new();
    project.post(1, "From anywhere");
    let mut variables = variables.to_vec();
    variables.push(("HOME", home.path().to_str().unwrap()));
    variables.push(("DATABASE_URL", address));
    project
        .run_with(&["sync", "content/"], &variables)
        .expect_status(status)
}

#[track_caller]
fn holds_the_post(database: &TestDatabase) {
    let titles = database.client().text("SELECT title FROM public.post");
    assert_eq!(titles, "From anywhere");
}

#[test]
fn strings_of_other_programs_connect() {
    let database = TestDatabase::create();
    let (name, endpoint) = (database.name(), database.endpoint());
    let (port, password, ca) = (
        endpoint.port,
        &endpoint.password,
        endpoint.ca_file.display(),
    );
    let url = database.url();
    for address in [
        format!("psql '{url}'\n"),
        format!("\"{url}&pgbouncer=true&connection_limit=1&channel_binding=require\""),
        url.replace("postgresql://", "postgresql+psycopg2://")
            .replace("sslmode=require", "sslmode=Verify-Full"),
        format!(
            "jdbc:postgresql://localhost:{port}/{name}?user=blogctl&password={password}\
             &ssl=true&sslrootcert={ca}"
        ),
        format!(
            "Host=127.0.0.1;Port={port};Database={name};Username=blogctl;Password={password};\
             SSL Mode=VerifyFull;Root Certificate={ca}"
        ),
        format!(
            "host=no.invalid hostaddr=127.0.0.1 port={port} dbname={name} user=blogctl \
             password='{password}' application_name=other"
        ),
        format!("postgresql://blogctl:{password}@127.0.0.1:1,127.0.0.1:{port}/{name}"),
    ] {
        publish(&address, &[], &[], 0);
        holds_the_post(&database);
    }
}

#[test]
fn what_a_string_leaves_out_comes_from_the_variables() {
    let database = TestDatabase::create();
    let endpoint = database.endpoint();
    let port = endpoint.port.to_string();
    let variables = [
        ("PGHOST", "127.0.0.1"),
        ("PGPORT", &port),
        ("PGUSER", "blogctl"),
        ("PGPASSWORD", &endpoint.password),
        ("PGDATABASE", database.name()),
        ("PGSSLMODE", "require"),
        ("PGSSLROOTCERT", endpoint.ca_file.to_str().unwrap()),
    ];
    publish("postgresql://", &variables, &[], 0);
    holds_the_post(&database);
}

#[test]
fn what_a_string_leaves_out_comes_from_files() {
    let database = TestDatabase::create();
    let (name, endpoint) = (database.name(), database.endpoint());
    let service = format!(
        "[blog]\nhost=127.0.0.1\nport={}\ndbname={name}\nuser=blogctl\n",
        endpoint.port
    );
    let ca = fs::read_to_string(&endpoint.ca_file).unwrap();
    let pgpass = |password: &str| format!("127.0.0.1:*:{name}:blogctl:{password}\n");
    let files = [
        (".pg_service.conf", service),
        (".pgpass", pgpass(&endpoint.password)),
        (".postgresql/root.crt", ca),
    ];
    publish("service=blog sslmode=verify-full", &[], &files, 0);
    holds_the_post(&database);
    let mut wrong = files;
    wrong[1].1 = pgpass("not-the-password");
    let output = publish("service=blog sslmode=verify-full", &[], &wrong, 3);
    assert!(output.stderr.contains("password"), "{output:#?}");
    assert!(!output.stderr.contains("not-the-password"), "{output:#?}");
}

#[test]
fn a_password_file_that_others_can_read_is_told_of_where_the_login_then_fails() {
    let database = TestDatabase::create();
    let endpoint = database.endpoint();
    let home = TempDir::new().unwrap();
    let path = home.path().join(".pgpass");
    fs::write(&path, format!("*:*:*:*:{}\n", endpoint.password)).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let address = database
        .plain_url()
        .replace(&format!(":{}@", endpoint.password), "@");
    let variables = [("HOME", home.path().to_str().unwrap())];
    let args = ["list", "--database", &address];
    let output = Project::new().run_with(&args, &variables).expect_status(3);
    for part in ["warning: ", ".pgpass", "chmod 600", "password missing"] {
        assert!(output.stderr.contains(part), "no {part:?} in {output:#?}");
    }
}

#[test]
fn variables_alone_name_no_database_and_that_is_said() {
    let project = Project::new();
    project.post(1, "Here");
    let variables = [("PGHOST", "127.0.0.1")];
    let output = project.run_with(&["sync"], &variables).expect_status(0);
    assert!(output.stdout.contains("in sqlite:"), "{output:#?}");
    let hint = "hint: PGHOST is set and no database is named";
    assert!(output.stderr.contains(hint), "{output:#?}");
    let quiet = project.run_with(&["sync", "--quiet"], &variables);
    assert_eq!(quiet.expect_status(0).stderr, "");
}
