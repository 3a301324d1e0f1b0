/** What `src/dragoman/explain/remote.py` tells of a model that is not in the page, as the page has it. */

import { modelConfig } from "../model/architecture.ts";
import type { Direction } from "../model/bundle.ts";
import { decodeOptions } from "../model/options.ts";
import type { Known, Translated } from "./messages.ts";
import { spans } from "./spans.ts";

/** What is known of the model, as JSON. */
export interface RemoteKnown {
  readonly config: unknown;
  readonly directions: readonly Direction[];
  readonly decode: unknown;
  readonly alignmentHeads: readonly (readonly [layer: number, head: number])[];
  readonly tokenizers: readonly [source: string, target: string];
  readonly pieces: readonly [source: readonly string[], target: readonly string[]]; // none where the model cannot be had
}

/** A translation as JSON: `spelled` has a character for each byte that a piece adds to its text. */
export interface RemoteTranslated {
  readonly text: string;
  readonly pieces: readonly string[];
  readonly spelled: readonly string[];
  readonly ways: readonly {
    readonly text: string;
    readonly pieces: readonly string[];
    readonly spelled: readonly string[];
    readonly probabilities: readonly number[];
    readonly score: number;
    readonly finished: boolean;
    readonly alignment: readonly (readonly number[])[] | null;
  }[];
}

export function knownOf(remote: RemoteKnown): Known {
  return { ...remote, config: modelConfig(remote.config), decode: decodeOptions(remote.decode) };
}

/** Return a translation that took so many milliseconds. */
export function translatedOf({ text, pieces, spelled, ways }: RemoteTranslated, milliseconds: number): Translated {
  return {
    text,
    pieces,
    spans: spans(text, spelled.map(bytesOf)),
    ways: ways.map(({ spelled, alignment, ...way }) => ({
      ...way,
      spans: spans(way.text, spelled.map(bytesOf)),
      alignment: alignment?.map((row) => Float32Array.from(row)) ?? null,
    })),
    milliseconds,
  };
}

function bytesOf(letters: string): Uint8Array {
  return Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
}
