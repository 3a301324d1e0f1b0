/** How the model knows where a piece stands: sinusoids added, rotations of queries and keys, slopes on scores. */

// Shapes.  L rows, D model width, H head width, N heads.

/** Return 10000^(-2i/width) for pair i: from one radian a position down to almost none. */
export function frequency(pair: number, width: number): number {
  return 10000 ** ((-2 * pair) / width);
}

/**
 * Return the sinusoids [D] of a place (Vaswani et al. 2017, section 3.5).
 *
 * Dimension 2i is sin(place · 10000^(-2i/D)), dimension 2i + 1 is its cos: interleaved, as in the paper.
 */
export function sinusoid(place: number, width: number): Float32Array {
  return new Float32Array(width).map((_, at) => {
    const angle = place * frequency(at >> 1, width);
    return at % 2 ? Math.cos(angle) : Math.sin(angle);
  });
}

/**
 * Turn each pair (2i, 2i + 1) of every head of each row by the angle place · 10000^(-2i/H).
 *
 * Rotary positions (Su et al. 2021, section 3.2.2; the pairs as in equation 34). The product of a rotated query and a
 * rotated key then depends on their distance, not on where they stand.
 */
export function rotate(x_LD: Float32Array, places: readonly number[], headWidth: number): Float32Array {
  const width = x_LD.length / places.length;
  const turned_LD = new Float32Array(x_LD.length);
  places.forEach((place, row) => {
    for (let pair = 0; pair < headWidth / 2; pair++) {
      const angle = place * frequency(pair, headWidth);
      const cos = Math.cos(angle);
      const sin = Math.sin(angle);
      for (let at = row * width + 2 * pair; at < (row + 1) * width; at += headWidth) {
        turned_LD[at] = x_LD[at] * cos - x_LD[at + 1] * sin;
        turned_LD[at + 1] = x_LD[at] * sin + x_LD[at + 1] * cos;
      }
    }
  });
  return turned_LD;
}

/** Return 2^(-8(n+1)/heads) for head n from 0: how fast it forgets what is far (Press et al. 2022, section 3). */
export function alibiSlope(head: number, heads: number): number {
  return 2 ** ((-8 * (head + 1)) / heads);
}
