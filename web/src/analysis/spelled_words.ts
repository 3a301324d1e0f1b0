/** Which word of its text each piece is of, and which pieces only separate: punctuation, and the mark at the end. */

import type { Span } from "../page/spans.ts";

export interface Place {
  readonly id: number; // of the piece
  readonly word: number | null; // where its word begins in the text; null for what is in no word
  readonly separator: boolean;
}

const segmenter = new Intl.Segmenter(undefined, { granularity: "word" });

/** Return the places of pieces, from the parts of the text that they are; what is in no part is a mark. */
export function places(text: string, ids: readonly number[], spans: readonly Span[]): Place[] {
  const segments = segmenter.segment(text);
  const found: Place[] = ids.map((id) => ({ id, word: null, separator: true }));
  for (const { start, end, first, last } of spans) {
    const segment = segments.containing(start);
    const separator = segment?.isWordLike !== true;
    const blank = text.slice(start, end).trim() === "";
    for (let at = first; at < last; at++) {
      found[at] = { id: ids[at], word: separator ? null : (segment?.index ?? null), separator: separator && !blank };
    }
  }
  return found;
}
