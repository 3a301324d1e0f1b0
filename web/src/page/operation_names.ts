/** What operations on the model are called, in the words of the interface. */

import type { Operation } from "../model/operations.ts";
import { visible } from "./invisible.ts";
import type { Words } from "./words.ts";

type Say = (word: keyof Words, gaps?: Readonly<Record<string, string>>) => string;
type Pieces = readonly [source: readonly string[], target: readonly string[]];

const PARTS = {
  self_attention: "surgery_self",
  recurrence: "surgery_carries",
  cross_attention: "surgery_cross",
  feed_forward: "surgery_network",
} as const;

/** Return what a part is called, such as `Encoder, layer 2, feed-forward`. */
export function partName(where: string, say: Say): string {
  const [, name, layer, part] =
    /^(encoder|decoder)(?:\.layers\.(\d+))?(?:\.(self_attention|recurrence|cross_attention|feed_forward))?/.exec(
      where,
    ) ?? [];
  const side = say(name === "decoder" ? "surgery_decoder" : "surgery_encoder");
  if (layer === undefined) return side;
  const n = String(Number(layer) + 1);
  if (part === undefined) return say("surgery_where_layer", { side, n });
  const masked = name === "decoder" && part === "self_attention";
  const known = PARTS[part as keyof typeof PARTS];
  return say("surgery_where_part", { side, n, part: say(masked ? "surgery_masked" : known) });
}

/** Return what an operation is called; `pieces` are those of both vocabularies, by their ids. */
export function operationName(operation: Operation, pieces: Pieces, say: Say): string {
  const piece = (side: 0 | 1, id: number) => visible(pieces[side][id] ?? String(id));
  const head = (one: number | null) =>
    one === null ? say("surgery_all_heads") : say("surgery_one_head", { n: String(one + 1) });
  switch (operation.kind) {
    case "head":
      return say("surgery_is_head", { where: partName(operation.where, say), head: String(operation.head + 1) });
    case "uniform":
      return say("surgery_is_uniform", { where: partName(operation.where, say), head: head(operation.head) });
    case "mask": {
      const n = String(operation.cells.length);
      return say("surgery_is_mask", { where: partName(operation.where, say), head: head(operation.head), n });
    }
    case "shuffle":
      return say("surgery_is_shuffle");
    case "piece":
      return say("surgery_is_piece", { at: String(operation.at + 1), piece: piece(0, operation.id) });
    case "prefix":
      return say("surgery_is_prefix", { text: operation.ids.map((id) => piece(1, id)).join("") });
    default:
      return say(`surgery_is_${operation.kind}`, { where: partName(operation.where, say) });
  }
}
