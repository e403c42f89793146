//! Roles that may do less than the superuser.

use super::database::TestDatabase;

/// A role for one database, which may use the blog's tables and make a schema of its own, and
/// is bound by policies. It goes when dropped.
#[derive(Debug)]
pub struct Role<'a> {
    database: &'a TestDatabase,
    name: String,
}

impl<'a> Role<'a> {
    /// Makes a role with these grants, each as `GRANT ... TO` says it: `SELECT ON public.post`.
    pub fn create(database: &'a TestDatabase, grants: &[&str]) -> Self {
        let name = format!("role_{}", database.name());
        let client = database.client();
        client.batch(&format!("CREATE ROLE {name} LOGIN PASSWORD '{name}'"));
        for grant in grants {
            client.batch(&format!("GRANT {grant} TO {name}"));
        }
        Self { database, name }
    }

    /// Returns the role's name, which is its password, too.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the database's address for this role, without TLS.
    pub fn url(&self) -> String {
        let password = &self.database.endpoint().password;
        let superuser = format!("blogctl:{password}@");
        let name = &self.name;
        self.database
            .plain_url()
            .replace(&superuser, &format!("{name}:{name}@"))
    }
}

impl Drop for Role<'_> {
    fn drop(&mut self) {
        // Roles outlive databases.
        let name = &self.name;
        let client = self.database.client();
        if let Err(e) = client.try_batch(&format!("DROP OWNED BY {name}; DROP ROLE {name}")) {
            eprintln!("cannot drop role {name}: {e:?}");
        }
    }
}
