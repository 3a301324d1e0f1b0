import { describe, expect, it } from "vitest";
import { BytePairs } from "../../model/merging.ts";
import { BYTES, SPECIALS } from "../../model/spelling.ts";
import { Tokenizer } from "../../model/tokenizer.ts";
import { WordPieces } from "../../model/words.ts";
import { Patient } from "./patient.ts";
import { mistyped, observe, verdictOf } from "./symptoms.ts";

const PROBES = {
  plain: ["All of us."],
  scripts: { Latin: "ab", Greek: "αβ" },
  emoji: ["🙂"],
  code: ["a", "b", "c", "d", "e", "  f"],
  json: '{"a":1}',
  yaml: "a: 1",
  controls: ["</s>", "[SEP]"],
  fragile: ["a  b", "a"],
};
const PAIRS = ["1 0", "10 0"].map((pair) => pair.split(" ") as [string, string]);
const pairs = new Tokenizer(new BytePairs([...SPECIALS, ...BYTES, ..."▁0123456789ab", "10", "100"], PAIRS));
const observed = (weakness: Parameters<typeof observe>[0], text = "", tokenizer = pairs) =>
  observe(weakness, new Patient(tokenizer, text, PROBES));

describe("weaknesses of a small tokenizer", () => {
  it("are what one counts by hand", () => {
    const numbers = Array.from({ length: 20 }, (_, at) => String(100 + at)).join(" ");
    const { value, texts } = observed("digits", numbers);
    expect(value).toBe(11 / 20); // all but 101 to 109, which are cut behind the second digit
    expect(texts).toEqual(["101", "100"]);
    expect(observed("scripts")).toEqual({ value: (3 / 2 + 5 / 2) / 2, texts: ["ab", "αβ"] });
    expect(observed("emoji")).toEqual({ value: 5, texts: [":-)", "🙂"] });
    expect(observed("round_trip")).toEqual({ value: 0, texts: ["a  b"] });
    expect(observed("controls").value).toBe(0);
    expect(observed("capitals", "aab")).toEqual({ value: 4 / 4, texts: ["aab", "AAB"] });
  });

  it("are found where they are", () => {
    const lossy = new Tokenizer(new WordPieces([...SPECIALS, "a", "b", "[SEP]"]));
    expect(observed("round_trip", "a b", lossy)).toEqual({ value: 1 / 3, texts: ["a  b"] });
    expect(observed("blanks", "a b", lossy).value).toBe(1);
    expect(observed("emoji", "", lossy).value).toBe(4); // an unknown piece counts as its bytes
  });
});

it.each([
  ["lesen", "lseen"],
  ["aab", "aba"],
  ["bbbb", "bbbbbbbb"],
  ["🙂ab", "🙂ba"],
])("%s is mistyped as %s", (word, other) => expect(mistyped(word)).toBe(other));

it("a bound is still within it", () => {
  expect([0, 0.1, 0.11, 0.5, 0.51].map((value) => verdictOf(value, [0.1, 0.5]))).toEqual([
    "good",
    "good",
    "fair",
    "fair",
    "poor",
  ]);
});
