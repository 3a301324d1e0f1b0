/** Which sentences the tour goes with: two of its own where the model knows their languages, else the one in the box. */

import type { Trace } from "../../model/trace_types.ts";
import { tagOf } from "../languages.ts";
import { type Look, clearest, finds, lookBetween, lookOfAll } from "./measures.ts";

/** A sentence with a pronoun and the noun that it stands for, and one whose words come out in another order. */
interface Classic {
  readonly look: { readonly text: string; readonly pronoun: string; readonly noun: string };
  readonly order: string;
}

export const CLASSICS: Readonly<Record<string, Classic>> = {
  "de-en": {
    look: { text: "Die Frau liest ein Buch, weil sie müde ist.", pronoun: "sie", noun: "Frau" },
    order: "Morgen kommt Tom.",
  },
  "en-de": {
    look: { text: "I like the soup because it is good.", pronoun: "it", noun: "soup" },
    order: "I forgot everything.",
  },
};

const LEAST = 0.25; // of a look that is shown as one

/** Return the sentences for the directions of a model into this language; null where the tour has none for them. */
export function classicFor(directions: readonly (readonly [string, string])[], target: string): Classic | null {
  const plain = (code: string) => tagOf(code).split("-")[0];
  const known = directions
    .filter(([, to]) => to === target)
    .map(([from, to]) => `${plain(from)}-${plain(to)}`)
    .find((pair) => Object.hasOwn(CLASSICS, pair));
  return known === undefined ? null : CLASSICS[known];
}

/** Return the look from a pronoun at its noun, where a head of the model finds it; else null. */
export function found(trace: Trace, { pronoun, noun }: Classic["look"]): Look | null {
  const look = lookBetween(trace, pronoun, noun);
  return look && look.share >= LEAST && finds(trace, look) ? look : null;
}

/** Return whether two words of a translation stand the other way round, as a head sees it. */
export function turns(trace: Trace, later: 0 | 1): boolean {
  return clearest(trace, later).crossing !== null;
}

/** Return the look that the tour speaks of: of the classic pronoun, or the strongest of a sentence. */
export function lookOf(trace: Trace, classic: Classic["look"] | null): Look | null {
  return (
    (classic && trace.text === classic.text ? lookBetween(trace, classic.pronoun, classic.noun) : null) ??
    lookOfAll(trace)
  );
}
