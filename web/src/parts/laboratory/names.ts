/** What the tokenizers of the page are called. */

import type { Named } from "../../page/laboratory/embedded.ts";
import { number } from "../../page/numbers.svelte.ts";
import { say } from "../../page/view.svelte.ts";

const OWN: Readonly<Record<string, "lab_model" | "lab_source" | "lab_target">> = {
  model: "lab_model",
  source: "lab_source",
  target: "lab_target",
};

/** Return the name of a tokenizer as people read it. */
export function nameOf({ name, origin }: Named): string {
  return origin === "model" && OWN[name] ? say(OWN[name]) : name;
}

/** Return what kind of tokenizer it is, and how large, as people read it; nothing twice. */
export function sizeOf({ name, tokenizer: { kind, pieces } }: Named): string {
  const size = say("lab_vocabulary", { n: number(pieces.length) });
  return kind === name ? size : `${kind}, ${size}`;
}
