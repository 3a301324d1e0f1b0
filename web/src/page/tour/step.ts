/** A step of the tour: where it goes, and what it says of it. What it claims is measured in the model of the page. */

import type { ModelConfig } from "../../model/architecture.ts";
import type { Piece, Trace } from "../../model/trace_types.ts";
import type { Ask, Asks } from "../asks.ts";
import type { View } from "../hash.ts";
import { visible } from "../invisible.ts";
import type { Translated } from "../messages.ts";
import type { Words } from "../words.ts";
import type { Look } from "./measures.ts";

/** A sentence of a step: a word of the interface, and what is put into it, written when it is shown. */
export interface Said {
  readonly word: keyof Words;
  readonly gaps?: () => Readonly<Record<string, string>>;
}

/** What a step comes to: what it says of this model, and where exactly that is. */
export interface Claim {
  readonly said: readonly Said[];
  readonly view?: Partial<View>;
}

/** What a step measures with. */
export interface Guide {
  readonly config: ModelConfig;
  readonly trace: Trace; // of the sentence of this step
  readonly look: Look | null; // that the tour speaks of
  readonly classic: boolean; // the look is that of a pronoun at its noun
  readonly to: string | null;
  readonly later: 0 | 1; // whether the step that receives a piece tells where it came from
  readonly names: readonly string[]; // of the source's pieces, by their ids
  readonly parameters: number;
  readonly translated: () => Promise<Translated>;
  readonly ask: <K extends Ask>(ask: K, asked: Asks[K]["asked"]) => Promise<Asks[K]["answer"]>;
}

export interface Step {
  readonly name: string; // its words are `tour_NAME_title` and `tour_NAME`
  readonly sentence: "look" | "order";
  readonly view: Partial<View>;
  readonly place: string; // the element with this as its `data-tour`
  readonly claim: (guide: Guide) => Promise<Claim> | Claim;
}

/** Return how a piece is written for who reads. */
export const nameOf = ({ piece }: Pick<Piece, "piece">): string => visible(piece);
