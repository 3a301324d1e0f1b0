/** The film of a training, as `src/dragoman/explain/film.py` records it: one sentence at several steps of the way. */

// Shapes.  S source pieces, T target pieces with `</s>`, A decoder layers and one, K pieces ranked, P pieces on the map.

import type { NamedRanking } from "../analysis/inside.ts";
import { bytes } from "../page/embedded.ts";

export const FORMAT = "dragoman-film";
export const VERSION = 1;

export interface Film {
  readonly text: string;
  readonly translation: string; // of the model as it is
  readonly source: readonly string[]; // S
  readonly read: readonly string[]; // what the decoder has read last at each step, T
  readonly written: readonly string[]; // the final translation, T
  readonly aligns: boolean; // the heads are those that the config names for alignment, not all of the last layer
  readonly named: readonly string[]; // on the map, P
  readonly shares: readonly [number, number]; // of the variance of those, which the map shows at the end
  readonly kept: number; // snapshots that there were, of which these frames are
  readonly frames: readonly Frame[];
  readonly loss: Loss;
}

export interface Frame {
  readonly step: number;
  readonly translation: string; // by the weights of this step
  readonly alignment: Float32Array; // where the final translation looks, [T - 1, S]
  readonly layers: readonly (readonly NamedRanking[])[]; // what would be written in its place, [A][T]
  readonly map: Float32Array; // [P, 2], all frames on one map
  readonly chance: number; // geometric mean of the probabilities that it gives the pieces of the final translation
}

export interface Loss {
  readonly training: readonly (readonly [step: number, loss: number, seconds: number | null])[];
  readonly validation: readonly (readonly [step: number, loss: number, chrf: number | null])[];
}

interface Written {
  readonly format: string;
  readonly version: number;
  readonly pieces: readonly string[];
  readonly top: number;
  readonly layers: number;
  readonly map: readonly number[];
  readonly written: readonly number[];
  readonly frames: readonly {
    readonly step: number;
    readonly translation: string;
    readonly alignment: string;
    readonly best: string;
    readonly chances: string;
    readonly own: string;
    readonly map: string;
  }[];
}

/** Return a film from its JSON; throws an Error for what is no film of this version. */
export function readFilm(text: string): Film {
  const table = JSON.parse(text) as Omit<Film, "written" | "frames" | "named" | "read"> & Written;
  if (table.format !== FORMAT || table.version !== VERSION) {
    throw new Error(`this is no film of version ${VERSION}; write the page anew with dragoman explain`);
  }
  const { pieces, top, layers, frames } = table;
  const written = table.written.map((place) => pieces[place]);
  const { text: shown, translation, source, aligns, shares, kept, loss } = table;
  return {
    ...{ text: shown, translation, source, aligns, shares, kept, loss, written },
    read: ["<s>", ...written.slice(0, -1)],
    named: table.map.map((place) => pieces[place]),
    frames: frames.map((frame) => {
      const best = new Uint16Array(bytes(frame.best).buffer);
      const chances = new Uint16Array(bytes(frame.chances).buffer);
      const own = Float64Array.from(new Uint16Array(bytes(frame.own).buffer), (share) => share / 65535);
      const ranking = (layer: number, step: number): NamedRanking => {
        const first = (layer * written.length + step) * top;
        const ranked = Array.from({ length: top }, (_, at) => ({
          id: best[first + at],
          piece: pieces[best[first + at]],
          value: chances[first + at] / 65535,
        }));
        const rank = ranked.findIndex(({ id }) => id === table.written[step]) + 1 || top + 1; // top + 1: behind these
        return { best: ranked, own: own[layer * written.length + step], rank };
      };
      const last = own.subarray(layers * written.length);
      return {
        step: frame.step,
        translation: frame.translation,
        alignment: Float32Array.from(bytes(frame.alignment), (share) => share / 255),
        layers: Array.from({ length: layers + 1 }, (_, layer) => written.map((_, step) => ranking(layer, step))),
        map: Float32Array.from(new Int16Array(bytes(frame.map).buffer), (place) => place / 32767),
        chance: Math.exp(last.reduce((sum, one) => sum + Math.log(Math.max(one, 0.5 / 65535)), 0) / last.length),
      };
    }),
  };
}

/** Return the map [P, 2] between two frames: `share` of the way from the first to the second. */
export function between(first: Float32Array, second: Float32Array, share: number): Float32Array {
  return share === 0 ? first : first.map((place, at) => place + share * (second[at] - place));
}

/** Return how long the training took until a step, in seconds, or null where it is not known. */
export function secondsAt({ training }: Loss, step: number): number | null {
  const known: (readonly [number, number])[] = [[0, 0]];
  for (const [at, , seconds] of training) if (seconds !== null) known.push([at, seconds]);
  const after = known.findIndex(([at]) => at >= step);
  if (known.length < 2) return null;
  if (after <= 0) return known.at(-1)![1];
  const [[from, begun], [to, ended]] = [known[after - 1], known[after]];
  return begun + ((step - from) / (to - from)) * (ended - begun);
}

/** Return the last of some points [step, ...] that is not after a step, or null. */
export function latest<T extends readonly [number, ...unknown[]]>(points: readonly T[], step: number): T | null {
  return points.findLast(([at]) => at <= step) ?? null;
}
