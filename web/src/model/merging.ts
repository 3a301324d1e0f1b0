/**
 * The three families that cut a text into its smallest symbols first: `bpe` and `byte_bpe` (Sennrich et al. 2016;
 * Radford et al. 2019) merge these, the pair of the lowest rank first, and `character` leaves them as they are.
 */

import {
  BLANK,
  FIRST_BYTE,
  type Span,
  byteIds,
  encodeParts,
  spelledOffsets,
  spelledText,
  spelling,
  withoutBlank,
} from "./spelling.ts";
import type { Family } from "./tokenizer.ts";
import { LETTERS, NUMBERS, WHITE_SPACE, isIn } from "./unicode.ts";

/** The merges as ids; the rank of a pair is its index. */
export class Merges {
  private readonly ranks = new Map<number, number>(); // by left id * number of pieces + right id
  private readonly joined: number[] = []; // the id that each merge makes
  private readonly size: number;

  constructor(pieces: readonly string[], merges: readonly (readonly [string, string])[]) {
    const ids = new Map(pieces.map((piece, id) => [piece, id]));
    this.size = pieces.length;
    merges.forEach(([left, right], rank) => {
      this.ranks.set(ids.get(left)! * this.size + ids.get(right)!, rank);
      this.joined.push(ids.get(left + right)!);
    });
  }

  /**
   * Return the ids of a word, all merges made: the lowest rank first, the leftmost among equals. `watch` is told of each
   * before it is made: its rank, where it is, the ids of now.
   */
  apply(word: readonly number[], watch?: (rank: number, at: number, ids: readonly number[]) => void): number[] {
    const ids = [...word];
    const ranks = ids.map((_, at) => this.rank(ids, at)); // of the pair that begins here
    for (;;) {
      let best = 0;
      for (let at = 1; at < ranks.length; at++) if (ranks[at] < ranks[best]) best = at;
      if (ids.length < 2 || ranks[best] === Infinity) return ids;
      watch?.(ranks[best], best, ids);
      ids.splice(best, 2, this.joined[ranks[best]]);
      ranks.splice(best, 1);
      ranks[best] = this.rank(ids, best);
      if (best > 0) ranks[best - 1] = this.rank(ids, best - 1);
    }
  }

  private rank(ids: readonly number[], at: number): number {
    return at + 1 < ids.length ? (this.ranks.get(ids[at] * this.size + ids[at + 1]) ?? Infinity) : Infinity;
  }
}

/** The letters of a text by the vocabulary, a blank written U+2581, and the bytes of all that are no pieces. */
class Letters {
  private readonly ids: Map<string, number>;

  constructor(pieces: readonly string[]) {
    this.ids = new Map(pieces.map((piece, id) => [piece, id]));
  }

  symbols(text: string): number[] {
    return Array.from(text, (letter) => {
      const id = letter === BLANK ? undefined : this.ids.get(letter === " " ? BLANK : letter);
      return id === undefined ? byteIds(letter) : [id];
    }).flat();
  }
}

/** `bpe`: a word begins at each blank, and merges stay within it. */
export class BytePairs implements Family {
  readonly kind = "bpe";
  readonly spelling: readonly Uint8Array[];
  readonly merges: Merges;
  private readonly letters: Letters;

  constructor(
    readonly pieces: readonly string[],
    merges: readonly (readonly [string, string])[],
  ) {
    this.spelling = spelling(pieces);
    this.letters = new Letters(pieces);
    this.merges = new Merges(pieces, merges);
  }

  encode(text: string): number[] {
    return encodeParts(text, (part) =>
      part.split(/(?= )/).flatMap((word) => this.merges.apply(this.letters.symbols(word))),
    );
  }

  /** Return the words of a text in the smallest pieces. */
  words(text: string): number[][] {
    return text === "" ? [] : ` ${text}`.split(/(?= )/).map((word) => this.letters.symbols(word));
  }

  decode(ids: readonly number[]): string {
    return withoutBlank(spelledText(this.spelling, ids));
  }

  offsets(text: string, ids: readonly number[]): Span[] {
    return spelledOffsets(this.spelling, ids, text);
  }
}

/** `character`: one id a letter, or its bytes; nothing is put in front of a text. */
export class Characters implements Family {
  readonly kind = "character";
  readonly spelling: readonly Uint8Array[];
  private readonly letters: Letters;

  constructor(readonly pieces: readonly string[]) {
    this.spelling = spelling(pieces);
    this.letters = new Letters(pieces);
  }

  encode(text: string): number[] {
    return this.letters.symbols(text);
  }

  decode(ids: readonly number[]): string {
    return spelledText(this.spelling, ids);
  }

  offsets(text: string, ids: readonly number[]): Span[] {
    return spelledOffsets(this.spelling, ids, text);
  }
}

/** The letter that stands for each byte in a `byte_bpe`: itself where it is visible, else one from U+0100 on. */
export const BYTE_LETTERS = (() => {
  let others = 0x100;
  const visible = (byte: number) =>
    (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte < 0xad) || (byte > 0xad && byte < 0x100);
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(visible(byte) ? byte : others++));
})();

// GPT-2's rule on a shadow of the text, in which a letter but for those of English endings is `a`, a number `0`,
// white space but for the blank a tab, and all else but for the apostrophe `!`: one sign a character.
const GPT2 = /'s|'t|'re|'ve|'m|'ll|'d| ?[a-z]+| ?0+| ?[!']+|\s+(?!\S)|\s+/g;

/** `byte_bpe`: a text is cut by GPT-2's rule, each part is taken as its bytes, and these are merged. */
export class ByteLevelPairs implements Family {
  readonly kind = "byte_bpe";
  readonly spelling: readonly Uint8Array[];
  readonly merges: Merges;

  constructor(
    readonly pieces: readonly string[],
    merges: readonly (readonly [string, string])[],
  ) {
    const bytes = new Map(BYTE_LETTERS.map((letter, byte) => [letter, byte]));
    this.spelling = pieces.map((piece, id) =>
      Uint8Array.from(id < FIRST_BYTE ? [] : Array.from(piece, (letter) => bytes.get(letter)!)),
    );
    this.merges = new Merges(pieces, merges);
  }

  encode(text: string): number[] {
    return this.words(text).flatMap((word) => this.merges.apply(word));
  }

  /** Return the words of a text as their bytes. */
  words(text: string): number[][] {
    const characters = Array.from(text);
    const words = characters.map(shadow).join("").matchAll(GPT2);
    return Array.from(words, ({ 0: { length }, index }) => byteIds(characters.slice(index, index + length).join("")));
  }

  decode(ids: readonly number[]): string {
    return spelledText(this.spelling, ids);
  }

  offsets(text: string, ids: readonly number[]): Span[] {
    return spelledOffsets(this.spelling, ids, text);
  }
}

function shadow(character: string): string {
  const point = character.codePointAt(0)!;
  if (" 'strevmld".includes(character)) return character;
  if (isIn(LETTERS, point)) return "a";
  if (isIn(NUMBERS, point)) return "0";
  return isIn(WHITE_SPACE, point) ? "\t" : "!";
}
