/** What a station shows: a trace, and what of it is chosen. */

// Shapes.  L rows that look, K rows that are looked at, N heads, H head width, D model width.

import type { ModelConfig } from "../../model/architecture.ts";
import { row } from "../../model/places.ts";
import type {
  Attention,
  DecoderLayer,
  Embedding,
  EncoderLayer,
  FeedForward,
  Piece,
  Recurrence,
  Tensor,
  Trace,
} from "../../model/trace_types.ts";
import { visible } from "../invisible.ts";
import { type Part, type Side, type Station, partsOf } from "./stations.ts";

export interface Scene {
  readonly trace: Trace;
  readonly config: ModelConfig;
  readonly station: Station;
  readonly layer: number;
  readonly head: number;
  readonly row: number; // the piece that is looked at: of the source, or the step of the decoder
  readonly rows: readonly string[]; // the pieces of this side, as they are shown
  readonly columns: readonly string[]; // those that its attention looks at
}

/** A vector of a trace: the path of its tensor, its place there, its numbers. */
export interface Vector {
  readonly path: string;
  readonly at: readonly number[];
  readonly values: Float32Array;
}

interface Chosen {
  readonly layer: number;
  readonly head: number;
  readonly step: number;
  readonly word: number;
}

/** Return the scene of a station; what is chosen is kept within the model and the sentence. */
export function sceneOf(trace: Trace, config: ModelConfig, station: Station, chosen: Chosen): Scene {
  const within = (one: number, count: number) => Math.max(0, Math.min(one, count - 1));
  const { side, part } = station;
  const rows = rowsOf(trace, side);
  return {
    trace,
    config,
    station,
    layer: within(chosen.layer, trace[side].layers.length),
    head: within(chosen.head, config.heads),
    row: within(side === "encoder" ? chosen.word : chosen.step, rows.length),
    rows,
    columns: part === "cross_attention" ? rowsOf(trace, "encoder") : rows,
  };
}

/** Return the pieces that the rows of a side are of: those of the source; `<s>` and all of the target but the last. */
export function rowsOf(trace: Trace, side: Side): string[] {
  const names = (pieces: readonly Piece[]) => pieces.map(({ piece }) => visible(piece));
  return side === "encoder" ? names(trace.source.pieces) : ["<s>", ...names(trace.target.pieces.slice(0, -1))];
}

/** Return the path of a part of the chosen layer. */
export function pathOf({ station, layer }: Scene, part: Part | null = station.part): string {
  return part === null ? station.side : `${station.side}.layers.${layer}.${part}`;
}

export function embeddingOf({ trace, station }: Scene): Embedding {
  return trace[station.side].embedding;
}

export function attentionOf({ trace, station, layer }: Scene): Attention {
  const own: EncoderLayer | DecoderLayer = trace[station.side].layers[layer];
  return station.part === "cross_attention" && "cross_attention" in own ? own.cross_attention : own.self_attention!;
}

/** Return the cell of the chosen layer; of a decoder that has cells. */
export function recurrenceOf({ trace, layer }: Scene): Recurrence {
  return trace.decoder.layers[layer].recurrence!;
}

/** Return a part of the chosen layer, one that it has. */
export function partOf({ trace, station, layer }: Scene, part: Part): Attention | Recurrence | FeedForward {
  return ownOf(trace, station.side, layer, part);
}

function ownOf(trace: Trace, side: Side, layer: number, part: Part): Attention | Recurrence | FeedForward {
  return (trace[side].layers[layer] as DecoderLayer)[part]!;
}

export function feedForwardOf({ trace, station, layer }: Scene): FeedForward {
  return trace[station.side].layers[layer].feed_forward;
}

/** Return the residual stream that enters a part of a layer. */
export function streamOf(trace: Trace, side: Side, layer: number, part: Part): { path: string; tensor: Tensor } {
  const path = `${side}.layers.${layer}`;
  const parts = partsOf(side, { decoder_cell: trace.decoder.layers[layer]?.recurrence ? "ssru" : "attention" });
  const at = parts.indexOf(part);
  if (at <= 0) return { path: `${path}.input`, tensor: trace[side].layers[layer].input };
  return after(`${path}.${parts[at - 1]}`, ownOf(trace, side, layer, parts[at - 1]));
}

/** Return the residual stream that leaves a part of a layer. */
export function after(path: string, own: Attention | Recurrence | FeedForward): { path: string; tensor: Tensor } {
  return own.norm_after
    ? { path: `${path}.norm_after`, tensor: own.norm_after }
    : { path: `${path}.residual_after`, tensor: own.residual_after };
}

/** Return what a part reads: the norm of the stream, or the stream itself. */
export function readBy(scene: Scene, part: Part): { path: string; tensor: Tensor } {
  const own = partOf(scene, part);
  if (own.norm_before) return { path: `${pathOf(scene, part)}.norm_before`, tensor: own.norm_before };
  return streamOf(scene.trace, scene.station.side, scene.layer, part);
}

/** Return the last dimension of a tensor at a place in all others. */
export function vector(path: string, tensor: Tensor, ...at: number[]): Vector {
  return { path, at, values: row(tensor, ...at) };
}

/** Return the largest absolute value, of numbers that are finite; 1 where all are 0. */
export function most(...all: readonly Float32Array[]): number {
  let found = 0;
  for (const values of all) {
    for (const value of values) if (Number.isFinite(value)) found = Math.max(found, Math.abs(value));
  }
  return found || 1;
}

/** Return which head of keys and values a head of queries has. */
export function shared(config: ModelConfig, head: number): number {
  return Math.floor((head * (config.key_value_heads ?? config.heads)) / config.heads);
}
