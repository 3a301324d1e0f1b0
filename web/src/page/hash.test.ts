import { describe, expect, it } from "vitest";
import { PATTERNS } from "../model/patterns.ts";
import { WEAKNESSES } from "./laboratory/symptoms.ts";
import { PLAIN } from "./drawing.ts";
import { ATTENTIONS, DEPTHS, LOOKS, PARTS, THEMES, type View, hashOf, viewOf } from "./hash.ts";

const DEFAULTS: View = {
  section: "one",
  text: "Hallo",
  to: null,
  options: {},
  depth: "idea",
  layer: 0,
  head: 0,
  step: 0,
  word: 0,
  station: "",
  number: "",
  draw: PLAIN,
  look: "lens",
  part: "decoder",
  piece: null,
  frame: 0,
  attention: "cross",
  surgery: "",
  length: 64,
  pattern: "full",
  reach: 16,
  bits: 8,
  tokenizer: "",
  moment: null,
  weakness: "digits",
  lang: "en",
  theme: "auto",
  tour: 0,
};
const SECTIONS = ["one", "two"];
const TEXTS = [
  "",
  " ",
  "a&b=c",
  "#x",
  "100 %",
  "%41",
  "a+b",
  "Käse 🙂",
  "\u202e\0\n",
  "__proto__",
  "</script>",
  "שלום",
];

describe("the address", () => {
  it("gives back every view", () => {
    TEXTS.forEach((text, at) => {
      const view: View = {
        section: SECTIONS[at % 2],
        text,
        to: at % 3 ? text || null : null,
        options:
          at % 2 ? { beam: at, penalty: "average", alpha: 0.25, max_length: 70 } : { temperature: 0.7, seed: -3 },
        depth: DEPTHS[at % 3],
        layer: at,
        head: at % 4,
        step: 10 * at,
        word: 2 * at,
        station: at % 2 ? "encoder-self-qkv" : "",
        number: at % 2 ? `encoder.layers.0.self_attention.query:${at},0,1` : "",
        draw: at % 2 ? { temperature: 0.5, top_k: at, top_p: 0.9, seed: at } : PLAIN,
        look: LOOKS[at % 3],
        part: PARTS[(at + 1) % 3],
        piece: at % 4 ? 100 * at : null,
        frame: at,
        attention: ATTENTIONS[at % 3],
        surgery: at % 3 ? `piece.${at}.7_layer.d0` : "",
        length: 8 + 100 * at,
        pattern: PATTERNS[at % PATTERNS.length],
        reach: 2 + at,
        bits: 2 + (at % 7),
        tokenizer: at % 2 ? text : "",
        moment: at % 3 ? at : null,
        weakness: WEAKNESSES[at % WEAKNESSES.length],
        lang: at % 2 ? "de" : "en",
        theme: THEMES[at % 3],
        tour: at,
      };
      const hash = hashOf(view, DEFAULTS);
      expect(viewOf(hash, DEFAULTS, SECTIONS)).toEqual({ view, odd: [] });
      expect(new URL(hash, "file:///x.html").hash).toBe(hash); // a browser writes it no other way
    });
  });

  it("says nothing of what is as always", () => {
    expect(hashOf(DEFAULTS, DEFAULTS)).toBe("#");
    for (const hash of ["", "#"]) expect(viewOf(hash, DEFAULTS, SECTIONS)).toEqual({ view: DEFAULTS, odd: [] });
  });

  it.each([
    ["section=three", ["section=three"]],
    ["layer=-1&head=1.5&step=1e3", ["layer", "head", "step"]],
    ["layer=99999999", ["layer"]],
    ["station=A%20b&number=memory:x&word=-1", ["station", "number", "word"]],
    [
      "piece=-1&look=&part=memory&frame=x&moment=&weakness=none",
      ["piece", "look", "part", "frame", "moment", "weakness"],
    ],
    ["length=7&reach=1024&bits=1&pattern=none", ["length", "reach", "bits", "pattern"]],
    ["length=16385&reach=2.5&bits=", ["length", "reach", "bits"]],
    ["tour=13", ["tour"]],
    ["beam=0", ["beam"]],
    ["beam=4&temperature=0.7", ["beam", "temperature"]],
    ["temperature=abc", ["temperature"]],
    ["text=%E0%A4", ["text"]],
    ["draw=t0&surgery=head.e0s", ["draw", "surgery"]],
    ["draw=&surgery=", ["draw", "surgery"]],
    ["attention=self&surgery=x", ["attention", "surgery"]],
    ["lang=fr&theme=pink&depth=", ["lang", "theme", "depth"]],
    ["constructor=1&__proto__=2&toString=3", ["constructor", "__proto__", "toString"]],
  ])("leaves out what cannot be, and says so: %s", (hash, odd) => {
    expect(viewOf(`#${hash}`, DEFAULTS, SECTIONS)).toEqual({ view: DEFAULTS, odd });
  });

  it("writes half a surrogate pair as what is no character", () => {
    expect(hashOf({ ...DEFAULTS, text: "a\ud800" }, DEFAULTS)).toBe("#text=a%EF%BF%BD");
  });
});
