// Answers requests, one line of JSON each, until its input ends: {"do": NAME, ...} is answered
// with {"ok": ANSWER} or {"error": WORDS}.

import { createInterface } from "node:readline";

const answer = process.stdout.write.bind(process.stdout);
// The ORMs print to the same stream; only answers may go there.
process.stdout.write = process.stderr.write.bind(process.stderr);

export async function serve(actions) {
  for await (const line of createInterface({ input: process.stdin })) {
    const { do: name, ...args } = JSON.parse(line);
    let result;
    try {
      result = { ok: (await actions[name](args)) ?? null };
    } catch (e) {
      result = { error: `${e.code ?? e.name}: ${e.message}` };
    }
    answer(`${JSON.stringify(result)}\n`);
  }
  process.exit();
}
