/**
 * The Transformer of "Attention Is All You Need" and its later variants, for one sentence, piece by piece.
 *
 * It means what `src/dragoman/reference/` says, and keeps keys and values, so that a step computes what is new. Every
 * number on the way can be had, and changed: `record` is told each by its name, such as
 * `encoder.layers.0.self_attention.query`, and what it returns takes the number's place.
 */

// Shapes.  S source pieces, L rows: pieces of the source, or of hypotheses; D model width, V target vocabulary.

import {
  type ModelConfig,
  type Weights,
  firstPart,
  keyValueHeads,
  parameters,
  targetVocabulary,
} from "./architecture.ts";
import { type Heads, Memory, type View, fit, masked, mostKeys, shares, take } from "./attention.ts";
import {
  type Recorder,
  embed,
  feedForward,
  layerNorm,
  linear,
  plus,
  product,
  recur,
  relu,
  rmsNorm,
  sigmoid,
  sum,
  tell,
} from "./layers.ts";
import { rotate, sinusoid } from "./positions.ts";

/** What a decoder keeps of a hypothesis between steps: keys and values of every layer, or the state of its cell. */
export class State {
  constructor(
    readonly source: readonly Memory[], // of the source, shared by all hypotheses
    readonly own: readonly Memory[], // of the pieces so far; empty where layers have cells
    readonly cells: Float32Array[], // [D] of each layer that has one, whatever the length; never changed in place
    public length = 0,
  ) {}

  /** Return a state that goes on from here on its own. */
  fork(): State {
    return new State(
      this.source,
      this.own.map((memory) => memory.fork()),
      [...this.cells],
      this.length,
    );
  }
}

export class Transformer {
  private readonly tables: { source: Float32Array; target: Float32Array; output: Float32Array };

  /** Take the weights of a config; throws an Error where a name or a shape is not the config's. */
  constructor(
    readonly config: ModelConfig,
    readonly weights: Weights,
    private readonly record?: Recorder,
  ) {
    const shapes = parameters(config);
    for (const [name, shape] of shapes) {
      const length = shape.reduce((total, one) => total * one, 1);
      if (weights.get(name)?.length !== length) throw new Error(`tensor ${name} is wanted with shape [${shape}]`);
    }
    for (const name of weights.keys()) if (!shapes.has(name)) throw new Error(`tensor ${name} is unknown`);
    const table = (name: string) => weights.get(`${name}.weight`)!;
    const [source, target] =
      config.tie === "all" ? ["embedding", "embedding"] : ["source_embedding", "target_embedding"];
    const output = config.tie === "none" ? "output" : target;
    this.tables = { source: table(source), target: table(target), output: table(output) };
  }

  /** Return the same model, which tells what it computes, and goes on with what it is given for that. */
  recorded(record: Recorder): Transformer {
    return new Transformer(this.config, this.weights, record);
  }

  /** Return the memory [S, D] of a source; throws an Error for an id outside the vocabulary or too many pieces. */
  encode(source: readonly number[]): Float32Array {
    const { config } = this;
    this.checkIds("source", source, config.vocab_size);
    this.checkLength("source", source.length);
    const places = this.places(
      "encoder",
      source.map((_, place) => place),
    );
    let x_LD = this.embed("encoder", this.tables.source, source, places);
    for (let index = 0; index < config.encoder_layers; index++) {
      const layer = `encoder.layers.${index}`;
      x_LD = this.told(`${layer}.input`, x_LD, source.length);
      const memory = Memory.empty();
      const views = places.map((place) => ({ memory, count: source.length, place }));
      x_LD = this.subLayer(`${layer}.self_attention`, x_LD, (y_LD, name) => {
        this.remember(name, y_LD, new Array<Memory>(source.length).fill(memory), places);
        return this.attend(name, y_LD, views, true);
      });
      x_LD = this.feedForward(layer, x_LD);
    }
    return config.norm === "pre" ? this.norm("encoder.norm", x_LD) : x_LD;
  }

  /** Return the state before the first piece, from the memory [S, D] of the source. */
  start(memory_SD: Float32Array): State {
    const source: Memory[] = [];
    for (let index = 0; index < this.config.decoder_layers; index++) {
      source.push(Memory.empty());
      const rows = new Array<Memory>(memory_SD.length / this.config.d_model).fill(source[index]);
      this.remember(`decoder.layers.${index}.cross_attention`, memory_SD, rows);
    }
    const cells = this.config.decoder_cell === "ssru" ? source.map(() => new Float32Array(this.config.d_model)) : [];
    return new State(source, source.map(Memory.empty), cells);
  }

  /**
   * Return logits [L, V] of the piece after each of these. Piece i goes on from `states[i]`, which moves on with it;
   * pieces that follow each other have the same state.
   */
  decode(target: readonly number[], states: readonly State[]): Float32Array {
    return this.told("logits", this.output(this.hidden(target, states)), target.length);
  }

