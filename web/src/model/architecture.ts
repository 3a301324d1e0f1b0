/**
 * The shape of a model: `ModelConfig` with the names of config.json, and the table of its parameters.
 *
 * It is `src/dragoman/architecture.py` once more: the same values, the same refusals, the same names and shapes.
 */

import { settings } from "./settings.ts";

const CHOICES = {
  norm: ["pre", "post", "none"],
  norm_kind: ["layer", "rms"],
  activation: ["relu", "gelu", "swiglu", "silu"],
  positions: ["sinusoidal", "learned", "rotary", "alibi", "table", "none"],
  tie: ["all", "target", "none"],
  decoder_cell: ["attention", "ssru"],
  encoder_pattern: ["full"],
  decoder_pattern: ["causal"],
  cross_pattern: ["full"],
} as const;

type Choice<Name extends keyof typeof CHOICES> = (typeof CHOICES)[Name][number];

/** Switches that take a part of the Transformer away, to see what it is for; all true in every product model. */
export interface Experiment {
  readonly residual: boolean;
  readonly scale_scores: boolean;
  readonly scale_embeddings: boolean;
}

export interface ModelConfig {
  readonly vocab_size: number;
  readonly target_vocab_size: number | null;
  readonly d_model: number;
  readonly encoder_layers: number;
  readonly decoder_layers: number;
  readonly heads: number;
  readonly key_value_heads: number | null;
  readonly feed_forward: number;
  readonly norm: Choice<"norm">;
  readonly norm_kind: Choice<"norm_kind">;
  readonly norm_epsilon: number;
  readonly activation: Choice<"activation">;
  readonly positions: Choice<"positions">;
  readonly max_positions: number;
  readonly tie: Choice<"tie">;
  readonly decoder_cell: Choice<"decoder_cell">;
  readonly biases: boolean;
  readonly dropout: number;
  readonly attention_dropout: number;
  readonly activation_dropout: number;
  readonly encoder_pattern: Choice<"encoder_pattern">;
  readonly decoder_pattern: Choice<"decoder_pattern">;
  readonly cross_pattern: Choice<"cross_pattern">;
  readonly experiment: Experiment;
}

const DEFAULTS: ModelConfig = {
  vocab_size: 0, // no default: 0 is refused
  target_vocab_size: null,
  d_model: 256,
  encoder_layers: 3,
  decoder_layers: 3,
  heads: 4,
  key_value_heads: null,
  feed_forward: 1024,
  norm: "pre",
  norm_kind: "layer",
  norm_epsilon: 1e-5,
  activation: "relu",
  positions: "sinusoidal",
  max_positions: 1024,
  tie: "all",
  decoder_cell: "attention",
  biases: true,
  dropout: 0.1, // what is dropped in training changes nothing here
  attention_dropout: 0,
  activation_dropout: 0,
  encoder_pattern: "full",
  decoder_pattern: "causal",
  cross_pattern: "full",
  experiment: { residual: true, scale_scores: true, scale_embeddings: true },
};

const RANGES = {
  vocab_size: [5, 10_000_000],
  target_vocab_size: [5, 10_000_000],
  d_model: [1, 65_536],
  encoder_layers: [1, 1000],
  decoder_layers: [1, 1000],
  heads: [1, 65_536],
  key_value_heads: [1, 65_536],
  feed_forward: [1, 1_048_576],
  max_positions: [2, 1_000_000],
} as const;

/** Return the config in the table `model` of a config.json; throws an Error for anything unknown or impossible. */
export function modelConfig(given: unknown): ModelConfig {
  const config = settings(DEFAULTS, given, "model");
  for (const [name, allowed] of Object.entries(CHOICES)) {
    const value = config[name as keyof typeof CHOICES];
    if (!(allowed as readonly string[]).includes(value)) {
      throw new Error(`model.${name}="${value}" is not known here; allowed: ${allowed.join(", ")}`);
    }
  }
  for (const [name, [low, high]] of Object.entries(RANGES)) {
    const value = config[name as keyof typeof RANGES];
    if (value !== null && !(Number.isInteger(value) && low <= value && value <= high)) {
      throw new Error(`model.${name}=${value}: a whole number from ${low} to ${high} is allowed`);
    }
  }
  const { d_model, heads, positions } = config;
  if (!(0 < config.norm_epsilon && config.norm_epsilon < 1)) {
    throw new Error(`model.norm_epsilon=${config.norm_epsilon}: a small number above 0 is wanted, such as 1e-5`);
  }
  if (d_model % heads) throw new Error(`model.d_model=${d_model} does not split into heads=${heads}`);
  if (heads % keyValueHeads(config)) {
    throw new Error(`model.key_value_heads=${config.key_value_heads} does not divide heads=${heads}`);
  }
  if ((positions === "sinusoidal" || positions === "table") && d_model % 2) {
    throw new Error(`model.d_model=${d_model} is odd; ${positions} positions need an even width`);
  }
  if (positions === "rotary" && (d_model / heads) % 2) {
    throw new Error(`model.positions=rotary needs an even head width, not ${d_model / heads}`);
  }
  if (config.tie === "all" && targetVocabulary(config) !== config.vocab_size) {
    throw new Error(
      `model.tie=all wants one vocabulary, not ${config.vocab_size} and ${targetVocabulary(config)} pieces`,
    );
  }
  return config;
}

