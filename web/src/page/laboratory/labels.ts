/** How a piece of any family is shown: what it adds to a text, bytes that are no whole character as numbers. */

import { BYTE_LETTERS } from "../../model/merging.ts";
import type { Kind } from "../../model/pipeline.ts";
import { SPECIALS } from "../../model/spelling.ts";
import { visible } from "../invisible.ts";

export interface Label {
  readonly text: string;
  readonly bytes: boolean; // whether the text is the numbers of bytes
}

const BYTES = new Map(BYTE_LETTERS.map((letter, byte) => [letter, byte]));
const BYTE = /^<0x([0-9A-F]{2})>$/;
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Return how a piece as it stands in a vocabulary is shown. */
export function labelOf(piece: string, kind: Kind): Label {
  if (SPECIALS.includes(piece)) return { text: piece, bytes: false };
  if (kind === "byte_bpe") return spelled(Uint8Array.from(piece, (letter) => BYTES.get(letter)!));
  const byte = kind === "wordpiece" || kind === "word" ? null : BYTE.exec(piece);
  return byte ? { text: byte[1], bytes: true } : { text: visible(piece), bytes: false };
}

function spelled(bytes: Uint8Array): Label {
  try {
    return { text: visible(decoder.decode(bytes).replaceAll(" ", "▁")), bytes: false };
  } catch {
    return {
      text: Array.from(bytes, (byte) => byte.toString(16).toUpperCase().padStart(2, "0")).join(" "),
      bytes: true,
    };
  }
}
