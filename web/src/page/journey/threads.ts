/** Lines between two lists that stand side by side, for shares of attention. */

export interface Thread {
  readonly row: number; // at the right: who looks
  readonly column: number; // at the left: what is looked at
  readonly share: number;
}

/** Return the shares [L, K] that reach `least`, weakest first, so that strong ones lie on top. */
export function threads(shares_LK: Float32Array, columns: number, least: number): Thread[] {
  const found: Thread[] = [];
  shares_LK.forEach((share, at) => {
    if (share >= least) found.push({ row: Math.floor(at / columns), column: at % columns, share });
  });
  return found.sort((one, other) => one.share - other.share);
}

/** Return the path of a line from a row of the left list to one of the right, across `width`, rows of a `height`. */
export function path(column: number, row: number, width: number, height: number): string {
  const [from, to] = [(column + 0.5) * height, (row + 0.5) * height];
  return `M0 ${from}C${width / 2} ${from} ${width / 2} ${to} ${width} ${to}`;
}
