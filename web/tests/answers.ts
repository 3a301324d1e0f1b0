/** What the model in the page answers to questions of Python; a question names what it is about. */

import { modelConfig } from "../src/model/architecture.ts";
import { readTokenizer } from "../src/model/tokenizer.ts";
import { Transformer } from "../src/model/transformer.ts";

interface Model {
  readonly config: unknown;
  readonly weights: Record<string, number[]>;
}

export type Question =
  | { about: "tokenizer"; json: string; texts: string[]; ids: number[][] }
  | { about: "config"; config: unknown }
  | (Model & { about: "logits"; source: number[]; target: number[] });

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
    case "config":
      return modelConfig(question.config);
    case "logits": {
      const recorded: { [name: string]: { values: number[]; shape: readonly number[] } } = {};
      const silent = modelOf(question);
      const model = silent.recorded((name, values, shape) => {
        recorded[name] = { values: Array.from(values), shape };
      });
      const memory = model.encode(question.source);
      const state = model.start(memory);
      const together = model.decode(question.target, new Array(question.target.length).fill(state));
      const alone = silent.start(memory);
      const steps = question.target.map((id) => silent.decode([id], [alone]));
      return { memory, together, steps, recorded };
    }
  }
}

function modelOf({ config, weights }: Model): Transformer {
  const tensors = Object.entries(weights).map(([name, values]) => [name, Float32Array.from(values)] as const);
  return new Transformer(modelConfig(config), new Map(tensors));
}
