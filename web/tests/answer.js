// Reads questions from stdin, one JSON value a line, and answers each on a line of stdout: what tests/test_web_model.py
// asks to compare the model in the page with the one in Python. `folder` in a question is read here into files.

import { readFileSync, readdirSync } from "node:fs";
import { createInterface } from "node:readline";
import { answer } from "./answers.ts";

function filesOf(folder) {
  const names = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(names.map(({ name }) => [name, new Uint8Array(readFileSync(`${folder}/${name}`))]));
}

for await (const line of createInterface({ input: process.stdin })) {
  const question = JSON.parse(line);
  const files = question.folder === undefined ? new Map() : filesOf(question.folder);
  const given = await answer(question, files).catch((error) => ({ error: error.message, kind: error.name }));
  const plain = (_, value) => (ArrayBuffer.isView(value) ? Array.from(value) : value);
  process.stdout.write(`${JSON.stringify(given, plain)}\n`);
}
