// Reads questions from stdin, one JSON value a line, and answers each on a line of stdout: what tests/test_web_model.py
// asks to compare the model in the page with the one in Python.

import { createInterface } from "node:readline";
import { answer } from "./answers.ts";

for await (const line of createInterface({ input: process.stdin })) {
  const question = JSON.parse(line);
  const given = await answer(question).catch((error) => ({ error: error.message, kind: error.name }));
  const plain = (_, value) => (ArrayBuffer.isView(value) ? Array.from(value) : value);
  process.stdout.write(`${JSON.stringify(given, plain)}\n`);
}
