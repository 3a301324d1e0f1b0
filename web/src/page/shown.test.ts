import { describe, expect, it } from "vitest";
import { difference } from "./difference.ts";
import { unseenIn, visible } from "./invisible.ts";
import { nameOf, tagOf } from "./languages.ts";
import { fromSource, fromTarget, largest, probability } from "./looks.ts";
import { NAMES } from "./sections.ts";
import { DICTIONARIES, filled } from "./words.ts";

describe("the words of the interface", () => {
  const gaps = (word: string) => (word.match(/\{\w+\}/g) ?? []).sort();

  it("are the same in every language, with the same gaps", () => {
    const { en, de } = DICTIONARIES;
    expect(Object.keys(de)).toEqual(Object.keys(en));
    for (const name of Object.keys(en) as (keyof typeof en)[]) {
      expect(gaps(de[name]), name).toEqual(gaps(en[name]));
      expect(de[name].trim(), name).not.toBe("");
    }
  });

  it("have a title for every section", () => {
    for (const name of NAMES) expect(DICTIONARIES.en[`section_${name}`]).toBeTruthy();
  });

  it("are filled once", () => {
    expect(filled("{a} {b} {c}", { a: "{b}", b: "$&" })).toBe("{b} $& {c}");
  });
});

describe("what cannot be seen", () => {
  it("is named", () => {
    expect(unseenIn("a\u202eb\u202ec\0 d\te\n")).toEqual(["U+202E RLO", "U+0000 NUL", "U+0009 TAB"]);
    expect(unseenIn("\u{e0041}\ue000\u3000")).toEqual(["U+E0041", "U+E000", "U+3000"]);
    expect(unseenIn("👩‍👧 Käse, 日本 שלום\n")).toEqual([]);
    expect(visible("▁a\u200b")).toBe("␣a⟨U+200B ZWSP⟩");
  });
});

describe("a difference", () => {
  const marked = (text: string, other: string) =>
    difference(text, other)
      .map((part) => (part.same ? part.text : `[${part.text}]`))
      .join("");

  it("is what the other has not", () => {
    expect(marked("it is raining.", "it's raining.")).toBe("it [is] raining.");
    expect(marked("she reads a book", "she is reading a book")).toBe("she [reads] a book");
    expect(marked("a b c", "a b c")).toBe("a b c");
    expect(marked("a", "")).toBe("[a]");
    expect(marked("", "a")).toBe("");
  });

  it("joins to the text", () => {
    for (const text of ["a  b\t", "日本語!", "x🙂y", "..,,"]) {
      const parts = difference(text, "b, y");
      expect(parts.map((part) => part.text).join("")).toBe(text);
    }
  });
});

describe("where parts look", () => {
  const rows = [Float32Array.of(0.7, 0.2, 0.1), Float32Array.of(0.1, 0.3, 0.6)];
  const sources = [
    { start: 0, end: 1, first: 0, last: 2 },
    { start: 1, end: 2, first: 2, last: 3 },
  ];
  const target = { start: 0, end: 1, first: 0, last: 2 };

  it("is the mean of its pieces, over all pieces of the other", () => {
    expect(fromTarget(rows, target, sources)).toEqual([expect.closeTo(0.65), expect.closeTo(0.35)]);
    expect(fromSource(rows, sources[1], [target])).toEqual([expect.closeTo(0.35)]);
  });

  it("has the largest first", () => {
    expect(largest([0.1, 0.5, 0.02, 0.3], 2, 0.05)).toEqual([1, 3]);
    expect(largest([0.01], 2, 0.05)).toEqual([]);
  });

  it("is as likely as all of its pieces", () => {
    expect(probability([0.5, 0.5, 0.9], target)).toBe(0.25);
  });
});

describe("a language", () => {
  it("has a name in the interface's language, or is its code", () => {
    expect(nameOf("de", "en")).toBe("German");
    expect(nameOf("de", "de")).toBe("Deutsch");
    expect(nameOf("<b>", "en")).toBe("<b>");
    expect(tagOf("de")).toBe("de");
    expect(tagOf('"><b>')).toBe("");
    expect(tagOf(undefined)).toBe("");
  });
});
