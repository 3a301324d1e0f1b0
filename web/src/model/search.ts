/**
 * Search for a translation, with the semantics of `src/dragoman/decode/`: greedy, beam, samples, forced scoring.
 *
 * Ties go to the lowest id. A beam ends when no way that is left can still beat the worst of its `n_best` finished
 * ones, not before: log-probabilities only fall, and a length divides them at most by the divisor of the longest one.
 */

// Shapes.  V target vocabulary.

import { type Grammar, WHOLE } from "./grammar.ts";
import { type DecodeOptions, type Hypothesis, type Watch, type Way, limit, sampling, score, width } from "./options.ts";
import { key, uniform } from "./randomness.ts";
import { distribution, draw } from "./sample.ts";
import { BOS, EOS } from "./spelling.ts";
import type { State, Transformer } from "./transformer.ts";

/** One sentence to search. */
export interface Task {
  readonly source: readonly number[]; // ids as the model reads them, with `</s>`
  readonly options: DecodeOptions;
  readonly longest: number; // pieces that the model's positions allow
  readonly grammar: Grammar;
  readonly sentence: number; // its number, which keys the samples
  readonly prefix?: readonly number[] | undefined; // what a hypothesis begins with, whatever else is allowed
  readonly watch?: Watch | undefined;
}

/** A hypothesis on its way. */
interface Row {
  readonly ids: readonly number[];
  readonly logProbabilities: readonly number[];
  readonly total: number;
  readonly grammar: number; // state of the grammar
  readonly state: State; // has read all pieces but the last
}

/** A search under way: it stops after each step, so that a page can show what there is, or turn to something else. */
export type Search = Generator<void, Hypothesis[], void>;

/** Return the `n_best` hypotheses of a source, best first; those that reached the length limit come last. */
export function search(model: Transformer, task: Task): Hypothesis[] {
  return ended(searching(model, task));
}

