/**
 * A list of tokens, for foreign models that bring no tokenizer: characters, or what stands between blanks. What is not in
 * the list is unknown, and lost.
 */

import { FIRST_BYTE, type Span, UNK, utf8 } from "./spelling.ts";
import type { Family } from "./tokenizer.ts";

export type Cut = "characters" | "blanks";

const WORD = /[^\p{White_Space}\x1c-\x1f]+/gu; // between white space as Python has it

export class Tokens implements Family {
  readonly kind = "tokens";
  readonly spelling: readonly Uint8Array[];
  private readonly ids: Map<string, number>;

  /** Throws an Error for a piece that this cut cannot find. */
  constructor(
    readonly pieces: readonly string[],
    private readonly cut: Cut,
  ) {
    const wrong = pieces.findIndex((piece, id) => {
      if (id < FIRST_BYTE) return false;
      return cut === "blanks" ? piece.match(WORD)?.[0] !== piece : Array.from(piece).length > 1;
    });
    if (wrong >= 0) throw new Error(`the piece ${wrong} is cut by ${cut}`);
    this.ids = new Map(pieces.map((piece, id) => [piece, id] as const).slice(FIRST_BYTE));
    this.spelling = pieces.map((piece, id) => utf8(id < FIRST_BYTE ? "" : this.blank + piece));
  }

  encode(text: string): number[] {
    return this.tokens(text).map(([token]) => this.ids.get(token) ?? UNK);
  }

  decode(ids: readonly number[]): string {
    return ids
      .filter((id) => id >= FIRST_BYTE)
      .map((id) => this.pieces[id])
      .join(this.blank);
  }

  offsets(text: string, ids: readonly number[]): Span[] | null {
    const own = this.encode(text);
    if (own.length !== ids.length || own.some((id, at) => id !== ids[at])) return null;
    return this.tokens(text).map(([token, start]) => [start, start + Array.from(token).length]);
  }

  private get blank(): string {
    return this.cut === "characters" ? "" : " ";
  }

  /** Return the tokens, each with its first character in code points. */
  private tokens(text: string): (readonly [token: string, start: number])[] {
    if (this.cut === "characters") return Array.from(text, (letter, at) => [letter, at] as const);
    return Array.from(text.matchAll(WORD), ({ 0: token, index }) => [token, Array.from(text.slice(0, index)).length]);
  }
}
