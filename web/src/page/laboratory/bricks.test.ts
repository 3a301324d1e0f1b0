import { describe, expect, it } from "vitest";
import { BytePairs, Characters } from "../../model/merging.ts";
import { BYTES, SPECIALS } from "../../model/spelling.ts";
import { Tokenizer } from "../../model/tokenizer.ts";
import { MOST, begun, built, piecesAt } from "./bricks.ts";
import { labelOf } from "./labels.ts";

const PAIRS = ["e s", "es t", "l o", "▁ lo", "▁lo w"].map((pair) => pair.split(" ") as [string, string]);
const PIECES = [...SPECIALS, ...BYTES, ..."▁lowernstid", "es", "est", "lo", "▁lo", "▁low"];
const pairs = new Tokenizer(new BytePairs(PIECES, PAIRS));

describe("bricks", () => {
  it("build the textbook example", () => {
    const made = built(pairs, "lowest")!;
    const moments = Array.from({ length: 6 }, (_, moment) => piecesAt(made, moment).join(" "));
    expect(moments).toEqual(["▁ l o w e s t", "▁ l o w es t", "▁ l o w est", "▁ lo w est", "▁lo w est", "▁low est"]);
    expect(made.steps.map(({ rank }) => rank)).toEqual([0, 1, 2, 3, 4]);
    expect(made.words.map(({ columns, rows }) => [columns, rows])).toEqual([[7, 4]]);
  });

  it("end with what the tokenizer gives, and never lie on each other", () => {
    for (const text of ["lowest lower  est", "esest eees", "", " ", "ſtest 🙂 lo▁lo", "low".repeat(30)]) {
      const made = built(pairs, text)!;
      expect(piecesAt(made, made.steps.length)).toEqual(pairs.encode(text).map((id) => PIECES[id]));
      for (const { bricks, columns, rows } of made.words) {
        const taken = new Set<string>();
        for (const { first, end, row, from, until } of bricks) {
          expect(from).toBeLessThan(until);
          expect(row).toBeLessThan(rows);
          for (let column = first; column < end; column++) {
            expect(column).toBeLessThan(columns);
            expect(taken.has(`${column} ${row}`)).toBe(false);
            taken.add(`${column} ${row}`);
          }
        }
      }
    }
  });

  it("are there for families with merges alone", () => {
    expect(built(new Tokenizer(new Characters([...SPECIALS, ...BYTES, "▁"])), "low")).toBe(null);
  });
});

it("of a long text as much is played as fits, in whole words where there are any", () => {
  expect(begun("low ".repeat(75))).toBe("low ".repeat(75));
  expect(begun("low ".repeat(80))).toBe("low ".repeat(75).slice(0, -1));
  expect(begun("🙂".repeat(MOST + 1))).toBe("🙂".repeat(MOST));
});

it.each([
  ["▁low", "bpe", "␣low", false],
  ["<0xE2>", "bpe", "E2", true],
  ["<0xE2>", "word", "<0xE2>", false],
  ["<unk>", "byte_bpe", "<unk>", false],
  ["ĠÃ¤", "byte_bpe", "␣ä", false],
  ["Ã", "byte_bpe", "C3", true],
  ["##\u202e", "wordpiece", "##⟨U+202E RLO⟩", false],
] as const)("the piece %s of %s is shown as %s", (piece, kind, text, bytes) => {
  expect(labelOf(piece, kind)).toEqual({ text, bytes });
});
