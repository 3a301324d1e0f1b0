/** What `dragoman explain` put into this page: facts, and the files of the model or of a record as base64. */

import type { Step } from "../model/alignment.ts";
import type { Loss } from "../model/rounding.ts";
import type { Held } from "./messages.ts";
import type { RemoteKnown } from "./remote.ts";

export interface Facts {
  readonly name: string;
  readonly text: string; // to begin with
  readonly held: Held["kind"]; // where the model is
  readonly known: RemoteKnown | null; // of a model that is not in the page
  readonly travels: boolean; // whether it can be in one
  readonly foreign: boolean; // whether its tokenizer keeps it from being in one
  readonly parameters: number;
  readonly bytes: number; // of the weights
  readonly licence: string | null; // the card's line on whose the data are
  readonly card: string;
  readonly step: Step; // of the decoder, in which the heads that align look for a piece
  readonly rounding: readonly Loss[] | null; // what int8 lost of float weights; null where there were none
  readonly bench: Benchmark;
  readonly film: boolean; // whether there is one of the training
  readonly made: string; // the version of dragoman that wrote the page
}

/** What `dragoman bench --json` measured on one machine; its operations count a multiply-add as two. */
export interface Benchmark {
  readonly own: boolean; // measured by whoever wrote the page, not the example that comes with dragoman
  readonly model: string;
  readonly processor: string;
  readonly kernels: string;
  readonly precision: string;
  readonly weight_bytes: number;
  readonly peak_operations: number; // a second, of all threads
  readonly peak_bytes: number;
  readonly cases: readonly Case[];
}

export interface Case {
  readonly name: string;
  readonly threads: number;
  readonly sentences_a_second: number;
  readonly operators: readonly Operator[];
}

export interface Operator {
  readonly name: string;
  readonly share: number; // of the time
  readonly operations: number; // a second
  readonly bytes: number; // read in a second
}

/** Return the facts; they stand in front of the script, so that a first picture need not wait for the model. */
export function facts(): Facts {
  const block = document.getElementById("facts");
  if (!block?.textContent) throw new Error("this page holds no model; write one with dragoman explain");
  return JSON.parse(block.textContent) as Facts;
}

/** Return where the model is, with all that is here of it. */
export async function held(facts: Facts): Promise<Held> {
  const { known, step, travels } = facts;
  if (facts.held === "file" || !known) return { kind: "file", files: await files(), step };
  if (facts.held === "record") return { kind: "record", files: await files(), known };
  return { kind: "server", address: location.href, known, step, travels };
}

/** Return once the whole page has arrived. */
export async function whole(): Promise<void> {
  if (document.readyState !== "loading") return;
  await new Promise((resolve) => document.addEventListener("DOMContentLoaded", resolve, { once: true }));
}

/** Return the files once the whole page has arrived. */
async function files(): Promise<Record<string, string>> {
  await whole();
  const blocks = document.querySelectorAll<HTMLScriptElement>("script[data-file]");
  return Object.fromEntries(Array.from(blocks, (block) => [block.dataset["file"]!, block.textContent ?? ""]));
}

/** Return the bytes of base64. */
export function bytes(base64: string): Uint8Array<ArrayBuffer> {
  const letters = atob(base64);
  const found = new Uint8Array(letters.length);
  for (let at = 0; at < letters.length; at++) found[at] = letters.charCodeAt(at);
  return found;
}
