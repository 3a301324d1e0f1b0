import { describe, expect, it } from "vitest";
import { parts } from "../parts/parts.ts";
import { spans } from "./spans.ts";

const utf8 = (text: string) => new TextEncoder().encode(text);
const END = new Uint8Array();

/** The parts of a text as (its letters: first piece to the last). */
const shown = (text: string, pieces: Uint8Array[]) =>
  spans(text, pieces).map(({ start, end, first, last }) => `${text.slice(start, end)}: ${first}-${last}`);

describe("the parts of a text", () => {
  it("leave the blank in front of a word out", () => {
    const pieces = [" The", " old", " wom", "an", ".", ""].map(utf8);
    expect(shown("The old woman.", pieces)).toEqual(["The: 0-1", "old: 1-2", "wom: 2-3", "an: 3-4", ".: 4-5"]);
  });

  it("join the bytes of a character, and what is shown as one", () => {
    const bytes = Array.from(utf8(" 🙂"), (byte) => Uint8Array.of(byte));
    expect(shown("a 🙂!", [utf8("a"), ...bytes, utf8("!"), END])).toEqual(["a: 0-1", " : 1-2", "🙂: 2-6", "!: 6-7"]);
    const family = ["👩", "\u200d", "👧"].map(utf8);
    expect(shown("👩\u200d👧", family)).toEqual(["👩\u200d👧: 0-3"]);
    expect(shown("e\u0301", ["e", "\u0301"].map(utf8))).toEqual(["e\u0301: 0-2"]);
  });

  it("give a blank of its own to the word behind it", () => {
    expect(shown("ab", [" ", "ab"].map(utf8))).toEqual(["ab: 0-2"]);
  });

  it("are looked for where the pieces do not spell the text", () => {
    const pieces = ["the", "cat", "", "'", "s"].map(utf8);
    expect(shown("the  cat ?'s", pieces)).toEqual(["the: 0-1", "cat: 1-2", "': 3-4", "s: 4-5"]);
  });

  it("cover a text that its pieces spell, whatever it is cut into", () => {
    const text = "Ein Käse 🙂 für\u00a0Ünal, 日本  !\n";
    const bytes = utf8(text);
    for (let seed = 1; seed < 50; seed++) {
      const pieces: Uint8Array[] = [];
      for (let at = 0; at < bytes.length;) {
        const length = 1 + ((at * 7 + seed * 13) % 5);
        pieces.push(bytes.slice(at, at + length));
        at += length;
      }
      const found = spans(text, pieces);
      expect(
        parts(text, found)
          .map(({ before, mark }) => before + mark)
          .join(""),
      ).toBe(text);
      found.forEach(({ start, end, first, last }, at) => {
        expect(start < end && first < last).toBe(true);
        if (at) expect(start >= found[at - 1].end && first === found[at - 1].last).toBe(true);
        if (at) expect(text.slice(found[at - 1].end, start).trim()).toBe("");
      });
    }
  });

  it("of nothing are none", () => {
    expect(spans("", [END])).toEqual([]);
    expect(spans("", [])).toEqual([]);
  });
});
