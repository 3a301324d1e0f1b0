/** What the model in the page answers to questions of Python; a question names what it is about. */

import { modelConfig } from "../src/model/architecture.ts";
import { type Files, readBundle } from "../src/model/bundle.ts";
import { costs } from "../src/model/cost.ts";
import { Grammar } from "../src/model/grammar.ts";
import { history } from "../src/model/history.ts";
import type { Recorder } from "../src/model/layers.ts";
import { type DecodeOptions, type Way, decodeOptions } from "../src/model/options.ts";
import { expected, measured, rounded } from "../src/model/rounding.ts";
import { forced, search } from "../src/model/search.ts";
import { readTokenizer } from "../src/model/tokenizer.ts";
import { type TraceOptions, trace } from "../src/model/trace.ts";
import { readTrace, writeTrace } from "../src/model/trace_json.ts";
import { Transformer } from "../src/model/transformer.ts";
import type { Trace } from "../src/model/trace_types.ts";
import { Translator } from "../src/model/translator.ts";
import type { Ask, Asks } from "../src/page/asks.ts";
import { answeringOf } from "../src/page/held.ts";
import type { Held } from "../src/page/messages.ts";
import { Patient, type Probes } from "../src/page/laboratory/patient.ts";
import { WEAKNESSES, observe } from "../src/page/laboratory/symptoms.ts";

interface Model {
  readonly config: unknown;
  readonly weights: Record<string, number[]>;
}

/** What a value is to be instead: these numbers, or one number in some of its last dimension. */
type Change = { readonly values: number[] } | { readonly first: number; readonly end: number; readonly value: number };

export type Question =
  | { about: "tokenizer"; json: string; texts: string[]; ids: number[][]; historyOf?: string[] }
  | { about: "weaknesses"; json: string; texts: string[]; probes: Probes }
  | { about: "config"; config: unknown }
  | { about: "costs"; config: unknown; source: number; target: number }
  | (Model & { about: "losses"; rounded: Record<string, number[]> | null })
  | { about: "options"; options: unknown }
  | { about: "grammar"; spelling: number[][]; oneLine: boolean }
  | (Model & { about: "logits"; source: number[]; target: number[]; changes?: Record<string, Change> })
  | (Model & {
      about: "search";
      sources: number[][];
      spelling: number[][];
      options: object;
      longest: number;
      prefixes?: number[][];
    })
  | { about: "translations"; folder: string; texts: string[]; options: Partial<DecodeOptions>; to?: string }
  | { about: "trace"; folder: string; text: string; options: TraceOptions; changes?: Record<string, Change> }
  | { about: "trace again"; json: string }
  | {
      about: "held";
      held: Held;
      asks: ({ text: string; options: object; to?: string } | { ask: string; asked: object })[];
    }
  | { about: "alignments"; folder: string; pairs: [text: string, ids: number[]][] }
  | { about: "scores"; folder: string; pairs: [string, string][] };

