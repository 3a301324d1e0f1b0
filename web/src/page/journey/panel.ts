/** What of a sum is shown: all terms of a few, the largest of many; in columns, so that they fit on a slide. */

import type { Apply, Sum, Term } from "../../model/sum.ts";

export const FEW = 36; // terms that are shown one and all
const LARGEST = 10; // of those that are more
const COLUMN = 12; // terms below each other

export interface Placed {
  readonly term: Term;
  readonly at: number; // its place in the sum
}

/** Return the terms that are shown, in their order. */
export function shown({ terms }: Pick<Sum, "terms">, whole: boolean): Placed[] {
  const all = terms.map((term, at) => ({ term, at }));
  if (whole || all.length <= FEW) return all;
  const order = [...all].sort((one, other) => Math.abs(other.term.value) - Math.abs(one.term.value));
  return order.slice(0, LARGEST).sort((one, other) => one.at - other.at);
}

/** Return terms in columns of nearly the same length. */
export function columns(terms: readonly Placed[]): Placed[][] {
  const count = terms.length > FEW ? 1 : Math.ceil(terms.length / COLUMN);
  const length = Math.ceil(terms.length / count);
  return Array.from({ length: count }, (_, at) => terms.slice(at * length, (at + 1) * length));
}

/** Return what the terms that are not shown are together. */
export function rest({ terms }: Pick<Sum, "terms">, some: readonly Placed[]): number {
  const seen = new Set(some.map(({ at }) => at));
  return terms.reduce((sum, { value }, at) => (seen.has(at) ? sum : sum + value), 0);
}

/** Return how it is written that something is done with a sum. */
export function applied(apply: Apply, sum: string): string {
  switch (apply) {
    case "root":
      return `√${sum}`;
    case "exp":
      return `e^(${sum})`;
    case "log":
      return `ln ${sum}`;
    case "sine":
      return `sin ${sum}`;
    case "cosine":
      return `cos ${sum}`;
    case "relu":
      return `max(0, ${sum})`;
    case "sigmoid":
      return `σ(${sum})`;
    case "gelu":
      return `GELU(${sum})`;
    case "silu":
      return `SiLU(${sum})`;
  }
}
