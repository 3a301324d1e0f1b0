/**
 * Which source piece each target piece looks at: cross-attention of chosen heads, from one forced pass, as
 * `src/dragoman/decode/alignment.py` reads it: the step that *receives* a piece knows it, and looks where it came from.
 */

// Shapes.  N heads, T target pieces with `</s>`, L = T + 1 decoder positions, S source pieces.

import { BOS } from "./spelling.ts";
import type { Transformer } from "./transformer.ts";

/** Return weights [T][S], the mean of these (layer, head) of the cross-attention; every row sums to one. */
export function align(
  model: Transformer,
  source: readonly number[],
  target: readonly number[],
  heads: readonly (readonly [layer: number, head: number])[],
): Float32Array[] {
  const read = [BOS, ...target];
  const maps = new Map<string, Float32Array>();
  const recorded = model.recorded((name, weights_NLS) => {
    if (name.endsWith("cross_attention.weights")) maps.set(name, weights_NLS);
  });
  const state = recorded.start(recorded.encode(source));
  recorded.decode(
    read,
    read.map(() => state),
  );
  const width = source.length;
  return target.map((_, at) => {
    const row_S = new Float32Array(width);
    for (const [layer, head] of heads) {
      const weights_NLS = maps.get(`decoder.layers.${layer}.cross_attention.weights`)!;
      const first = (head * read.length + at + 1) * width;
      for (let place = 0; place < width; place++) row_S[place] += weights_NLS[first + place] / heads.length;
    }
    return row_S;
  });
}
