// Prisma's own schema engine, as WebAssembly: the same decisions as those of `prisma migrate`
// and `prisma db push`, without the binary that Prisma's command downloads.

import { readFileSync } from "node:fs";
import { PrismaPg } from "@prisma/adapter-pg";
import { bindMigrationAwareSqlAdapterFactory, ColumnTypeEnum } from "@prisma/driver-adapter-utils";
import * as engine from "@prisma/schema-engine-wasm/schema_engine_bg";
import pg from "pg";

const wasm = new URL(import.meta.resolve("@prisma/schema-engine-wasm/schema_engine_bg"));
const { instance } = await WebAssembly.instantiate(
  readFileSync(new URL("schema_engine_bg.wasm", wasm)),
  { "./schema_engine_bg.js": engine },
);
engine.__wbg_set_wasm(instance.exports);
instance.exports.__wbindgen_start();

const FILTERS = { externalTables: [], externalEnums: [] };
const CHAR = 18;
const TEXT = 25;

// The catalog has columns of the type "char", which the adapter does not know by itself.
function readingChars(adapter) {
  const performIO = adapter.performIO.bind(adapter);
  adapter.queryRaw = async function (query) {
    let chars = [];
    this.performIO = async (query) => {
      const result = await performIO(query);
      chars = result.fields.flatMap((field, i) => (field.dataTypeID === CHAR ? [i] : []));
      const fields = result.fields.map((field, i) =>
        chars.includes(i) ? { name: field.name, dataTypeID: TEXT } : field);
      return { fields, rows: result.rows };
    };
    const result = await Object.getPrototypeOf(this).queryRaw.call(this, query);
    for (const i of chars) result.columnTypes[i] = ColumnTypeEnum.Character;
    return result;
  };
  return adapter;
}

class Factory extends PrismaPg {
  constructor(url) {
    super({ connectionString: url });
    this.url = url;
  }

  async connect() {
    return readingChars(await super.connect());
  }

  // The adapter's own drops the shadow database while it is still connected to it.
  async connectToShadowDb() {
    const name = `shadow_${crypto.randomUUID()}`;
    const url = new URL(this.url);
    const admin = new pg.Client({ connectionString: this.url });
    await admin.connect();
    await admin.query(`CREATE DATABASE "${name}" TEMPLATE template0`);
    url.pathname = name;
    const shadow = await new Factory(url.href).connect();
    const end = shadow.dispose.bind(shadow);
    shadow.dispose = async () => {
      await end();
      await admin.query(`DROP DATABASE "${name}" WITH (FORCE)`);
      await admin.end();
    };
    return shadow;
  }
}

/** Returns the actions of the engine for one database and one file of models. */
export function actions(url, file) {
  const content = readFileSync(file, "utf8");
  const files = [{ path: file, content }];
  const models = { tag: "schemaDatamodel", files };
  const run = async (act) => {
    const factory = bindMigrationAwareSqlAdapterFactory(new Factory(url));
    return act(await engine.SchemaEngine.new({ datamodels: [[file, content]] }, () => {}, factory));
  };
  const diff = (from, exitCode) =>
    run((e) => e.diff({ from, to: models, script: true, exitCode, filters: FILTERS }));
  const sql = async () => (await diff({ tag: "empty" }, null)).stdout;
  const migrations = async () => ({
    baseDir: "/nonexistent",
    lockfile: { path: "migration_lock.toml", content: 'provider = "postgresql"\n' },
    shadowDbInitScript: "",
    migrationDirectories: [
      {
        path: "20260101000000_init",
        migrationFile: { path: "migration.sql", content: { tag: "ok", value: await sql() } },
      },
    ],
  });
  return {
    // `prisma migrate deploy`
    async deploy() {
      const migrationsList = await migrations();
      return run((e) => e.applyMigrations({ migrationsList, filters: FILTERS }));
    },
    // `prisma migrate diff --from-config-datasource --to-schema --script --exit-code`
    async drift() {
      const from = { tag: "schemaDatasource", files, configDir: "." };
      const { exitCode, stdout } = await diff(from, true);
      return { differs: exitCode === 2, sql: stdout };
    },
    // What `prisma migrate dev` decides first: to go on, or to ask for a reset.
    async diagnose() {
      const migrationsList = await migrations();
      return (await run((e) => e.devDiagnostic({ migrationsList, filters: FILTERS }))).action;
    },
    // `prisma db push`
    push: ({ force = false }) =>
      run((e) => e.schemaPush({ force, schema: { files }, filters: FILTERS })),
  };
}