/** Go through to the end of what stops after each step, and return what it gives. */
export function ended<T>(steps: Generator<void, T, void>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** Search as `search` does, a step at a time. */
export function* searching(model: Transformer, task: Task): Search {
  const most = limit(task.options, task.source, task.longest, task.prefix);
  const state = model.start(model.encode(task.source));
  const first = { ids: [], logProbabilities: [], total: 0, grammar: WHOLE, state };
  if (sampling(task.options)) return yield* walk(model, task, most, first, task.options.n_best, drawn(task));
  if (width(task.options) === 1) return yield* walk(model, task, most, first, 1, likeliest);
  return yield* beamSearch(model, task, most, first);
}

/** Return the log-probability of every piece of a target that is already there; it ends with `</s>`. */
export function forced(model: Transformer, source: readonly number[], target: readonly number[]): number[] {
  if (!source.length || !target.length) throw new Error("a sentence of no pieces was given; it holds </s> at least");
  const state = model.start(model.encode(source));
  const before = [BOS, ...target.slice(0, -1)];
  const logits = model.decode(
    before,
    before.map(() => state),
  );
  const pieces = logits.length / target.length;
  return target.map((id, row) => Math.min(0, logProbabilities(logits.subarray(row * pieces, (row + 1) * pieces))[id]));
}

function* beamSearch(model: Transformer, task: Task, most: number, first: Row): Search {
  const beam = width(task.options);
  const pool: Hypothesis[] = [];
  let rows: Row[] = [first];
  for (let step = 0; step < most; step++) {
    const logits = stepLogits(model, rows);
    const found = candidates(task, step, rows, logits.map(logProbabilities), 2 * beam);
    const ways = fates(found, beam);
    task.watch?.(step, ways);
    for (const way of ways) if (way.fate === "finished") put(pool, hypothesis(task, after(task, rows, way)), task);
    rows = ways.filter((way) => way.fate === "kept").map((way) => after(task, rows, way));
    if (step + 1 === most) {
      for (const row of rows) {
        const cut = hypothesis(task, row);
        if (pool.every((other) => compare(other.ids, cut.ids) !== 0)) put(pool, cut, task);
      }
    } else if (rows.length === 0 || settled(pool, rows[0].total, most, task.options)) {
      break;
    }
    yield;
  }
  return pool;
}

type Candidate = Omit<Way, "fate">;

/** Return the best `count` next pieces of all rows: by their total, then by row, then by id, lowest first. */
function candidates(
  task: Task,
  step: number,
  rows: readonly Row[],
  logProbabilities: readonly Float32Array[],
  count: number,
): Candidate[] {
  const best: Candidate[] = [];
  rows.forEach(({ total, grammar }, row) => {
    logProbabilities[row].forEach((logProbability, piece) => {
      const sum = total + logProbability;
      if (best.length === count && sum <= best[count - 1].total) return;
      if (sum === -Infinity || !allowed(task, step, grammar, piece)) return;
      let place = best.length; // behind all that are as good
      while (place > 0 && best[place - 1].total < sum) place--;
      best.splice(place, 0, { row, piece, logProbability, total: sum });
      if (best.length > count) best.pop();
    });
  });
  return best;
}

/** Say what becomes of each candidate: of the first `beam` those with `</s>` finish, and as many others are kept. */
function fates(found: readonly Candidate[], beam: number): Way[] {
  let kept = 0;
  return found.map((candidate, place) => {
    if (candidate.piece === EOS) return { ...candidate, fate: place < beam ? "finished" : "pruned" };
    return { ...candidate, fate: kept++ < beam ? "kept" : "pruned" };
  });
}

/** Whether no active hypothesis can come into the pool; `best` is their highest log-probability. */
function settled(pool: readonly Hypothesis[], best: number, most: number, options: DecodeOptions): boolean {
  return pool.length === options.n_best && pool[pool.length - 1].score > score(options, best, most);
}

function put(pool: Hypothesis[], hypothesis: Hypothesis, task: Task): void {
  pool.push(hypothesis);
  pool.sort(ranking);
  pool.length = Math.min(pool.length, task.options.n_best);
}

/** Takes the next piece of a sample, from logits that are -Infinity where a piece is forbidden. */
type Pick = (logits_V: Float32Array, sample: number, step: number) => number;

/** Pick the highest logit, of equal ones the lowest id. */
function likeliest(logits_V: Float32Array): number {
  return logits_V.reduce((best, logit, id) => (logit > logits_V[best] ? id : best), 0);
}

function drawn({ options, sentence }: Task): Pick {
  return (logits_V, sample, step) => {
    const own = key(options.seed, "decode.sample", sample, sentence);
    return draw(distribution(logits_V, options), uniform(own, step));
  };
}

/** Return independent hypotheses, best first, which take one piece a step and never look back. */
function* walk(model: Transformer, task: Task, most: number, first: Row, samples: number, pick: Pick): Search {
  const found: Hypothesis[] = [];
  let rows: { sample: number; row: Row }[] = [{ sample: 0, row: first }];
  for (let step = 0; rows.length; step++) {
    let logits = stepLogits(
      model,
      rows.map(({ row }) => row),
    );
    if (step === 0) {
      logits = Array.from({ length: samples }, () => logits[0]); // here the samples part
      rows = logits.map((_, sample) => ({ sample, row: first }));
    }
    const ways = rows.map(({ sample, row }, at): Way => {
      const open = logits[at].map((logit, id) => (allowed(task, step, row.grammar, id) ? logit : -Infinity));
      const piece = pick(open, sample, step);
      const logProbability = logProbabilities(logits[at])[piece];
      const total = row.total + logProbability;
      return { row: sample, piece, logProbability, total, fate: piece === EOS ? "finished" : "kept" };
    });
    task.watch?.(step, ways);
    const before = rows.map(({ row }) => row);
    rows = ways.map((way, at) => ({ sample: way.row, row: after(task, before, { ...way, row: at }) }));
    const over = ({ row }: { row: Row }) => step + 1 === most || row.ids[step] === EOS;
    found.push(...rows.filter(over).map(({ row }) => hypothesis(task, row)));
    rows = rows.filter((row) => !over(row));
    yield;
  }
  return found.sort(ranking);
}

/** Return the logits of the piece after each row, from its last piece. */
function stepLogits(model: Transformer, rows: readonly Row[]): Float32Array[] {
  const logits = model.decode(
    rows.map(({ ids }) => ids.at(-1) ?? BOS),
    rows.map(({ state }) => state),
  );
  const pieces = logits.length / rows.length;
  return rows.map((_, row) => logits.subarray(row * pieces, (row + 1) * pieces));
}

/** Return the row that a way leads to. */
function after(task: Task, rows: readonly Row[], { row, piece, logProbability, total }: Way): Row {
  const before = rows[row];
  return {
    ids: [...before.ids, piece],
    logProbabilities: [...before.logProbabilities, logProbability],
    total,
    grammar: task.grammar.after(before.grammar, piece),
    state: before.state.fork(),
  };
}

/** Whether a piece may come after `step` others: the prefix first; `</s>` waits until there are `min_length` pieces. */
function allowed({ grammar, options, prefix = [] }: Task, step: number, state: number, piece: number): boolean {
  if (step < prefix.length) return piece === prefix[step];
  return grammar.allows(state, piece) && !(piece === EOS && step + 1 < options.min_length);
}

/** Return log softmax [V] as float32, the sum in double precision. */
export function logProbabilities(logits_V: Float32Array): Float32Array {
  const peak = logits_V.reduce((most, logit) => Math.max(most, logit), -Infinity);
  const sum = logits_V.reduce((total, logit) => total + Math.exp(logit - peak), 0);
  const norm = peak + Math.log(sum);
  return logits_V.map((logit) => logit - norm);
}

/** Make a result; one that was cut inside a character ends before it. */
function hypothesis(task: Task, row: Row): Hypothesis {
  const finished = row.ids[row.ids.length - 1] === EOS;
  const length = finished ? row.ids.length : task.grammar.whole(row.ids);
  const kept = row.logProbabilities.slice(0, length);
  const sum = kept.reduce((total, one) => total + one, 0);
  return {
    ids: row.ids.slice(0, length),
    logProbabilities: kept,
    score: score(task.options, sum, Math.max(1, length)),
    finished,
  };
}

/** Put the finished first, then the best score, then the lowest ids. */
function ranking(one: Hypothesis, other: Hypothesis): number {
  if (one.finished !== other.finished) return one.finished ? -1 : 1;
  return other.score - one.score || compare(one.ids, other.ids);
}

function compare(one: readonly number[], other: readonly number[]): number {
  const at = one.findIndex((id, place) => id !== other[place]);
  if (at >= 0 && at < other.length) return one[at] - other[at];
  return one.length - other.length;
}
