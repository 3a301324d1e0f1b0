import { expect, test } from "vitest";

import { BYTE_LETTERS, BytePairs, ByteLevelPairs, Characters, Merges } from "./merging.ts";
import { BLANK, BYTES, SPECIALS, byteIds } from "./spelling.ts";
import { type Family, Tokenizer, readTokenizer } from "./tokenizer.ts";
import { Unigram } from "./unigram.ts";
import { LETTERS, isIn } from "./unicode.ts";
import { WordPieces, Words } from "./words.ts";

const RESERVED = [...SPECIALS, ...BYTES];
const PAIRS = ["e s", "es t", "l o", "▁ lo", "▁lo w"].map((pair) => pair.split(" ") as [string, string]);
const LOW = [...RESERVED, ..."▁lowernstid", "es", "est", "lo", "▁lo", "▁low"];

/** The text of a tokenizer.json of a `bpe`, as dragoman writes it, with some of it changed. */
function file(change: (whole: { [name: string]: any }) => void = () => {}): string {
  const whole = {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: [],
    normalizer: { type: "Prepend", prepend: BLANK },
    pre_tokenizer: { type: "Metaspace", replacement: BLANK, prepend_scheme: "never", split: true },
    post_processor: null,
    decoder: {
      type: "Sequence",
      decoders: [
        { type: "Replace", pattern: { String: BLANK }, content: " " },
        { type: "ByteFallback" },
        { type: "Fuse" },
        { type: "Strip", content: " ", start: 1, stop: 0 },
      ],
    },
    model: {
      type: "BPE",
      dropout: null,
      unk_token: "<unk>",
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: true,
      byte_fallback: true,
      ignore_merges: false,
      vocab: Object.fromEntries(LOW.map((piece, id) => [piece, id])),
      merges: [...PAIRS],
    },
  };
  change(whole);
  return JSON.stringify(whole);
}

function lowest(): Family {
  return new BytePairs(LOW, PAIRS);
}

function pieces(family: Family, text: string): string[] {
  return new Tokenizer(family).encode(text).map((id) => family.pieces[id]);
}

test.each([
  ["lowest", ["▁low", "est"]],
  ["fox", ["▁", "<0x66>", "o", "<0x78>"]],
  ["low  low", ["▁low", "▁", "▁low"]],
  ["lo▁lo", ["▁lo", "<0xE2>", "<0x96>", "<0x81>", "lo"]],
  ["</s>", ["▁", "<0x3C>", "<0x2F>", "s", "<0x3E>"]],
  ["", []],
])("byte pairs cut %s as by hand", (text, expected) => {
  expect(pieces(lowest(), text)).toEqual(expected);
});

test("merges are made by rank, the leftmost among equals", () => {
  const merges = new Merges(
    ["a", "b", "aa", "aab"],
    [
      ["a", "a"],
      ["aa", "b"],
    ],
  );
  expect(merges.apply([0, 0, 0])).toEqual([2, 0]);
  expect(merges.apply([0, 0, 0, 1])).toEqual([2, 0, 1]);
  expect(merges.apply([0, 0, 1])).toEqual([3]);
  expect(merges.apply([])).toEqual([]);
});

test("characters are letters or their bytes, and a written U+2581 is no blank", () => {
  expect(pieces(new Characters([...RESERVED, ..."▁ao"]), "a fo▁")).toEqual([
    "a",
    "▁",
    "<0x66>",
    "o",
    "<0xE2>",
    "<0x96>",
    "<0x81>",
  ]);
});

test("byte-level pairs merge within GPT-2's words", () => {
  const family = new ByteLevelPairs(
    [...SPECIALS, ...BYTE_LETTERS, "er", "Ġl", "Ġlo"],
    [
      ["e", "r"],
      ["Ġ", "l"],
      ["Ġl", "o"],
    ],
  );
  expect(pieces(family, "low lower")).toEqual(["l", "o", "w", "Ġlo", "w", "er"]);
  expect(pieces(family, "é")).toEqual(["Ã", "©"]);
  expect(family.decode(byteIds("é"))).toBe("é");
});

