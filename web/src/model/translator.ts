/**
 * Text in, translations out: tokenizers, search and the defaults of a model, joined.
 *
 * A text is one sentence here: cutting a long one into sentences is Python's (`src/dragoman/text/segment.py`), and one
 * that the model cannot take is refused, never cut off.
 */

import { targetVocabulary } from "./architecture.ts";
import { type Step, align } from "./alignment.ts";
import { type Bundle, tags } from "./bundle.ts";
import { inCapitals, lowered } from "./casing.ts";
import { Grammar } from "./grammar.ts";
import type { Recorder } from "./layers.ts";
import { type Operation, after, changedSource, operating, prefixOf } from "./operations.ts";
import { type DecodeOptions, type Hypothesis, type Watch, decodeOptions } from "./options.ts";
import { ended, forced, searching } from "./search.ts";
import { EOS } from "./spelling.ts";
import type { Tokenizer } from "./tokenizer.ts";
import { Transformer } from "./transformer.ts";

export interface Translation {
  readonly text: string; // of the best hypothesis
  readonly hypotheses: readonly (Hypothesis & { readonly text: string; readonly pieces: readonly string[] })[];
  readonly sourcePieces: readonly string[];
}

/** What one call may say beside its options. */
export interface Call {
  readonly to?: string; // the target language, where the model has several
  readonly sentence?: number; // the number of the text, which keys samples
  readonly watch?: Watch;
  readonly operations?: readonly Operation[]; // on the model, the source and how the translation begins
  readonly record?: Recorder; // told of every number that the model computes, operations being made
}

/** Whether a text has nothing to translate: white space as Python has it. */
export function isBlank(text: string): boolean {
  return /^[\p{White_Space}\x1c-\x1f]*$/u.test(text);
}

export class Translator {
  readonly model: Transformer;
  readonly longest: number; // pieces of a translation
  private readonly grammars = new Map<boolean, Grammar>(); // by whether they stay on one line

  constructor(readonly bundle: Bundle) {
    this.model = new Transformer(bundle.model, bundle.weights);
    this.longest = bundle.model.max_positions - 2; // as in Python, whose alignment reads <s>, every piece and </s>
  }

  /** Return options put over the model's own; samples have no beam. */
  options(given: Partial<DecodeOptions> = {}): DecodeOptions {
    const draws = (given.temperature ?? given.top_k ?? given.top_p ?? null) !== null;
    return decodeOptions(draws ? { beam: null, ...given } : given, this.bundle.decode);
  }

  /** Translate a text with options put over the model's own; throws an Error for what the model cannot take. */
  translate(text: string, options: Partial<DecodeOptions> = {}, call: Call = {}): Translation {
    return ended(this.translating(text, options, call));
  }

  /** Translate as `translate` does, stopping after each step of the search. */
  *translating(
    text: string,
    options: Partial<DecodeOptions> = {},
    call: Call = {},
  ): Generator<void, Translation, void> {
    const chosen = this.options(options);
    const read = this.reading(text, chosen);
    const loud = read !== text;
    const source = this.source(read, call);
    if (isBlank(text)) {
      const itself = { ids: [EOS], logProbabilities: [0], score: 0, finished: true, text, pieces: [] };
      return { text, hypotheses: [itself], sourcePieces: [] }; // no model is asked
    }
    const found = yield* searching(this.operated(call), {
      source,
      options: chosen,
      longest: this.longest,
      grammar: this.grammar(chosen.one_line),
      sentence: call.sentence ?? 0,
      prefix: prefixOf(call.operations ?? []),
      watch: call.watch,
    });
    if (!found.length || !Number.isFinite(found[0].score)) {
      throw new Error("the model's numbers overflow, so it has no answer; train it anew with a lower train.rate");
    }
    const hypotheses = found.map((one) => {
      const text = this.bundle.targetTokenizer.decode(one.ids);
      return { ...one, text: loud ? text.toUpperCase() : text, pieces: one.ids.map((id) => this.targetPiece(id)) };
    });
    return { text: hypotheses[0].text, hypotheses, sourcePieces: source.map((id) => this.sourcePiece(id)) };
  }

  /** Return the log-probability of every piece of a given translation, `</s>` included. */
  score(text: string, translation: string, call: Call = {}): number[] {
    const target = this.targetIds(translation);
    const source = this.source(text, call);
    return forced(this.operated(call), source, target);
  }