export async function answer(question: Question, files: Files): Promise<unknown> {
  switch (question.about) {
    case "tokenizer": {
      const tokenizer = readTokenizer(question.json, "tokenizer.json");
      const spelling = tokenizer.spelling.map((bytes) => Array.from(bytes));
      return {
        kind: tokenizer.kind,
        ids: question.texts.map((text) => tokenizer.encode(text)),
        texts: question.ids.map((ids) => tokenizer.decode(ids)),
        spelling,
        offsets: question.texts.map((text) => tokenizer.offsets(text, tokenizer.encode(text))),
        histories: (question.historyOf ?? []).map((text) => history(tokenizer, text)),
      };
    }
    case "weaknesses": {
      const tokenizer = readTokenizer(question.json, "tokenizer.json");
      return question.texts.map((text) => {
        const patient = new Patient(tokenizer, text, question.probes);
        return Object.fromEntries(WEAKNESSES.map((name) => [name, observe(name, patient)]));
      });
    }
    case "config":
      return modelConfig(question.config);
    case "costs":
      return costs(modelConfig(question.config), question.source, question.target);
    case "losses": {
      const { config, weights } = modelOf(question);
      const other = question.rounded ? tensors(question.rounded) : rounded(config, weights, 8);
      return { measured: measured(config, weights, other), expected: expected(config, weights) };
    }
    case "options":
      return decodeOptions(question.options);
    case "grammar": {
      const spelling = question.spelling.map((bytes) => Uint8Array.from(bytes));
      const grammar = Grammar.utf8(spelling, question.oneLine);
      return Array.from({ length: 8 }, (_, state) =>
        spelling.map((_, id) => (grammar.allows(state, id) ? grammar.after(state, id) : null)),
      );
    }
    case "logits": {
      const recorded: { [name: string]: { values: number[]; shape: readonly number[] } } = {};
      const silent = modelOf(question);
      const change = changing(question.changes);
      const model = silent.recorded((name, values, shape) => {
        const going = change(name, values, shape) ?? values;
        recorded[name] = { values: Array.from(going), shape };
        return going;
      });
      const memory = model.encode(question.source);
      const state = model.start(memory);
      const together = model.decode(question.target, new Array(question.target.length).fill(state));
      const alone = silent.start(memory);
      const steps = question.target.map((id) => silent.decode([id], [alone]));
      return { memory, together, steps, recorded };
    }
    case "search": {
      const model = modelOf(question);
      const grammar = Grammar.utf8(
        question.spelling.map((bytes) => Uint8Array.from(bytes)),
        true,
      );
      const options = decodeOptions(question.options);
      return question.sources.map((source, sentence) => {
        const told: (readonly Way[])[] = [];
        const watch = (_: number, ways: readonly Way[]) => void told.push(ways);
        const { longest } = question;
        const prefix = question.prefixes?.[sentence];
        const found = search(model, { source, options, longest, grammar, sentence, prefix, watch });
        return { found, told, forced: found.map(({ ids }) => (ids.length ? forced(model, source, ids) : [])) };
      });
    }
    case "translations": {
      const translator = new Translator(await readBundle(files));
      const begun = performance.now();
      const translations = question.texts.map((text, sentence) =>
        translator.translate(text, question.options, { sentence, ...(question.to ? { to: question.to } : {}) }),
      );
      return { translations, milliseconds: (performance.now() - begun) / question.texts.length };
    }
    case "alignments": {
      const translator = new Translator(await readBundle(files));
      return question.pairs.map(([text, ids]) => translator.align(text, [ids, ids])?.[1] ?? null);
    }
    case "scores": {
      const translator = new Translator(await readBundle(files));
      return question.pairs.map(([source, target]) => translator.score(source, target));
    }
    case "trace": {
      const translator = new Translator(await readBundle(files));
      const { text, options, changes } = question;
      return writeTrace(trace(translator, text, changes ? { ...options, change: changing(changes) } : options), 9);
    }
    case "held": {
      const answering = await answeringOf(question.held);
      const answers: unknown[] = [];
      for (const asks of question.asks) {
        try {
          if ("ask" in asks) {
            const found = await answering.ask(asks.ask as Ask, asks.asked as Asks[Ask]["asked"]);
            answers.push(asks.ask === "trace" ? writeTrace(found as Trace, 9) : found);
          } else {
            const translate = { kind: "translate" as const, id: 1, to: null, ...asks };
            answers.push(await answering.translate(translate, { stale: () => false, partial: () => {} }));
          }
        } catch (error) {
          answers.push({ error: error instanceof Error ? error.message : String(error) });
        }
      }
      return { known: answering.known, answers };
    }
    case "trace again":
      return writeTrace(readTrace(question.json), 9);
  }
}

function modelOf({ config, weights }: Model): Transformer {
  return new Transformer(modelConfig(config), tensors(weights));
}

function tensors(weights: Record<string, number[]>): Map<string, Float32Array> {
  return new Map(Object.entries(weights).map(([name, values]) => [name, Float32Array.from(values)]));
}

/** Return a recorder that makes the changes. */
function changing(changes: Record<string, Change> = {}): Recorder {
  return (name, values, shape) => {
    const change = changes[name];
    if (!change) return;
    if ("values" in change) return Float32Array.from(change.values);
    const width = shape.at(-1)!;
    return values.map((one, at) => (change.first <= at % width && at % width < change.end ? change.value : one));
  };
}
