/** A model of a few random numbers, for tests: eleven pieces, some of which are parts of a character. */

import { type ModelConfig, modelConfig, parameters } from "./architecture.ts";
import { key, uniform } from "./randomness.ts";
import { utf8 } from "./spelling.ts";
import { Transformer } from "./transformer.ts";

export const SPELLING = [
  ...Array.from({ length: 4 }, () => new Uint8Array()),
  ...["a", "b", "line\n"].map(utf8),
  ...[[0xc3], [0xa4], [0xe2, 0x82], [0xac]].map((bytes) => Uint8Array.from(bytes)),
];

export function toy(seed: number, settings: Partial<ModelConfig> = {}): Transformer {
  const small = { d_model: 8, encoder_layers: 1, decoder_layers: 2, heads: 2, feed_forward: 12, max_positions: 16 };
  const config = modelConfig({ vocab_size: SPELLING.length, ...small, ...settings });
  const weights = new Map<string, Float32Array>();
  for (const [name, shape] of parameters(config)) {
    const own = key(seed, name);
    const count = shape.reduce((product, length) => product * length, 1);
    weights.set(
      name,
      Float32Array.from({ length: count }, (_, at) => 2 * uniform(own, at) - 1),
    );
  }
  return new Transformer(config, weights);
}
