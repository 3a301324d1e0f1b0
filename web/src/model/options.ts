/** What a search is asked for and what it gives back, with the names of `src/dragoman/options.py`. */

import { isTable, settings } from "./settings.ts";
import { SPECIALS } from "./spelling.ts";

const MAX_BEAM = 1000;
const COLDEST = 1e-6; // temperature below which every draw is greedy, and logits overflow
const PENALTIES = ["paper", "average", "none"];
const SPLITS = ["auto", "always", "never"];
const CAPITALS = ["keep", "lower"];

/**
 * How to search for a translation. Greedy is `beam: 1`. Any of `temperature`, `top_k`, `top_p` turns the search into
 * sampling, which gives `n_best` independent samples and has no beam. Lengths count pieces, `</s>` included.
 */
export interface DecodeOptions {
  readonly beam: number | null; // null: 4, or 1 when sampling
  readonly n_best: number;
  readonly penalty: string; // "paper", "average" or "none": how a finished hypothesis's score depends on its length
  readonly alpha: number; // exponent of the paper's penalty (Wu et al. 2016, section 7)
  readonly temperature: number | null;
  readonly top_k: number | null;
  readonly top_p: number | null;
  readonly seed: number;
  readonly min_length: number;
  readonly max_length: number | null; // null: 2 x source pieces + 20, never beyond the model's positions
  readonly one_line: boolean; // the newline byte cannot be produced
  readonly split: string; // read from config.json; in the page a text is one sentence
  readonly shortlist: boolean; // read from config.json; the page looks at all pieces
  readonly capitals: string; // "keep" or "lower": what the model reads of a text in CAPITALS
}

const DEFAULTS: DecodeOptions = {
  beam: null,
  n_best: 1,
  penalty: "paper",
  alpha: 0.6,
  temperature: null,
  top_k: null,
  top_p: null,
  seed: 1,
  min_length: 1,
  max_length: null,
  one_line: true,
  split: "auto",
  shortlist: false,
  capitals: "keep",
};

/** Return options, the given ones put over `defaults`; throws an Error for what cannot be. */
export function decodeOptions(given: unknown = {}, defaults: DecodeOptions = DEFAULTS): DecodeOptions {
  const options = settings(DEFAULTS, isTable(given) ? { ...defaults, ...given } : given, "decode");
  const { beam, n_best, alpha, temperature, top_k, top_p, min_length, max_length } = options;
  const refuse = (wrong: boolean, what: string) => {
    if (wrong) throw new Error(what);
  };
  const whole = (value: number | null, high: number) =>
    value === null || (Number.isInteger(value) && 1 <= value && value <= high);
  refuse(!whole(beam, MAX_BEAM), `beam=${beam}: allowed are 1 (greedy) to ${MAX_BEAM}`);
  refuse(temperature === 0, "temperature=0 is greedy search: leave temperature out and write beam=1");
  refuse(
    temperature !== null && temperature < COLDEST,
    `temperature=${temperature}: a number from ${COLDEST} is wanted, such as 0.7`,
  );
  refuse(!whole(top_k, Infinity), `top_k=${top_k}: a whole number from 1 is wanted, such as 20`);
  refuse(
    top_p !== null && !(0 < top_p && top_p <= 1),
    `top_p=${top_p}: a number above 0 and up to 1 is wanted, such as 0.9`,
  );
  refuse(
    sampling(options) && beam !== null && beam !== 1,
    `beam=${beam} with sampling (temperature, top_k, top_p): choose one of the two`,
  );
  refuse(!whole(n_best, MAX_BEAM), `n_best=${n_best}: a whole number from 1 to ${MAX_BEAM} is wanted`);
  refuse(
    !sampling(options) && n_best > width(options),
    `n_best=${n_best} is more than beam=${width(options)}; raise beam to ${n_best}`,
  );
  refuse(!(0 <= alpha && alpha <= 10), `alpha=${alpha}: a number from 0 to 10 is wanted; the paper's is 0.6`);
  refuse(!PENALTIES.includes(options.penalty), `penalty=${options.penalty}: allowed are ${PENALTIES.join(", ")}`);
  refuse(!SPLITS.includes(options.split), `split=${options.split}: allowed are ${SPLITS.join(", ")}`);
  refuse(!CAPITALS.includes(options.capitals), `capitals=${options.capitals}: allowed are ${CAPITALS.join(", ")}`);
  refuse(!Number.isSafeInteger(options.seed), `seed=${options.seed}: a whole number is wanted`);
  refuse(!whole(min_length, Infinity), `min_length=${min_length}: a whole number from 1 is wanted`);
  refuse(
    max_length !== null && !(Number.isInteger(max_length) && max_length >= min_length),
    `max_length=${max_length}: a whole number from min_length=${min_length} is wanted`,
  );
  return options;
}

/** Whether pieces are drawn at random. */
export function sampling(options: DecodeOptions): boolean {
  return options.temperature !== null || options.top_k !== null || options.top_p !== null;
}

/** Return the hypotheses kept side by side. */
export function width(options: DecodeOptions): number {
  return sampling(options) ? 1 : (options.beam ?? 4);
}

/** Return how many pieces the translation of a source may have, its prefix included, where a model can give `longest`. */
export function limit(
  options: DecodeOptions,
  source: readonly number[],
  longest: number,
  prefix: readonly number[] = [],
): number {
  if (options.min_length > longest) {
    throw new Error(`min_length=${options.min_length}: the model can give ${longest} pieces; lower it`);
  }
  if (source.length === 0) throw new Error("a sentence of no pieces was given; it holds </s> at least");
  const most = Math.min(options.max_length ?? Math.max(2 * source.length + 20, options.min_length), longest);
  const special = prefix.find((id) => id < SPECIALS.length);
  if (special !== undefined) throw new Error(`a prefix holds ${SPECIALS[special]}; give the pieces of its text only`);
  if (prefix.length && prefix.length >= most) {
    const room = `a prefix of ${prefix.length} pieces leaves no room in a translation of ${most}`;
    throw new Error(`${room}; raise max_length or shorten the prefix`);
  }
  return most;
}

/** Return the score by which finished hypotheses of `length` pieces (with `</s>`) are ranked. */
export function score(options: DecodeOptions, logProbability: number, length: number): number {
  return logProbability / divisor(options, length);
}

/** Return what a log-probability is divided by: 1, the length, or ((5 + length) / 6) ** alpha. */
export function divisor({ penalty, alpha }: DecodeOptions, length: number): number {
  if (penalty === "none") return 1;
  return penalty === "average" ? length : ((5 + length) / 6) ** alpha;
}

export type Fate = "kept" | "finished" | "pruned";

/** A way of going on that a step of a search looked at, and what became of it. */
export interface Way {
  readonly row: number; // that it goes on from: its place among the ways kept by the step before; of samples, their number
  readonly piece: number;
  readonly logProbability: number; // of the piece
  readonly total: number; // of the whole way, this piece included
  readonly fate: Fate;
}

/** Told after each step: its number from 0 and the ways that were looked at, best first. What it throws ends the search. */
export type Watch = (step: number, ways: readonly Way[]) => void;

/** One search result: ids without `<s>`, with `</s>` when it is finished; `max_length` came first when it is not. */
export interface Hypothesis {
  readonly ids: readonly number[];
  readonly logProbabilities: readonly number[]; // of each piece
  readonly score: number;
  readonly finished: boolean;
}
