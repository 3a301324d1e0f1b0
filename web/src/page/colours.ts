/**
 * The one scale of numbers that may be negative: green above 0, purple below, nothing at 0; as strong as the number is
 * large against the largest beside it. Small ones are lifted a little, for most numbers of a vector are.
 */

const LIFT = 0.7; // exponent of a share of the largest

/** Return how strong the colour of a number is, from -1 to 1. */
export function strength(value: number, most: number): number {
  if (!Number.isFinite(value) || !(most > 0)) return 0;
  return Math.sign(value) * Math.min(1, Math.abs(value) / most) ** LIFT;
}

/** Return numbers as pixels of red, green, blue and opacity, for these colours of plus and minus. */
export function pixels(
  values: ArrayLike<number>,
  most: number,
  plus: readonly number[],
  minus: readonly number[],
): Uint8ClampedArray<ArrayBuffer> {
  const found = new Uint8ClampedArray(4 * values.length);
  for (let at = 0; at < values.length; at++) {
    const own = strength(values[at], most);
    found.set(own < 0 ? minus : plus, 4 * at);
    found[4 * at + 3] = Math.round(255 * Math.abs(own));
  }
  return found;
}

/** Return red, green and blue of a colour as a browser computes it, such as rgb(1, 2, 3). */
export function channels(colour: string): number[] {
  return (colour.match(/[\d.]+/g) ?? []).slice(0, 3).map(Number);
}
