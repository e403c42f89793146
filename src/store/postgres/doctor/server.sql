-- The server, and what the role may make in the database.
SELECT
    split_part(current_setting('server_version'), ' ', 1) AS version,
    current_setting('server_version_num')::integer AS version_number,
    pg_is_in_recovery() AS in_recovery,
    current_setting('default_transaction_read_only')::boolean AS read_only,
    current_user::text AS role,
    pg_backend_pid() AS process,
    coalesce(
        (SELECT has_schema_privilege(oid, 'CREATE') FROM pg_namespace WHERE nspname = 'blogctl'),
        has_database_privilege(current_database(), 'CREATE')
    ) AS may_make_schema,
    coalesce(
        (SELECT has_schema_privilege(oid, 'CREATE') FROM pg_namespace WHERE nspname = 'public'),
        -- A schema that is missing is another finding.
        true
    ) AS may_make_in_public
