import { expect, test } from "vitest";

import { Grammar, WHOLE } from "./grammar.ts";
import { type DecodeOptions, type Hypothesis, type Way, decodeOptions, score } from "./options.ts";
import { mix, uniform } from "./randomness.ts";
import { distribution, draw } from "./sample.ts";
import { forced, logProbabilities, search } from "./search.ts";
import { BOS, EOS } from "./spelling.ts";
import { SPELLING, toy } from "./toy.ts";
import type { Transformer } from "./transformer.ts";

const SOURCE = [4, 5, 3];
const LONGEST = 14;
const GRAMMAR = Grammar.utf8(SPELLING, true);

function found(
  model: Transformer,
  options: Partial<DecodeOptions>,
  watch?: (step: number, ways: readonly Way[]) => void,
  prefix?: readonly number[],
) {
  const task = { source: SOURCE, options: decodeOptions(options), longest: LONGEST, grammar: GRAMMAR, sentence: 0 };
  return search(model, { ...task, watch, prefix });
}

/** Every hypothesis of at most `most` pieces, finished or cut, with the log-probabilities of a fresh pass each. */
function every(model: Transformer, most: number, options: DecodeOptions): Hypothesis[] {
  const all: Hypothesis[] = [];
  const grow = (ids: number[], state: number, logs: number[]) => {
    const over = ids.at(-1) === EOS;
    if (over || ids.length === most) {
      const length = over ? ids.length : GRAMMAR.whole(ids);
      const sum = logs.slice(0, length).reduce((total, one) => total + one, 0);
      const cut = { ids: ids.slice(0, length), logProbabilities: logs.slice(0, length), finished: over };
      all.push({ ...cut, score: score(options, sum, Math.max(1, length)) });
      return;
    }
    const fresh = model.start(model.encode(SOURCE));
    const before = [BOS, ...ids];
    const logits = model.decode(
      before,
      before.map(() => fresh),
    );
    const next = logProbabilities(logits.subarray(ids.length * SPELLING.length));
    next.forEach((log, id) => {
      if (GRAMMAR.allows(state, id)) grow([...ids, id], GRAMMAR.after(state, id), [...logs, log]);
    });
  };
  grow([], WHOLE, []);
  return all;
}

test.each(["paper", "average", "none"])("a beam as wide as the space finds the best of all (%s)", (penalty) => {
  for (let seed = 0; seed < 3; seed++) {
    const model = toy(seed);
    const options = decodeOptions({ penalty, beam: 1000, n_best: 4, max_length: 3 });
    const best = every(model, 3, options).filter((one) => one.finished);
    best.sort((one, other) => other.score - one.score);
    const given = found(model, options);
    expect(given.map((one) => one.ids)).toEqual(best.slice(0, 4).map((one) => one.ids));
    given.forEach((one, at) => expect(one.score).toBeCloseTo(best[at].score, 5));
  }
});

const begins = (ids: readonly number[], prefix: readonly number[]) => prefix.every((id, at) => ids[at] === id);

test("with a prefix it finds the best of all that begin so", () => {
  for (let seed = 0; seed < 3; seed++) {
    const model = toy(seed);
    const options = decodeOptions({ beam: 1000, n_best: 3, max_length: 4 });
    const all = every(model, 4, options).filter((one) => one.finished);
    for (const prefix of [[], [4], [5, 5], [7], [4, 9, 10]]) {
      const best = all.filter(({ ids }) => begins(ids, prefix)).sort((one, other) => other.score - one.score);
      const given = found(model, options, undefined, prefix).filter((one) => one.finished);
      expect(given.map(({ ids }) => ids)).toEqual(best.slice(0, 3).map(({ ids }) => ids));
      given.forEach((one, at) => expect(one.score).toBeCloseTo(best[at].score, 5));
    }
  }
});

test("what a search finds it finds again with any beginning of that as its prefix", () => {
  for (const options of [{ beam: 1 }, { temperature: 1.3, seed: 5 }]) {
    for (let seed = 0; seed < 2; seed++) {
      const [whole] = found(toy(seed), options);
      whole.ids.slice(0, -1).forEach((_, end) => {
        expect(found(toy(seed), options, undefined, whole.ids.slice(0, end))).toEqual([whole]);
      });
    }
  }
});

test("a prefix may hold what is forbidden elsewhere, but nothing special, and must leave room", () => {
  const line = 6; // which holds a line feed
  expect(found(toy(1), { beam: 2 }, undefined, [line, line])[0].ids.slice(0, 2)).toEqual([line, line]);
  expect(() => found(toy(1), {}, undefined, [4, EOS])).toThrow("a prefix holds </s>; give the pieces of its text only");
  expect(() => found(toy(1), { max_length: 2 }, undefined, [4, 4])).toThrow("leaves no room in a translation of 2");
});

