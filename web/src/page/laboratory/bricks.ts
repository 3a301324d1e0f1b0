/**
 * How a text came to its pieces, as bricks: a word stands on its symbols, one a column, and what a step makes lies over
 * all columns that it is made of. No brick ever moves; a moment says which are there.
 */

import { ByteLevelPairs, BytePairs } from "../../model/merging.ts";
import { history } from "../../model/history.ts";
import type { Tokenizer } from "../../model/tokenizer.ts";

export const MOST = 300; // characters of a text that are played

export interface Brick {
  readonly piece: string;
  readonly first: number; // of its columns
  readonly end: number; // the column behind it
  readonly row: number; // from the bottom
  readonly from: number; // the moment it comes; moment 0 is before the first step
  until: number; // the moment it becomes a part of another; Infinity for those that stay
}

export interface Word {
  readonly columns: number;
  readonly rows: number;
  readonly bricks: readonly Brick[];
}

/** What one step did, told in pieces. */
export interface Step {
  readonly word: number;
  readonly rank: number;
  readonly left: string;
  readonly right: string;
}

export interface Built {
  readonly words: readonly Word[];
  readonly steps: readonly Step[]; // moment n is after the first n of them
}

/** Return as much of a text as is played: up to the last blank that fits, where there is one. */
export function begun(text: string): string {
  const letters = Array.from(text);
  if (letters.length <= MOST) return text;
  const blank = letters.lastIndexOf(" ", MOST);
  return letters.slice(0, blank > 0 ? blank : MOST).join("");
}

/** Return how a text is built of merges; null for a family that has none. */
export function built(tokenizer: Tokenizer, text: string): Built | null {
  const { family } = tokenizer;
  if (!(family instanceof BytePairs || family instanceof ByteLevelPairs)) return null;
  const told = history(tokenizer, text);
  if (told?.kind !== "merges") return null;
  const words = family.words(text).map((ids) =>
    ids.map((id, at): Brick => ({
      piece: family.pieces[id],
      first: at,
      end: at + 1,
      row: 0,
      from: 0,
      until: Infinity,
    })),
  );
  const open = words.map((bricks) => [...bricks]); // the pieces of each word by now
  told.steps.forEach(({ word, left, right }, at) => {
    const now = open[word];
    const place = now.findIndex(({ piece }, index) => piece === left && now[index + 1]?.piece === right);
    const [one, other] = now.slice(place, place + 2);
    one.until = other.until = at + 1;
    const row = Math.max(one.row, other.row) + 1;
    const made = { piece: left + right, first: one.first, end: other.end, row, from: at + 1, until: Infinity };
    now.splice(place, 2, made);
    words[word].push(made);
  });
  return {
    words: words.map((bricks) => ({
      columns: bricks.reduce((most, { end }) => Math.max(most, end), 0),
      rows: bricks.reduce((most, { row }) => Math.max(most, row + 1), 1),
      bricks,
    })),
    steps: told.steps.map(({ word, rank, left, right }) => ({ word, rank, left, right })),
  };
}

/** Return the pieces of a text at a moment. */
export function piecesAt({ words }: Built, moment: number): string[] {
  return words.flatMap(({ bricks }) =>
    bricks
      .filter(({ from, until }) => from <= moment && moment < until)
      .sort((one, other) => one.first - other.first)
      .map(({ piece }) => piece),
  );
}
