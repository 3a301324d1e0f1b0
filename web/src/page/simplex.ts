/** Three pieces as the corners of a triangle: a point in it is how probable each is beside the two others. */

export type Point = readonly [x: number, y: number];

export const HEIGHT = Math.sqrt(3) / 2; // of a triangle with sides of 1
export const CORNERS: readonly Point[] = [
  [0.5, 0], // on top
  [0, HEIGHT],
  [1, HEIGHT],
];

/** Return the shares of pieces with these logits among each other, at a temperature. */
export function shares(logits: readonly number[], temperature: number): number[] {
  const peak = Math.max(...logits);
  const powers = logits.map((logit) => Math.exp((logit - peak) / temperature));
  const sum = powers.reduce((total, one) => total + one, 0);
  return powers.map((one) => one / sum);
}

/** Return the point of three shares: the mean of the corners, each as heavy as its share. */
export function point(three: readonly number[]): Point {
  const mean = (axis: 0 | 1) => three.reduce((sum, share, corner) => sum + share * CORNERS[corner][axis], 0);
  return [mean(0), mean(1)];
}

/** Return the way of the point from one temperature to another, in steps of equal ratio. */
export function way(logits: readonly number[], from: number, to: number, steps = 80): Point[] {
  return Array.from({ length: steps + 1 }, (_, at) => point(shares(logits, from * (to / from) ** (at / steps))));
}
