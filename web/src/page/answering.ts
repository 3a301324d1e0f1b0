/** What may answer the page: the model in it, a server, or a record of one translation. */

import type { Ask, Asks } from "./asks.ts";
import type { Known, Question, Translated } from "./messages.ts";

/** Why what is neither a translation nor a trace cannot be had. */
export const NOT_HERE = "this is asked of the model itself, which is not in the page";

export type Translate = Extract<Question, { kind: "translate" }>;

/** What goes on while a translation is looked for. */
export interface Going {
  /** Whether something newer was asked, so that nobody waits for this. */
  readonly stale: () => boolean;
  /** Shows the best so far. */
  readonly partial: (text: string) => void;
}

export interface Answering {
  readonly known: Known;
  /** Return a translation, or null where something newer was asked meanwhile; an Error that it throws is its refusal. */
  translate(question: Translate, going: Going): Promise<Translated | null>;
  /** Answer a question; an Error that it throws reaches the one who asked. */
  ask(ask: Ask, asked: Asks[Ask]["asked"]): Promise<Asks[Ask]["answer"]>;
}
