/**
 * Operations on a model: a part of it switched off or put in another's place, to see what it is for.
 *
 * A part has the name that its weights have, such as `encoder.layers.0.self_attention`. A model under operation is told
 * of its own numbers (`Recorder`), and goes on with others; no weight is touched. Two operations change what goes in
 * instead: a piece of the source, and the pieces that a translation begins with.
 */

// Shapes.  N heads, L rows that look, K rows that are looked at, S source pieces, D = N·H.

import { type ModelConfig, targetVocabulary } from "./architecture.ts";
import type { Recorder } from "./layers.ts";
import { key, uniform } from "./randomness.ts";

export type Operation =
  | { readonly kind: "layer"; readonly where: string } // what enters a layer leaves it
  | { readonly kind: "residual"; readonly where: string } // what enters a sub-layer is not added to what it gives
  | { readonly kind: "norm"; readonly where: string } // what enters a norm leaves it
  | { readonly kind: "feed_forward"; readonly where: string } // it gives zeros
  | { readonly kind: "cell"; readonly where: string } // in the place of self-attention: it gives zeros
  | { readonly kind: "head"; readonly where: string; readonly head: number } // of an attention: it takes nothing
  | Attending<"uniform"> // all that may be looked at is looked at alike
  | (Attending<"mask"> & { readonly cells: readonly Cell[] }) // these are not looked at
  | { readonly kind: "shuffle"; readonly seed: number } // the source pieces change their places
  | { readonly kind: "piece"; readonly at: number; readonly id: number } // another source piece
  | { readonly kind: "prefix"; readonly ids: readonly number[] }; // what the translation begins with

/** What changes where a head of an attention looks; without a head all of its heads. */
interface Attending<Kind> {
  readonly kind: Kind;
  readonly where: string;
  readonly head: number | null;
}

export type Cell = readonly [query: number, key: number]; // positions, from 0

export type Kind = Operation["kind"];

/** Return the names of the parts of a model on which a kind of operation can be done. */
export function parts(config: ModelConfig, kind: Kind): string[] {
  const layers = (side: "encoder" | "decoder") =>
    Array.from({ length: config[`${side}_layers`] }, (_, index) => `${side}.layers.${index}`);
  const attentions = [
    ...layers("encoder").map((layer) => `${layer}.self_attention`),
    ...layers("decoder").flatMap((layer) => {
      const own = config.decoder_cell === "attention" ? [`${layer}.self_attention`] : []; // a cell has no heads
      return [...own, `${layer}.cross_attention`];
    }),
  ];
  const cells = config.decoder_cell === "ssru" ? layers("decoder").map((layer) => `${layer}.recurrence`) : [];
  const every = [...layers("encoder"), ...layers("decoder")];
  const networks = every.map((layer) => `${layer}.feed_forward`);
  switch (kind) {
    case "layer":
      return every;
    case "residual":
      return config.experiment.residual ? [...attentions, ...cells, ...networks] : [];
    case "norm":
      if (config.norm === "none") return [];
      return [
        ...[...attentions, ...cells, ...networks].map((part) => `${part}_norm`),
        ...(config.norm === "pre" ? ["encoder.norm", "decoder.norm"] : []),
      ];
    case "feed_forward":
      return networks;
    case "cell":
      return cells;
    case "head":
    case "uniform":
    case "mask":
      return attentions;
    case "shuffle":
    case "piece":
    case "prefix":
      return [];
  }
}

/**
 * Return the source with its pieces changed; throws an Error for a place that it has not. Of one that is `ended` the end
 * stays the end.
 */
export function changedSource(source: readonly number[], operations: readonly Operation[], ended: boolean): number[] {
  const changed = [...source];
  const own = source.length - (ended ? 1 : 0);
  for (const operation of operations) {
    if (operation.kind !== "piece") continue;
    if (operation.at >= own) {
      throw new Error(
        `there is no piece ${operation.at} to change; 0 to ${own - 1} are there${ended ? ", and the end stays" : ""}`,
      );
    }
    changed[operation.at] = operation.id;
  }
  return changed;
}

/** Return what the translation begins with; nothing where no operation says so. */
export function prefixOf(operations: readonly Operation[]): readonly number[] {
  return operations.flatMap((operation) => (operation.kind === "prefix" ? operation.ids : []));
}

/** Makes another value of one that was told; of the shape that it has. */
type Change = (values: Float32Array, shape: readonly number[]) => Float32Array;

