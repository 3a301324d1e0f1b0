/**
 * The two families that cut a text into words and marks first: `wordpiece` as BERT has it (Devlin et al. 2019), which
 * then takes the longest piece that a word begins with and goes on with the rest, and `word`, which has whole words.
 * Both lose what they do not know.
 */

import { BLANK, FIRST_BYTE, type Span, UNK, spelledText, utf8, withoutBlank } from "./spelling.ts";
import type { Family } from "./tokenizer.ts";
import { BERT_DROPPED, BERT_MARKS, CHINESE, LETTERS, MARKS, SIGNS, WHITE_SPACE, isIn } from "./unicode.ts";

export const INSIDE = "##"; // before a piece that does not begin a word
export const LONGEST = 100; // letters of a word, else it is unknown

// Blanks that are taken out between words and marks, in the order in which they are looked for. What is a letter is asked
// of the browser here, as it is of Python there; the ids of a text do not depend on it.
const LETTER = "[\\p{L}\\p{Nl}\\p{No}]";
const NO_BLANK = [
  " (?=[.,;:!?%)\\]}»”’…])",
  "(?<=[(\\[{«„“‚¿¡]) ",
  `(?<=${LETTER}) (?=['’\\-] ${LETTER})`,
  `(?<=${LETTER}['’\\-]) (?=${LETTER})`,
  "(?<=\\p{Nd}[.,:]) (?=\\p{Nd})",
].map((pattern) => new RegExp(pattern, "gu"));

interface Placed {
  readonly id: number;
  readonly span: Span;
}

/** Return where pieces stand, if these are their ids. */
function spans(placed: readonly Placed[], ids: readonly number[]): Span[] | null {
  const same = placed.length === ids.length && placed.every(({ id }, at) => id === ids[at]);
  return same ? placed.map(({ span }) => span) : null;
}

/** A word, and all that was looked up in the vocabulary to cut it, in order. */
export interface Lookup {
  readonly letters: readonly string[];
  readonly tries: readonly Try[];
}

export interface Try {
  readonly piece: string;
  readonly begin: number; // of its letters
  readonly end: number;
  readonly known: boolean;
}

/** `wordpiece`: a word that cannot be cut is unknown, and which blanks stood beside marks is not recorded. */
export class WordPieces implements Family {
  readonly kind = "wordpiece";
  readonly spelling: readonly Uint8Array[];
  private readonly ids: Map<string, number>;

  constructor(readonly pieces: readonly string[]) {
    this.ids = new Map(pieces.map((piece, id) => [piece, id]));
    this.spelling = pieces.map((piece, id) => {
      if (id < FIRST_BYTE) return new Uint8Array();
      return utf8(piece.startsWith(INSIDE) ? piece.slice(INSIDE.length) : ` ${piece}`);
    });
  }

  encode(text: string): number[] {
    return this.placed(text).map(({ id }) => id);
  }

  offsets(text: string, ids: readonly number[]): Span[] | null {
    return spans(this.placed(text), ids);
  }

  private placed(text: string): Placed[] {
    return words(text).flatMap((word) => {
      const place = (at: number) => word[at].place;
      const letters = word.map(({ letter }) => letter);
      return this.cut(letters).map(({ id, span: [begin, end] }) => ({ id, span: [place(begin), place(end - 1) + 1] }));
    });
  }

  decode(ids: readonly number[]): string {
    const text = withoutBlank(spelledText(this.spelling, ids));
    return NO_BLANK.reduce((cleaned, blank) => cleaned.replaceAll(blank, ""), text);
  }

  /** Return the words of a text, and what is looked up for each of them. */
  lookups(text: string): Lookup[] {
    return words(text).map((word) => {
      const letters = word.map(({ letter }) => letter);
      const tries: Try[] = [];
      this.cut(letters, (one) => tries.push(one));
      return { letters, tries };
    });
  }

