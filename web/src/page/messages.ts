/** What the page and the worker that holds the model say to each other. */

import type { Step } from "../model/alignment.ts";
import type { ModelConfig } from "../model/architecture.ts";
import type { Direction } from "../model/bundle.ts";
import type { DecodeOptions } from "../model/options.ts";
import type { Ask, Asks } from "./asks.ts";
import type { RemoteKnown } from "./remote.ts";
import type { Span } from "./spans.ts";

type Files = Readonly<Record<string, string>>; // base64 by name

/** Where the model is; `step` is that of the decoder in which the heads that align look for a piece. */
export type Held =
  | { readonly kind: "file"; readonly files: Files; readonly step: Step }
  | { readonly kind: "record"; readonly files: Files; readonly known: RemoteKnown }
  | {
      readonly kind: "server";
      readonly address: string;
      readonly known: RemoteKnown;
      readonly step: Step;
      readonly travels: boolean;
    };

/** What is asked of the worker; a newer translation puts an end to an older one. */
export type Question =
  | { readonly kind: "load"; readonly held: Held }
  | {
      readonly kind: "translate";
      readonly id: number;
      readonly text: string;
      readonly options: Partial<DecodeOptions>;
      readonly to: string | null;
    }
  | { readonly kind: "ask"; readonly id: number; readonly ask: Ask; readonly asked: Asks[Ask]["asked"] };

export type Answer =
  | { readonly kind: "ready"; readonly model: Known }
  | { readonly kind: "broken"; readonly message: string }
  | { readonly kind: "partial"; readonly id: number; readonly text: string } // the best so far
  | { readonly kind: "translated"; readonly id: number; readonly translated: Translated }
  | { readonly kind: "refused"; readonly id: number; readonly message: string }
  | { readonly kind: "told"; readonly id: number; readonly answer: Asks[Ask]["answer"] }
  | { readonly kind: "untold"; readonly id: number; readonly message: string };

/** What the worker knows of the model. */
export interface Known {
  readonly config: ModelConfig;
  readonly directions: readonly Direction[];
  readonly decode: DecodeOptions;
  readonly alignmentHeads: readonly (readonly [layer: number, head: number])[];
  readonly tokenizers: readonly [source: string, target: string]; // their families
  readonly pieces: readonly [source: readonly string[], target: readonly string[]]; // by their ids; none where the model cannot be had
}

export interface Translated {
  readonly text: string; // of the source
  readonly pieces: readonly string[]; // of the source, its end included
  readonly spans: readonly Span[]; // of the source
  readonly ways: readonly Way[]; // best first, one at least
  readonly milliseconds: number;
}

/** One translation with all that is shown of it. */
export interface Way {
  readonly text: string;
  readonly pieces: readonly string[];
  readonly spans: readonly Span[];
  readonly probabilities: readonly number[]; // of each piece
  readonly score: number;
  readonly finished: boolean;
  readonly alignment: readonly Float32Array[] | null; // a row for each piece, over the pieces of the source
}
