/** What the numbers of a trace are called, in the words of the interface. */

import type { Place } from "../../model/places.ts";
import type { Factor, Sum, Term } from "../../model/sum.ts";
import type { Trace } from "../../model/trace_types.ts";
import type { Words } from "../words.ts";
import { rowsOf } from "./scene.ts";
import type { Boxed, Part, Side } from "./stations.ts";

export type Say = (word: keyof Words, gaps?: Readonly<Record<string, string>>) => string;

/** What each dimension of a tensor counts. */
type Axis = "row" | "column" | "head" | "dimension" | "id";

const AXES: Readonly<Record<string, readonly Axis[]>> = {
  mean: ["row"],
  deviation: ["row"],
  query: ["row", "head", "dimension"],
  query_turned: ["row", "head", "dimension"],
  contexts: ["row", "head", "dimension"],
  key: ["column", "head", "dimension"],
  key_turned: ["column", "head", "dimension"],
  value: ["column", "head", "dimension"],
  totals: ["head", "row"],
  logits: ["id"],
  probability: ["id"],
  log_probability: ["id"],
  total: [],
  log_total: [],
  log_sum_exp: [],
};
const PAIRS = ["products", "scores_before_mask", "scores", "weights"]; // of a query and a key
const NORMS = ["norm_before", "norm_after", "norm", "memory"];

function axesOf(path: string, name: string): readonly Axis[] {
  if (PAIRS.includes(name) || (name === "powers" && !path.startsWith("steps"))) return ["head", "row", "column"];
  return name === "powers" ? ["id"] : (AXES[name] ?? ["row", "dimension"]);
}

/** Return what the numbers of a path are called. */
export function nameOf(path: string, say: Say): string {
  const name = path.slice(path.lastIndexOf(".") + 1);
  if (path.endsWith(".recurrence.input")) return say("number_taken");
  if (NORMS.includes(name)) return say("number_norm");
  if (path === "encoder.output" || path === "decoder.output") return say("number_layers");
  return say(`number_${name}` as keyof Words);
}

/** Return where in a model the numbers of a path are, such as `Encoder, layer 2, self-attention`; "" where it needs no word. */
export function whereOf(path: string, say: Say): string {
  const step = /^steps\.(\d+)\./.exec(path);
  if (step) return say("where_step", { n: String(Number(step[1]) + 1) });
  const side = sideOf(path);
  const found =
    /^(?:encoder|decoder)\.layers\.(\d+)(?:\.(self_attention|recurrence|cross_attention|feed_forward))?/.exec(path);
  if (!found) return side && !path.startsWith("memory") ? say(`journey_${side}`) : "";
  const part = found[2] as Part | undefined;
  const masked = side === "decoder" && part === "self_attention";
  const named = part ? say(masked ? "box_masked" : `box_${part}`) : say("number_input");
  return say("where_layer", {
    side: say(`journey_${side ?? "encoder"}`),
    n: String(Number(found[1]) + 1),
    part: named,
  });
}

/** Return what a box of the figure is called. */
export function boxName({ box, side }: Pick<Boxed, "box" | "side">, say: Say): string {
  return say(box === "self_attention" && side === "decoder" ? "box_masked" : `box_${box}`);
}

function sideOf(path: string): Side | null {
  if (path.startsWith("encoder") || path.startsWith("memory")) return "encoder";
  return path.startsWith("decoder") ? "decoder" : null;
}

/** Return the pieces that the rows, or the columns, of a path are of. */
function piecesOf(trace: Trace, path: string, axis: "row" | "column"): string[] {
  const isCross = path.includes("cross_attention");
  return rowsOf(trace, axis === "column" && isCross ? "encoder" : (sideOf(path) ?? "decoder"));
}

/** Return which number of its tensor a place is, such as `␣cat, head 1, dimension 3`. */
export function placeIn({ path, at }: Place, trace: Trace, say: Say): string {
  const name = path.slice(path.lastIndexOf(".") + 1);
  const step = /^steps\.(\d+)\./.exec(path)?.[1];
  const axes = axesOf(path, name);
  const parts = axes.map((axis, index): string => {
    const n = String(at[index] + 1);
    if (axis === "dimension") return say("axis_dimension", { n });
    if (axis === "head") return say("axis_head", { n });
    if (axis === "id") return pieceOf(trace, Number(step), at[index]) ?? say("axis_id", { n: String(at[index]) });
    const piece = piecesOf(trace, path, axis)[at[index]] ?? n;
    return axis === "column" && axes.includes("row") ? say("axis_looks", { piece }) : piece;
  });
  return parts.join(", ");
}

/** Return how a piece of the vocabulary is written, of those that a step is known to have thought of. */
function pieceOf(trace: Trace, step: number, id: number): string | null {
  const known = trace.steps[step];
  return [known?.chosen, ...(known?.top ?? [])].find((one) => one?.id === id)?.piece.replaceAll("▁", "␣") ?? null;
}

/** Sums whose terms are alike: one for each dimension, or for each piece. */
const RUNNING: readonly Sum["kind"][] = ["mean", "deviation", "linear", "gate", "product", "total", "mixed", "logit"];

/** Sums whose terms are products of different things. */
const UNLIKE: readonly Sum["kind"][] = ["turned", "score", "state"];

/** Return what a term of a sum is called among the others. */
export function termOf({ kind, place }: Sum, term: Term, at: number, trace: Trace, say: Say): string {
  const [first] = term.factors;
  if (UNLIKE.includes(kind)) return term.factors.map((one) => factorOf(one, say)).join(" · ");
  if (!RUNNING.includes(kind) || (first.source.kind !== "number" && term.factors.length === 1))
    return factorOf(first, say);
  if (kind === "mixed" || kind === "total") {
    const { path } = place;
    const step = /^steps\.(\d+)\./.exec(path)?.[1];
    if (step !== undefined) return pieceOf(trace, Number(step), at) ?? say("axis_id", { n: String(at) });
    return piecesOf(trace, path, "column")[at] ?? String(at + 1);
  }
  return String(at + 1);
}

/** Return what a factor is. */
export function factorOf({ source }: Factor, say: Say): string {
  if (source.kind === "number") return nameOf(source.place.path, say);
  if (source.kind === "constant") return say(`factor_${source.name}`);
  return say(source.name.endsWith(".bias") ? "factor_bias" : "factor_weight");
}
