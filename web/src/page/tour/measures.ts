/** What the tour says of a sentence, measured in the trace of its translation. */

// Shapes.  N heads, L rows that look, K rows that are looked at.

import { row } from "../../model/places.ts";
import type { Piece, Tensor, Trace } from "../../model/trace_types.ts";

/** A word of a text: its letters, and its pieces from the first to the one behind the last. */
export interface Word {
  readonly text: string;
  readonly first: number;
  readonly last: number;
}

/** How strongly a word looks at another with one head of the encoder. */
export interface Look {
  readonly from: Word;
  readonly to: Word;
  readonly layer: number;
  readonly head: number;
  readonly share: number;
}

/** Two words of a translation whose sources stand the other way round. */
export interface Crossing {
  readonly early: Word; // in the translation
  readonly late: Word;
  readonly earlySource: Word; // which stands behind the other
  readonly lateSource: Word;
  readonly share: number; // of the looks of both, the lower
}

const LEAST = 0.25; // of a look that tells where a word comes from

const WORD = /[\p{L}\p{N}]+/gu;

/** Return the words of a text that have pieces of their own; places in the text are counted in code points. */
export function wordsOf(text: string, pieces: readonly Piece[]): Word[] {
  return Array.from(text.matchAll(WORD), (match): Word | null => {
    const start = Array.from(text.slice(0, match.index)).length;
    const end = start + Array.from(match[0]).length;
    const touches = (piece: Piece) =>
      piece.start !== null && piece.end !== null && piece.start < end && piece.end > start;
    const first = pieces.findIndex(touches);
    return first < 0 ? null : { text: match[0], first, last: pieces.findLastIndex(touches) + 1 };
  }).filter((word) => word !== null);
}

/** Return how much of what a row looks at goes to a word. */
function given(weights: Tensor, head: number, from: number, to: Word): number {
  return row(weights, head, from)
    .subarray(to.first, to.last)
    .reduce((sum, share) => sum + share, 0);
}

/** Return every look of the encoder from one of these words, by its last piece, at one of those. */
function looks({ encoder }: Trace, pairs: readonly (readonly [Word, Word])[]): Look[] {
  return encoder.layers.flatMap(({ self_attention: { weights } }, layer) =>
    Array.from({ length: weights.shape[0] }, (_, head) => head).flatMap((head) =>
      pairs.map(([from, to]) => ({ from, to, layer, head, share: given(weights, head, from.last - 1, to) })),
    ),
  );
}

function strongest(all: readonly Look[]): Look | null {
  return all.reduce<Look | null>((best, one) => (best && best.share >= one.share ? best : one), null);
}

/** Return the strongest look from one word of the source at another; null where it has not both of them. */
export function lookBetween(trace: Trace, from: string, to: string): Look | null {
  const words = wordsOf(trace.text, trace.source.pieces);
  const [one, other] = [from, to].map((wanted) => words.find(({ text }) => text === wanted));
  return one && other ? strongest(looks(trace, [[one, other]])) : null;
}

/** Return the strongest look between words that are no neighbours, else between any two; null where there is only one. */
export function lookOfAll(trace: Trace): Look | null {
  const words = wordsOf(trace.text, trace.source.pieces);
  const pairs = words.flatMap((from) =>
    words.filter((to) => to.first !== from.first).map((to): [Word, Word] => [from, to]),
  );
  const apart = pairs.filter(
    ([{ first }, to]) => Math.abs(words.findIndex((word) => word.first === first) - words.indexOf(to)) > 1,
  );
  return strongest(looks(trace, apart.length ? apart : pairs));
}

/** Return whether the word that a head gives most to is the one that is looked at. */
export function finds(trace: Trace, { from, to, layer, head, share }: Look): boolean {
  const { weights } = trace.encoder.layers[layer].self_attention;
  return wordsOf(trace.text, trace.source.pieces).every(
    (word) => word.first === to.first || given(weights, head, from.last - 1, word) <= share,
  );
}

/**
 * Return the crossing that a head of cross-attention shows most clearly, of those that tell which words belong together
 * as the model's config has it; with no crossing, the first of these heads. `later` is 1 where the step that receives a
 * piece tells of it, 0 where that which writes it does.
 */
export function clearest(trace: Trace, later: 0 | 1): { layer: number; head: number; crossing: Crossing | null } {
  const { model, decoder } = trace;
  const heads = model.alignment_heads.length ? model.alignment_heads : [[decoder.layers.length - 1, 0] as const];
  const all = heads.map(([layer, head]) => ({ layer, head, crossing: crossing(trace, layer, head, later) }));
  return all.reduce((best, one) => (plain(one.crossing) > plain(best.crossing) ? one : best));
}

/** How well a crossing is seen: the farther apart the words, and the stronger the looks, the better. */
const plain = (one: Crossing | null) => (one ? one.share * (one.earlySource.first - one.lateSource.first) : 0);

/** Return the crossing that is seen best, as a head has it: each word comes from the one that it gives most to. */
function crossing(trace: Trace, layer: number, head: number, later: 0 | 1): Crossing | null {
  const { weights } = trace.decoder.layers[layer].cross_attention;
  const sources = wordsOf(trace.text, trace.source.pieces);
  const found = wordsOf(trace.translation, trace.target.pieces).flatMap((word) => {
    const at = word.last - 1 + later;
    if (at >= trace.target.pieces.length) return [];
    const all = sources.map((source) => ({ word, source, share: given(weights, head, at, source) }));
    return all.sort((one, other) => other.share - one.share).slice(0, 1);
  });
  const pairs = found.flatMap((early, at) =>
    found.slice(at + 1).map((late): Crossing => ({
      early: early.word,
      late: late.word,
      earlySource: early.source,
      lateSource: late.source,
      share: Math.min(early.share, late.share),
    })),
  );
  return pairs
    .filter(({ share }) => share >= LEAST)
    .reduce<Crossing | null>((best, one) => (plain(one) > plain(best) ? one : best), null);
}

/** Return the step at which the piece that goes on was least probable; the end is no piece. */
export function leastSure({ steps, target }: Trace): number {
  const words = steps.flatMap(({ chosen }, step) => (target.pieces[step].text === "" ? [] : [{ step, chosen }]));
  return words.reduce(
    (least, one) => (one.chosen.probability < least.chosen.probability ? one : least),
    words[0] ?? { step: 0, chosen: steps[0].chosen },
  ).step;
}
