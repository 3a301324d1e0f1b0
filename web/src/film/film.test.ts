import { describe, expect, it } from "vitest";
import { alongSteps, powers, ticks } from "./axes.ts";
import { between, latest, readFilm, secondsAt } from "./film.ts";

const packed = (numbers: ArrayBufferView) => btoa(String.fromCharCode(...new Uint8Array(numbers.buffer)));

/** A film of one frame: two source pieces, a target of two pieces with its end, one layer, two pieces ranked. */
const WRITTEN = {
  format: "dragoman-film",
  version: 1,
  text: "a b",
  translation: "x",
  source: ["a", "b"],
  written: [1, 2],
  layers: 1,
  top: 2,
  aligns: true,
  pieces: ["y", "x", "</s>"],
  map: [1, 0],
  shares: [0.5, 0.25],
  kept: 9,
  frames: [
    {
      step: 4,
      translation: "y",
      alignment: packed(Uint8Array.of(51, 204)),
      best: packed(Uint16Array.of(0, 1, 0, 1, 1, 0, 2, 0)),
      chances: packed(Uint16Array.of(32768, 6553, 65535, 0, 65535, 0, 65535, 0)),
      own: packed(Uint16Array.of(6553, 0, 16384, 65535)),
      map: packed(Int16Array.of(32767, 0, -32767, 16384)),
    },
  ],
  loss: { training: [], validation: [] },
};

describe("a film", () => {
  it("is read as it was written", () => {
    const film = readFilm(JSON.stringify(WRITTEN));
    expect([film.source, film.read, film.written, film.named]).toEqual([
      ["a", "b"],
      ["<s>", "x"],
      ["x", "</s>"],
      ["x", "y"],
    ]);
    const [frame] = film.frames;
    expect(Array.from(frame.alignment)).toEqual([0.2, 0.8].map((share) => expect.closeTo(share, 5)));
    expect(frame.layers.map((layer) => layer.map(({ best }) => best[0].piece))).toEqual([
      ["y", "y"],
      ["x", "</s>"],
    ]);
    expect(frame.layers.map((layer) => layer.map(({ rank }) => rank))).toEqual([
      [2, 3],
      [1, 1],
    ]);
    expect(frame.layers[0][0].own).toBeCloseTo(0.1, 3);
    expect(frame.chance).toBeCloseTo(Math.sqrt(0.25), 3);
    expect(Array.from(frame.map)).toEqual([1, 0, -1, 0.5].map((place) => expect.closeTo(place, 3)));
  });

  it("of another version is refused in words", () => {
    expect(() => readFilm(JSON.stringify({ ...WRITTEN, version: 2 }))).toThrow("no film of version 1");
    expect(() => readFilm("{}")).toThrow("no film of version 1");
  });
});

it("a map between two frames begins at the one and ends at the other", () => {
  const [first, second] = [Float32Array.of(0, 4), Float32Array.of(8, 0)];
  expect(between(first, second, 0)).toEqual(first);
  expect(between(first, second, 1)).toEqual(second);
  expect(between(first, second, 0.25)).toEqual(Float32Array.of(2, 3));
});

it("time goes evenly between two steps at which it is known", () => {
  const loss = {
    training: [
      [20, 5, 10],
      [40, 4, 30],
    ] as const,
    validation: [],
  };
  expect([1, 20, 25, 40, 50].map((step) => secondsAt(loss, step))).toEqual([0.5, 10, 15, 30, 30]);
  expect(secondsAt({ training: [], validation: [] }, 5)).toBe(null);
  expect(latest(loss.training, 19)).toBe(null);
  expect(latest(loss.training, 39)?.[0]).toBe(20);
});

describe("the axes of a curve", () => {
  it("have each doubling of the steps as wide as the next", () => {
    const places = [1, 2, 4, 8, 16].map((step) => alongSteps(step, 16));
    expect(places).toEqual([0, 0.25, 0.5, 0.75, 1]);
    expect(alongSteps(1, 1)).toBe(1);
    expect(powers(2500)).toEqual([1, 10, 100, 1000]);
  });

  it.each([
    [0.3, 6.2],
    [2, 2.4],
    [0, 1e4],
    [3.01, 3.02],
  ])("have a few round numbers, evenly apart, within %f and %f", (least, most) => {
    const found = ticks(least, most);
    expect(found.length).toBeGreaterThanOrEqual(2);
    expect(found.length).toBeLessThanOrEqual(5);
    const each = found[1] - found[0];
    found.forEach((value, at) => expect(value).toBeCloseTo(found[0] + at * each, 9));
    expect(found[0]).toBeGreaterThanOrEqual(least - 1e-9);
    expect(found.at(-1)).toBeLessThanOrEqual(most + 1e-9);
    expect([1, 2, 5, 10]).toContain(Number((each / 10 ** Math.floor(Math.log10(each) + 1e-9)).toFixed(6)));
  });

  it("have one number where there is one", () => {
    expect(ticks(3, 3)).toEqual([3]);
  });
});
