/**
 * Which source piece each target piece looks at: cross-attention of chosen heads, from one forced pass, as
 * `src/dragoman/decode/alignment.py` reads it: the step that *receives* a piece knows it, and looks where it came from.
 *
 * Heads that were never taught to do that look, in small models, for the piece that they *write*: a step earlier.
 */

// Shapes.  N heads, T target pieces with `</s>`, L = T + 1 decoder positions, S source pieces.

import { BOS } from "./spelling.ts";
import type { State, Transformer } from "./transformer.ts";

/** Which step of the decoder speaks for a piece: the one that receives it, or the one before, which writes it. */
export type Step = "receiving" | "writing";

/** Return weights [T][S] of each target, the mean of these (layer, head) of the cross-attention; rows sum to one. */
export function align(
  model: Transformer,
  source: readonly number[],
  targets: readonly (readonly number[])[],
  heads: readonly (readonly [layer: number, head: number])[],
  step: Step = "receiving",
): Float32Array[][] {
  const maps = new Map<string, Float32Array>();
  const recorded = model.recorded((name, weights_NLS) => {
    if (name.endsWith("cross_attention.weights")) maps.set(name, weights_NLS);
  });
  const later = step === "receiving" ? 1 : 0;
  const start = model.start(model.encode(source));
  return targets.map((target) => {
    const read = [BOS, ...target];
    recorded.hidden(read, new Array<State>(read.length).fill(start.fork()));
    return target.map((_, at) => {
      const row_S = new Float32Array(source.length);
      for (const [layer, head] of heads) {
        const weights_NLS = maps.get(`decoder.layers.${layer}.cross_attention.weights`)!;
        const first = (head * read.length + at + later) * source.length;
        for (let place = 0; place < source.length; place++) row_S[place] += weights_NLS[first + place] / heads.length;
      }
      return row_S;
    });
  });
}
