/**
 * Everything that a view of the page is, as the part of its address behind the #, and back.
 *
 * What is as it is by default is left out, so that a link says what is special about it.
 */

import { type DecodeOptions, decodeOptions } from "../model/options.ts";
import { PATTERNS, type Pattern } from "../model/patterns.ts";
import { placeOf } from "../model/places.ts";
import * as drawing from "./drawing.ts";
import { WEAKNESSES, type Weakness } from "./laboratory/symptoms.ts";
import * as surgery from "./surgery.ts";

export const DEPTHS = ["idea", "numbers", "formula"] as const;
export const LOOKS = ["lens", "heads", "map"] as const;
export const PARTS = ["encoder", "decoder", "cross"] as const;
export const LANGUAGES = ["en", "de"] as const;
export const ATTENTIONS = ["encoder", "decoder", "cross"] as const; // cross: of the decoder to the source
export const THEMES = ["auto", "light", "dark"] as const;

/** Numbers of a search that a link can hold. */
const OPTIONS = ["beam", "alpha", "temperature", "top_k", "top_p", "seed", "min_length", "max_length"] as const;

export type Options = Partial<Pick<DecodeOptions, (typeof OPTIONS)[number] | "penalty">>;

export interface View {
  section: string;
  text: string;
  to: string | null; // the target language, of a model that has several
  options: Options;
  depth: (typeof DEPTHS)[number];
  layer: number;
  head: number;
  step: number;
  word: number; // the source piece that the journey looks at
  station: string; // where the journey is; "" is where it begins
  number: string; // whose sum is shown, a place of model/places.ts, written; "" for none
  draw: drawing.Drawing; // how the next piece is drawn
  look: (typeof LOOKS)[number]; // of the section that looks deeper
  part: (typeof PARTS)[number]; // whose heads: self-attention of either side, or cross-attention
  piece: number | null; // of the vocabulary
  frame: number; // of the film
  attention: (typeof ATTENTIONS)[number]; // that is drawn
  surgery: string; // operations on the model, as surgery.ts writes them
  length: number; // pieces of a text that is only thought of
  pattern: Pattern; // of attention in it
  reach: number; // of the pattern, in pieces
  bits: number; // of a weight
  tokenizer: string; // that is looked at, by its name in this page; "" for the model's own
  moment: number | null; // steps that it has made; null for all
  weakness: Weakness; // of tokenizers
  lang: (typeof LANGUAGES)[number]; // of the interface
  theme: (typeof THEMES)[number];
  tour: number; // its step, from 1; 0 where one is not on it
}

/** What a link held: a view, and the names of what in it could not be understood. */
export interface Read {
  readonly view: View;
  readonly odd: readonly string[];
}

const MOST = 1_000_000; // of a layer, head or step; who shows it keeps it within the model

/** Numbers that are the same for every model, and between what they lie. */
const WITHIN = { length: [8, 16384], reach: [2, 512], bits: [2, 8], tour: [0, 12] } as const;

/** Return the address's part for a view, "#" at least. */
export function hashOf(view: View, defaults: View): string {
  const parts: [string, string][] = [];
  for (const name of [
    "section",
    "text",
    "to",
    "depth",
    "layer",
    "head",
    "step",
    "word",
    "station",
    "number",
    "look",
    "part",
    "piece",
    "frame",
    "attention",
    "surgery",
    "length",
    "pattern",
    "reach",
    "bits",
    "tokenizer",
    "moment",
    "weakness",
    "lang",
    "theme",
    "tour",
  ] as const) {
    if (view[name] !== defaults[name]) parts.push([name, String(view[name] ?? "")]);
  }
  for (const name of [...OPTIONS, "penalty"] as const) {
    const value = view.options[name];
    if (value !== undefined && value !== null) parts.push([name, String(value)]);
  }
  const drawn = drawing.written(view.draw);
  if (drawn) parts.push(["draw", drawn]);
  // A lone surrogate has no place in an address; the model would refuse it too.
  const written = parts.map(([name, value]) => `${name}=${encodeURIComponent(value.replace(/\p{Cs}/gu, "\ufffd"))}`);
  return `#${written.join("&")}`;
}

/** Return the view of an address's part, the rest as in `defaults`; `sections` are those that there are. */
export function viewOf(hash: string, defaults: View, sections: readonly string[]): Read {
  const view: View = { ...defaults, options: {} };
  const odd: string[] = [];
  for (const part of hash.replace(/^#/, "").split("&")) {
    if (part === "") continue;
    const [name, ...rest] = part.split("=");
    const value = decoded(rest.join("="));
    if (value === null || !put(view, name, value, sections)) odd.push(name === "section" ? part.slice(0, 40) : name);
  }
  try {
    decodeOptions(view.options);
  } catch {
    odd.push(...Object.keys(view.options)); // each may be right by itself, but not all together
    view.options = {};
  }
  return { view, odd };
}

function decoded(value: string): string | null {
  try {
    return decodeURIComponent(value);
  } catch {
    return null;
  }
}

/** Put one value into a view; false where the name or the value is unknown. */
function put(view: View, name: string, value: string, sections: readonly string[]): boolean {
  switch (name) {
    case "text":
      view.text = value;
      return true;
    case "to":
      view.to = value || null;
      return true;
    case "section":
      return chosen(sections, value, (section) => (view.section = section));
    case "depth":
      return chosen(DEPTHS, value, (depth) => (view.depth = depth));
    case "look":
      return chosen(LOOKS, value, (look) => (view.look = look));
    case "part":
      return chosen(PARTS, value, (part) => (view.part = part));
    case "pattern":
      return chosen(PATTERNS, value, (pattern) => (view.pattern = pattern));
    case "weakness":
      return chosen(WEAKNESSES, value, (weakness) => (view.weakness = weakness));
    case "lang":
      return chosen(LANGUAGES, value, (lang) => (view.lang = lang));
    case "attention":
      return chosen(ATTENTIONS, value, (attention) => (view.attention = attention));
    case "theme":
      return chosen(THEMES, value, (theme) => (view.theme = theme));
    case "layer":
    case "head":
    case "step":
    case "word":
    case "piece":
    case "frame":
    case "moment":
      if (!/^\d{1,7}$/.test(value) || Number(value) > MOST) return false;
      view[name] = Number(value);
      return true;
    case "length":
    case "reach":
    case "bits":
    case "tour": {
      const [least, most] = WITHIN[name];
      if (!/^\d{1,7}$/.test(value) || Number(value) < least || Number(value) > most) return false;
      view[name] = Number(value);
      return true;
    }
    case "station":
      if (!/^[a-z-]{0,40}$/.test(value)) return false;
      view.station = value; // which there are depends on the model
      return true;
    case "number":
      if (value !== "" && !placeOf(value)) return false;
      view.number = value;
      return true;
    case "draw":
      view.draw = drawing.read(value) ?? view.draw;
      return drawing.read(value) !== null;
    case "surgery":
      if (surgery.read(value) === null) return false;
      view.surgery = value;
      return true;
    case "tokenizer":
      view.tokenizer = value; // which there are depends on the page
      return true;
    case "penalty":
      view.options = { ...view.options, penalty: value };
      return true;
    default: {
      const option = OPTIONS.find((known) => known === name);
      if (!option || !/^-?\d+(\.\d+)?(e-?\d+)?$/.test(value)) return false;
      view.options = { ...view.options, [option]: Number(value) };
      return true;
    }
  }
}

function chosen<T extends string>(allowed: readonly T[], value: string, use: (value: T) => void): boolean {
  const found = allowed.find((one) => one === value);
  if (found !== undefined) use(found);
  return found !== undefined;
}