/** Return what makes the operations on a model of this config; throws an Error for a part that it has not. */
export function operating(config: ModelConfig, operations: readonly Operation[]): Recorder {
  const changes = new Map<string, Change[]>();
  const kept = new Map<string, Float32Array>(); // values that are still needed, by name
  const places = new Map<string, Float32Array>(); // of the rows under way, by side
  const then = (name: string, change: Change) => changes.set(name, [...(changes.get(name) ?? []), change]);
  const instead = (name: string, other: string) => {
    kept.set(other, new Float32Array());
    then(name, () => kept.get(other)!);
  };
  for (const operation of operations) {
    check(config, operation);
    switch (operation.kind) {
      case "layer":
        instead(`${operation.where}.output`, `${operation.where}.input`);
        break;
      case "residual":
        instead(`${operation.where}.sum`, `${operation.where}.${operation.where.endsWith("forward") ? "down" : "out"}`);
        break;
      case "norm":
        instead(`${operation.where}.output`, `${operation.where}.input`);
        break;
      case "feed_forward":
        then(`${operation.where}.down`, (values) => new Float32Array(values.length));
        break;
      case "cell":
        then(`${operation.where}.out`, (values) => new Float32Array(values.length));
        break;
      case "head":
        then(`${operation.where}.seen`, (values_LD) => without(values_LD, operation.head, config));
        break;
      case "uniform":
      case "mask": {
        const side = operation.where.split(".")[0];
        then(`${operation.where}.scores`, (scores_NLK, shape) =>
          looked(scores_NLK, shape, operation, places.get(side)!),
        );
        break;
      }
      case "shuffle":
        then("encoder.places", (places_S) => shuffled(places_S, operation.seed));
    }
  }
  return (name, values, shape) => {
    if (name.endsWith(".places")) places.set(name.slice(0, -".places".length), values);
    const going = (changes.get(name) ?? []).reduce((value, change) => change(value, shape), values);
    if (kept.has(name)) kept.set(name, going);
    return going;
  };
}

/** Return a recorder that goes on from what another one made of a value; either may be missing. */
export function after(first: Recorder | undefined, second: Recorder | undefined): Recorder | undefined {
  if (!first || !second) return first ?? second;
  return (name, values, shape) => {
    const going = first(name, values, shape) ?? values;
    return second(name, going, shape) ?? going;
  };
}

function check(config: ModelConfig, operation: Operation): void {
  if (operation.kind === "prefix") {
    const pieces = targetVocabulary(config);
    const wrong = operation.ids.find((id) => !(Number.isInteger(id) && 0 <= id && id < pieces));
    if (wrong !== undefined) throw new Error(`a prefix holds ${wrong}; the vocabulary has the ids 0 to ${pieces - 1}`);
  }
  if (!("where" in operation)) return;
  const known = parts(config, operation.kind);
  if (!known.includes(operation.where)) {
    throw new Error(`${operation.kind} of ${operation.where}: this model has none; ${listed(known)}`);
  }
  const head = "head" in operation ? operation.head : null;
  if (head !== null && !(Number.isInteger(head) && 0 <= head && head < config.heads)) {
    throw new Error(`head ${head} of ${operation.where}: this model has the heads 0 to ${config.heads - 1}`);
  }
}

function listed(known: readonly string[]): string {
  return known.length ? `it has ${known[0]} to ${known.at(-1)}` : "there is nothing to do that on";
}

/** Return what the heads see [L, D], zeros in the columns of one. */
function without(seen_LD: Float32Array, head: number, { d_model, heads }: ModelConfig): Float32Array {
  const width = d_model / heads;
  return seen_LD.map((one, at) => (Math.floor((at % d_model) / width) === head ? 0 : one));
}

/** Return scores [N, L, K] under an operation; what was -Infinity, where a row may not look, stays so. */
function looked(
  scores_NLK: Float32Array,
  [, rows, most]: readonly number[],
  operation: Extract<Operation, { kind: "uniform" | "mask" }>,
  places_L: Float32Array,
): Float32Array {
  const hidden = new Set(operation.kind === "mask" ? operation.cells.map((cell) => String(cell)) : []);
  return scores_NLK.map((score, at) => {
    const [head, row, look] = [Math.floor(at / (rows * most)), Math.floor(at / most) % rows, at % most];
    if (score === -Infinity || (operation.head !== null && operation.head !== head)) return score;
    if (operation.kind === "uniform") return 0;
    return hidden.has(`${places_L[row]},${look}`) ? -Infinity : score;
  });
}

/** Return the same places in another order, which the seed says. */
function shuffled(places_S: Float32Array, seed: number): Float32Array {
  const own = key(seed, "page.shuffle");
  const order = [...places_S.keys()].sort((one, other) => uniform(own, one) - uniform(own, other));
  return places_S.map((_, at) => places_S[order[at]]);
}
