/**
 * The unigram model (Kudo 2018): every piece has a probability, and a text is cut in its most likely way.
 *
 * Blanks and bytes are those of `bpe`. A "<" is always a piece alone, so that no typed "</s>" becomes one.
 */

import {
  BLANK,
  FIRST_PIECE,
  type Span,
  byteIds,
  encodeParts,
  spelledOffsets,
  spelledText,
  spelling,
  withoutBlank,
} from "./spelling.ts";
import type { Family } from "./tokenizer.ts";

const UNKNOWN = -10; // what a letter that is no piece scores below the worst piece

export class Unigram implements Family {
  readonly kind = "unigram";
  readonly spelling: readonly Uint8Array[];
  private readonly ids: Map<string, number>;
  private readonly longest: number; // letters of a piece
  private readonly worst: number;

  /** Take the pieces by id and the log-probability of each, 0 for specials and bytes. */
  constructor(
    readonly pieces: readonly string[],
    private readonly scores: readonly number[],
  ) {
    this.spelling = spelling(pieces);
    this.ids = new Map(pieces.map((piece, id) => [piece, id]));
    this.longest = pieces.slice(FIRST_PIECE).reduce((most, piece) => Math.max(most, Array.from(piece).length), 1);
    this.worst = scores.reduce((least, score) => Math.min(least, score), 0) + UNKNOWN;
  }

  encode(text: string): number[] {
    return encodeParts(text, (part) => split(part).flatMap((word) => this.cut(word)));
  }

  decode(ids: readonly number[]): string {
    return withoutBlank(spelledText(this.spelling, ids));
  }

  offsets(text: string, ids: readonly number[]): Span[] {
    return spelledOffsets(this.spelling, ids, text);
  }

  /**
   * Return every piece that stands at a place of the letters, blanks written U+2581 and one that the user wrote "": by
   * its end and then from the shortest on. A letter that is no piece has the id undefined.
   */
  candidates(letters: readonly string[]): { begin: number; end: number; id: number | undefined; score: number }[] {
    return letters.flatMap((_, last) => {
      const end = last + 1;
      const found = [];
      let piece = "";
      for (let begin = last; begin >= 0 && end - begin <= this.longest && letters[begin] !== ""; begin--) {
        piece = letters[begin] + piece;
        const id = this.ids.get(piece);
        if (id !== undefined && id >= FIRST_PIECE) found.push({ begin, end, id, score: this.scores[id] });
      }
      if (found[0]?.begin !== last) found.unshift({ begin: last, end, id: undefined, score: this.worst });
      return found;
    });
  }

  /** Return the words of a text, which are cut one by one; one that the user wrote as U+2581 is left as it is. */
  words(text: string): string[] {
    if (text === "") return [];
    return ` ${text}`.split(/(?=▁)|(?<=▁)/).flatMap((part) => (part === BLANK ? [part] : split(part)));
  }

  /** Return the ids of the most likely cut (Viterbi 1967); of equal ones that whose last piece begins earliest. */
  private cut(word: string): number[] {
    const letters = Array.from(word.replaceAll(" ", BLANK));
    const best: (Way | undefined)[] = [{ score: 0, begin: 0, id: undefined }]; // that ends before each letter
    const offer = (end: number, way: Way) => {
      if (best[end] === undefined || way.score > best[end].score) best[end] = way;
    };
    letters.forEach((letter, begin) => {
      const { score } = best[begin]!; // every place is reached, if only by an unknown letter
      let piece = "";
      for (let end = begin + 1; end <= Math.min(letters.length, begin + this.longest); end++) {
        piece += letters[end - 1];
        const id = this.ids.get(piece);
        if (id !== undefined) offer(end, { score: this.scores[id] + score, begin, id });
      }
      if (!this.ids.has(letter)) offer(begin + 1, { score: this.worst + score, begin, id: undefined });
    });

    const ids: number[][] = [];
    for (let end = letters.length; end > 0; end = best[end]!.begin) {
      const { id, begin } = best[end]!;
      ids.push(id === undefined ? byteIds(letters[begin]) : [id]);
    }
    return ids.reverse().flat();
  }
}

function split(part: string): string[] {
  return part.split(/(?= )|(?=<)|(?<=<)/);
}

interface Way {
  readonly score: number;
  readonly begin: number; // of its last piece
  readonly id: number | undefined; // of its last piece; undefined: a letter spelled as bytes
}
