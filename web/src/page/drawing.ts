/** How a piece is drawn, as text for a link and back: `t0.7_k5_p0.9_s3`; what is as always is left out. */

import type { Options } from "./hash.ts";

export interface Drawing {
  readonly temperature: number; // 1: as the model has it
  readonly top_k: number | null; // null: all pieces
  readonly top_p: number; // 1: all pieces
  readonly seed: number;
}

export const PLAIN: Drawing = { temperature: 1, top_k: null, top_p: 1, seed: 1 };
export const COLDEST = 0.05;
export const HOTTEST = 20;

/** Return a drawing as text. */
export function written({ temperature, top_k, top_p, seed }: Drawing): string {
  const parts = [
    temperature === PLAIN.temperature ? "" : `t${temperature}`,
    top_k === PLAIN.top_k ? "" : `k${top_k}`,
    top_p === PLAIN.top_p ? "" : `p${top_p}`,
    seed === PLAIN.seed ? "" : `s${seed}`,
  ];
  return parts.filter(Boolean).join("_");
}

/** Return the drawing of a text; null where something in it cannot be. */
export function read(text: string): Drawing | null {
  const found: { -readonly [Name in keyof Drawing]: Drawing[Name] } = { ...PLAIN };
  for (const part of text.split("_")) {
    const [, letter, digits] = /^([tkps])(\d{1,9}(?:\.\d{1,6})?)$/.exec(part) ?? [];
    const value = Number(digits);
    if (letter === "t" && COLDEST <= value && value <= HOTTEST) found.temperature = value;
    else if (letter === "k" && Number.isInteger(value) && value >= 1) found.top_k = value;
    else if (letter === "p" && 0 < value && value <= 1) found.top_p = value;
    else if (letter === "s" && Number.isInteger(value)) found.seed = value;
    else return null;
  }
  return found;
}

/** Return the options of a search without what makes it draw. */
export function searching({ beam, penalty, alpha, min_length, max_length, ...draws }: Options): Options {
  const drawn = draws.temperature !== undefined || draws.top_k !== undefined || draws.top_p !== undefined;
  const known = Object.entries({ beam: drawn ? undefined : beam, penalty, alpha, min_length, max_length });
  return Object.fromEntries(known.filter(([, value]) => value !== undefined && value !== null));
}
