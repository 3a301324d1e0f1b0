/**
 * How a vocabulary spells: 4 specials, 256 bytes, then pieces, in which U+2581 stands for a blank.
 *
 * Every character that is no piece is spelled as its UTF-8 bytes, and so is a U+2581 that the user wrote.
 */

export const UNK = 1;
export const BOS = 2;
export const EOS = 3;
export const SPECIALS = ["<pad>", "<unk>", "<s>", "</s>"];
export const FIRST_BYTE = SPECIALS.length;
export const FIRST_PIECE = FIRST_BYTE + 256;

/** Whether a piece is what ends a source that has an end: `</s>`, or the tag of a language. */
export const isEnd = (id: number, piece: string): boolean => id === EOS || piece.startsWith("<to ");

export const BLANK = "▁"; // U+2581, which stands for a blank inside a piece
export const BYTES = Array.from({ length: 256 }, (_, byte) => hex(byte));

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true }); // U+FEFF is a character as any other

/** Return the UTF-8 of a text. */
export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** Return the ids of the bytes that spell a text. */
export function byteIds(text: string): number[] {
  return Array.from(utf8(text), (byte) => FIRST_BYTE + byte);
}

/** Return what each id adds to a text: nothing for a special, one byte for a byte piece. */
export function spelling(pieces: readonly string[]): Uint8Array[] {
  return pieces.map((piece, id) => {
    if (id < FIRST_BYTE) return new Uint8Array();
    return id < FIRST_PIECE ? Uint8Array.of(id - FIRST_BYTE) : utf8(piece.replaceAll(BLANK, " "));
  });
}

/** Join what the ids add, with U+FFFD for bytes that are no UTF-8. */
export function spelledText(spelled: readonly Uint8Array[], ids: readonly number[]): string {
  const bytes = new Uint8Array(ids.reduce((sum, id) => sum + spelled[id].length, 0));
  let end = 0;
  for (const id of ids) {
    bytes.set(spelled[id], end);
    end += spelled[id].length;
  }
  return decoder.decode(bytes);
}

/** Where a piece stands in a text, [start, end) in characters, by Unicode code points. */
export type Span = readonly [start: number, end: number];

/**
 * Return the characters that each id touches in the text that the ids spell, before which there may be a blank. Pieces
 * that share a character all have it, and the blank takes no room.
 */
export function spelledOffsets(spelled: readonly Uint8Array[], ids: readonly number[], text: string): Span[] {
  const begins = (byte: number) => (byte & 0xc0) !== 0x80;
  const begun = ids.map((id) => spelled[id].filter(begins).length);
  const inFront = begun.reduce((sum, count) => sum + count, 0) - Array.from(text).length;
  let end = -inFront;
  return ids.map((id, at) => {
    const start = spelled[id].length === 0 || begins(spelled[id][0]) ? end : end - 1;
    end += begun[at];
    return [Math.max(start, 0), Math.max(end, 0)];
  });
}

/** Return a text without the blank that was put in front of it. */
export function withoutBlank(text: string): string {
  return text.startsWith(" ") ? text.slice(1) : text;
}

/**
 * Encode a text part by part: put the blank in front, and cut at each U+2581 that the user wrote, which no piece may
 * hold and which is spelled as bytes.
 */
export function encodeParts(text: string, encodePart: (part: string) => number[]): number[] {
  if (text === "") return [];
  const [first, ...others] = text.split(BLANK);
  return [encodePart(` ${first}`), ...others.map((part) => [...byteIds(BLANK), ...encodePart(part)])].flat();
}

function hex(byte: number): string {
  return `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`;
}
