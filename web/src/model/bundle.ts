/**
 * A trained model from the bytes of its folder, trusted in nothing: sizes and checksums of the manifest first, then
 * strict parsing, then every number. What is damaged is an Error in words, never another model.
 */

import type { Step } from "./alignment.ts";
import { type ModelConfig, type Weights, modelConfig, targetVocabulary } from "./architecture.ts";
import { type DecodeOptions, decodeOptions } from "./options.ts";
import { digest } from "./sha256.ts";
import { type Table, isTable, parseJson } from "./settings.ts";
import { type Tokenizer, readTokenizer } from "./tokenizer.ts";
import { readWeights } from "./weights.ts";

/** The files of a model folder by their names in it. */
export type Files = ReadonlyMap<string, Uint8Array<ArrayBuffer>>;

export type Direction = readonly [source: string, target: string]; // codes of languages

export interface Bundle {
  readonly model: ModelConfig;
  readonly weights: Weights;
  readonly sourceTokenizer: Tokenizer;
  readonly targetTokenizer: Tokenizer; // the same object where both sides share one
  readonly directions: readonly Direction[]; // all that it translates, the first one first; empty: not known
  readonly decode: DecodeOptions; // this model's own defaults
  readonly alignmentHeads: readonly (readonly [layer: number, head: number])[];
  readonly alignmentStep: Step; // at which they look for a piece
  readonly sourceEnded: boolean; // whether `</s>` stands behind every source, as in all that was trained here
}

const FORMAT = 1;
const NAMES = ["model", "languages", "tokenizers", "decode", "alignment_heads", "provenance"]; // of config.json
const MORE = ["usual_pieces", "directions", "alignment_step", "source_ended"];
const WEIGHTS = ["weights.safetensors", "weights.int8.safetensors"]; // the first that is there is taken

/** Return the model in these files, its weights as float32; throws an Error that says what is wrong with them. */
export async function readBundle(files: Files): Promise<Bundle> {
  const whole = await checked(files);
  const config = parseJson(text(whole, "config.json"), "config.json");
  if (!isTable(config)) throw new Error("config.json is no table; copy the model again from where it came");
  const names = Object.keys(config);
  if (NAMES.some((name) => !names.includes(name)) || names.some((name) => ![...NAMES, ...MORE].includes(name))) {
    throw new Error(`config.json: exactly ${NAMES.join(", ")} are wanted, and ${MORE.join(", ")} where known`);
  }
  const model = modelConfig(config["model"]);
  const directions = readDirections(config);
  const [sourceTokenizer, targetTokenizer] = readTokenizers(whole, config, model, directions);
  const name = WEIGHTS.find((name) => whole.has(name));
  if (name === undefined) throw new Error(`no ${WEIGHTS.join(" nor ")} in the model`);
  return {
    model,
    directions,
    sourceTokenizer,
    targetTokenizer,
    decode: decodeOptions(config["decode"]),
    alignmentHeads: readHeads(config["alignment_heads"], model),
    alignmentStep: readStep(config["alignment_step"]),
    sourceEnded: readEnded(config["source_ended"]),
    weights: readWeights(whole.get(name)!, model, name),
  };
}

function readStep(step: unknown = "receiving"): Step {
  if (step === "receiving" || step === "writing") return step;
  throw new Error(`config.json: alignment_step=${String(step)}: allowed are receiving and writing`);
}

function readEnded(ended: unknown = true): boolean {
  if (typeof ended === "boolean") return ended;
  throw new Error(`config.json: source_ended=${String(ended)}: allowed are true and false`);
}

/** Return the target languages that have a tag behind the pieces: all, where there are several. */
export function tags(directions: readonly Direction[]): string[] {
  const targets = [...new Set(directions.map(([, target]) => target))];
  return targets.length > 1 ? targets : [];
}

/** Return the files that the manifest names, by the names that it gives them, each of its size and checksum. */
async function checked(files: Files): Promise<Files> {
  const manifest = parseJson(text(files, "manifest.json"), "manifest.json");
  if (!isTable(manifest) || !isTable(manifest["files"])) throw new Error("manifest.json is not that of a model");
  if (manifest["format"] !== FORMAT) throw new Error(`the model has format ${manifest["format"]}, not ${FORMAT}`);
  const whole = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const [name, entry] of Object.entries(manifest["files"])) {
    if (name === "card.md") continue; // for people
    const found = isTable(entry) ? files.get(String(entry["path"])) : undefined;
    if (!isTable(entry) || found === undefined) throw new Error(`${name}, which manifest.json names, is missing`);
    if (found.length !== entry["size"] || (await sha256(found)) !== entry["sha256"]) {
      throw new Error(`${name} is damaged: not the size and checksum of manifest.json; copy the model again`);
    }
    whole.set(name, found);
  }
  return whole;
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const secure = (globalThis.crypto as Crypto | undefined)?.subtle as SubtleCrypto | undefined; // none on plain http
  const sum = secure ? new Uint8Array(await secure.digest("SHA-256", bytes)) : digest(bytes);
  return Array.from(sum, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function text(files: Files, name: string): string {
  const bytes = files.get(name);
  if (bytes === undefined) throw new Error(`${name} is missing; give every file of the model folder`);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Error(`${name} is no UTF-8 text; copy the model again from where it came`);
  }
}

function readTokenizers(files: Files, config: Table, model: ModelConfig, directions: readonly Direction[]) {
  const kinds = config["tokenizers"];
  if (!Array.isArray(kinds) || kinds.length < 1 || kinds.length > 2) {
    throw new Error("config.json: tokenizers names one kind, or that of source and target");
  }
  const names = kinds.length === 1 ? ["tokenizer.json"] : ["source.tokenizer.json", "target.tokenizer.json"];
  const read = names.map((name, side) => {
    const tokenizer = readTokenizer(text(files, name), name);
    if (tokenizer.kind === kinds[side]) return tokenizer;
    throw new Error(`${name} is of kind ${tokenizer.kind}, config.json says ${kinds[side]}`);
  });
  const [source, target] = [read[0], read[read.length - 1]];
  const more = tags(directions).length;
  const wanted = [model.vocab_size - more, targetVocabulary(model) - (target === source ? more : 0)];
  [source, target].forEach((tokenizer, side) => {
    const pieces = tokenizer.pieces.length;
    if (pieces === wanted[side]) return;
    throw new Error(`${names[side] ?? names[0]} has ${pieces} pieces, the model has ${wanted[side]}`);
  });
  return [source, target] as const;
}

function readDirections(config: Table): Direction[] {
  const isDirection = (pair: unknown): pair is Direction =>
    Array.isArray(pair) && pair.length === 2 && pair.every((code) => typeof code === "string" && code !== "");
  const languages = config["languages"] ?? null;
  const found = config["directions"] ?? (languages === null ? [] : [languages]);
  if (Array.isArray(found) && found.every(isDirection)) return found;
  throw new Error("config.json: languages and directions are pairs of codes, such as de and en");
}

function readHeads(heads: unknown, model: ModelConfig): [number, number][] {
  const within = (value: unknown, count: number) =>
    Number.isInteger(value) && 0 <= Number(value) && Number(value) < count;
  const isHead = (pair: unknown): pair is [number, number] =>
    Array.isArray(pair) && pair.length === 2 && within(pair[0], model.decoder_layers) && within(pair[1], model.heads);
  if (Array.isArray(heads) && heads.every(isHead)) return heads;
  throw new Error("config.json: alignment_heads are pairs of a decoder layer and a head of it");
}