test("greedy takes the likeliest piece that is allowed, step by step", () => {
  const model = toy(5);
  const [greedy] = found(model, { beam: 1 });
  let state = WHOLE;
  greedy.ids.forEach((id, at) => {
    const fresh = model.start(model.encode(SOURCE));
    const before = [BOS, ...greedy.ids.slice(0, at)];
    const logits = model.decode(
      before,
      before.map(() => fresh),
    );
    const next = logProbabilities(logits.subarray(at * SPELLING.length));
    const open = [...next.keys()].filter((piece) => GRAMMAR.allows(state, piece));
    expect(open.every((piece) => next[piece] <= next[id])).toBe(true);
    state = GRAMMAR.after(state, id);
  });
});

test("what is told leads to the hypotheses, and forced scoring gives their log-probabilities", () => {
  for (const options of [{ beam: 1 }, { beam: 3, n_best: 2 }, { temperature: 1.2, n_best: 3, top_k: 5, top_p: 0.9 }]) {
    const model = toy(6);
    let kept = new Map<number, number[]>([[0, []]]);
    const ended: number[][] = [];
    const given = found(model, options, (step, ways) => {
      const next = new Map<number, number[]>();
      for (const { row, piece, fate } of ways) {
        const ids = [...kept.get(step === 0 ? 0 : row)!, piece];
        if (fate === "finished") ended.push(ids);
        if (fate === "kept") next.set("temperature" in options ? row : next.size, ids);
      }
      kept = next;
    });
    for (const one of given) {
      if (one.finished) expect(ended).toContainEqual(one.ids);
      if (one.ids.length === 0) continue; // cut inside its first character
      const logs = forced(model, SOURCE, one.ids);
      logs.forEach((log, at) => expect(log).toBeCloseTo(one.logProbabilities[at], 5));
    }
    expect(found(model, options)).toEqual(given); // watching changes nothing
  }
});

test("lengths are kept, and a text is never cut inside a character", () => {
  for (let seed = 0; seed < 20; seed++) {
    for (const options of [
      { beam: 2, min_length: 5 },
      { beam: 1, max_length: 4 },
      { temperature: 3, max_length: 5 },
    ]) {
      for (const one of found(toy(seed), options)) {
        if (one.finished) expect(one.ids.length).toBeGreaterThanOrEqual("min_length" in options ? 5 : 1);
        expect(one.ids.length).toBeLessThanOrEqual(options.max_length ?? LONGEST);
        const bytes = one.ids.flatMap((id) => [...SPELLING[id]]);
        const text = new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.from(bytes));
        expect(text).not.toContain("\n");
      }
    }
  }
});

test("samples follow the distribution that they are drawn from", () => {
  const options = decodeOptions({ temperature: 2 });
  const p = distribution(Float32Array.from([0, 1, -Infinity, 2]), options);
  const wanted = [1, Math.exp(0.5), 0, Math.exp(1)];
  const total = wanted.reduce((sum, one) => sum + one);
  const counts = [0, 0, 0, 0];
  for (let at = 0; at < 20_000; at++) counts[draw(p, uniform(7n, at))]++;
  counts.forEach((count, id) => expect(count / 20_000).toBeCloseTo(wanted[id] / total, 1.5));
  expect(counts[2]).toBe(0);
});

test("top_k and top_p keep the likeliest, of equal ones the lowest ids", () => {
  const logits = Float32Array.from([1, 3, 3, 3, 0]);
  expect([...distribution(logits, decodeOptions({ top_k: 2 }))]).toEqual([0, 0.5, 0.5, 0, 0]);
  expect([...distribution(logits, decodeOptions({ top_p: 0.01 }))]).toEqual([0, 1, 0, 0, 0]);
  expect([...distribution(logits, decodeOptions({ top_k: 1, temperature: 5 }))]).toEqual([0, 1, 0, 0, 0]);
  expect([...distribution(new Float32Array(4), decodeOptions({ top_p: 0.5 }))]).toEqual([0.5, 0.5, 0, 0]);
  expect(draw(Float64Array.from([0, 0.5, 0, 0.5]), 0.5)).toBe(3);
});

test("the mixer is splitmix64", () => {
  // The first numbers of its generator from the seed 0 (Steele et al. 2014; Vigna's splitmix64.c).
  expect(mix(0n)).toBe(0xe220a8397b1dcdafn);
  expect(mix(0x9e3779b97f4a7c15n)).toBe(0x6e789e6aa1b965f4n);
});

test.each([
  [{ beam: 0 }, "beam=0: allowed are 1 (greedy) to 1000"],
  [{ temperature: 0 }, "temperature=0 is greedy search"],
  [{ temperature: 1, beam: 4 }, "choose one of the two"],
  [{ n_best: 5 }, "raise beam to 5"],
  [{ top_p: 1.5 }, "top_p=1.5"],
  [{ penalty: "long" }, "penalty=long: allowed are paper, average, none"],
  [{ min_length: 3, max_length: 2 }, "min_length=3"],
  [{ beams: 3 }, "no setting decode.beams"],
])("options that cannot be are refused: %j", (given, words) => {
  expect(() => decodeOptions(given)).toThrow(words);
});
