/**
 * How a text came to its pieces, as bricks: a word stands on its symbols, one a column, and what a step makes lies over
 * all columns that it is made of. No brick ever moves; a moment says which are there.
 */

import { ByteLevelPairs, BytePairs, Characters } from "../../model/merging.ts";
import { history } from "../../model/history.ts";
import { FIRST_PIECE, SPECIALS, UNK } from "../../model/spelling.ts";
import type { Tokenizer } from "../../model/tokenizer.ts";
import { type Lookup, WordPieces, Words } from "../../model/words.ts";

export const MOST = 300; // characters of a text that are played

export interface Brick {
  readonly piece: string;
  readonly first: number; // of its columns
  readonly end: number; // the column behind it
  readonly row: number; // from the bottom
  readonly from: number; // the moment it comes; moment 0 is before the first step
  until: number; // the moment from which it is no piece of the text any more; Infinity for those that stay
  readonly is: "piece" | "letter" | "miss"; // a letter is not looked up yet; what was missed goes away
}

export interface Word {
  readonly columns: number;
  readonly rows: number;
  readonly bricks: readonly Brick[];
}

/** What one step did, told in pieces. */
export type Step =
  | { readonly is: "merge"; readonly rank: number; readonly left: string; readonly right: string }
  | { readonly is: "found" | "missed"; readonly piece: string }
  | { readonly is: "unknown" }
  | { readonly is: "bytes"; readonly bytes: readonly string[] };

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

/** Return how a text is built; null for a unigram model, whose story is another (`lattice.ts`). */
export function built(tokenizer: Tokenizer, text: string): Built | null {
  const { family } = tokenizer;
  if (family instanceof BytePairs || family instanceof ByteLevelPairs) return merged(tokenizer, family, text);
  if (family instanceof WordPieces || family instanceof Words) return lookedUp(family.lookups(text));
  return family instanceof Characters ? spelled(family, text) : null;
}

/** Return what a text is at a moment: its pieces, and the letters that are not looked up yet. */
export function at({ words }: Built, moment: number): Brick[] {
  return words.flatMap(({ bricks }) =>
    bricks
      .filter(({ is, from, until }) => is !== "miss" && from <= moment && moment < until)
      .sort((one, other) => one.first - other.first),
  );
}

function brick(piece: string, first: number, end: number, own: Partial<Brick> = {}): Brick {
  return { piece, first, end, row: 0, from: 0, until: Infinity, is: "piece", ...own };
}

function word(bricks: readonly Brick[]): Word {
  return {
    columns: bricks.reduce((most, { end }) => Math.max(most, end), 0),
    rows: bricks.reduce((most, { row }) => Math.max(most, row + 1), 1),
    bricks,
  };
}

function merged(tokenizer: Tokenizer, family: BytePairs | ByteLevelPairs, text: string): Built | null {
  const told = history(tokenizer, text);
  if (told?.kind !== "merges") return null;
  const words = family.words(text).map((ids) => ids.map((id, at) => brick(family.pieces[id], at, at + 1)));
  const open = words.map((bricks) => [...bricks]); // the pieces of each word by now
  told.steps.forEach(({ word, left, right }, at) => {
    const now = open[word];
    const place = now.findIndex(({ piece }, index) => piece === left && now[index + 1]?.piece === right);
    const [one, other] = now.slice(place, place + 2);
    one.until = other.until = at + 1;
    const row = Math.max(one.row, other.row) + 1;
    const made = brick(left + right, one.first, other.end, { row, from: at + 1 });
    now.splice(place, 2, made);
    words[word].push(made);
  });
  return {
    words: words.map(word),
    steps: told.steps.map(({ rank, left, right }) => ({ is: "merge", rank, left, right })),
  };
}

/** Each step looks one part of a word up; where nothing fits, one more step makes the whole word unknown. */
function lookedUp(lookups: readonly Lookup[]): Built {
  const steps: Step[] = [];
  const words = lookups.map(({ letters, tries }) => {
    const bricks = letters.map((letter, at) => brick(letter, at, at + 1, { is: "letter" }));
    const leave = (begin: number, end: number) =>
      bricks.filter(({ first, until }) => begin <= first && first < end && until === Infinity);
    for (const { piece, begin, end, known } of tries) {
      steps.push({ is: known ? "found" : "missed", piece });
      const from = steps.length;
      if (known) for (const letter of leave(begin, end)) letter.until = from;
      bricks.push(brick(piece, begin, end, { row: 1, from, ...(known ? {} : { until: from + 1, is: "miss" }) }));
    }
    if (tries.at(-1)?.known !== true) {
      steps.push({ is: "unknown" });
      for (const one of leave(0, letters.length)) one.until = steps.length;
      bricks.push(brick(SPECIALS[UNK], 0, letters.length, { row: 1, from: steps.length }));
    }
    return word(bricks);
  });
  return { words, steps };
}

/** Each step looks one letter up; one that is no piece becomes its bytes. */
function spelled(family: Characters, text: string): Built {
  const steps: Step[] = [];
  const words = text.split(/(?= )/).map((part) => {
    let column = 0;
    return word(
      Array.from(part).flatMap((letter) => {
        const ids = family.encode(letter);
        const pieces = ids.map((id) => family.pieces[id]);
        const known = ids[0] >= FIRST_PIECE;
        steps.push(known ? { is: "found", piece: pieces[0] } : { is: "bytes", bytes: pieces });
        const [from, first] = [steps.length, column];
        column += pieces.length;
        return [
          brick(letter === " " ? pieces[0] : letter, first, column, { is: "letter", until: from }),
          ...pieces.map((piece, at) => brick(piece, first + at, first + at + 1, { row: 1, from })),
        ];
      }),
    );
  });
  return { words: text === "" ? [] : words, steps };
}