  /** Return the logits [L, V] that rows of the decoder's residual stream, from wherever on it, would be the end of. */
  unembed(x_LD: Float32Array): Float32Array {
    return this.output(this.config.norm === "pre" ? this.norm("decoder.norm", x_LD) : x_LD);
  }

  /** Return the embeddings [V, D] of one side, which may be those of both. */
  table(side: "source" | "target"): Float32Array {
    return this.tables[side];
  }

  private output(x_LD: Float32Array): Float32Array {
    const logits_LV = product(x_LD, this.tables.output, this.config.d_model);
    const bias_V = this.weights.get("output.bias");
    return bias_V ? plus(logits_LV, bias_V) : logits_LV;
  }

  /** Return what the logits are made of [L, D], states moved on as by `decode`. */
  hidden(target: readonly number[], states: readonly State[]): Float32Array {
    const { config } = this;
    this.checkIds("target", target, targetVocabulary(config));
    const counts = states.map((state) => ++state.length); // what each row sees
    this.checkLength(
      "target",
      states.reduce((longest, { length }) => Math.max(longest, length), 0),
    );
    const places = this.places(
      "decoder",
      counts.map((count) => count - 1),
    );
    let x_LD = this.embed("decoder", this.tables.target, target, places);
    for (let index = 0; index < config.decoder_layers; index++) {
      const layer = `decoder.layers.${index}`;
      x_LD = this.told(`${layer}.input`, x_LD, target.length);
      x_LD = this.subLayer(`${layer}.${firstPart(config)}`, x_LD, (y_LD, name) => {
        if (config.decoder_cell === "ssru") return this.recurrence(name, y_LD, states, index);
        const views = states.map(({ own }, row) => ({ memory: own[index], count: counts[row], place: places[row] }));
        const memories = views.map((view) => view.memory);
        this.remember(name, y_LD, memories, places);
        return this.attend(name, y_LD, views, true);
      });
      x_LD = this.subLayer(`${layer}.cross_attention`, x_LD, (y_LD, name) => {
        const views = states.map(({ source: { [index]: memory } }) => ({
          memory,
          count: memory.keys.length,
          place: 0,
        }));
        return this.attend(name, y_LD, views, false);
      });
      x_LD = this.feedForward(layer, x_LD);
    }
    return config.norm === "pre" ? this.norm("decoder.norm", x_LD) : x_LD;
  }

  /** Return where the pieces stand; whoever is told may have them stand elsewhere. */
  private places(side: "encoder" | "decoder", places: readonly number[]): readonly number[] {
    return Array.from(tell(this.record, `${side}.places`, Float32Array.from(places), [places.length]));
  }

  /** Return embeddings [L, D] with what the model adds for their places, if it adds anything. */
  private embed(side: "encoder" | "decoder", table: Float32Array, ids: readonly number[], places: readonly number[]) {
    const { d_model, experiment, positions } = this.config;
    const told = (part: string, values: Float32Array) => this.told(`${side}.${part}`, values, ids.length);
    const x_LD = told("scaled", embed(ids, table, d_model, experiment.scale_embeddings));
    const stored_TD = this.weights.get(`${side}.positions.weight`);
    if (positions !== "sinusoidal" && !stored_TD) return told("embedded", x_LD);
    const added_LD = new Float32Array(x_LD.length);
    places.forEach((place, row) => {
      const added_D = stored_TD?.subarray(place * d_model, (place + 1) * d_model) ?? sinusoid(place, d_model);
      added_LD.set(added_D, row * d_model);
    });
    return told("embedded", sum(x_LD, told("positions", added_LD)));
  }

  /**
   * Return norm(x + part(x)) as in the paper (Vaswani et al. 2017, section 3.1), or a variant of it.
   *
   * Pre-norm is x + part(norm(x)) (Xiong et al. 2020, figure 1); without norms it is x + part(x).
   */
  private subLayer(name: string, x_LD: Float32Array, part: (y_LD: Float32Array, name: string) => Float32Array) {
    const { norm, experiment, d_model } = this.config;
    const y_LD = part(norm === "pre" ? this.norm(`${name}_norm`, x_LD) : x_LD, name);
    const sum_LD = this.told(`${name}.sum`, experiment.residual ? sum(x_LD, y_LD) : y_LD, y_LD.length / d_model);
    return norm === "post" ? this.norm(`${name}_norm`, sum_LD) : sum_LD;
  }

  /** Return relu(c) [L, D] of the cell of a layer (Kim et al. 2019, section 3), whose states move on. */
  private recurrence(name: string, x_LD: Float32Array, states: readonly State[], layer: number): Float32Array {
    const told = (part: string, values: Float32Array) => this.told(`${name}.${part}`, values, states.length);
    const input_LD = this.linear(`${name}.input`, x_LD);
    const forget_LD = told("forget", linear(x_LD, this.weights, `${name}.forget`, this.config.d_model).map(sigmoid));
    const states_LD = recur(
      forget_LD,
      input_LD,
      this.config.d_model,
      (row) => states[row].cells[layer],
      (row, state_D) => (states[row].cells[layer] = state_D.slice()),
    );
    return told("out", told("state", states_LD).map(relu));
  }

