import { describe, expect, it } from "vitest";
import { way, woven } from "./lattice.ts";
import { BytePairs, Characters } from "../../model/merging.ts";
import { BYTES, SPECIALS, byteIds } from "../../model/spelling.ts";
import { Tokenizer } from "../../model/tokenizer.ts";
import { Unigram } from "../../model/unigram.ts";
import { WordPieces, Words } from "../../model/words.ts";
import { type Built, MOST, at, begun, built } from "./bricks.ts";
import { labelOf } from "./labels.ts";

const PAIRS = ["e s", "es t", "l o", "▁ lo", "▁lo w"].map((pair) => pair.split(" ") as [string, string]);
const PIECES = [...SPECIALS, ...BYTES, ..."▁lowernstid", "es", "est", "lo", "▁lo", "▁low"];
const WORDPIECES = ["low", "lo", "##est", "##e", "##s"];
const SCORED: [string, number][] = [
  ["▁", -3],
  ["l", -4],
  ["o", -4.5],
  ["▁l", -5],
  ["lo", -4.2],
  ["▁lo", -4.4],
  ["low", -6],
  ["w", -4],
  ["e", -2],
  ["s", -2],
  ["t", -2],
  ["es", -3.5],
  ["est", -5.5],
  ["west", -8],
];
const RESERVED = [...SPECIALS, ...BYTES];
const unigram = new Tokenizer(
  new Unigram(
    [...RESERVED, ...SCORED.map(([piece]) => piece)],
    [...RESERVED.map(() => 0), ...SCORED.map(([, score]) => score)],
  ),
);
const wordpiece = new Tokenizer(new WordPieces([...SPECIALS, ...WORDPIECES]));
const characters = new Tokenizer(new Characters([...RESERVED, ..."▁low"]));
const words = new Tokenizer(new Words([...SPECIALS, "▁low", "▁"]));
const piecesAt = (made: Built, moment: number) => at(made, moment).map(({ piece }) => piece);
const TEXTS = ["lowest lower  est", "esest eees", "", " ", "ſtest 🙂 lo▁lo", "low".repeat(40), "low low."];
const pairs = new Tokenizer(new BytePairs(PIECES, PAIRS));

describe("bricks", () => {
  it("build the textbook example", () => {
    const made = built(pairs, "lowest")!;
    const moments = Array.from({ length: 6 }, (_, moment) => piecesAt(made, moment).join(" "));
    expect(moments).toEqual(["▁ l o w e s t", "▁ l o w es t", "▁ l o w est", "▁ lo w est", "▁lo w est", "▁low est"]);
    expect(made.steps.map((step) => step.is === "merge" && step.rank)).toEqual([0, 1, 2, 3, 4]);
    expect(made.words.map(({ columns, rows }) => [columns, rows])).toEqual([[7, 4]]);
  });

  it("end with what the tokenizer gives, and never lie on each other", () => {
    for (const tokenizer of [pairs, wordpiece, characters, words]) {
      for (const text of TEXTS) {
        const made = built(tokenizer, text)!;
        const last = made.steps.length;
        expect(piecesAt(made, last)).toEqual(tokenizer.encode(text).map((id) => tokenizer.pieces[id]));
        for (const { bricks, columns, rows } of made.words) {
          for (let moment = 0; moment <= last; moment++) {
            const taken = new Set<string>();
            for (const { first, end, row, from, until } of bricks) {
              if (moment < from || until <= moment) continue;
              expect(row).toBeLessThan(rows);
              for (let column = first; column < end; column++) {
                expect(column).toBeLessThan(columns);
                expect(taken.has(`${column} ${row}`)).toBe(false);
                taken.add(`${column} ${row}`);
              }
            }
          }
        }
      }
    }
  });

  it("show what is looked up, and what is not there", () => {
    const made = built(wordpiece, "lowest x")!;
    expect(made.steps.map((step) => ("piece" in step ? `${step.is} ${step.piece}` : step.is))).toEqual([
      "missed lowest",
      "missed lowes",
      "missed lowe",
      "found low",
      "found ##est",
      "missed x",
      "unknown",
    ]);
    const letters = "l o w e s t x".split(" ");
    expect(piecesAt(made, 0)).toEqual(letters);
    expect(piecesAt(made, 4)).toEqual(["low", "e", "s", "t", "x"]);
    expect(piecesAt(made, 7)).toEqual(["low", "##est", "<unk>"]);
    expect(piecesAt(built(wordpiece, "lowx")!, 1)).toEqual(["l", "o", "w", "x"]);
    expect(piecesAt(built(wordpiece, "lowx")!, 4)).toEqual(["<unk>"]);
    expect(piecesAt(built(words, "low lo")!, 2)).toEqual(["▁low", "▁", "l", "o"]);
    expect(built(characters, "lo x")!.steps.at(-1)).toEqual({ is: "bytes", bytes: ["<0x78>"] });
  });
});

describe("a lattice", () => {
  it("holds ways to every letter, which are the cuts of what is read so far", () => {
    for (const text of ["lowest", "lolowest est", "<lo<", "loſ▁low", "  low"]) {
      const found = woven(unigram.family as Unigram, text);
      const letters = Array.from(` ${text}`);
      for (let moment = 1; moment <= letters.length; moment++) {
        const read = letters.slice(1, moment).join("");
        const pieces = found.flatMap((word) =>
          way(word, moment).flatMap(({ piece, first }) => {
            const letter = word.letters[first];
            return piece ?? byteIds(letter).map((id) => BYTES[id - 4]);
          }),
        );
        const wanted = unigram.encode(read).map((id) => unigram.pieces[id]);
        expect(pieces).toEqual(read === "" ? ["▁"] : wanted);
      }
      for (const { edges, letters, rows, reached } of found) {
        edges.forEach((edge, at) => {
          expect(edge.row).toBeLessThan(rows);
          const others = edges.slice(at + 1).filter(({ row }) => row === edge.row);
          for (const { first, end } of others) expect(end <= edge.first || edge.end <= first).toBe(true);
        });
        expect(reached.length).toBe(letters.length);
      }
    }
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
