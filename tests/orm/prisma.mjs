// A blog's application on Prisma: prisma.mjs MODELS URL, where MODELS names a file in schemas/.

import { createRequire } from "node:module";
import { PrismaPg } from "@prisma/adapter-pg";
import { actions } from "./engine.mjs";
import { serve } from "./serve.mjs";

const [models, url] = process.argv.slice(2);
const { PrismaClient } = createRequire(import.meta.url)(`./clients/${models}`);
const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: url }) });

const named = (name) => ({ where: { name }, create: { name } });
// The links are a model of their own, or a table that Prisma keeps by itself.
const links = {
  mapped: {
    make: (names) => ({ create: names.map((name) => ({ tag: { connectOrCreate: named(name) } })) }),
    include: { orderBy: { tag: { name: "asc" } }, include: { tag: true } },
    name: (link) => link.tag.name,
  },
  plain: {
    make: (names) => ({ connectOrCreate: names.map(named) }),
    include: { orderBy: { name: "asc" } },
    name: (tag) => tag.name,
  },
}[models === "plain" ? "plain" : "mapped"];

const shown = ({ tags, ...post }) => ({ ...post, tags: tags.map(links.name) });

await serve({
  ...actions(url, `schemas/${models}.prisma`),
  // Posts as the application makes them; returns their ids.
  async insert({ posts }) {
    const ids = [];
    for (const { tags = [], ...data } of posts) {
      const made = await prisma.post.create({ data: { ...data, tags: links.make(tags) } });
      ids.push(made.id);
    }
    return ids;
  },
  // An edit in the application's own editor; Prisma sets the time of the update.
  edit: ({ id, data }) => prisma.post.update({ where: { id }, data }),
  // A page view.
  view: ({ id }) => prisma.post.update({ where: { id }, data: { views: { increment: 1 } } }),
  // The site's page: the newest posts below an id, with their tags.
  async page({ before, take = 20 }) {
    const posts = await prisma.post.findMany({
      where: before === undefined ? {} : { id: { lt: before } },
      orderBy: { id: "desc" },
      take,
      include: { tags: links.include },
    });
    return posts.map(shown);
  },
  // The site's page in a locale: the newest posts below an id that have a text in it.
  async pageIn({ locale, before, take = 20 }) {
    const posts = await prisma.post.findMany({
      where: { translations: { some: { locale } }, ...(before && { id: { lt: before } }) },
      orderBy: { id: "desc" },
      take,
      include: { tags: links.include, translations: { where: { locale } } },
    });
    return posts.map(({ translations: [text], ...post }) => ({ ...shown(post), ...text, id: post.id }));
  },
});