/** Return the number of key and value heads. */
export function keyValueHeads(config: ModelConfig): number {
  return config.key_value_heads ?? config.heads;
}

/** Return the number of target pieces, the width of the logits. */
export function targetVocabulary(config: ModelConfig): number {
  return config.target_vocab_size ?? config.vocab_size;
}

/** The parts of a decoder's layer in order, by the names of their weights. */
export type DecoderPart = "self_attention" | "recurrence" | "cross_attention" | "feed_forward";

/** Return the first part of a decoder's layer: what the steps before a step are known by. */
export function firstPart(config: Pick<ModelConfig, "decoder_cell">): "self_attention" | "recurrence" {
  return config.decoder_cell === "ssru" ? "recurrence" : "self_attention";
}

export type Shape = readonly number[];

/** Every parameter of a model by its name, row-major; names and shapes are those of `parameters`. */
export type Weights = ReadonlyMap<string, Float32Array>;

/** Return every stored tensor's name and shape, in the order of the forward pass; linear weights are [out, in]. */
export function parameters(config: ModelConfig): Map<string, Shape> {
  const shapes = new Map<string, Shape>();
  const width = config.d_model;
  const narrow = keyValueHeads(config) * (width / config.heads);
  const linear = (name: string, out: number, inner: number) => {
    shapes.set(`${name}.weight`, [out, inner]);
    if (config.biases) shapes.set(`${name}.bias`, [out]);
  };
  const norm = (name: string) => {
    if (config.norm === "none") return;
    shapes.set(`${name}.weight`, [width]);
    if (config.norm_kind === "layer") shapes.set(`${name}.bias`, [width]);
  };
  const attention = (name: string) => {
    linear(`${name}.query`, width, width);
    linear(`${name}.key`, narrow, width);
    linear(`${name}.value`, narrow, width);
    linear(`${name}.out`, width, width);
    norm(`${name}_norm`);
  };
  const recurrence = (name: string) => {
    shapes.set(`${name}.input.weight`, [width, width]);
    linear(`${name}.forget`, width, width);
    norm(`${name}_norm`);
  };

  if (config.tie === "all") {
    shapes.set("embedding.weight", [config.vocab_size, width]);
  } else {
    shapes.set("source_embedding.weight", [config.vocab_size, width]);
    shapes.set("target_embedding.weight", [targetVocabulary(config), width]);
  }
  for (const side of ["encoder", "decoder"] as const) {
    if (config.positions === "learned" || config.positions === "table") {
      shapes.set(`${side}.positions.weight`, [config.max_positions, width]);
    }
    for (let index = 0; index < config[`${side}_layers`]; index++) {
      const layer = `${side}.layers.${index}`;
      if (side === "decoder" && config.decoder_cell === "ssru") recurrence(`${layer}.recurrence`);
      else attention(`${layer}.self_attention`);
      if (side === "decoder") attention(`${layer}.cross_attention`);
      linear(`${layer}.feed_forward.up`, config.feed_forward, width);
      if (config.activation === "swiglu") linear(`${layer}.feed_forward.gate`, config.feed_forward, width);
      linear(`${layer}.feed_forward.down`, width, config.feed_forward);
      norm(`${layer}.feed_forward_norm`);
    }
    if (config.norm === "pre") norm(`${side}.norm`);
  }
  if (config.tie === "none") shapes.set("output.weight", [targetVocabulary(config), width]);
  if (config.biases) shapes.set("output.bias", [targetVocabulary(config)]);
  return shapes;
}
