/** The model in the page: it translates by itself, and lets itself be interrupted by what is typed on. */

import type { Step } from "../model/alignment.ts";
import { type Files, readBundle } from "../model/bundle.ts";
import { inCapitals, lowered } from "../model/casing.ts";
import { Translator } from "../model/translator.ts";
import type { Answering, Going, Translate } from "./answering.ts";
import { ANSWERS, type Ask, type Asks } from "./asks.ts";
import type { Known, Translated } from "./messages.ts";
import { spans } from "./spans.ts";

const PAUSE = 25; // ms between two looks at what was asked meanwhile
const QUIET = 350; // ms after which the best so far is shown

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export class Living implements Answering {
  readonly known: Known;

  private constructor(
    private readonly translator: Translator,
    private readonly step: Step, // of the decoder, in which the heads that align look for a piece
  ) {
    const { model: config, directions, decode, alignmentHeads, sourceTokenizer, targetTokenizer } = translator.bundle;
    const tokenizers = [sourceTokenizer.kind, targetTokenizer.kind] as const;
    this.known = { config, directions, decode, alignmentHeads, tokenizers, pieces: translator.pieces };
  }

  /** Return the model in these files; throws an Error for what is wrong with them. */
  static async of(files: Files, step: Step): Promise<Living> {
    return new Living(new Translator(await readBundle(files)), step);
  }

  async ask(ask: Ask, asked: Asks[Ask]["asked"]): Promise<Asks[Ask]["answer"]> {
    const answering = ANSWERS[ask] as (translator: Translator, asked: Asks[Ask]["asked"]) => unknown;
    return (await answering(this.translator, asked)) as Asks[Ask]["answer"];
  }

  async translate({ text, options, to }: Translate, going: Going): Promise<Translated | null> {
    const { translator } = this;
    const begun = performance.now();
    let looked = begun;
    const best = new Map<number, readonly number[]>(); // the ways that are kept, by their row
    const watch = partial(best);
    const call = { ...(to === null ? {} : { to }), watch };
    const steps = translator.translating(text, options, call);
    const { sourceTokenizer, targetTokenizer } = translator.bundle;
    for (;;) {
      const { done, value } = steps.next();
      const now = performance.now();
      if (done) {
        const loud = translator.options(options).capitals === "lower" && inCapitals(text);
        const read = loud ? lowered(text) : text;
        const spell = (piece: Uint8Array = new Uint8Array()) => (loud ? capitals(piece) : piece);
        const source = value.hypotheses[0].pieces.length ? translator.sourceIds(read, to ?? undefined) : [];
        const spelled = source.map((piece) => spell(sourceTokenizer.spelling[piece]));
        const ids = value.hypotheses.map((one) => one.ids);
        const alignments = source.length ? translator.align(read, ids, call, this.step) : null;
        const ways = value.hypotheses.map(({ text: target, pieces, logProbabilities, score, finished }, way) => ({
          text: target,
          pieces,
          spans: spans(
            target,
            pieces.map((_, at) => spell(targetTokenizer.spelling[ids[way][at]])),
          ),
          probabilities: logProbabilities.map(Math.exp),
          score,
          finished,
          alignment: alignments?.[way] ?? null,
        }));
        const milliseconds = performance.now() - begun;
        return { text, pieces: value.sourcePieces, spans: spans(text, spelled), ways, milliseconds };
      }
      if (now - looked < PAUSE) continue;
      looked = now;
      if (now - begun > QUIET && best.get(0)) going.partial(targetTokenizer.decode(best.get(0)!));
      await new Promise((resolve) => setTimeout(resolve));
      if (going.stale()) return null;
    }
  }
}

/** Return the bytes of a piece in CAPITALS; a part of a character stays as it is. */
function capitals(piece: Uint8Array): Uint8Array {
  try {
    return encoder.encode(decoder.decode(piece).toUpperCase());
  } catch {
    return piece;
  }
}

/** Return what keeps account of the ways of a search. */
function partial(best: Map<number, readonly number[]>) {
  return (_: number, ways: readonly { row: number; piece: number; fate: string }[]) => {
    const before = new Map(best);
    best.clear();
    for (const { row, piece, fate } of ways) {
      if (fate === "kept") best.set(best.size, [...(before.get(row) ?? []), piece]);
    }
  };
}
