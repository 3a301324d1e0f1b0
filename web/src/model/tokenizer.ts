/**
 * From text to ids and back, id for id as `dragoman.text.tokenizer.Tokenizer` does, in every one of its families.
 *
 * What letters, marks and white space are stands in `unicode.ts`, so no browser's own opinion changes an id.
 */

import { BYTE_LETTERS, BytePairs, ByteLevelPairs, Characters } from "./merging.ts";
import { type Kind, kindOf } from "./pipeline.ts";
import { type Table, isTable, parseJson } from "./settings.ts";
import { BLANK, BYTES, FIRST_BYTE, FIRST_PIECE, SPECIALS, type Span } from "./spelling.ts";
import { type Cut, Tokens } from "./tokens.ts";
import { Unigram } from "./unigram.ts";
import { WordPieces, Words } from "./words.ts";

/** A vocabulary with the rule of one algorithm. Texts hold no lone surrogate, ids are in range. */
export interface Family {
  readonly kind: Kind;
  readonly pieces: readonly string[];
  /** What each id adds to a text, in UTF-8: nothing for a special, a part of a character for some. */
  readonly spelling: readonly Uint8Array[];
  encode(text: string): number[];
  decode(ids: readonly number[]): string;
  /** Where the pieces of a text stand in it; null where the ids are not those of the text. */
  offsets(text: string, ids: readonly number[]): Span[] | null;
}

export class Tokenizer {
  constructor(readonly family: Family) {}

  get kind(): Kind {
    return this.family.kind;
  }

  get pieces(): readonly string[] {
    return this.family.pieces;
  }

  get spelling(): readonly Uint8Array[] {
    return this.family.spelling;
  }

  /** Return the ids of a text, without `<s>` and `</s>`; throws an Error at a lone surrogate, which is no character. */
  encode(text: string): number[] {
    const surrogate = text.match(/\p{Cs}/u);
    if (surrogate) {
      const point = surrogate[0].charCodeAt(0).toString(16).toUpperCase();
      throw new Error(`the text holds U+${point}, half of a surrogate pair; write the whole character`);
    }
    return this.family.encode(text);
  }

  /** Return the text of ids but specials, U+FFFD for bytes that are no UTF-8. */
  decode(ids: readonly number[]): string {
    const wrong = ids.find((id) => !(id in this.pieces));
    if (wrong === undefined) return this.family.decode(ids);
    throw new Error(`id ${wrong} is not in the vocabulary; allowed are 0 to ${this.pieces.length - 1}`);
  }

  /**
   * Return where in a text each of the ids stands that were cut from it, or that it was decoded from; null where a
   * family that loses something cannot say.
   */
  offsets(text: string, ids: readonly number[]): Span[] | null {
    return this.family.offsets(text, ids);
  }
}

/** Return the tokenizer in the text of a tokenizer.json; throws an Error for any that dragoman did not write. */
export function readTokenizer(text: string, name: string): Tokenizer {
  const file = parseJson(text, name);
  try {
    if (!isTable(file) || !isTable(file["model"])) throw new Error("it has no model");
    return new Tokenizer(familyOf(kindOf(file), file["model"], file["decoder"] === null ? "blanks" : "characters"));
  } catch (error) {
    const what = error instanceof Error ? error.message : error;
    throw new Error(`${name} is no tokenizer.json that dragoman wrote: ${what}; restore the file`);
  }
}

