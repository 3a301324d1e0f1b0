/**
 * Where a number of a trace comes from: what is multiplied and added up to it. What is added up has sums of its own, so
 * from any number one comes, sum by sum, down to the weights.
 */

// Shapes.  L rows, K rows that are looked at, D model width, N heads, G key and value heads, H head width,
//          F feed-forward width, V target vocabulary.

import {
  type ModelConfig,
  type Weights,
  firstPart,
  keyValueHeads,
  parameters,
  targetVocabulary,
} from "./architecture.ts";
import { cellWay, networkWay } from "./part_sums.ts";
import { type Place, offset, row, tensorOf } from "./places.ts";
import { frequency } from "./positions.ts";
import { BOS } from "./spelling.ts";
import { type Factor, type Sum, type Term, type Way, constant, result, term } from "./sum.ts";
import type { Attention, Tensor, Trace } from "./trace_types.ts";

const NORM = /^(.+)\.(mean|centred|deviation)$/;
const EMBEDDING = /^(encoder|decoder)\.embedding\.(rows|angles|positions|sum)$/;
const INPUT = /^(encoder|decoder)\.layers\.(\d+)\.input$/;
const PART = /^((encoder|decoder)\.layers\.(\d+)\.(self_attention|recurrence|cross_attention|feed_forward))\.(\w+)$/;
const STEP = /^steps\.(\d+)\.(\w+)$/;

export class Sums {
  private readonly shapes = new Map<string, readonly number[]>();
  private readonly computed = new Map<string, number>();
  private readonly peaks = new Map<Float32Array, number>(); // the place of the largest of some logits

  /** Take a trace that has all logits, and the model that it is of. */
  constructor(
    readonly trace: Trace,
    readonly config: ModelConfig,
    readonly weights: Weights,
  ) {
    for (const [name, shape] of parameters(config)) this.shapes.set(name, shape);
  }

  /** Return a number; throws an Error where there is none. */
  number(place: Place): number {
    const tensor = tensorOf(this.trace, place.path);
    if (tensor) return tensor.values[offset(tensor.shape, place)];
    const name = `${place.path}:${place.at}`;
    const known = this.computed.get(name) ?? this.sum(place).value;
    this.computed.set(name, known);
    return known;
  }

  /** Return the sum that a number comes from; throws an Error where there is no such number. */
  sum(place: Place): Sum {
    const [kind, terms, apply = null] = this.way(place);
    const tensor = tensorOf(this.trace, place.path);
    const value = tensor ? tensor.values[offset(tensor.shape, place)] : result({ apply, terms });
    return { place, value, kind, apply, terms };
  }

  private way(place: Place): Way {
    const { path, at } = place;
    const tensor = tensorOf(this.trace, path);
    if (tensor === null) throw unknown(path);
    if (tensor) offset(tensor.shape, place); // a place outside is refused before it is used
    const norm = this.norm(path);
    if (norm) return this.normed(path, norm, at);
    const inside = NORM.exec(path);
    const around = inside && this.norm(inside[1]);
    if (around) return this.inNorm(inside[1], inside[2], around.of, at);
    let found: RegExpExecArray | null;
    if ((found = EMBEDDING.exec(path))) return this.embedding(found[1] as "encoder" | "decoder", found[2], at);
    if ((found = INPUT.exec(path))) return this.same(this.entering(found[1], Number(found[2])), at);
    if ((found = STEP.exec(path))) return this.step(Number(found[1]), found[2], at);
    if (path === "memory") return this.same("encoder.output", at);
    if (path === "encoder.output" || path === "decoder.output") {
      const side = path.slice(0, 7) as "encoder" | "decoder";
      return this.same(this.entering(side, this.config[`${side}_layers`]), at);
    }
    if ((found = PART.exec(path))) {
      const [, whole, , , part, name] = found;
      if (name === "residual_after") return this.residual(whole, at);
      const way = part.endsWith("attention") ? this.attention(whole, name, at) : this.alone(whole, name, at);
      if (way) return way;
    }
    throw unknown(path);
  }

  // ---- what sums are made of

  private of(path: string, ...at: number[]): Factor {
    const place = { path, at };
    return { value: this.number(place), source: { kind: "number", place } };
  }

  private weight(name: string, ...at: number[]): Factor {
    const value = this.weights.get(name)![offset(this.shapes.get(name)!, { path: name, at })];
    return { value, source: { kind: "weight", name, at } };
  }

  private tensor(path: string): Tensor {
    const found = tensorOf(this.trace, path);
    if (!found) throw unknown(path);
    return found;
  }

