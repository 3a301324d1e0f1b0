/**
 * What a pass of the model takes, counted from shapes: parameters, bytes and multiply-adds of each part.
 *
 * The accounting is that of `dragoman plan` (`src/dragoman/train/plan.py`): what a mask hides is computed all the same,
 * so it is counted; looking a row up, adding and norms multiply no matrix, and are not.
 */

// Shapes.  S source pieces with their end, T pieces that the decoder reads.

import { type ModelConfig, type Shape, keyValueHeads, parameters, targetVocabulary } from "./architecture.ts";
import { type Pattern, pairs } from "./patterns.ts";

/** The parts of a model in the order of the forward pass, as `dragoman plan` names them. */
export const PARTS = [
  "embeddings",
  "positions",
  "encoder attention",
  "encoder feed-forward",
  "encoder norms",
  "decoder self-attention",
  "decoder cells",
  "decoder cross-attention",
  "decoder feed-forward",
  "decoder norms",
  "output",
] as const;

export type Part = (typeof PARTS)[number];

export interface Cost {
  readonly part: Part;
  readonly parameters: number; // a tied embedding stands with the embeddings; the output is then its bias alone
  readonly bytes: number; // of the int8 file: a byte a number of a matrix, four for its scale of a row and all else
  readonly products: number; // multiply-adds with weights: they grow with the length
  readonly looking: number; // multiply-adds of scores and weighted values: they grow with its square
}

/** Return what each part takes for one pair of S and T positions. */
export function costs(config: ModelConfig, source: number, target: number): Cost[] {
  const { d_model: width, encoder_layers: encoder, decoder_layers: decoder, feed_forward } = config;
  const narrow = keyValueHeads(config) * (width / config.heads);
  const asking = 2 * width * width; // a position: query and output
  const asked = 2 * width * narrow; // key and value
  const cells = config.decoder_cell === "ssru";
  const network = (config.activation === "swiglu" ? 3 : 2) * width * feed_forward;
  const products: Partial<Record<Part, number>> = {
    "encoder attention": encoder * source * (asking + asked),
    "encoder feed-forward": encoder * source * network,
    "decoder self-attention": cells ? 0 : decoder * target * (asking + asked),
    "decoder cells": cells ? decoder * target * 2 * width * width : 0, // input and forget gate
    "decoder cross-attention": decoder * (target * asking + source * asked),
    "decoder feed-forward": decoder * target * network,
    output: width * targetVocabulary(config) * target,
  };
  const pairs: Partial<Record<Part, number>> = {
    "encoder attention": encoder * source * source,
    "decoder self-attention": cells ? 0 : decoder * target * target,
    "decoder cross-attention": decoder * target * source,
  };
  const stored = storage(config);
  return PARTS.map((part) => ({
    part,
    ...(stored.get(part) ?? { parameters: 0, bytes: 0 }),
    products: products[part] ?? 0,
    looking: 2 * width * (pairs[part] ?? 0), // a score and a share of a value, over all heads
  }));
}

/** Return all multiply-adds, and those of looking alone. */
export function total(found: readonly Cost[]): { all: number; looking: number } {
  const looking = found.reduce((sum, cost) => sum + cost.looking, 0);
  return { all: found.reduce((sum, cost) => sum + cost.products, looking), looking };
}

/**
 * Return the multiply-adds of a text of `length` pieces and a translation as long, with a sparse pattern in the encoder
 * and, cut to the past, in the decoder; attention to the source stays whole (as in Beltagy et al. 2020, section 7).
 */
export function growth(config: ModelConfig, length: number, pattern: Pattern, width: number) {
  const found = total(costs(config, length, length));
  if (pattern === "full") return found;
  const { encoder_layers: encoder, decoder_layers: decoder } = config;
  const kept = (past: boolean) => pairs(pattern, length, width, past);
  const own = config.decoder_cell === "ssru" ? 0 : kept(true);
  const looking = 2 * config.d_model * (encoder * kept(false) + decoder * (own + length * length));
  return { all: found.all - found.looking + looking, looking };
}

function storage(config: ModelConfig): Map<Part, { parameters: number; bytes: number }> {
  const found = new Map<Part, { parameters: number; bytes: number }>();
  for (const [name, shape] of parameters(config)) {
    const part = partOf(name);
    const before = found.get(part) ?? { parameters: 0, bytes: 0 };
    const numbers = shape.reduce((product, length) => product * length, 1);
    found.set(part, { parameters: before.parameters + numbers, bytes: before.bytes + bytesOf(name, shape) });
  }
  return found;
}

/** Whether a tensor is a matrix that an int8 file holds as int8. */
export function isMatrix(name: string, shape: Shape): boolean {
  return shape.length === 2 && !name.endsWith("positions.weight");
}

/** Return the bytes of a tensor in an int8 file. */
export function bytesOf(name: string, shape: Shape): number {
  const numbers = shape.reduce((product, length) => product * length, 1);
  return isMatrix(name, shape) ? numbers + 4 * shape[0] : 4 * numbers;
}

/** Return the part to which a parameter belongs, or a number that a `Recorder` is told of. */
export function partOf(name: string): Part {
  const [side, ...rest] = name.split(".");
  const own = rest.join(".");
  if (side.endsWith("embedding") || own === "scaled" || own === "embedded") return "embeddings";
  if (side === "output" || side === "logits") return "output";
  if (own.startsWith("positions") || own === "places") return "positions";
  const decoder = side === "decoder";
  if (own.includes("norm.")) return decoder ? "decoder norms" : "encoder norms";
  if (own.includes("cross_attention")) return "decoder cross-attention";
  if (own.includes("recurrence")) return "decoder cells";
  if (own.includes("self_attention")) return decoder ? "decoder self-attention" : "encoder attention";
  return decoder ? "decoder feed-forward" : "encoder feed-forward";
}

/** Return whether a number that a `Recorder` is told of belongs to looking, not to a product with weights. */
export function isLooking(name: string): boolean {
  return /_attention\.(unmasked|scores|weights|seen)$/.test(name);
}