  private feedForward(layer: string, x_LD: Float32Array): Float32Array {
    const { activation, d_model } = this.config;
    const y_LD = this.subLayer(`${layer}.feed_forward`, x_LD, (inner_LD, name) =>
      feedForward(inner_LD, this.weights, name, activation, d_model, this.record),
    );
    return this.told(`${layer}.output`, y_LD, y_LD.length / d_model);
  }

  private norm(name: string, before_LD: Float32Array): Float32Array {
    const { norm_kind, norm_epsilon, d_model } = this.config;
    const x_LD = this.told(`${name}.input`, before_LD, before_LD.length / d_model);
    const weight_D = this.weights.get(`${name}.weight`)!;
    const y_LD =
      norm_kind === "rms"
        ? rmsNorm(x_LD, weight_D, norm_epsilon)
        : layerNorm(x_LD, weight_D, this.weights.get(`${name}.bias`)!, norm_epsilon);
    return this.told(`${name}.output`, y_LD, x_LD.length / d_model);
  }

  /** Add the key and the value of each row [L, D] to its memory; keys are turned where the rows have places. */
  private remember(name: string, x_LD: Float32Array, memories: readonly Memory[], places?: readonly number[]): void {
    const width = keyValueHeads(this.config) * this.heads.width;
    const key_LD = this.turned(name, "key", x_LD, places);
    const value_LD = this.linear(`${name}.value`, x_LD);
    memories.forEach((memory, row) => {
      const [first, end] = [row * width, (row + 1) * width];
      memory.add(key_LD.subarray(first, end), value_LD.subarray(first, end), places?.[row] ?? row);
    });
  }

  /**
   * Return multi-head attention [L, D] of rows to what each can see (Vaswani et al. 2017, section 3.2.2).
   *
   * Rotary and ALiBi positions speak of distances, so they belong to self-attention (`isSelf`) alone.
   */
  private attend(name: string, x_LD: Float32Array, views: readonly View[], isSelf: boolean): Float32Array {
    const places = isSelf ? views.map((view) => view.place) : undefined;
    const query_LD = this.turned(name, "query", x_LD, places);
    const slopes = isSelf && this.config.positions === "alibi";
    const heads = { ...this.heads, slopes };
    const most = mostKeys(views);
    const told = (part: string, values: Float32Array) =>
      tell(this.record, `${name}.${part}`, values, [heads.heads, views.length, most]);
    const scores_NLK = told("scores", masked(told("unmasked", fit(query_LD, views, heads)), views));
    const weights_NLK = told("weights", shares(scores_NLK, most));
    const seen_LD = this.told(`${name}.seen`, take(weights_NLK, views, heads), views.length);
    return this.linear(`${name}.out`, seen_LD);
  }

  /** Return queries or keys [L, N·H], with rotary positions turned by their places, if they have any. */
  private turned(name: string, part: "query" | "key", x_LD: Float32Array, places?: readonly number[]): Float32Array {
    const plain = this.linear(`${name}.${part}`, x_LD);
    if (this.config.positions !== "rotary" || !places) return plain;
    return this.told(`${name}.${part}_turned`, rotate(plain, places, this.heads.width), places.length);
  }

  private linear(name: string, x_LD: Float32Array): Float32Array {
    const { d_model } = this.config;
    return this.told(name, linear(x_LD, this.weights, name, d_model), x_LD.length / d_model);
  }

  private get heads(): Omit<Heads, "slopes"> {
    const { d_model, heads, experiment } = this.config;
    const width = d_model / heads;
    const scale = experiment.scale_scores ? 1 / Math.sqrt(width) : 1;
    return { heads, keyValueHeads: keyValueHeads(this.config), width, scale };
  }

  private told(name: string, values: Float32Array, rows: number): Float32Array {
    return tell(this.record, name, values, [rows, values.length / rows]);
  }

  private checkIds(side: "source" | "target", ids: readonly number[], vocabulary: number): void {
    if (ids.length === 0) throw new Error(`a ${side} of no pieces was given; it has one at least`);
    const wrong = ids.find((id) => !(Number.isInteger(id) && 0 <= id && id < vocabulary));
    if (wrong === undefined) return;
    throw new Error(`${side} id ${wrong} is outside the vocabulary; allowed are 0 to ${vocabulary - 1}`);
  }

  private checkLength(side: "source" | "target", length: number): void {
    const most = this.config.max_positions;
    if (length <= most) return;
    const what = `a ${side} of ${length} pieces is longer than the model's max_positions=${most}`;
    throw new Error(`${what}; split the text into shorter sentences`);
  }
}