  private same(path: string, at: readonly number[]): Way {
    return ["same", [term([this.of(path, ...at)])]];
  }

  /** Return x · W[out] + b[out], where the numbers of x are named one by one. */
  private linear(name: string, out: number, count: number, x: (at: number) => Factor): Way {
    const terms = Array.from({ length: count }, (_, at) => term([x(at), this.weight(`${name}.weight`, out, at)]));
    if (this.weights.has(`${name}.bias`)) terms.push(term([this.weight(`${name}.bias`, out)]));
    return ["linear", terms];
  }

  // ---- the residual stream

  /** Return the path of what enters a layer, or leaves the last one. */
  private entering(side: string, layer: number): string {
    return layer === 0 ? `${side}.embedding.sum` : this.after(`${side}.layers.${layer - 1}.feed_forward`);
  }

  /** Return the path of the residual stream behind a part. */
  private after(part: string): string {
    return `${part}.${this.config.norm === "post" ? "norm_after" : "residual_after"}`;
  }

  /** Return the path of the residual stream in front of a part. */
  private before(part: string): string {
    const at = part.lastIndexOf(".");
    const [layer, name] = [part.slice(0, at), part.slice(at + 1)];
    if (name === "self_attention" || name === "recurrence") return `${layer}.input`;
    const inDecoder = layer.startsWith("decoder");
    if (name === "feed_forward" && inDecoder) return this.after(`${layer}.cross_attention`);
    return this.after(`${layer}.${inDecoder ? firstPart(this.config) : "self_attention"}`);
  }

  /** Return the path of what a part reads. */
  private read(part: string): string {
    return this.config.norm === "pre" ? `${part}.norm_before` : this.before(part);
  }

  private residual(part: string, at: readonly number[]): Way {
    const own = term([this.of(`${part}.output`, ...at)]);
    return ["residual", this.config.experiment.residual ? [term([this.of(this.before(part), ...at)]), own] : [own]];
  }

  // ---- embeddings and positions

  private embedding(side: "encoder" | "decoder", name: string, at: readonly number[]): Way {
    const { table, places, scale, positions } = this.trace[side].embedding;
    const { d_model } = this.config;
    const path = `${side}.embedding`;
    offset([places.length, d_model], { path: `${path}.${name}`, at });
    const [line, column] = at;
    const stored = `${side}.positions.weight`;
    if (name === "rows") {
      const pieces = this.trace[side === "encoder" ? "source" : "target"].pieces;
      const id = side === "encoder" ? pieces[line].id : line === 0 ? BOS : pieces[line - 1].id;
      return ["lookup", [term([constant("one", 1), this.weight(`${table}.weight`, id, column)])]];
    }
    if (name === "angles") {
      if (this.config.positions !== "sinusoidal") throw unknown(`${path}.angles`);
      const turns = constant("frequency", frequency(column >> 1, d_model));
      return ["angle", [term([constant("place", places[line]), turns])]];
    }
    if (name === "positions") {
      if (this.weights.has(stored)) return ["lookup", [term([this.weight(stored, places[line], column)])]];
      return ["wave", [term([this.of(`${path}.angles`, line, column)])], column % 2 ? "cosine" : "sine"];
    }
    const scaled = [this.of(`${path}.rows`, ...at), ...(scale === 1 ? [] : [constant("scale", scale)])];
    return ["embedded", [term(scaled), ...(positions ? [term([this.of(`${path}.positions`, ...at)])] : [])]];
  }

  // ---- norms

  /** Return what a norm is of and what its weights are called; null for a path that is no norm's. */
  private norm(path: string): { of: string; name: string } | null {
    const { norm } = this.config;
    if (path === "memory") return norm === "pre" ? { of: "encoder.output", name: "encoder.norm" } : null;
    if (path === "decoder.norm") return norm === "pre" ? { of: "decoder.output", name: path } : null;
    const [, part, , , , name] = PART.exec(path) ?? [];
    if (name === "norm_before" && norm === "pre") return { of: this.before(part), name: `${part}_norm` };
    if (name === "norm_after" && norm === "post") return { of: `${part}.residual_after`, name: `${part}_norm` };
    return null;
  }

  /** Return (x - mean) / deviation · weight + bias; rms has neither mean nor bias. */
  private normed(path: string, { name }: { name: string }, [line, column]: readonly number[]): Way {
    const factors = [this.of(`${path}.centred`, line, column), this.weight(`${name}.weight`, column)];
    const terms = [term(factors, { over: this.of(`${path}.deviation`, line) })];
    if (this.weights.has(`${name}.bias`)) terms.push(term([this.weight(`${name}.bias`, column)]));
    return ["norm", terms];
  }

