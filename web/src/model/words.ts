/**
 * The two families that cut a text into words and marks first: `wordpiece` as BERT has it (Devlin et al. 2019), which
 * then takes the longest piece that a word begins with and goes on with the rest, and `word`, which has whole words.
 * Both lose what they do not know.
 */

import { BLANK, FIRST_BYTE, UNK, spelledText, utf8, withoutBlank } from "./spelling.ts";
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
    return words(text).flatMap((word) => this.cut(Array.from(word)));
  }

  decode(ids: readonly number[]): string {
    const text = withoutBlank(spelledText(this.spelling, ids));
    return NO_BLANK.reduce((cleaned, blank) => cleaned.replaceAll(blank, ""), text);
  }

  private cut(word: readonly string[]): number[] {
    if (word.length > LONGEST) return [UNK];
    const ids: number[] = [];
    for (let begin = 0; begin < word.length;) {
      const front = begin > 0 ? INSIDE : "";
      let end = word.length;
      while (end > begin && !this.ids.has(front + word.slice(begin, end).join(""))) end--;
      if (end === begin) return [UNK];
      ids.push(this.ids.get(front + word.slice(begin, end).join(""))!);
      begin = end;
    }
    return ids;
  }
}

/** Clean a text as BERT does and cut it at white space, which is left out, and at marks, which are words. */
function words(text: string): string[] {
  let marked = "";
  for (const character of text) {
    const point = character.codePointAt(0)!;
    if (isIn(BERT_DROPPED, point)) continue;
    if (isIn(WHITE_SPACE, point)) marked += " ";
    else marked += isIn(CHINESE, point) || isIn(BERT_MARKS, point) ? ` ${character} ` : character;
  }
  return marked.split(" ").filter((word) => word !== "");
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
    if (text === "") return [];
    const characters = Array.from(BLANK + text.replaceAll(" ", BLANK));
    const found = characters.map(shadow).join("").matchAll(WORD);
    return Array.from(found, ({ 0: { length }, index }) => {
      return this.ids.get(characters.slice(index, index + length).join("")) ?? UNK;
    });
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
