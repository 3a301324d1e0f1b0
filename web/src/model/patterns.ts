/**
 * Sparse attention: rules that let a position look at some positions only, so that the work grows with the length and
 * not with its square. They are for pictures and counts here; a rule is `src/dragoman/patterns.py`'s `may_look`.
 *
 * A rule is written once, as the keys of a query: runs of positions that have none in common.
 */

export const PATTERNS = ["full", "window", "dilated", "global", "strided", "fixed", "blocks", "bigbird"] as const;

export type Pattern = (typeof PATTERNS)[number];

/** Keys from `begin` up to, not including, `end`, every `step`-th. */
interface Run {
  readonly begin: number;
  readonly end: number;
  readonly step: number;
}

const GAP = 2; // of the dilated window
const SUMMARY = 8; // positions of a block that all see, at most
const RANDOM = 2; // blocks that a block of BigBird draws

/** Return the keys, of `length` positions, at which a query looks; `width` is how far or how much a rule takes. */
export function runs(pattern: Pattern, query: number, length: number, width: number): Run[] {
  const run = (begin: number, end: number, step = 1): Run => {
    const missed = Math.max(0, Math.ceil(-begin / step)); // steps in front of the first position
    return { begin: begin + missed * step, end: Math.min(end, length), step };
  };
  const block = Math.floor(query / width);
  switch (pattern) {
    case "full":
      return [run(0, length)];
    case "window": // |query - key| < width (Beltagy et al. 2020, section 3.1)
      return [run(query - width + 1, query + width)];
    case "dilated": // the same number of keys with gaps between them (there, "Dilated Sliding Window")
      return [run(query - GAP * (width - 1), query + GAP * (width - 1) + 1, GAP)];
    case "global": {
      // a window, and some first positions that see all and are seen by all (there, "Global Attention")
      const first = Math.max(1, width >> 2);
      if (query < first) return [run(0, length)];
      return [run(0, first), run(Math.max(first, query - width + 1), query + width)];
    }
    case "strided": // a window and every width-th position (Child et al. 2019, section 4.2, here to both sides)
      return [
        run(query % width, query - width + 1, width),
        run(query - width + 1, query + width),
        run(query + width, length, width),
      ];
    case "fixed": {
      // the own block and the last positions of every other (there, "fixed attention")
      const last = Math.min(SUMMARY, Math.max(1, width >> 4));
      const found = [run(block * width, (block + 1) * width)];
      for (let from = width - last; from < width; from++) {
        found.push(run(from, block * width, width), run((block + 1) * width + from, length, width));
      }
      return found;
    }
    case "blocks": // the own block alone (Qiu et al. 2020)
      return [run(block * width, (block + 1) * width)];
    case "bigbird":
      return blocksOf(query, length, Math.max(1, width >> 1)).map(([begin, end]) => run(begin, end));
  }
}

/** A window of three blocks, the first block for all, and blocks by chance (Zaheer et al. 2020, section 2). */
function blocksOf(query: number, length: number, size: number): [number, number][] {
  const own = Math.floor(query / size);
  const count = Math.ceil(length / size);
  if (own === 0) return [[0, length]];
  const blocks = new Set([0, own - 1, own, own + 1]);
  for (let draw = 0; draw < RANDOM; draw++) blocks.add(mixed(own, draw) % count);
  return [...blocks].map((one) => [one * size, (one + 1) * size]);
}

/** Return a number that looks drawn, and is the same every time. */
function mixed(block: number, draw: number): number {
  let bits = Math.imul(block + 1, 0x9e3779b1) ^ Math.imul(draw + 1, 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 15), 0x2c1b3c6d);
  return (bits ^ (bits >>> 13)) >>> 0;
}

/** Return whether a query looks at a key; `past`: as in a decoder, which sees itself and what came before. */
export function mayLook(pattern: Pattern, query: number, key: number, length: number, width: number, past: boolean) {
  if (past && key > query) return false;
  return runs(pattern, query, length, width).some(
    ({ begin, end, step }) => begin <= key && key < end && (key - begin) % step === 0,
  );
}

/** Return a function that gives the keys of queries one after the other; those of a block look at the same. */
function asked(pattern: Pattern, length: number, width: number): (query: number) => readonly Run[] {
  const size = { fixed: width, blocks: width, bigbird: Math.max(1, width >> 1) }[pattern as string] ?? 1;
  let known = -1;
  let found: readonly Run[] = [];
  return (query) => {
    const block = Math.floor(query / size);
    if (block !== known) [known, found] = [block, runs(pattern, query, length, width)];
    return found;
  };
}

/** Return how many pairs of query and key there are, of `length` positions. */
export function pairs(pattern: Pattern, length: number, width: number, past: boolean): number {
  if (pattern === "full") return past ? (length * (length + 1)) / 2 : length * length;
  const keys = asked(pattern, length, width);
  let sum = 0;
  for (let query = 0; query < length; query++) {
    for (const { begin, end, step } of keys(query)) {
      sum += Math.max(0, Math.ceil(((past ? Math.min(end, query + 1) : end) - begin) / step));
    }
  }
  return sum;
}

/** Return the share of pairs [cells, cells], row by row, of a picture in which a cell may stand for many pairs. */
export function picture(pattern: Pattern, length: number, width: number, past: boolean, cells: number): Float32Array {
  const shares = new Float32Array(cells * cells);
  const keys = asked(pattern, length, width);
  const sampled = Math.min(length, 4 * cells); // rows that are looked at
  for (let row = 0; row < sampled; row++) {
    const query = Math.floor(((row + 0.5) * length) / sampled);
    const place = Math.floor((row * cells) / sampled) * cells;
    for (const { begin, end, step } of keys(query)) {
      const stop = past ? Math.min(end, query + 1) : end;
      const before = (key: number) => Math.ceil((Math.min(Math.max(key, begin), stop) - begin) / step);
      const border = (cell: number) => Math.ceil((cell * length) / cells); // its first key
      for (let cell = Math.floor((begin * cells) / length); cell < cells && border(cell) < stop; cell++) {
        shares[place + cell] += before(border(cell + 1)) - before(border(cell));
      }
    }
  }
  const full = (sampled / cells) * (length / cells); // pairs that a cell stands for
  return shares.map((count) => Math.min(1, count / full));
}
