import { describe, expect, it } from "vitest";
import type { Operation } from "../model/operations.ts";
import * as drawing from "./drawing.ts";
import { read, without, withOperation, written } from "./surgery.ts";

const OPERATIONS: Operation[] = [
  { kind: "layer", where: "encoder.layers.1" },
  { kind: "residual", where: "decoder.layers.0.cross_attention" },
  { kind: "residual", where: "encoder.layers.12.feed_forward" },
  { kind: "norm", where: "decoder.layers.2.self_attention_norm" },
  { kind: "norm", where: "encoder.layers.0.feed_forward_norm" },
  { kind: "norm", where: "decoder.norm" },
  { kind: "feed_forward", where: "decoder.layers.2.feed_forward" },
  { kind: "head", where: "encoder.layers.0.self_attention", head: 0 },
  { kind: "uniform", where: "decoder.layers.1.cross_attention", head: null },
  { kind: "uniform", where: "decoder.layers.1.cross_attention", head: 3 },
  {
    kind: "mask",
    where: "decoder.layers.1.self_attention",
    head: 1,
    cells: [
      [0, 0],
      [2, 1],
      [2, 2],
      [2, 3],
      [2, 5],
      [3, 6],
      [14, 0],
    ],
  },
  { kind: "mask", where: "decoder.layers.1.self_attention", head: null, cells: [[1, 0]] },
  { kind: "shuffle", seed: 7 },
  { kind: "piece", at: 0, id: 417 },
  { kind: "piece", at: 3, id: 0 },
  { kind: "prefix", ids: [281, 90, 7] },
  { kind: "residual", where: "decoder.layers.1.recurrence" },
  { kind: "norm", where: "decoder.layers.1.recurrence_norm" },
  { kind: "cell", where: "decoder.layers.1.recurrence" },
];

describe("operations in a link", () => {
  it("come back, each and all together", () => {
    for (const operation of OPERATIONS) expect(read(written([operation]))).toEqual([operation]);
    expect(read(written(OPERATIONS))).toEqual(OPERATIONS);
    expect(encodeURIComponent(written(OPERATIONS))).toBe(written(OPERATIONS));
  });

  it("are short", () => {
    expect(written(OPERATIONS.slice(0, 4))).toBe("layer.e1_residual.d0c_residual.e12f_norm.d2s");
    expect(written(OPERATIONS.slice(10, 12))).toBe("mask.d1s.1.0-0.2-1-3.2-5.3-6.14-0_mask.d1s.1-0");
  });

  it("say the cells of a mask in order, each once", () => {
    const cells = [
      [2, 2],
      [0, 1],
      [2, 1],
      [2, 2],
    ] as const;
    expect(written([{ kind: "mask", where: "encoder.layers.0.self_attention", head: null, cells }])).toBe(
      "mask.e0s.0-1.2-1-2",
    );
  });

  it.each([
    "",
    "_",
    "layer",
    "layer.",
    "layer.e",
    "layer.e1s",
    "layer.x1",
    "layer.e1.2",
    "residual.e1c",
    "residual.e1r",
    "head.d1r.0",
    "cell.e1",
    "cell.d1r",
    "residual.d1",
    "norm.",
    "norm.ef",
    "feed.e1f",
    "head.e1s",
    "head.e1s.",
    "head.e1s.-1",
    "head.e1f.1",
    "head.e1s.1e3",
    "uniform.d0c.",
    "uniform.d0c.1.2",
    "mask.e0s",
    "mask.e0s.1",
    "mask.e0s.1.3-2-1",
    "mask.e0s.1-",
    "mask.e0s.0-0-99999.1-0-99999",
    "shuffle",
    "shuffle.1.2",
    "piece.1",
    "piece.1.2.3",
    "prefix",
    "prefix.",
    "prefix.1..2",
    "prefix.12345678",
    "constructor",
    "__proto__",
    "layer.e1_layer.e1",
    "layer.e1_layer.e01",
    "prefix.1_prefix.2",
    "piece.1.5_piece.1.6",
    "layer.e1_nothing",
    Array.from({ length: 300 }, (_, at) => `piece.${at}.1`).join("_"),
  ])("that are not understood are refused: %s", (text) => {
    expect(read(text)).toBeNull();
  });

  it("take the place of those on the same thing", () => {
    const [one, two] = [OPERATIONS[13], { kind: "piece", at: 0, id: 9 } as const];
    expect(withOperation([one, OPERATIONS[0]], two)).toEqual([OPERATIONS[0], two]);
    expect(without([one, OPERATIONS[0]], two)).toEqual([OPERATIONS[0]]);
    for (const operation of OPERATIONS) expect(without(OPERATIONS, operation).length).toBe(OPERATIONS.length - 1);
  });
});

describe("how a piece is drawn, in a link", () => {
  it("comes back", () => {
    for (const one of [
      { temperature: 0.7, top_k: 5, top_p: 0.9, seed: 3 },
      { ...drawing.PLAIN, top_p: 0.05 },
      { ...drawing.PLAIN, seed: 0 },
      { ...drawing.PLAIN, temperature: 20, top_k: 1 },
    ]) {
      expect(drawing.read(drawing.written(one))).toEqual(one);
    }
    expect(drawing.written({ temperature: 0.7, top_k: 5, top_p: 1, seed: 1 })).toBe("t0.7_k5");
  });

  it.each(["", "t0", "t99", "k0", "k1.5", "p0", "p1.1", "s-1", "s1.5", "x1", "t", "t1e3", "_", "t1__k2", "__proto__"])(
    "is refused where it cannot be: %s",
    (text) => {
      expect(drawing.read(text)).toBeNull();
    },
  );
});