  private inNorm(path: string, name: string, of: string, at: readonly number[]): Way {
    const { d_model, norm_epsilon, norm_kind } = this.config;
    const { shape } = this.tensor(of);
    offset(name === "centred" ? shape : shape.slice(0, 1), { path: `${path}.${name}`, at });
    const [line] = at;
    const all = Array.from({ length: d_model }, (_, column) => column);
    const over = constant("width", d_model);
    if (name === "mean") return ["mean", all.map((column) => term([this.of(of, line, column)], { over }))];
    if (name === "centred") {
      const mean = norm_kind === "rms" ? [] : [term([this.of(`${path}.mean`, line)], { minus: true })];
      return ["centred", [term([this.of(of, ...at)]), ...mean]];
    }
    const squares = all.map((column) => {
      const one = this.of(`${path}.centred`, line, column);
      return term([one, one], { over });
    });
    return ["deviation", [...squares, term([constant("epsilon", norm_epsilon)])], "root"];
  }

  // ---- attention

  private attention(part: string, name: string, at: readonly number[]): Way | null {
    const { d_model, heads } = this.config;
    const width = d_model / heads;
    const known = tensorOf(this.trace, `${part}.weights`);
    if (!known) return null;
    const [, rows, keys] = known.shape;
    if (name === "query" || name === "key" || name === "value") {
      const read = name !== "query" && part.endsWith("cross_attention") ? "memory" : this.read(part);
      const [line, head, column] = at;
      return this.linear(`${part}.${name}`, head * width + column, d_model, (d) => this.of(read, line, d));
    }
    if (name === "query_turned" || name === "key_turned") return this.turned(part, name, at);
    if (name === "contexts") return this.mixed(part, at);
    if (name === "output") {
      const contexts = (i: number) => this.of(`${part}.contexts`, at[0], Math.floor(i / width), i % width);
      return this.linear(`${part}.out`, at[1], d_model, contexts);
    }
    const place = { path: `${part}.${name}`, at };
    const [head, line] = at;
    const scores = () => row(this.tensor(`${part}.scores`), head, line);
    if (name === "totals") {
      offset([heads, rows], place);
      return ["total", Array.from({ length: keys }, (_, key) => term([this.of(`${part}.powers`, head, line, key)]))];
    }
    offset([heads, rows, keys], place);
    switch (name) {
      case "products":
        return this.product(part, at);
      case "scores_before_mask":
        return this.score(part, at);
      case "scores": {
        const hidden = this.number(place) === -Infinity;
        return ["mask", hidden ? [] : [term([this.of(`${part}.scores_before_mask`, ...at)])]];
      }
      case "powers": {
        const peak = this.of(`${part}.scores`, head, line, largest(scores()));
        return ["power", [term([this.of(`${part}.scores`, ...at)]), term([peak], { minus: true })], "exp"];
      }
      case "weights":
        return ["share", [term([this.of(`${part}.powers`, ...at)], { over: this.of(`${part}.totals`, head, line) })]];
      default:
        return null;
    }
  }

  /** Return which head of keys and values a head of queries has. */
  private shared(head: number): number {
    return Math.floor((head * keyValueHeads(this.config)) / this.config.heads);
  }

  private mixed(part: string, [line, head, column]: readonly number[]): Way {
    const keys = this.tensor(`${part}.weights`).shape[2];
    const terms = Array.from({ length: keys }, (_, key) =>
      term([this.of(`${part}.weights`, head, line, key), this.of(`${part}.value`, key, this.shared(head), column)]),
    );
    return ["mixed", terms];
  }

  private product(part: string, [head, line, key]: readonly number[]): Way {
    const turned = tensorOf(this.trace, `${part}.query_turned`) ? "_turned" : "";
    const terms = Array.from({ length: this.config.d_model / this.config.heads }, (_, column) =>
      term([
        this.of(`${part}.query${turned}`, line, head, column),
        this.of(`${part}.key${turned}`, key, this.shared(head), column),
      ]),
    );
    return ["product", terms];
  }

  private score(part: string, at: readonly number[]): Way {
    const side = part.startsWith("encoder") ? "encoder" : "decoder";
    const { scale, slopes } = this.attentionOf(part);
    const [head, line, key] = at;
    const product = this.of(`${part}.products`, ...at);
    const terms = [term(scale === 1 ? [product] : [product, constant("scale", scale)])];
    if (slopes) {
      const { places } = this.trace[side].embedding;
      const distance = constant("distance", Math.abs(places[line] - places[key]));
      terms.push(term([constant("slope", slopes[head]), distance], { minus: true }));
    }
    return ["score", terms];
  }

