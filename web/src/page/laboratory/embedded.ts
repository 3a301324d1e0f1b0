/** The tokenizers that `dragoman explain` put into this page. */

import { type Tokenizer, readTokenizer } from "../../model/tokenizer.ts";
import { whole } from "../embedded.ts";
import type { Probes } from "./patient.ts";
import type { Bounds, Weakness } from "./symptoms.ts";

/** What `src/dragoman/explain/laboratory.py` writes. */
interface Written {
  readonly tokenizers: readonly { readonly name: string; readonly origin: Origin; readonly json: string }[];
  readonly unread: readonly string[];
  readonly probes: Probes;
  readonly bounds: Readonly<Record<Weakness, Bounds>>;
}

/** Where a tokenizer comes from: the model, a text that it was learned from, or a file that was given. */
export type Origin = "model" | "phrasebook" | "corpus" | "file";

/** A tokenizer of the page. */
export interface Named {
  readonly name: string;
  readonly origin: Origin;
  readonly tokenizer: Tokenizer;
}

export interface Laboratory {
  readonly tokenizers: readonly Named[]; // the model's first
  readonly unread: readonly string[]; // kinds of the model's own that are not read here
  readonly probes: Probes;
  readonly bounds: Readonly<Record<Weakness, Bounds>>; // of each weakness
}

/** Return what is there once the whole page has arrived; the promise breaks with an Error where it is damaged. */
export async function laboratory(): Promise<Laboratory> {
  await whole();
  const block = document.getElementById("laboratory");
  if (!block?.textContent) throw new Error("this page holds no tokenizers; write one with dragoman explain");
  const written = JSON.parse(block.textContent) as Written;
  return {
    ...written,
    tokenizers: written.tokenizers.map(({ json, ...own }) => ({ ...own, tokenizer: readTokenizer(json, own.name) })),
  };
}
