import { describe, expect, it } from "vitest";
import { PATTERNS, type Pattern, mayLook, pairs, picture } from "./patterns.ts";

/** The rules once more, as the papers say them; BigBird's chance is left out. */
const RULES: Partial<Record<Pattern, (q: number, k: number, w: number) => boolean>> = {
  full: () => true,
  window: (q, k, w) => Math.abs(q - k) < w,
  dilated: (q, k, w) => Math.abs(q - k) < 2 * w && (q - k) % 2 === 0,
  global: (q, k, w) => Math.abs(q - k) < w || Math.min(q, k) < Math.max(1, Math.floor(w / 4)),
  strided: (q, k, w) => Math.abs(q - k) < w || (q - k) % w === 0,
  fixed: (q, k, w) =>
    Math.floor(q / w) === Math.floor(k / w) || k % w >= w - Math.min(8, Math.max(1, Math.floor(w / 16))),
  blocks: (q, k, w) => Math.floor(q / w) === Math.floor(k / w),
};
const LENGTHS = [1, 2, 7, 16, 33];
const WIDTHS = [1, 2, 3, 4, 8, 32, 64];

/** All settings, and all pairs of positions of one of them. */
function each(check: (length: number, width: number, past: boolean, places: number[]) => void): void {
  for (const length of LENGTHS) {
    for (const width of WIDTHS) {
      for (const past of [false, true]) check(length, width, past, [...Array(length).keys()]);
    }
  }
}

describe.each(PATTERNS)("the pattern %s", (name) => {
  it("is the rule of its paper", () => {
    const rule = RULES[name];
    each((length, width, past, places) => {
      const wrong = places.flatMap((q) =>
        places.filter((k) => {
          const found = mayLook(name, q, k, length, width, past);
          if (q === k) return !found; // everything sees itself
          return past && k > q ? found : rule && found !== rule(q, k, width);
        }),
      );
      expect(wrong, `${length}, ${width}, ${past}`).toEqual([]);
    });
  });

  it("is counted as one counts pair by pair", () => {
    each((length, width, past, places) => {
      const count = places.flatMap((q) => places.filter((k) => mayLook(name, q, k, length, width, past))).length;
      expect(pairs(name, length, width, past), `${length}, ${width}, ${past}`).toBe(count);
    });
  });

  it("is drawn cell by cell where there is room, and in the right share where there is not", () => {
    each((length, width, past, places) => {
      const cells = picture(name, length, width, past, length);
      const cell = (q: number, k: number) => (mayLook(name, q, k, length, width, past) ? 1 : 0);
      expect([...cells]).toEqual(places.flatMap((q) => places.map((k) => cell(q, k))));
    });
    const cells = picture(name, 512, 32, false, 64);
    const mean = cells.reduce((sum, share) => sum + share, 0) / cells.length;
    expect(mean).toBeCloseTo(pairs(name, 512, 32, false) / 512 ** 2, 1);
  });
});

it("only full attention grows with the square", () => {
  for (const name of ["window", "dilated", "blocks", "bigbird"] as const) {
    const growth = pairs(name, 4096, 16, false) / pairs(name, 2048, 16, false);
    expect(growth, name).toBeLessThan(2.1);
  }
  expect(pairs("full", 4096, 16, false) / pairs("full", 2048, 16, false)).toBe(4);
});

it("in BigBird the first block sees all and is seen by all", () => {
  for (let place = 0; place < 64; place++) {
    expect(mayLook("bigbird", 0, place, 64, 8, false)).toBe(true);
    expect(mayLook("bigbird", place, 3, 64, 8, false)).toBe(true);
    expect(mayLook("bigbird", place, Math.max(0, place - 4), 64, 8, false)).toBe(true);
  }
  const far = pairs("bigbird", 64, 8, false);
  expect(far).toBeGreaterThan(pairs("blocks", 64, 8, false));
  expect(far).toBeLessThan(64 * 64);
});