  private attentionOf(part: string): Attention {
    const [, , side, layer, name] = PART.exec(`${part}.weights`)!;
    const layers = this.trace[side as "encoder" | "decoder"].layers;
    return (layers[Number(layer)] as unknown as Record<string, Attention>)[name];
  }

  /** Return x · cos - y · sin, or x · sin + y · cos, of a pair of dimensions (Su et al. 2021, equation 34). */
  private turned(part: string, name: string, [line, head, column]: readonly number[]): Way {
    const { places } = this.trace[part.startsWith("encoder") ? "encoder" : "decoder"].embedding;
    const angle = places[line] * frequency(column >> 1, this.config.d_model / this.config.heads);
    const plain = `${part}.${name.replace("_turned", "")}`;
    const first = this.of(plain, line, head, column - (column % 2));
    const second = this.of(plain, line, head, column - (column % 2) + 1);
    const cosine = constant("cosine", Math.cos(angle));
    const sine = constant("sine", Math.sin(angle));
    return column % 2
      ? ["turned", [term([first, sine]), term([second, cosine])]]
      : ["turned", [term([first, cosine]), term([second, sine], { minus: true })]];
  }

  // ---- parts in which each dimension, or each piece, is by itself

  private alone(part: string, name: string, at: readonly number[]): Way | null {
    const { d_model, feed_forward, activation } = this.config;
    const [line, column] = at;
    const of = (own: string, ...place: number[]) => this.of(`${part}.${own}`, ...place);
    const linear = (own: string): readonly Term[] =>
      own === "down"
        ? this.linear(`${part}.down`, column, feed_forward, (f) => of("hidden", line, f))[1]
        : this.linear(`${part}.${own}`, column, d_model, (d) => this.of(this.read(part), line, d))[1];
    if (part.endsWith("feed_forward")) return networkWay(name, at, activation, of, linear);
    if (name === "rest") offset(this.tensor(`${part}.forget`).shape, { path: `${part}.rest`, at });
    return cellWay(name, at, of, linear);
  }

  // ---- from the decoder's last row to a piece

  private step(step: number, name: string, at: readonly number[]): Way {
    const { d_model, norm, tie } = this.config;
    const path = `steps.${step}`;
    const logits = this.tensor(`${path}.logits`).values;
    const peak = () => this.of(`${path}.logits`, this.peak(logits));
    const one = ["total", "log_total", "log_sum_exp"].includes(name);
    offset(one ? [] : [targetVocabulary(this.config)], { path: `${path}.${name}`, at });
    switch (name) {
      case "logits": {
        const table = tie === "all" ? "embedding" : tie === "target" ? "target_embedding" : "output";
        const read = norm === "pre" ? "decoder.norm" : "decoder.output";
        const terms = Array.from({ length: d_model }, (_, d) =>
          term([this.of(read, step, d), this.weight(`${table}.weight`, at[0], d)]),
        );
        if (this.weights.has("output.bias")) terms.push(term([this.weight("output.bias", at[0])]));
        return ["logit", terms];
      }
      case "powers":
        return ["power", [term([this.of(`${path}.logits`, ...at)]), term([peak()], { minus: true })], "exp"];
      case "total":
        return ["total", Array.from(logits, (_, id) => term([this.of(`${path}.powers`, id)]))];
      case "log_total":
        return ["log_total", [term([this.of(`${path}.total`)])], "log"];
      case "log_sum_exp":
        return ["log_sum_exp", [term([this.of(`${path}.log_total`)]), term([peak()])]];
      case "log_probability": {
        const minus = term([this.of(`${path}.log_sum_exp`)], { minus: true });
        return ["log_probability", [term([this.of(`${path}.logits`, ...at)]), minus]];
      }
      case "probability":
        return ["probability", [term([this.of(`${path}.log_probability`, ...at)])], "exp"];
      default:
        throw unknown(`${path}.${name}`);
    }
  }

  private peak(logits: Float32Array): number {
    const known = this.peaks.get(logits) ?? largest(logits);
    this.peaks.set(logits, known);
    return known;
  }
}

/** Return the place of the largest value, the first of equal ones. */
function largest(values: Float32Array): number {
  return values.reduce((best, value, at) => (value > values[best] ? at : best), 0);
}

function unknown(path: string): Error {
  return new Error(`a trace of this model has no numbers ${path}`);
}
