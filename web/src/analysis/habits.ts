/**
 * What heads of attention do: how much of its attention a head gives to pieces of a kind, such as the one before, and
 * how many pieces it looks at. After Clark et al. 2019 and Voita et al. 2019, section 4, who named heads so.
 */

// Shapes.  N heads, L rows that look, K rows that are looked at.

import type { Tensor } from "../model/trace_types.ts";
import { highest } from "./ranking.ts";
import type { Place } from "./spelled_words.ts";

/** Whether a row and one that it may look at are of a kind. */
type Kind = (row: number, key: number) => boolean;

export const HABITS = [
  "itself", // the piece itself
  "previous", // the one before
  "next", // the one behind
  "word", // other pieces of its word
  "repeat", // the same piece elsewhere
  "read", // the source word of the piece that the decoder has just read
  "write", // that of the piece which it writes next
  "place", // the source piece at the same place
  "separator", // punctuation, and the marks at begin and end
] as const;

export type Habit = (typeof HABITS)[number];
export type Kinds = Partial<Readonly<Record<Habit, Kind>>>;

export interface Share {
  readonly habit: Habit;
  readonly share: number; // of all attention that the head gives
  readonly chance: number; // the share if it looked at all pieces alike
}

export interface HeadHabits {
  readonly shares: readonly Share[]; // in the order of HABITS; a piece may be of several kinds
  readonly habit: Habit | null; // what the head is named for; null: for nothing
  readonly strength: number; // of that: how far its share is above chance, 1 for all attention, 0 for chance
  readonly entropy: number; // mean of the rows, in bits; 2 to this power is the number of pieces it looks at
}

const LEAST = 0.3; // of the strength for which a head is named

/** Return the kinds of a self-attention, whose rows are the pieces that are looked at. */
export function selfKinds(own: readonly Place[], ahead: boolean): Kinds {
  return {
    itself: (row, key) => key === row,
    previous: (row, key) => key === row - 1,
    ...(ahead ? { next: (row: number, key: number) => key === row + 1 } : {}),
    word: (row, key) => key !== row && together(own, row, key),
    repeat: (row, key) => key !== row && own[row].id === own[key].id,
    separator: (_, key) => own[key].separator,
  };
}

/**
 * Return the kinds of a cross-attention; row t reads target piece t - 1 and writes piece t. `alignment` [T][S] says
 * where each piece comes from; null where that is not known.
 */
export function crossKinds(source: readonly Place[], alignment: readonly Float32Array[] | null): Kinds {
  const origins = alignment?.map((shares) => origin(shares, source)) ?? null;
  return {
    ...(origins
      ? {
          read: (row: number, key: number) => row > 0 && origins[row - 1].has(key),
          write: (row: number, key: number) => origins[row].has(key),
        }
      : {}),
    place: (row, key) => key === row,
    separator: (_, key) => source[key].separator,
  };
}

/** Return the places of the source word, or of the lone piece, with the largest share of a row of an alignment. */
function origin(shares_S: Float32Array, source: readonly Place[]): Set<number> {
  const words = source.map((_, place) => [...source.keys()].filter((other) => together(source, place, other)));
  const [best] = highest(
    words.map((word) => word.reduce((sum, place) => sum + shares_S[place], 0)),
    1,
  );
  return new Set(words[best]);
}

function together(places: readonly Place[], one: number, other: number): boolean {
  return one === other || (places[one].word !== null && places[one].word === places[other].word);
}

/** Return what each head of an attention [N, L, K] does; a key that a row may not look at has no score. */
export function habits(weights: Tensor, scores: Tensor, kinds: Kinds): HeadHabits[] {
  const [heads, rows, keys] = weights.shape;
  const size = rows * keys;
  return Array.from({ length: heads }, (_, head) => {
    const weights_LK = weights.values.subarray(head * size, (head + 1) * size);
    const scores_LK = scores.values.subarray(head * size, (head + 1) * size);
    return ofHead(weights_LK, scores_LK, keys, kinds);
  });
}

function ofHead(weights_LK: Float32Array, scores_LK: Float32Array, keys: number, kinds: Kinds): HeadHabits {
  const rows = weights_LK.length / keys;
  const shares = HABITS.flatMap((habit): Share[] => {
    const kind = kinds[habit];
    if (!kind) return [];
    let share = 0;
    let chance = 0;
    for (let row = 0; row < rows; row++) {
      let seen = 0;
      let like = 0;
      for (let key = 0; key < keys; key++) {
        if (scores_LK[row * keys + key] === -Infinity) continue;
        seen++;
        if (!kind(row, key)) continue;
        like++;
        share += weights_LK[row * keys + key];
      }
      if (seen > 0) chance += like / seen;
    }
    return [{ habit, share: share / rows, chance: chance / rows }];
  });
  const strengths = shares.map(({ share, chance }) => (chance < 1 ? (share - chance) / (1 - chance) : 0));
  const [best] = highest(strengths, 1);
  const named = best !== undefined && strengths[best] >= LEAST;
  return {
    shares,
    habit: named ? shares[best].habit : null,
    strength: named ? strengths[best] : 0,
    entropy: entropies(weights_LK, keys).reduce((sum, one) => sum + one, 0) / rows,
  };
}

/** Return the entropy of each row of weights [L, K] in bits. */
export function entropies(weights_LK: Float32Array, keys: number): number[] {
  return Array.from({ length: weights_LK.length / keys }, (_, row) => {
    let bits = 0;
    for (const weight of weights_LK.subarray(row * keys, (row + 1) * keys)) {
      if (weight > 0) bits -= weight * Math.log2(weight);
    }
    return bits;
  });
}