test("a unigram model takes the most likely cut", () => {
  const scores = { "▁": -2, l: -3, o: -3, w: -3, "▁low": -4, lo: -4 };
  const family = new Unigram(
    [...RESERVED, ...Object.keys(scores)],
    [...RESERVED.map(() => 0), ...Object.values(scores)],
  );
  expect(pieces(family, "low")).toEqual(["▁low"]);
  expect(pieces(family, "lo")).toEqual(["▁", "lo"]);
  expect(pieces(family, "é<")).toEqual(["▁", "<0xC3>", "<0xA9>", "<0x3C>"]);
});

test("word pieces are the longest that fit, or the word is unknown", () => {
  const family = new WordPieces([...SPECIALS, "un", "##aff", "##able", ",", "a"]);
  expect(pieces(family, "unaffable, fox")).toEqual(["un", "##aff", "##able", ",", "<unk>"]);
  expect(pieces(family, `${"a".repeat(101)} a`)).toEqual(["<unk>", "a"]);
  expect(family.decode([4, 5, 6, 7, 8])).toBe("unaffable, a");
});

test("words keep the blank before them", () => {
  const family = new Words([...SPECIALS, "▁It", "'s", "▁a", "."]);
  expect(pieces(family, "It's a fox.")).toEqual(["▁It", "'s", "▁a", "<unk>", "."]);
  expect(family.decode([4, 5, 6, 7])).toBe("It's a.");
});

test("bytes that are no UTF-8 come back as U+FFFD, and a byte order mark stays", () => {
  const family = lowest();
  expect(family.decode([4 + 0xff, 4 + 0x41])).toBe("\ufffdA");
  expect(family.decode(byteIds("\ufeffA"))).toBe("\ufeffA");
});

test("a file is read, and one that would be cut otherwise is refused", () => {
  expect(readTokenizer(file(), "tokenizer.json").encode("lowest")).toEqual(lowest().encode("lowest"));
  for (const [change, words] of [
    [(whole) => (whole["normalizer"] = null), "no family"],
    [(whole) => (whole["added_tokens"] = [{ id: 3 }]), "no family"],
    [(whole) => (whole["model"].fuse_unk = false), "no family"],
    [(whole) => delete whole["model"].dropout, "no family"],
    [(whole) => delete whole["model"], "no model"],
    [(whole) => (whole["model"].vocab["▁low"] = 999), "no piece with the id"],
    [(whole) => (whole["model"].vocab["▁low"] = "9"), "no table from pieces to ids"],
    [(whole) => whole["model"].merges.push(["l", "w"]), "merge 5"],
    [(whole) => whole["model"].merges.push(["e", "s"]), "given twice"],
    [(whole) => (whole["model"].merges = null), "no list"],
  ] as [(whole: { [name: string]: any }) => void, string][]) {
    expect(() => readTokenizer(file(change), "tokenizer.json")).toThrow(words);
  }
  expect(() => readTokenizer("{", "tokenizer.json")).toThrow("tokenizer.json is no JSON");
});

test("half a surrogate pair and an id that is none are refused", () => {
  const tokenizer = new Tokenizer(lowest());
  expect(() => tokenizer.encode("a\ud800")).toThrow("U+D800");
  for (const id of [-1, LOW.length, 0.5]) expect(() => tokenizer.decode([id])).toThrow(`id ${id} is not in`);
});

test("letters are letters", () => {
  expect([..."aZßЖ日"].every((letter) => isIn(LETTERS, letter.codePointAt(0)!))).toBe(true);
  expect([..." 1.\n\u0301"].some((letter) => isIn(LETTERS, letter.codePointAt(0)!))).toBe(false);
  expect([0x40, 0x41, 0x5a, 0x5b].map((point) => isIn(LETTERS, point))).toEqual([false, true, true, false]);
});
