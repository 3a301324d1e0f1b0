/**
 * What may be produced next: a small automaton over ids, which every search walks.
 *
 * Pieces can only spell valid UTF-8 (RFC 3629, section 4), whatever bytes each of them holds.
 */

import { EOS } from "./spelling.ts";

export const WHOLE = 0; // the first state, and the only one in which a text may end or be cut
const NOWHERE = 255;

// State: [first byte, last byte, next state] of what may follow. States 1-3 wait for that many plain continuation
// bytes; 4-7 for the narrower second byte after E0, ED, F0 and F4 (no overlong forms, no surrogates, nothing above
// U+10FFFF).
const UTF8: readonly (readonly [number, number, number])[][] = [
  [
    [0x00, 0x7f, WHOLE],
    [0xc2, 0xdf, 1],
    [0xe0, 0xe0, 4],
    [0xe1, 0xec, 2],
    [0xed, 0xed, 5],
    [0xee, 0xef, 2],
    [0xf0, 0xf0, 6],
    [0xf1, 0xf3, 3],
    [0xf4, 0xf4, 7],
  ],
  [[0x80, 0xbf, WHOLE]],
  [[0x80, 0xbf, 1]],
  [[0x80, 0xbf, 2]],
  [[0xa0, 0xbf, 1]],
  [[0x80, 0x9f, 1]],
  [[0x90, 0xbf, 2]],
  [[0x80, 0x8f, 2]],
];

/** An automaton over ids that starts in the state WHOLE. */
export class Grammar {
  private constructor(private readonly next_QV: readonly Uint8Array[]) {}

  /**
   * Return the grammar of valid text, for what each id adds to it (`Tokenizer.spelling`).
   *
   * A piece that adds nothing is never produced, but for `</s>` between characters; with `oneLine` none that holds a
   * line feed is either.
   */
  static utf8(spelling: readonly Uint8Array[], oneLine: boolean): Grammar {
    const next_QV = UTF8.map((_, state) =>
      Uint8Array.from(spelling, (bytes) => (bytes.length ? end(state, bytes) : NOWHERE)),
    );
    next_QV[WHOLE][EOS] = WHOLE;
    if (oneLine) {
      spelling.forEach((bytes, id) => {
        if (bytes.includes(0x0a)) for (const next_V of next_QV) next_V[id] = NOWHERE;
      });
    }
    return new Grammar(next_QV);
  }

  /** Whether an id may come in a state. */
  allows(state: number, id: number): boolean {
    return this.next_QV[state][id] !== NOWHERE;
  }

  /** Return the state after an id, WHOLE after one that is not allowed. */
  after(state: number, id: number): number {
    return this.allows(state, id) ? this.next_QV[state][id] : WHOLE;
  }

  /** Return how many of the first ids make a text that may end: all, or those before a cut character. */
  whole(ids: readonly number[]): number {
    let length = 0;
    let state = WHOLE;
    ids.forEach((id, at) => {
      state = this.after(state, id);
      if (state === WHOLE) length = at + 1;
    });
    return length;
  }
}

/** Return the state after some bytes, or NOWHERE where they cannot follow. */
function end(state: number, bytes: Uint8Array): number {
  for (const byte of bytes) {
    const following = UTF8[state].find(([first, last]) => first <= byte && byte <= last);
    if (!following) return NOWHERE;
    state = following[2];
  }
  return state;
}
