/**
 * A sum that a number of a trace comes from: value = f(Σ terms). A term is a product of factors, and a factor is another
 * number of the trace, which has a sum of its own, or a weight, or a constant such as 1/√H.
 */

import { gelu, relu, sigmoid, silu } from "./layers.ts";
import type { Place } from "./places.ts";

export type Constant =
  | "one" // of a one-hot vector
  | "whole" // of which a gate takes a share
  | "nothing" // the state before the first step
  | "place"
  | "frequency"
  | "cosine"
  | "sine"
  | "scale"
  | "slope"
  | "distance"
  | "width"
  | "epsilon";

export type Source =
  | { readonly kind: "number"; readonly place: Place }
  | { readonly kind: "weight"; readonly name: string; readonly at: readonly number[] }
  | { readonly kind: "constant"; readonly name: Constant };

export interface Factor {
  readonly value: number;
  readonly source: Source;
}

export interface Term {
  readonly factors: readonly Factor[]; // one at least
  readonly over: Factor | null; // what their product is divided by
  readonly minus: boolean; // it is taken away
  readonly value: number; // what it adds, its sign included
}

const FUNCTIONS = {
  root: Math.sqrt,
  sine: Math.sin,
  cosine: Math.cos,
  exp: Math.exp,
  log: Math.log,
  relu,
  gelu,
  silu,
  sigmoid,
};

export type Apply = keyof typeof FUNCTIONS;

/** What is done here; a page has words for each. */
export type Kind =
  | "lookup"
  | "angle"
  | "wave"
  | "embedded"
  | "same"
  | "mean"
  | "centred"
  | "deviation"
  | "norm"
  | "linear"
  | "turned"
  | "product"
  | "score"
  | "mask"
  | "power"
  | "total"
  | "share"
  | "mixed"
  | "gate"
  | "rest"
  | "state"
  | "residual"
  | "activation"
  | "logit"
  | "log_total"
  | "log_sum_exp"
  | "log_probability"
  | "probability";

export interface Sum {
  readonly place: Place;
  readonly value: number; // as traced; computed where no trace has it
  readonly kind: Kind;
  readonly apply: Apply | null; // what is done with the sum of the terms
  readonly terms: readonly Term[]; // none where a mask hides the number
}

/** Return f(Σ terms) in double precision. */
export function result({ apply, terms }: Pick<Sum, "apply" | "terms">): number {
  const total = terms.reduce((sum, { value }) => sum + value, 0);
  return apply ? FUNCTIONS[apply](total) : total;
}

/** What a sum is but for its place and value. */
export type Way = readonly [kind: Kind, terms: readonly Term[], apply?: Apply];

/** Return a term with its value. */
export function term(factors: readonly Factor[], { over = null as Factor | null, minus = false } = {}): Term {
  const product = factors.reduce((value, factor) => value * factor.value, minus ? -1 : 1);
  return { factors, over, minus, value: over ? product / over.value : product };
}

export function constant(name: Constant, value: number): Factor {
  return { value, source: { kind: "constant", name } };
}
