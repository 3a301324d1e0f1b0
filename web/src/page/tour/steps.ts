/** The twelve steps of the tour in their order. */

import { CUT, EMBEDDING, HEADS, LOOK, MEANING, PIECES, PLACES, STREAM, TRANSLATE } from "./reading.ts";
import type { Step } from "./step.ts";
import { COST, FILM, LEARNED, LENS, MASK, NEXT, NEXT_RECORDED, ORDER } from "./writing.ts";

/** What a page holds decides about a few of the steps. */
export interface Held {
  readonly weights: boolean; // what needs them can be asked
  readonly film: boolean;
}

/** Return the steps in order; there are always as many. */
export function steps({ weights, film }: Held): readonly Step[] {
  return [
    TRANSLATE,
    PIECES,
    weights ? MEANING : EMBEDDING,
    PLACES,
    LOOK,
    HEADS,
    weights ? CUT : STREAM,
    ORDER,
    weights ? NEXT : NEXT_RECORDED,
    weights ? LENS : MASK,
    COST,
    film ? FILM : LEARNED,
  ];
}
