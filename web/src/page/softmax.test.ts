import { describe, expect, it } from "vitest";
import { Grammar } from "../model/grammar.ts";
import { decodeOptions } from "../model/options.ts";
import { search } from "../model/search.ts";
import { SPELLING, toy } from "../model/toy.ts";
import type { Search, SearchStep } from "../model/trace_types.ts";
import { CORNERS, point, shares, way } from "./simplex.ts";
import { neighbour, path, tree } from "./tree.ts";

describe("three pieces in a triangle", () => {
  const logits = [2, 1, -1];

  it("are at their corner when sure, in the middle when all are alike", () => {
    CORNERS.forEach((corner, at) => expect(point([0, 1, 2].map((one) => Number(one === at)))).toEqual(corner));
    const [x, y] = point(shares(logits, 1e6));
    const middle = [0, 1].map((axis) => (CORNERS[0][axis] + CORNERS[1][axis] + CORNERS[2][axis]) / 3);
    expect([x, y]).toEqual(middle.map((one) => expect.closeTo(one, 5)));
    expect(point(shares(logits, 0.01))).toEqual(CORNERS[0].map((one) => expect.closeTo(one, 5)));
  });

  it("have shares that sum to one, whatever is added to all logits", () => {
    for (const temperature of [0.3, 1, 7]) {
      const own = shares(logits, temperature);
      expect(own.reduce((sum, one) => sum + one)).toBeCloseTo(1);
      expect(own[0] / own[1]).toBeCloseTo(Math.exp((logits[0] - logits[1]) / temperature));
      shares(
        logits.map((one) => one + 1000),
        temperature,
      ).forEach((one, at) => expect(one).toBeCloseTo(own[at]));
    }
  });

  it("go from the coldest point to the hottest", () => {
    const points = way(logits, 0.5, 8, 4);
    [0.5, 1, 2, 4, 8].forEach((temperature, at) => {
      expect(points[at]).toEqual(point(shares(logits, temperature)).map((one) => expect.closeTo(one)));
    });
  });
});

/** A search of the random model, as a trace has it. */
function searched(seed: number, beam: number): Search {
  const steps: SearchStep[] = [];
  const options = decodeOptions({ beam, n_best: beam, penalty: "average" });
  const task = { source: [4, 5, 3], longest: 9, grammar: Grammar.utf8(SPELLING, true), sentence: 0 };
  const hypotheses = search(toy(seed), {
    ...task,
    options,
    watch: (step, ways) =>
      void steps.push({
        divisor: step + 1,
        ways: ways.map(({ piece: id, logProbability, ...way }) => ({
          ...way,
          id,
          piece: String(id),
          log_probability: logProbability,
        })),
      }),
  });
  return { steps, hypotheses, traced: 0 } as unknown as Search;
}

describe("the tree of a search", () => {
  it("leads to what was found, and sums to its score", () => {
    for (let seed = 0; seed < 5; seed++) {
      const found = searched(seed, 3);
      const nodes = tree(found);
      for (const { ids, score, finished } of found.hypotheses) {
        if (!finished) continue;
        const ends = nodes.findIndex(
          ({ way }, at) =>
            way.fate === "finished" && String(path(nodes, at).map((one) => nodes[one].way.id)) === String(ids),
        );
        expect(nodes[ends].score).toBeCloseTo(score, 5);
        const sum = path(nodes, ends).reduce((total, at) => total + nodes[at].way.log_probability, 0);
        expect(sum).toBeCloseTo(nodes[ends].way.total, 5);
      }
      const { ids, finished } = found.hypotheses[0];
      if (finished) expect(nodes.filter(({ traced }) => traced).map(({ way }) => way.id)).toEqual(ids);
      for (const { parent } of nodes) if (parent !== null) expect(nodes[parent].way.fate).toBe("kept");
    }
  });

  it("is walked with the arrow keys", () => {
    const nodes = tree(searched(1, 2));
    expect(nodes[neighbour(nodes, 0, "ArrowDown")]).toMatchObject({ step: 0, rank: 1 });
    expect(neighbour(nodes, 0, "ArrowUp")).toBe(0);
    expect(neighbour(nodes, 0, "ArrowLeft")).toBe(0);
    expect(neighbour(nodes, 0, "a")).toBe(0);
    const next = neighbour(nodes, 0, "ArrowRight");
    expect(nodes[next].parent).toBe(0);
    expect(neighbour(nodes, next, "ArrowLeft")).toBe(0);
  });
});
