/**
 * Which part of a text each piece is: pieces of bytes are joined until they make a character that can be shown, and the
 * blank in front of a word belongs to no part.
 */

export interface Span {
  readonly start: number; // in the text, as JavaScript counts
  readonly end: number;
  readonly first: number; // its pieces
  readonly last: number; // the one behind them
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** Return the parts of a text in order, from what each of its pieces adds to it in UTF-8. */
export function spans(text: string, spelled: readonly Uint8Array[]): Span[] {
  const found = exact(text, spelled) ?? searched(text, spelled);
  return found.map((span) => {
    const shown = text.slice(span.start, span.end);
    const blank = shown.length - shown.trimStart().length;
    return blank < shown.length ? { ...span, start: span.start + blank } : span;
  });
}

/** Return the parts where the pieces spell the text byte by byte, a blank in front allowed; else null. */
function exact(text: string, spelled: readonly Uint8Array[]): Span[] | null {
  const bytes = encoder.encode(text);
  const length = spelled.reduce((sum, piece) => sum + piece.length, 0);
  const lead = length - bytes.length;
  const blank = lead === 1 && spelled.find((piece) => piece.length)?.[0] === 0x20;
  if (lead !== 0 && !blank) return null;
  const ends = places(text); // of characters: byte → place
  const found: Span[] = [];
  let at = -lead;
  let start = 0;
  let first = 0;
  for (const [index, piece] of spelled.entries()) {
    for (const byte of piece) if (at++ >= 0 && bytes[at - 1] !== byte) return null;
    const end = ends.get(Math.max(0, at));
    if (end === undefined || end <= start) continue; // inside a character, or nothing new
    found.push({ start, end, first, last: index + 1 });
    [start, first] = [end, index + 1];
  }
  return found;
}

/** Return the place in the text of every byte at which a character that can be shown begins, or the text ends. */
function places(text: string): Map<number, number> {
  const ends = new Map([[0, 0]]);
  let byte = 0;
  for (const { index, segment } of graphemes.segment(text)) {
    byte += encoder.encode(segment).length;
    ends.set(byte, index + segment.length);
  }
  return ends;
}

/** Find each piece behind the one before it, in a text that its pieces do not spell exactly. */
function searched(text: string, spelled: readonly Uint8Array[]): Span[] {
  const found: Span[] = [];
  let from = 0;
  spelled.forEach((piece, first) => {
    const own = decoder.decode(piece).trim();
    const start = own ? text.indexOf(own, from) : -1;
    if (start < 0) return;
    from = start + own.length;
    found.push({ start, end: from, first, last: first + 1 });
  });
  return found;
}
