/** All pieces of one side: where they lie on the flat map of their embeddings, and which are near to which. */

import { targetVocabulary } from "../model/architecture.ts";
import type { Translator } from "../model/translator.ts";
import { neighbours } from "./neighbours.ts";
import { principal, project } from "./principal.ts";
import type { Ranked } from "./ranking.ts";

export type Side = "source" | "target";

export interface Vocabulary {
  readonly side: Side;
  readonly pieces: readonly string[];
  readonly places: Float32Array; // [V, 2]
  readonly shares: readonly [number, number]; // of the variance, that the map shows
}

/** Return the map of one side's embeddings. */
export function vocabulary(translator: Translator, { side }: { side: Side }): Vocabulary {
  const { model, bundle } = translator;
  const count = side === "source" ? bundle.model.vocab_size : targetVocabulary(bundle.model);
  const name = (id: number) => (side === "source" ? translator.sourcePiece(id) : translator.targetPiece(id));
  const table_VD = model.table(side);
  const found = principal(table_VD, bundle.model.d_model);
  const pieces = Array.from({ length: count }, (_, id) => name(id));
  return { side, pieces, places: project(table_VD, found), shares: found.shares };
}

export interface NeighboursAsked {
  readonly side: Side;
  readonly id: number;
  readonly count: number;
}

export interface Neighbours {
  readonly side: Side;
  readonly id: number;
  readonly near: readonly Ranked[]; // with their cosines, the nearest first
}

/** Return the nearest other pieces of one. */
export function nearest({ model, bundle }: Translator, { side, id, count }: NeighboursAsked): Neighbours {
  return { side, id, near: neighbours(model.table(side), bundle.model.d_model, id, count) };
}
