// A blog's application on Drizzle: drizzle.mjs URL.

import { desc, lt, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/node-postgres";
import {
  index, integer, pgEnum, pgTable, primaryKey, text, timestamp, varchar,
} from "drizzle-orm/pg-core";
import * as kit from "drizzle-kit/api";
import pg from "pg";
import { serve } from "./serve.mjs";

const category = pgEnum("category", ["GUIDE", "CONCEPT", "NOTE"]);

const post = pgTable("post", {
  id: integer().primaryKey().generatedAlwaysAsIdentity(),
  title: varchar({ length: 255 }).notNull(),
  description: text(),
  content: text().notNull(),
  createdAt: timestamp("created_at", { withTimezone: true }).notNull().defaultNow(),
  updatedAt: timestamp("updated_at", { withTimezone: true }).notNull().$onUpdate(() => new Date()),
  category: category(),
  image: varchar({ length: 500 }),
  wordCount: integer("word_count").notNull().default(0),
  views: integer().notNull().default(0),
}, (t) => [index("post_category_idx").on(t.category)]);

const tag = pgTable("tag", {
  id: integer().primaryKey().generatedAlwaysAsIdentity(),
  name: varchar({ length: 100 }).notNull().unique(),
});

const postTag = pgTable("post_tag", {
  postId: integer("post_id").notNull().references(() => post.id, { onDelete: "cascade" }),
  tagId: integer("tag_id").notNull().references(() => tag.id, { onDelete: "cascade" }),
}, (t) => [primaryKey({ columns: [t.postId, t.tagId] })]);

const schema = { category, post, tag, postTag };

const [url] = process.argv.slice(2);
const pool = new pg.Pool({ connectionString: url });
pool.on("error", () => {});
const db = drizzle(pool, { schema });

const statements = async () =>
  kit.generateMigration(kit.generateDrizzleJson({}), kit.generateDrizzleJson(schema));

await serve({
  // `drizzle-kit migrate`
  async deploy() {
    for (const statement of await statements()) await pool.query(statement);
  },
  // What `drizzle-kit push` would run.
  async drift() {
    const { statementsToExecute } = await kit.pushSchema(schema, pool);
    // The kit reads the columns of a composite key in no order, and so it makes the key again
    // now and then.
    const changes = statementsToExecute.filter((sql) => !sql.includes("post_tag_post_id_tag_id_pk"));
    return { differs: changes.length > 0, sql: changes.join("\n") };
  },
  // Posts as the application makes them; returns their ids.
  async insert({ posts }) {
    const ids = [];
    for (const { tags = [], ...data } of posts) {
      await db.transaction(async (tx) => {
        const [{ id }] = await tx.insert(post)
          .values({ ...data, updatedAt: new Date() }).returning({ id: post.id });
        for (const name of tags) {
          const [{ tagId }] = await tx.insert(tag).values({ name })
            .onConflictDoUpdate({ target: tag.name, set: { name } }).returning({ tagId: tag.id });
          await tx.insert(postTag).values({ postId: id, tagId });
        }
        ids.push(id);
      });
    }
    return ids;
  },
  async edit({ id, data }) {
    await db.update(post).set(data).where(sql`${post.id} = ${id}`);
  },
  async view({ id }) {
    await db.update(post).set({ views: sql`${post.views} + 1` }).where(sql`${post.id} = ${id}`);
  },
  // The site's page: the newest posts below an id, with their tags.
  async page({ before, take = 20 }) {
    const posts = await db.select().from(post)
      .where(before === undefined ? undefined : lt(post.id, before))
      .orderBy(desc(post.id)).limit(take);
    return Promise.all(posts.map(async (row) => {
      const tags = await db.select({ name: tag.name }).from(postTag)
        .innerJoin(tag, sql`${tag.id} = ${postTag.tagId}`)
        .where(sql`${postTag.postId} = ${row.id}`).orderBy(tag.name);
      return { ...row, tags: tags.map((t) => t.name) };
    }));
  },
});
