/**
 * The stations of the journey through a model, in the order of its pass: figure 1 of the paper (Vaswani et al. 2017), but
 * with this model's parts and its norms where it has them.
 */

import { type DecoderPart, type ModelConfig, firstPart } from "../../model/architecture.ts";

export const KINDS = [
  "pieces",
  "embedding",
  "positions",
  "norm",
  "qkv",
  "scores",
  "alignment",
  "mix",
  "heads",
  "gate",
  "state",
  "add",
  "feed",
  "memory",
  "start",
  "logits",
  "next",
] as const;
export type Kind = (typeof KINDS)[number]; // what is shown there

export type Side = "encoder" | "decoder";
export type Part = DecoderPart; // an encoder has the first and the last of them

/** What is one box of the figure. */
export type Box = "text" | "embedding" | "positions" | "norm" | Part | "add" | "memory" | "start" | "logits" | "next";

export interface Station {
  readonly id: string; // in the address
  readonly kind: Kind;
  readonly side: Side;
  readonly part: Part | null; // of a layer; null outside
  readonly box: Box;
}

const SHORT: Readonly<Record<Part, string>> = {
  self_attention: "self",
  recurrence: "cell",
  cross_attention: "cross",
  feed_forward: "feed",
};
const INSIDE: Readonly<Record<Part, readonly Kind[]>> = {
  self_attention: ["qkv", "scores", "mix", "heads"],
  recurrence: ["gate", "state"],
  cross_attention: ["qkv", "scores", "alignment", "mix", "heads"],
  feed_forward: ["feed"],
};
type Shape = Pick<ModelConfig, "norm" | "decoder_cell">;

/** Return the parts of a layer in order. */
export function partsOf(side: Side, config: Pick<ModelConfig, "decoder_cell">): Part[] {
  return side === "encoder"
    ? ["self_attention", "feed_forward"]
    : [firstPart(config), "cross_attention", "feed_forward"];
}

/** Return all stations of a model. */
export function stations(config: Shape): Station[] {
  const outside = (kind: Kind, side: Side, box: Box): Station => ({ id: kind, kind, side, part: null, box });
  const layer = (side: Side) => partsOf(side, config).flatMap((part) => partOf(side, part, config.norm));
  const last: Station = { id: "decoder-norm", kind: "norm", side: "decoder", part: null, box: "norm" };
  return [
    outside("pieces", "encoder", "text"),
    outside("embedding", "encoder", "embedding"),
    outside("positions", "encoder", "positions"),
    ...layer("encoder"),
    outside("memory", "encoder", "memory"),
    outside("start", "decoder", "start"),
    ...layer("decoder"),
    ...(config.norm === "pre" ? [last] : []),
    outside("logits", "decoder", "logits"),
    outside("next", "decoder", "next"),
  ];
}

function partOf(side: Side, part: Part, norm: ModelConfig["norm"]): Station[] {
  const station = (kind: Kind, box: Box = part): Station => {
    return { id: `${side}-${SHORT[part]}-${kind}`, kind, side, part, box };
  };
  const inside = INSIDE[part].map((kind) => station(kind));
  const add = station("add", "add");
  if (norm === "none") return [...inside, add];
  return norm === "pre" ? [station("norm", "norm"), ...inside, add] : [...inside, add, station("norm", "norm")];
}

/** One box of the figure with the stations in it, of which the first is where one comes in. */
export interface Boxed {
  readonly box: Box;
  readonly side: Side;
  readonly inLayer: boolean; // one of those that are there once for every layer
  readonly stations: readonly Station[];
}

/** Return the boxes in order: stations that follow each other in one box are together. */
export function boxes(all: readonly Station[]): Boxed[] {
  const found: (Boxed & { stations: Station[] })[] = [];
  for (const station of all) {
    const last = found.at(-1);
    const { box, side, part } = station;
    if (last && last.box === box && last.side === side && last.stations[0].part === part) last.stations.push(station);
    else found.push({ box, side, inLayer: part !== null, stations: [station] });
  }
  return found;
}
