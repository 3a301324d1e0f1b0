/**
 * The trace: one translation with every number on its way, the same data as `src/dragoman/explain/trace.py` makes.
 *
 * The search finds a translation; one pass over it, told by a `Recorder`, gives the numbers. What each field is says
 * `src/dragoman/explain/trace.schema.json`.
 */

// Shapes.  S source pieces, T target pieces, L rows, H head width, V target vocabulary.

import { type ModelConfig, type Weights, targetVocabulary } from "./architecture.ts";
import { WHOLE } from "./grammar.ts";
import { history } from "./history.ts";
import type { Recorder } from "./layers.ts";
import { type Operation, changedSource } from "./operations.ts";
import { type DecodeOptions, type Hypothesis, type Way, divisor, limit, sampling, score, width } from "./options.ts";
import { alibiSlope } from "./positions.ts";
import { BOS, EOS } from "./spelling.ts";
import type { Tokenizer } from "./tokenizer.ts";
import { FORMAT, VERSION } from "./trace_json.ts";
import type * as Parts from "./trace_types.ts";
import type { Tensor, Trace } from "./trace_types.ts";
import { type Translator, isBlank } from "./translator.ts";

/** What to trace, with the names of `TraceOptions` in Python. */
export interface TraceOptions {
  readonly decode?: Partial<DecodeOptions>; // put over the model's own
  readonly target?: string; // a translation that is given; left out: it is searched
  readonly to?: string; // the target language, where the model has several
  readonly top?: number; // pieces kept of each step's distribution; 10 if left out
  readonly logits?: boolean; // keep the logits of all pieces too
  readonly operations?: readonly Operation[]; // on the model, the source and how the translation begins
  readonly change?: Recorder; // puts other values in the place of those computed, in the search too
}

/** Return the trace of a text's translation; throws an Error for what the model cannot take. */
export function trace(translator: Translator, typed: string, options: TraceOptions = {}): Trace {
  const { bundle } = translator;
  const { change, operations = [] } = options;
  const decode = translator.options(options.decode);
  const read = translator.reading(typed, decode);
  const own = translator.sourceIds(read, options.to);
  const source = changedSource(own, operations, bundle.sourceEnded);
  const whole = source.every((id, at) => id === own[at]); // else the text is what the changed pieces spell
  const text = whole ? read : bundle.sourceTokenizer.decode(bundle.sourceEnded ? source.slice(0, -1) : source);
  if (isBlank(read)) throw new Error("the text is blank, so no model is asked; give one with a word in it");
  const given = options.target === undefined ? null : translator.targetIds(options.target);
  const { steps, hypotheses } = given ? { steps: [], hypotheses: [] } : searched(translator, read, options);
  const target = given ?? hypotheses[0].ids;
  if (!target.length) throw new Error("the translation has no pieces; there is nothing to trace");

  const told: Told = new Map();
  const record: Recorder = (name, values, shape) => {
    const going = change?.(name, values, shape) ?? values;
    told.set(name, { shape, values: going });
    return going;
  };
  const model = translator.operated({ operations, record });
  const memory = model.encode(source);
  const state = model.start(memory);
  const before = [BOS, ...target.slice(0, -1)];
  const logits = model.decode(
    before,
    before.map(() => state),
  );
  const { model: config, weights, directions } = bundle;
  const known = directions.filter(([, language]) => options.to === undefined || options.to === language);
  const translation = bundle.targetTokenizer.decode(target);
  const outputs = stepsOf(translator, target, logits, decode, options);
  return {
    format: FORMAT,
    version: VERSION,
    text,
    translation,
    model: {
      config: { ...config },
      languages: known.length === 1 ? known[0] : null,
      alignment_heads: bundle.alignmentHeads,
    },
    source: side(bundle.sourceTokenizer, text, source, (id) => translator.sourcePiece(id), whole),
    target: side(bundle.targetTokenizer, translation, target, (id) => translator.targetPiece(id), given !== null),
    encoder: encoder(config, weights, told, source),
    memory: { shape: [source.length, config.d_model], values: memory },
    decoder: decoder(config, weights, told, before),
    steps: outputs,
    search: searchOf(translator, source, decode, steps, given ? [forced(given, outputs, decode)] : hypotheses, !!given),
  };
}

/** Return how a text's translation is searched, without the numbers of the model; the options are those of a trace. */
export function search(translator: Translator, typed: string, options: TraceOptions = {}): Parts.Search {
  const decode = translator.options(options.decode);
  const read = translator.reading(typed, decode);
  if (isBlank(read)) throw new Error("the text is blank, so no model is asked; give one with a word in it");
  const { steps, hypotheses } = searched(translator, read, options);
  return searchOf(translator, translator.sourceIds(read, options.to), decode, steps, hypotheses, false);
}

