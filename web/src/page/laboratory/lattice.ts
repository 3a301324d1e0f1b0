/**
 * All pieces of a unigram model that stand in a text, and how the most likely way through them grows (Viterbi 1967):
 * from the left, at each place, the best of the ways that end there is kept.
 */

import { BLANK } from "../../model/spelling.ts";
import type { Unigram } from "../../model/unigram.ts";

export interface Edge {
  readonly piece: string | null; // null: a letter that is no piece, and becomes its bytes
  readonly first: number; // of its letters
  readonly end: number; // the letter behind it
  readonly row: number; // from the bottom; no two edges of a row have a letter in common
  readonly score: number; // its log-probability
}

/** The best way to a place behind a letter. */
export interface Reached {
  readonly score: number; // the sum of its edges
  readonly edge: Edge; // its last one
}

/** A word, which no piece crosses. */
export interface Woven {
  readonly letters: readonly string[];
  readonly rows: number;
  readonly edges: readonly Edge[];
  readonly reached: readonly Reached[]; // behind each letter
  readonly before: number; // letters of all words before it
}

/** Return the words of a text; moment n of their story is when the ways to the first n letters are known. */
export function woven(family: Unigram, text: string): Woven[] {
  let before = 0;
  return family.words(text).map((word) => {
    const typed = word === BLANK; // a U+2581 that the user wrote, which is no blank
    const letters = Array.from(typed ? word : word.replaceAll(" ", BLANK));
    const found = family.candidates(typed ? [""] : letters);
    const edges = stacked(
      found.map(({ begin, end, id, score }) => ({
        piece: id === undefined ? null : family.pieces[id],
        first: begin,
        end,
        score,
      })),
    );
    const own = { letters, edges, before, rows: edges.reduce((most, { row }) => Math.max(most, row + 1), 0) };
    before += letters.length;
    return { ...own, reached: reached(letters.length, edges) };
  });
}

/** Return the edges with rows: short ones at the bottom. */
function stacked(edges: readonly Omit<Edge, "row">[]): Edge[] {
  const rows: Omit<Edge, "row">[][] = [];
  const shortest = [...edges].sort(
    (one, other) => one.end - one.first - (other.end - other.first) || one.first - other.first,
  );
  return shortest.map((edge) => {
    const free = rows.findIndex((row) => row.every(({ first, end }) => end <= edge.first || edge.end <= first));
    const row = free < 0 ? rows.push([]) - 1 : free;
    rows[row].push(edge);
    return { ...edge, row };
  });
}

/** Return the best way to each place; of equal ones that whose last edge begins earliest, as the tokenizer has it. */
function reached(count: number, edges: readonly Edge[]): Reached[] {
  const found: Reached[] = [];
  for (let end = 1; end <= count; end++) {
    const here = edges.filter((edge) => edge.end === end).sort((one, other) => one.first - other.first);
    const ways = here.map((edge) => ({ edge, score: edge.score + (edge.first ? found[edge.first - 1].score : 0) }));
    found.push(ways.reduce((best, way) => (way.score > best.score ? way : best)));
  }
  return found;
}

/** Return the edges of the best way to the letter that a moment has come to, in order; none before the word's first. */
export function way({ letters, reached, before }: Woven, moment: number): Edge[] {
  const found: Edge[] = [];
  for (let end = Math.min(letters.length, moment - before); end > 0; end = found.at(-1)!.first) {
    found.push(reached[end - 1].edge);
  }
  return found.reverse();
}
