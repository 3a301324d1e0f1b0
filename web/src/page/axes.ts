/** Scales of charts: from a number to its place, and the round numbers to write beside it. */

export interface Scale {
  /** Return the place of a number. */
  (value: number): number;
  readonly domain: readonly [number, number];
}

/** Return a scale on which equal factors are equal distances. */
export function logarithmic(domain: readonly [number, number], range: readonly [number, number]): Scale {
  const [low, high] = domain.map(Math.log);
  const place = (value: number) => range[0] + ((Math.log(value) - low) / (high - low)) * (range[1] - range[0]);
  return Object.assign(place, { domain });
}

/** Return a scale on which equal differences are equal distances. */
export function linear(domain: readonly [number, number], range: readonly [number, number]): Scale {
  const [low, high] = domain;
  const place = (value: number) => range[0] + ((value - low) / (high - low)) * (range[1] - range[0]);
  return Object.assign(place, { domain });
}

/** Return the powers of a base within a domain. */
export function powers(base: number, [low, high]: readonly [number, number]): number[] {
  const first = Math.ceil(Math.log(low) / Math.log(base) - 1e-9);
  const last = Math.floor(Math.log(high) / Math.log(base) + 1e-9);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, at) => base ** (first + at));
}

/** Return the drawing of a line through points. */
export function line(points: readonly (readonly [x: number, y: number])[]): string {
  return points.map(([x, y], at) => `${at ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");
}