/** Return the ways that every step of a search looked at, and what it found. */
function searched(translator: Translator, text: string, { decode, to, operations, change }: TraceOptions) {
  const steps: (readonly Way[])[] = [];
  const { hypotheses } = translator.translate(text, decode, {
    ...(to === undefined ? {} : { to }),
    ...(change ? { record: change } : {}),
    operations: operations ?? [],
    watch: (_, ways) => void steps.push(ways),
  });
  return { steps, hypotheses };
}

/** Return a given translation as a hypothesis. */
function forced(ids: readonly number[], steps: readonly Parts.Step[], decode: DecodeOptions): Hypothesis {
  const logProbabilities = steps.map(({ chosen }) => Math.min(0, chosen.log_probability));
  const sum = logProbabilities.reduce((total, one) => total + one, 0);
  return { ids, logProbabilities, score: score(decode, sum, ids.length), finished: true };
}

type Told = Map<string, Tensor>;

function side(tokenizer: Tokenizer, text: string, ids: readonly number[], name: (id: number) => string, cut: boolean) {
  const own = ids.filter((id) => id !== EOS && id < tokenizer.pieces.length);
  const characters = Array.from(text);
  const spans = tokenizer.offsets(text, own);
  const pieces = ids.map((id, at): Parts.Piece => {
    const [start, end] = spans?.[at] ?? [null, null];
    const shown = start === null ? "" : characters.slice(start, end).join("");
    return { id, piece: name(id), text: shown, start, end };
  });
  return { tokenizer: tokenizer.kind, pieces, history: cut ? history(tokenizer, text) : null };
}

function encoder(config: ModelConfig, weights: Weights, told: Told, ids: readonly number[]): Parts.Encoder {
  const table = config.tie === "all" ? "embedding" : "source_embedding";
  const layers = Array.from({ length: config.encoder_layers }, (_, index) => `encoder.layers.${index}`);
  return {
    embedding: embedding(config, weights, told, "encoder", table, ids),
    layers: layers.map((layer) => ({
      input: told.get(`${layer}.input`)!,
      self_attention: attention(config, told, `${layer}.self_attention`, true),
      feed_forward: feedForward(config, told, `${layer}.feed_forward`),
    })),
    output: told.get(`${layers.at(-1)}.output`)!,
  };
}

function decoder(config: ModelConfig, weights: Weights, told: Told, ids: readonly number[]): Parts.Decoder {
  const table = config.tie === "all" ? "embedding" : "target_embedding";
  const layers = Array.from({ length: config.decoder_layers }, (_, index) => `decoder.layers.${index}`);
  const recurs = config.decoder_cell === "ssru";
  return {
    embedding: embedding(config, weights, told, "decoder", table, ids),
    layers: layers.map((layer) => ({
      input: told.get(`${layer}.input`)!,
      self_attention: recurs ? null : attention(config, told, `${layer}.self_attention`, true),
      recurrence: recurs ? recurrence(config, told, `${layer}.recurrence`) : null,
      cross_attention: attention(config, told, `${layer}.cross_attention`, false),
      feed_forward: feedForward(config, told, `${layer}.feed_forward`),
    })),
    output: told.get(`${layers.at(-1)}.output`)!,
    norm: config.norm === "pre" ? told.get("decoder.norm.output")! : null,
  };
}

function embedding(
  { d_model, experiment }: ModelConfig,
  weights: Weights,
  told: Told,
  part: "encoder" | "decoder",
  table: string,
  ids: readonly number[],
): Parts.Embedding {
  const table_VD = weights.get(`${table}.weight`)!;
  const rows = new Float32Array(ids.length * d_model);
  ids.forEach((id, row) => rows.set(table_VD.subarray(id * d_model, (id + 1) * d_model), row * d_model));
  return {
    table,
    places: Array.from(told.get(`${part}.places`)!.values),
    rows: { shape: [ids.length, d_model], values: rows },
    scale: experiment.scale_embeddings ? Math.sqrt(d_model) : 1,
    positions: told.get(`${part}.positions`) ?? null,
    sum: told.get(`${part}.embedded`)!,
  };
}

function attention(config: ModelConfig, told: Told, name: string, isSelf: boolean): Parts.Attention {
  const { d_model, heads, experiment, positions } = config;
  const headWidth = d_model / heads;
  const split = ({ shape: [rows, all], values }: Tensor): Tensor => ({
    shape: [rows, all / headWidth, headWidth],
    values,
  });
  const one = (part: string) => told.get(`${name}.${part}`)!;
  const turned = (part: string) => (told.has(`${name}.${part}_turned`) ? split(one(`${part}_turned`)) : null);
  const slopes = positions === "alibi" && isSelf;
  return {
    norm_before: norm(config, told, name, "pre"),
    query: split(one("query")),
    key: split(one("key")),
    value: split(one("value")),
    query_turned: turned("query"),
    key_turned: turned("key"),
    scale: experiment.scale_scores ? 1 / Math.sqrt(headWidth) : 1,
    slopes: slopes ? Array.from({ length: heads }, (_, head) => alibiSlope(head, heads)) : null,
    scores_before_mask: one("unmasked"),
    scores: one("scores"),
    weights: one("weights"),
    contexts: split(one("seen")),
    output: one("out"),
    residual_after: one("sum"),
    norm_after: norm(config, told, name, "post"),
  };
}

