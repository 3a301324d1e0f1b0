/** The one state of the page, which is also its address: every section reads it and writes into it. */

import { PLAIN } from "./drawing.ts";
import { facts as embedded } from "./embedded.ts";
import { type View, hashOf, viewOf } from "./hash.ts";
import { DICTIONARIES, type Words, filled } from "./words.ts";
import { offered } from "./sections.ts";

export const facts = embedded();
export const SECTIONS = offered(facts.film);

export const fixed = facts.held === "record"; // only one text can be shown, so nothing is typed

const WRITE = 300; // ms without a change before the address is written; browsers allow few writes a second

export const DEFAULTS: View = {
  section: SECTIONS[0],
  text: facts.text,
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
  lang: navigator.language.toLowerCase().startsWith("de") ? "de" : "en",
  theme: "auto",
  tour: 0,
};

const first = viewOf(location.hash, DEFAULTS, SECTIONS);

export const view = $state<View>(first.view);
export const link = $state<{ odd: readonly string[] }>({ odd: first.odd }); // what of the address was not understood

/** Return a word of the interface in its language, its gaps filled. */
export function say(word: keyof Words, gaps: Readonly<Record<string, string>> = {}): string {
  return filled(DICTIONARIES[view.lang][word], gaps);
}

/** Return the address of this view with some of it changed. */
export function address(change: Partial<View>): string {
  return hashOf({ ...view, ...change }, DEFAULTS);
}

/** Keep view and address alike; called once, inside a component. */
export function follow(): void {
  let known = location.hash; // as it was last read or written; another one is a link that was just followed
  $effect(() => {
    const hash = hashOf(view, DEFAULTS);
    const timer = setTimeout(() => {
      if (location.hash !== known || hash === (known || "#")) return;
      history.replaceState(null, "", hash);
      known = location.hash;
    }, WRITE);
    return () => clearTimeout(timer);
  });
  $effect(() => {
    const read = () => {
      known = location.hash;
      const { view: found, odd } = viewOf(known, DEFAULTS, SECTIONS);
      Object.assign(view, found);
      link.odd = odd;
    };
    addEventListener("hashchange", read);
    return () => removeEventListener("hashchange", read);
  });
  $effect(() => {
    document.documentElement.lang = view.lang;
    document.documentElement.dataset["theme"] = view.theme;
  });
}
