/** What the model in the page answers to questions of Python; a question names what it is about. */

import { readTokenizer } from "../src/model/tokenizer.ts";

export type Question = { about: "tokenizer"; json: string; texts: string[]; ids: number[][] };

export async function answer(question: Question): Promise<unknown> {
  switch (question.about) {
    case "tokenizer": {
      const tokenizer = readTokenizer(question.json, "tokenizer.json");
      const spelling = tokenizer.spelling.map((bytes) => Array.from(bytes));
      return {
        kind: tokenizer.kind,
        ids: question.texts.map((text) => tokenizer.encode(text)),
        texts: question.ids.map((ids) => tokenizer.decode(ids)),
        spelling,
      };
    }
  }
}
