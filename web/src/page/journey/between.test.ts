import { expect, test } from "vitest";
import { tracedToy } from "../../model/toy_trace.ts";
import { cosine, length, moments, powers, products, remembered } from "./between.ts";
import { path, threads } from "./threads.ts";
import { row } from "../../model/places.ts";

test.each([{}, { positions: "rotary", heads: 4, key_value_heads: 2 } as const, { norm_kind: "rms" } as const])(
  "what is shown between the numbers of a trace is what their sums say: %j",
  (settings) => {
    const sums = tracedToy(settings);
    const { trace, config } = sums;
    const [layer] = trace.decoder.layers;
    for (let head = 0; head < config.heads; head++) {
      for (const [name, attention] of [
        ["self_attention", layer.self_attention!],
        ["cross_attention", layer.cross_attention],
      ] as const) {
        const part = `decoder.layers.0.${name}`;
        const scores = powers(row(attention.scores, head, 1));
        products(config, attention, head, 1).forEach((one, key) => {
          expect(one).toBeCloseTo(sums.number({ path: `${part}.products`, at: [head, 1, key] }), 4);
          expect(scores[key]).toBeCloseTo(sums.number({ path: `${part}.powers`, at: [head, 1, key] }), 4);
        });
      }
    }
    const [mean, deviation] = moments(config, row(trace.encoder.output, 2));
    if (config.norm_kind !== "rms") expect(mean).toBeCloseTo(sums.number({ path: "memory.mean", at: [2] }), 4);
    expect(deviation).toBeCloseTo(sums.number({ path: "memory.deviation", at: [2] }), 4);
  },
);

test("what is left of each word in a state is what the state is made of", () => {
  const { trace } = tracedToy({ decoder_cell: "ssru" });
  const cell = trace.decoder.layers[1].recurrence!;
  const [steps, width] = cell.state.shape;
  const same = {
    ...cell,
    forget: { ...cell.forget, values: cell.forget.values.map((_, at) => (Math.floor(at / width) + 1) / 8) },
  };
  const shares = remembered(same); // each gate alike in all dimensions, so that the mean is every one
  const made = new Float64Array(steps * width);
  for (let step = 0; step < steps; step++) {
    for (let at = 0; at < width; at++) {
      const gate = (step + 1) / 8;
      const [before, taken] = [step ? made[(step - 1) * width + at] : 0, cell.input.values[step * width + at]];
      made[step * width + at] = gate * before + (1 - gate) * taken;
      const mixed = Array.from(
        { length: steps },
        (_, from) => shares[step * steps + from] * cell.input.values[from * width + at],
      );
      expect(mixed.reduce((sum, one) => sum + one, 0)).toBeCloseTo(made[step * width + at], 5);
    }
  }
});

test("vectors have lengths and directions", () => {
  expect(length(Float32Array.of(3, 4))).toBe(5);
  expect(cosine(Float32Array.of(1, 0), Float32Array.of(0, 2))).toBe(0);
  expect(cosine(Float32Array.of(1, 1), Float32Array.of(2, 2))).toBeCloseTo(1);
  expect(cosine(Float32Array.of(0, 0), Float32Array.of(2, 2))).toBe(0);
});

test("threads are the shares that count, the strongest last", () => {
  const shares = Float32Array.of(0.1, 0.9, 0.6, 0.4);
  expect(threads(shares, 2, 0.4).map(({ row, column }) => [row, column])).toEqual([
    [1, 1],
    [1, 0],
    [0, 1],
  ]);
  expect(path(0, 1, 100, 20)).toBe("M0 10C50 10 50 30 100 30");
});