function familyOf(kind: Kind, model: Table, cut: Cut): Family {
  switch (kind) {
    case "bpe": {
      const pieces = spelled(checkedVocab(model["vocab"]));
      return new BytePairs(pieces, checkedMerges(model["merges"], pieces, FIRST_PIECE));
    }
    case "byte_bpe": {
      const pieces = checkedPieces(checkedVocab(model["vocab"]), [...SPECIALS, ...BYTE_LETTERS]);
      const letters = new Set(BYTE_LETTERS);
      if (pieces.slice(FIRST_BYTE).some((piece) => Array.from(piece).some((letter) => !letters.has(letter)))) {
        throw new Error("a piece holds a letter that stands for no byte");
      }
      return new ByteLevelPairs(pieces, checkedMerges(model["merges"], pieces, FIRST_BYTE));
    }
    case "character": {
      const pieces = spelled(checkedVocab(model["vocab"]));
      if (!Array.isArray(model["merges"]) || model["merges"].length) throw new Error("characters are never merged");
      if (pieces.slice(FIRST_PIECE).some((piece) => Array.from(piece).length > 1)) {
        throw new Error("a piece has more than one character");
      }
      return new Characters(pieces);
    }
    case "unigram": {
      const entries = checkedEntries(model["vocab"]);
      return new Unigram(
        spelled(entries.map(([piece]) => piece)),
        entries.map(([, score]) => score),
      );
    }
    case "wordpiece":
      return new WordPieces(checkedPieces(checkedVocab(model["vocab"]), SPECIALS));
    case "word":
      return new Words(checkedPieces(checkedVocab(model["vocab"]), SPECIALS));
    case "tokens":
      return new Tokens(checkedPieces(checkedVocab(model["vocab"]), SPECIALS), cut);
  }
}

/** Return the pieces in the order of their ids, which must be 0, 1, 2 and so on without a gap. */
function checkedVocab(vocab: unknown): string[] {
  if (!isTable(vocab)) throw new Error("model.vocab is no table from pieces to ids");
  const pieces: string[] = [];
  for (const [piece, id] of Object.entries(vocab)) {
    if (!Number.isInteger(id)) throw new Error("model.vocab is no table from pieces to ids");
    pieces[id as number] = piece;
  }
  const count = Object.keys(vocab).length;
  for (let id = 0; id < Math.max(count, pieces.length); id++) {
    if (pieces[id] === undefined) throw new Error(`model.vocab has no piece with the id ${id}`);
  }
  return pieces;
}

/** Return the pieces of a unigram model with their log-probabilities. */
function checkedEntries(vocab: unknown): [string, number][] {
  const isEntry = (entry: unknown): entry is [string, number] =>
    Array.isArray(entry) && entry.length === 2 && typeof entry[0] === "string" && typeof entry[1] === "number";
  if (!Array.isArray(vocab) || !vocab.every(isEntry)) throw new Error("model.vocab is no list of pieces with numbers");
  if (new Set(vocab.map(([piece]) => piece)).size < vocab.length) throw new Error("a piece is given twice");
  vocab.forEach(([piece, score], id) => {
    if (id < FIRST_PIECE ? score !== 0 : !(score <= 0 && Number.isFinite(score))) {
      throw new Error(`the score of the piece ${id} is no logarithm of a probability`);
    }
    if (id >= FIRST_PIECE && piece.length > 1 && (piece.includes("<") || piece.includes(BLANK, 1))) {
      throw new Error(`the piece ${id} holds a blank or a <, at which a text is always cut`);
    }
  });
  return vocab;
}

function spelled(pieces: string[]): string[] {
  if (!pieces.includes(BLANK)) throw new Error("no piece is the blank U+2581 alone");
  return checkedPieces(pieces, [...SPECIALS, ...BYTES]);
}

function checkedPieces(pieces: string[], reserved: readonly string[]): string[] {
  if (reserved.some((piece, id) => pieces[id] !== piece)) {
    throw new Error(`the ids 0 to ${reserved.length - 1} are not what they must be`);
  }
  pieces.forEach((piece, id) => {
    if (piece === "" || /[\n\0]|\p{Cs}/u.test(piece)) throw new Error(`the piece ${id} is no text of one line`);
  });
  return pieces;
}

/** Return the merges, each of two pieces from the id `first` on whose join is one too. */
function checkedMerges(merges: unknown, pieces: readonly string[], first: number): [string, string][] {
  if (!Array.isArray(merges)) throw new Error("model.merges is no list");
  const known = new Set<unknown>(pieces.slice(first));
  const seen = new Set<string>();
  merges.forEach((pair: unknown, rank) => {
    if (!Array.isArray(pair) || pair.length !== 2 || ![...pair, pair[0] + pair[1]].every((piece) => known.has(piece))) {
      throw new Error(`merge ${rank} is not of two pieces that make a third`);
    }
    seen.add(JSON.stringify(pair));
  });
  if (seen.size < merges.length) throw new Error("a merge is given twice");
  return merges;
}
