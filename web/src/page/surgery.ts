/**
 * Operations on the model as text for a link, and back: `head.e1s.2_norm.d_mask.d0c.0-3.2-4-9_prefix.281.90`.
 *
 * A part is its side and layer, then s, r, c or f: self-attention, recurrence, cross-attention, feed-forward. Cells of a mask are query
 * and key, or query, first and last key.
 */

import type { Cell, Operation } from "../model/operations.ts";

const MOST = 256; // operations in a link
const MOST_CELLS = 100_000;
const PARTS = { s: "self_attention", r: "recurrence", c: "cross_attention", f: "feed_forward" } as const;
const NAME =
  /^(encoder|decoder)\.layers\.(\d+)(?:\.(self_attention|recurrence|cross_attention|feed_forward))?(?:_norm)?$/;

/** Return what an operation is done on; of two on the same thing only one can be. */
export function target(operation: Operation): string {
  const head = "head" in operation ? operation.head : null;
  switch (operation.kind) {
    case "shuffle":
    case "prefix":
      return operation.kind;
    case "piece":
      return `piece ${operation.at}`;
    default:
      return `${operation.kind} ${operation.where} ${head ?? ""}`;
  }
}

/** Return operations with one put in, in the place of that on the same thing. */
export function withOperation(operations: readonly Operation[], operation: Operation): Operation[] {
  return [...without(operations, operation), operation];
}

/** Return operations without that on the same thing. */
export function without(operations: readonly Operation[], operation: Operation): Operation[] {
  return operations.filter((other) => target(other) !== target(operation));
}

/** Return operations as text. */
export function written(operations: readonly Operation[]): string {
  return operations
    .map((operation) => [operation.kind.replace("_forward", ""), ...words(operation)].join("."))
    .join("_");
}

function words(operation: Operation): (string | number)[] {
  switch (operation.kind) {
    case "shuffle":
      return [operation.seed];
    case "piece":
      return [operation.at, operation.id];
    case "prefix":
      return [...operation.ids];
    case "layer":
    case "residual":
    case "norm":
      return [short(operation.where)];
    case "feed_forward":
    case "cell":
      return [short(operation.where).slice(0, -1)];
    case "head":
      return [short(operation.where), operation.head];
    case "uniform":
      return [short(operation.where), ...(operation.head === null ? [] : [operation.head])];
    case "mask":
      return [short(operation.where), ...(operation.head === null ? [] : [operation.head]), ...runs(operation.cells)];
  }
}

/** Return a part's name as e1s, or e for the encoder's last norm. */
function short(where: string): string {
  const [, side, layer, part] = NAME.exec(where) ?? [null, where, "", undefined];
  return `${side[0]}${layer}${part ? part[0] : ""}`;
}

/** Return cells, in order, as runs of keys. */
function runs(cells: readonly Cell[]): string[] {
  const found: [query: number, first: number, last: number][] = [];
  for (const [query, key] of sorted(cells)) {
    const before = found.at(-1);
    if (before && before[0] === query && key <= before[2] + 1) before[2] = key;
    else found.push([query, key, key]);
  }
  return found.map(([query, first, last]) => (first === last ? `${query}-${first}` : `${query}-${first}-${last}`));
}

/** Return cells by query, then by key. */
export function sorted(cells: readonly Cell[]): Cell[] {
  return [...cells].sort((one, other) => one[0] - other[0] || one[1] - other[1]);
}

/** Return the operations of a text; null where a word of it is not understood, or two are on the same thing. */
export function read(text: string): Operation[] | null {
  const parts = text.split("_");
  if (parts.length > MOST) return null;
  const found = parts.map(operation);
  if (found.some((one) => one === null)) return null;
  const operations = found as Operation[];
  return new Set(operations.map(target)).size === operations.length ? operations : null;
}

function operation(text: string): Operation | null {
  const [kind, ...rest] = text.split(".");
  const numbers = rest.map(whole);
  const where = long(kind, rest[0] ?? "");
  const head = rest.length > 1 ? numbers[1] : null;
  switch (kind) {
    case "shuffle":
      return rest.length === 1 && numbers[0] !== null ? { kind, seed: numbers[0] } : null;
    case "piece": {
      const [at, id] = numbers;
      return rest.length === 2 && at !== null && id !== null ? { kind, at, id } : null;
    }
    case "prefix": {
      const ids = numbers.filter((id) => id !== null);
      return rest.length && ids.length === rest.length ? { kind, ids } : null;
    }
    case "layer":
    case "residual":
    case "norm":
      return where && rest.length === 1 ? { kind, where } : null;
    case "feed":
      return where && rest.length === 1 ? { kind: "feed_forward", where } : null;
    case "cell":
      return where && rest.length === 1 ? { kind, where } : null;
    case "head":
      return where && rest.length === 2 && head !== null ? { kind, where, head } : null;
    case "uniform":
      return where && (rest.length === 1 || (rest.length === 2 && head !== null)) ? { kind, where, head } : null;
    case "mask": {
      const cells = cellsOf(rest.slice(head === null ? 1 : 2));
      return where && cells ? { kind, where, head, cells } : null;
    }
    default:
      return null;
  }
}

/** Return the name of the part that a kind of operation is done on. */
function long(kind: string, text: string): string | null {
  const [, side, layer, part] = /^([ed])(\d{1,3})?([srcf])?$/.exec(text) ?? [];
  if (!side) return null;
  const name = side === "e" ? "encoder" : "decoder";
  if (layer === undefined) return kind === "norm" && !part ? `${name}.norm` : null;
  if (side === "e" && (part === "c" || part === "r")) return null;
  const whole = `${name}.layers.${Number(layer)}`;
  if (kind === "layer") return part ? null : whole;
  if (kind === "feed") return part ? null : `${whole}.feed_forward`;
  if (kind === "cell") return part || side === "e" ? null : `${whole}.recurrence`;
  if (!part || ((part === "f" || part === "r") && kind !== "residual" && kind !== "norm")) return null;
  return `${whole}.${PARTS[part as keyof typeof PARTS]}${kind === "norm" ? "_norm" : ""}`;
}

function whole(text: string): number | null {
  return /^\d{1,7}$/.test(text) ? Number(text) : null;
}

function cellsOf(texts: readonly string[]): Cell[] | null {
  const cells: Cell[] = [];
  for (const text of texts) {
    const [, query, first, last] = /^(\d{1,5})-(\d{1,5})(?:-(\d{1,5}))?$/.exec(text) ?? [];
    if (query === undefined) return null;
    const keys = Number(last ?? first) - Number(first) + 1;
    if (keys < 1 || cells.length + keys > MOST_CELLS) return null;
    for (let key = Number(first); key <= Number(last ?? first); key++) cells.push([Number(query), key]);
  }
  return cells.length ? cells : null;
}