function recurrence(config: ModelConfig, told: Told, name: string): Parts.Recurrence {
  const one = (part: string) => told.get(`${name}.${part}`)!;
  return {
    norm_before: norm(config, told, name, "pre"),
    input: one("input"),
    forget: one("forget"),
    state: one("state"),
    output: one("out"),
    residual_after: one("sum"),
    norm_after: norm(config, told, name, "post"),
  };
}

function feedForward(config: ModelConfig, told: Told, name: string): Parts.FeedForward {
  const one = (part: string) => told.get(`${name}.${part}`)!;
  return {
    norm_before: norm(config, told, name, "pre"),
    up: one("up"),
    gate: told.get(`${name}.gate`) ?? null,
    hidden: one("hidden"),
    output: one("down"),
    residual_after: one("sum"),
    norm_after: norm(config, told, name, "post"),
  };
}

function norm(config: ModelConfig, told: Told, name: string, place: "pre" | "post"): Tensor | null {
  return config.norm === place ? told.get(`${name}_norm.output`)! : null;
}

/** Return the output of every step, from the logits [T, V]. */
function stepsOf(
  translator: Translator,
  target: readonly number[],
  logits_TV: Float32Array,
  decode: DecodeOptions,
  { top = 10, logits = false }: TraceOptions,
): Parts.Step[] {
  if (!(Number.isInteger(top) && top >= 1)) throw new Error(`top=${top}: a whole number from 1 is wanted, such as 10`);
  const pieces = targetVocabulary(translator.bundle.model);
  const grammar = translator.grammar(decode.one_line);
  let state = WHOLE;
  return target.map((id, step) => {
    const logits_V = logits_TV.subarray(step * pieces, (step + 1) * pieces);
    const peak = logits_V.reduce((most, logit) => Math.max(most, logit), -Infinity);
    const log_sum_exp = peak + Math.log(logits_V.reduce((sum, logit) => sum + Math.exp(logit - peak), 0));
    if (!Number.isFinite(log_sum_exp)) throw new Error("the model's numbers overflow, so there is nothing to trace");
    const choice = (id: number): Parts.Choice => ({
      id,
      piece: translator.targetPiece(id),
      logit: logits_V[id],
      log_probability: logits_V[id] - log_sum_exp,
      probability: Math.min(1, Math.exp(logits_V[id] - log_sum_exp)),
      allowed: grammar.allows(state, id) && !(id === EOS && step + 1 < decode.min_length),
    });
    const order = Array.from(logits_V.keys()).sort((one, other) => logits_V[other] - logits_V[one]); // which is stable
    const found: Parts.Step = {
      chosen: choice(id),
      log_sum_exp,
      top: order.slice(0, top).map(choice),
      logits: logits ? { shape: [pieces], values: logits_V.slice() } : null,
    };
    state = grammar.after(state, id);
    return found;
  });
}

function searchOf(
  translator: Translator,
  source: readonly number[],
  decode: DecodeOptions,
  steps: readonly (readonly Way[])[],
  hypotheses: readonly Hypothesis[],
  given: boolean,
): Parts.Search {
  const { penalty, alpha, temperature, top_k, top_p, seed, min_length, n_best } = decode;
  const beam = width(decode);
  return {
    kind: given ? "given" : sampling(decode) ? "sample" : beam === 1 ? "greedy" : "beam",
    beam,
    n_best,
    penalty: penalty as Parts.Search["penalty"],
    alpha,
    temperature,
    top_k,
    top_p,
    seed,
    min_length,
    max_length: limit(decode, source, translator.longest),
    steps: steps.map((ways, step) => ({
      divisor: divisor(decode, step + 1),
      ways: ways.map(({ row, piece: id, logProbability, total, fate }) => ({
        row,
        id,
        piece: translator.targetPiece(id),
        log_probability: logProbability,
        total,
        fate,
      })),
    })),
    hypotheses: hypotheses.map(({ ids, logProbabilities, score, finished }) => ({
      ids,
      pieces: ids.map((id) => translator.targetPiece(id)),
      text: translator.bundle.targetTokenizer.decode(ids),
      log_probabilities: logProbabilities,
      log_probability: logProbabilities.reduce((sum, one) => sum + one, 0),
      divisor: divisor(decode, Math.max(1, ids.length)),
      score,
      finished,
    })),
    traced: 0,
  };
}
