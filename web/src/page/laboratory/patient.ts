/** A tokenizer that weaknesses are looked for in, with the texts that they are looked for on (`text/symptoms.py`). */

import { UNK, utf8 } from "../../model/spelling.ts";
import type { Tokenizer } from "../../model/tokenizer.ts";

/** Texts that tokenizers are known to stumble over: `src/dragoman/text/probes.py`. */
export interface Probes {
  readonly plain: readonly string[];
  readonly scripts: Readonly<Record<string, string>>;
  readonly emoji: readonly string[];
  readonly code: readonly string[];
  readonly json: string;
  readonly yaml: string;
  readonly controls: readonly string[];
  readonly fragile: readonly string[];
}

export interface Encoded {
  readonly ids: readonly number[];
  readonly pieces: readonly string[];
  readonly spans: readonly (readonly [start: number, end: number])[];
  readonly held: readonly string[]; // what of the text each piece holds
}

const WORDS = 500; // words that are tried, the most frequent
const PHRASES = 200; // lines that are tried
const MARKS = "[.,;:!?\"'()]*";
const OUTER = new RegExp(`^${MARKS}|${MARKS}$`, "g");

/** What Python takes for white space. */
const WHITE = "[\\p{White_Space}\\x1c-\\x1f]";
const BETWEEN = new RegExp(`${WHITE}+`, "u");
const BLANK = new RegExp(`^${WHITE}*$`, "u");

/** Return the words of a text, which are what stands between white space. */
export function wordsOf(text: string): string[] {
  return text.split(BETWEEN).filter((word) => word !== "");
}

export function isBlank(text: string): boolean {
  return BLANK.test(text);
}

/** Return how many characters a text has. */
export function length(text: string): number {
  return Array.from(text).length;
}

export class Patient {
  readonly lines: readonly string[];
  private words: ReadonlyMap<string, number> | null = null;

  /** Take a text of the user's, whose place built-in ones take where it is empty or too short. */
  constructor(
    readonly tokenizer: Tokenizer,
    text: string,
    readonly probes: Probes,
  ) {
    this.lines = text === "" ? [] : [text];
  }

  /** Lines of at least two words. */
  get phrases(): string[] {
    const found = this.lines.map(wordsOf).filter((words) => words.length > 1);
    return found.length ? found.map((words) => words.join(" ")).slice(0, PHRASES) : [...this.probes.plain];
  }

  /** The words of letters alone, in small letters, by how often they occur. */
  get running(): ReadonlyMap<string, number> {
    if (this.words) return this.words;
    const counts = new Map<string, number>();
    for (const line of this.lines.length ? this.lines : this.probes.plain) {
      for (const written of wordsOf(line)) {
        const word = written.replace(OUTER, "").toLowerCase();
        if (/^\p{L}+$/u.test(word) && word !== word.toUpperCase()) counts.set(word, (counts.get(word) ?? 0) + 1);
      }
    }
    return (this.words = counts);
  }

  /** The most frequent of those of at least three letters. */
  get frequent(): string[] {
    const found = [...this.running].sort(([, one], [, other]) => other - one);
    return found
      .map(([word]) => word)
      .filter((word) => length(word) > 2)
      .slice(0, WORDS);
  }

  encode(text: string): Encoded {
    const { tokenizer } = this;
    const ids = tokenizer.encode(text);
    const spans = tokenizer.offsets(text, ids)!; // of its own ids a family always knows
    const letters = Array.from(text);
    return {
      ids,
      pieces: ids.map((id) => tokenizer.pieces[id]),
      spans,
      held: spans.map(([start, end]) => letters.slice(start, end).join("")),
    };
  }

  /** Return the pieces of a text, an unknown one counted as its bytes: the most that it could have cost. */
  cost(text: string): number {
    const { ids, held } = this.encode(text);
    return ids.reduce((sum, id, at) => sum + (id === UNK ? utf8(held[at]).length || 1 : 1), 0);
  }

  /** Return the cost of a word as it stands behind another. */
  costInside(word: string): number {
    return this.cost(`a ${word}`) - this.cost("a");
  }

  /** Return the ids of a word as it stands behind another. */
  inside(word: string): number[] {
    return this.tokenizer.encode(`a ${word}`).slice(this.tokenizer.encode("a").length);
  }

  /** Return whether a text comes back exactly. */
  restores(text: string): boolean {
    return this.tokenizer.decode(this.tokenizer.encode(text)) === text;
  }
}
