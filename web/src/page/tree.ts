/** The tree of a search: the ways that every step looked at, each joined to the one that it goes on from. */

import type { Search, Way } from "../model/trace_types.ts";

export interface Node {
  readonly step: number; // from 0
  readonly rank: number; // among the ways of its step, the best first
  readonly way: Way;
  readonly parent: number | null; // its place in the tree; null: the beginning
  readonly score: number; // its total over the divisor of its length
  readonly traced: boolean; // whether it leads to the translation
}

/** Return the nodes of a search with a beam, step by step. */
export function tree(search: Search): Node[] {
  const nodes: Node[] = [];
  let alive: (number | null)[] = [null];
  search.steps.forEach(({ ways, divisor }, step) => {
    const kept: number[] = [];
    ways.forEach((way, rank) => {
      if (way.fate === "kept") kept.push(nodes.length);
      nodes.push({ step, rank, way, parent: alive[way.row] ?? null, score: way.total / divisor, traced: false });
    });
    alive = kept;
  });
  const wanted = search.hypotheses[search.traced]?.ids ?? [];
  const last = nodes.findIndex((_, at) => String(path(nodes, at).map((one) => nodes[one].way.id)) === String(wanted));
  const traced = new Set(last < 0 ? [] : path(nodes, last));
  return nodes.map((node, at) => ({ ...node, traced: traced.has(at) }));
}

/** Return the places of the nodes that lead to one, from the first step to itself. */
export function path(nodes: readonly Node[], at: number): number[] {
  const { parent } = nodes[at];
  return [...(parent === null ? [] : path(nodes, parent)), at];
}

/** Return the node that one comes to with an arrow key, or the same one where there is none. */
export function neighbour(nodes: readonly Node[], at: number, key: string): number {
  const { step, rank, parent } = nodes[at];
  const near = (change: number) => nodes.findIndex((one) => one.step === step && one.rank === rank + change);
  const child = nodes.findIndex((one) => one.parent === at);
  const found = { ArrowUp: near(-1), ArrowDown: near(1), ArrowLeft: parent ?? -1, ArrowRight: child }[key] ?? -1;
  return found < 0 ? at : found;
}