  /** Return the model under the operations of a call, which tells its recorder. */
  operated({ operations = [], record }: Call): Transformer {
    const recorder = after(operations.length ? operating(this.bundle.model, operations) : undefined, record);
    return recorder ? this.model.recorded(recorder) : this.model;
  }

  /**
   * Return where each piece of each translation of a text looks in it, [T][S]; null where the model has no heads for
   * that, and for an empty text.
   */
  align(
    text: string,
    translations: readonly (readonly number[])[],
    call: Call = {},
    step: Step = this.bundle.alignmentStep,
  ): Float32Array[][] | null {
    const { alignmentHeads } = this.bundle;
    if (!alignmentHeads.length || isBlank(text)) return null;
    return align(this.model, this.sourceIds(text, call.to), translations, alignmentHeads, step);
  }

  /** Return a text as the model reads it: in small letters where its options say so of one in CAPITALS. */
  reading(text: string, { capitals }: DecodeOptions): string {
    return capitals === "lower" && inCapitals(text) ? lowered(text) : text;
  }

  /** Return the ids that the model reads for a text, where it reads an end `</s>` or the tag of the language `to`. */
  sourceIds(text: string, to?: string): number[] {
    const end = this.end(to); // a language that is none of the model's is refused of every model
    return [...this.ids("the text", text, this.bundle.sourceTokenizer), ...(this.bundle.sourceEnded ? [end] : [])];
  }

  /** Return the ids that the model reads for a text in a call, its pieces changed as its operations say. */
  source(text: string, { to, operations = [] }: Call): number[] {
    return changedSource(this.sourceIds(text, to), operations, this.bundle.sourceEnded);
  }

  /** Return the ids of a given translation, `</s>` at the end. */
  targetIds(translation: string): number[] {
    return [...this.ids("the translation", translation, this.bundle.targetTokenizer), EOS];
  }

  private end(to?: string): number {
    const known = [...new Set(this.bundle.directions.map(([, target]) => target))];
    if (to === undefined && known.length > 1)
      throw new Error(`this model translates into ${known.join(", ")}; say which`);
    if (to !== undefined && !known.includes(to)) {
      throw new Error(`this model does not translate into ${to}; ${known.join(", ") || "leave it out"} is allowed`);
    }
    const tag = tags(this.bundle.directions).indexOf(to ?? "");
    return tag < 0 ? EOS : this.bundle.sourceTokenizer.pieces.length + tag;
  }

  /** Return how a piece of the source is written, a language's tag as `<to de>`. */
  sourcePiece(id: number): string {
    return this.name(this.bundle.sourceTokenizer, id);
  }

  /** Return how a piece of the target is written. */
  targetPiece(id: number): string {
    return this.name(this.bundle.targetTokenizer, id);
  }

  /** How all pieces are written, by their ids. */
  get pieces(): readonly [source: readonly string[], target: readonly string[]] {
    const { model } = this.bundle;
    return [
      Array.from({ length: model.vocab_size }, (_, id) => this.sourcePiece(id)),
      Array.from({ length: targetVocabulary(model) }, (_, id) => this.targetPiece(id)),
    ];
  }

  private name({ pieces }: Tokenizer, id: number): string {
    return pieces[id] ?? `<to ${tags(this.bundle.directions)[id - pieces.length]}>`;
  }

  /** Return the ids of a text that the model can take; one that cannot fit is not cut into pieces in vain. */
  private ids(name: string, text: string, tokenizer: Tokenizer): number[] {
    const room = this.bundle.model.max_positions - 2; // `</s>` counted, and `<s>` of the other side
    const advice = `this model takes at most ${room} pieces; split it into sentences`;
    const most = room * tokenizer.pieces.reduce((longest, piece) => Math.max(longest, piece.length), 0);
    if (text.length > most) throw new Error(`${name} has ${text.length} characters, ${advice}`);
    const ids = tokenizer.encode(text);
    if (ids.length > room) throw new Error(`${name} has ${ids.length} pieces, ${advice}`);
    return ids;
  }

  /** Return what may be produced: a language's tag, which adds nothing to a text, is never. */
  grammar(oneLine: boolean): Grammar {
    const known = this.grammars.get(oneLine);
    if (known) return known;
    const { spelling } = this.bundle.targetTokenizer;
    const tags = new Array<Uint8Array>(targetVocabulary(this.bundle.model) - spelling.length).fill(new Uint8Array());
    const grammar = Grammar.utf8([...spelling, ...tags], oneLine);
    this.grammars.set(oneLine, grammar);
    return grammar;
  }
}