  private cut(word: readonly string[], watch?: (one: Try) => void): Placed[] {
    const unknown: Placed[] = [{ id: UNK, span: [0, word.length] }];
    if (word.length > LONGEST) return unknown;
    const found: Placed[] = [];
    for (let begin = 0; begin < word.length;) {
      const look = (end: number) => {
        const piece = (begin > 0 ? INSIDE : "") + word.slice(begin, end).join("");
        const id = this.ids.get(piece);
        watch?.({ piece, begin, end, known: id !== undefined });
        return id;
      };
      let end = word.length;
      let id = look(end);
      while (id === undefined && --end > begin) id = look(end);
      if (id === undefined) return unknown;
      found.push({ id, span: [begin, end] });
      begin = end;
    }
    return found;
  }
}

interface Letter {
  readonly letter: string;
  readonly place: number; // in the text
}

/** Clean a text as BERT does and cut it at white space, which is left out, and at marks, which are words. */
function words(text: string): Letter[][] {
  const found: Letter[][] = [];
  let open = false; // whether the next letter goes on with the last word
  Array.from(text).forEach((letter, place) => {
    const point = letter.codePointAt(0)!;
    if (isIn(BERT_DROPPED, point)) return;
    if (isIn(WHITE_SPACE, point)) {
      open = false;
      return;
    }
    const alone = isIn(CHINESE, point) || isIn(BERT_MARKS, point);
    if (open && !alone) found.at(-1)!.push({ letter, place });
    else found.push([{ letter, place }]);
    open = !alone;
  });
  return found;
}

// The rule of `word` on a shadow of the text: blank `_`, letter `a`, combining mark `m`, apostrophe `'`, other
// punctuation and symbols `!`, other white space a tab, all else `0`; one sign a character.
const WORD = /(?<=a)'[am]+|_?[am0]+|_?['!\t]|_/g;

/** `word`: a word with the blank before it, a mark, or an ending after an apostrophe; any other is unknown. */
export class Words implements Family {
  readonly kind = "word";
  readonly spelling: readonly Uint8Array[];
  private readonly ids: Map<string, number>;

  constructor(readonly pieces: readonly string[]) {
    this.ids = new Map(pieces.map((piece, id) => [piece, id]));
    this.spelling = pieces.map((piece, id) =>
      id < FIRST_BYTE ? new Uint8Array() : utf8(piece.replaceAll(BLANK, " ")),
    );
  }

  encode(text: string): number[] {
    return this.placed(text).map(({ id }) => id);
  }

  /** The blank in front of the text counts as its first character. */
  offsets(text: string, ids: readonly number[]): Span[] | null {
    return spans(this.placed(text), ids);
  }

  private placed(text: string): Placed[] {
    return this.cut(text).map(({ letters, index }) => ({
      id: this.ids.get(letters.join("")) ?? UNK,
      span: [Math.max(index - 1, 0), Math.max(index + letters.length - 1, 1)],
    }));
  }

  /** Return the words of a text, each of which is looked up as it is. */
  lookups(text: string): Lookup[] {
    return this.cut(text).map(({ letters }) => {
      const piece = letters.join("");
      return { letters, tries: [{ piece, begin: 0, end: letters.length, known: this.ids.has(piece) }] };
    });
  }

  private cut(text: string): { letters: string[]; index: number }[] {
    if (text === "") return [];
    const characters = Array.from(BLANK + text.replaceAll(" ", BLANK));
    const found = characters.map(shadow).join("").matchAll(WORD);
    return Array.from(found, ({ 0: { length }, index }) => ({
      letters: characters.slice(index, index + length),
      index,
    }));
  }

  decode(ids: readonly number[]): string {
    return withoutBlank(spelledText(this.spelling, ids));
  }
}

function shadow(character: string): string {
  const point = character.codePointAt(0)!;
  if (character === BLANK) return "_";
  if (character === "'" || character === "’") return "'";
  if (isIn(LETTERS, point)) return "a";
  if (isIn(MARKS, point)) return "m";
  if (isIn(SIGNS, point)) return "!";
  return isIn(WHITE_SPACE, point) ? "\t" : "0";
}
