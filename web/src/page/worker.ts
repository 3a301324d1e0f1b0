/**
 * The model in a thread of its own: it reads the files once, and translates what was asked last.
 *
 * Between two steps of a search it listens, so a text that is typed on puts an end to the search for the one before.
 * What else is asked of it is answered in between, one after the other.
 */

import type { Step } from "../model/alignment.ts";
import { readBundle } from "../model/bundle.ts";
import { Translator } from "../model/translator.ts";
import { ANSWERS, type Ask, type Asks } from "./asks.ts";
import { bytes } from "./embedded.ts";
import type { Answer, Question, Translated } from "./messages.ts";
import { spans } from "./spans.ts";

type Translate = Extract<Question, { kind: "translate" }>;
type Asking = Extract<Question, { kind: "ask" }>;

const PAUSE = 25; // ms between two looks at what was asked meanwhile
const QUIET = 350; // ms after which the best so far is shown

let translator: Translator | null = null;
let step: Step = "receiving";
let wanted: Translate | null = null;
const asking: Asking[] = []; // in the order in which they came
let busy = false;

const say = (answer: Answer) => postMessage(answer);
const words = (error: unknown) => (error instanceof Error ? error.message : String(error));

onmessage = async ({ data }: MessageEvent<Question>) => {
  if (data.kind === "load") await load(data);
  else if (data.kind === "ask") asking.push(data);
  else wanted = data;
  if (translator && !busy) await work(translator);
};

async function load({ files, step: own }: Extract<Question, { kind: "load" }>): Promise<void> {
  try {
    step = own;
    const bundle = await readBundle(new Map(Object.entries(files).map(([name, base64]) => [name, bytes(base64)])));
    translator = new Translator(bundle);
    const { model: config, directions, decode, alignmentHeads } = bundle;
    const { pieces } = translator;
    const tokenizers = [bundle.sourceTokenizer.kind, bundle.targetTokenizer.kind] as const;
    say({ kind: "ready", model: { config, directions, decode, alignmentHeads, tokenizers, pieces } });
  } catch (error) {
    say({ kind: "broken", message: words(error) });
  }
}

async function work(translator: Translator): Promise<void> {
  busy = true;
  while (wanted || asking.length) {
    if (!wanted) {
      await answer(translator, asking.shift()!);
      continue;
    }
    const now: Translate = wanted;
    wanted = null;
    try {
      const translated = await translate(translator, now);
      if (translated) say({ kind: "translated", id: now.id, translated });
    } catch (error) {
      say({ kind: "refused", id: now.id, message: words(error) });
    }
  }
  busy = false;
}

async function answer(translator: Translator, { id, ask, asked }: Asking): Promise<void> {
  const answering = ANSWERS[ask] as (translator: Translator, asked: Asks[Ask]["asked"]) => unknown;
  try {
    say({ kind: "told", id, answer: (await answering(translator, asked)) as Asks[Ask]["answer"] });
  } catch (error) {
    say({ kind: "untold", id, message: words(error) });
  }
}

/** Return the translation, or null where something newer was asked meanwhile. */
async function translate(translator: Translator, { id, text, options, to }: Translate): Promise<Translated | null> {
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
      const source = value.hypotheses[0].pieces.length ? translator.sourceIds(text, to ?? undefined) : [];
      const spelled = source.map((piece) => sourceTokenizer.spelling[piece] ?? new Uint8Array());
      const ids = value.hypotheses.map((one) => one.ids);
      const alignments = source.length ? translator.align(text, ids, call, step) : null;
      const ways = value.hypotheses.map(({ text: target, pieces, logProbabilities, score, finished }, way) => ({
        text: target,
        pieces,
        spans: spans(
          target,
          pieces.map((_, at) => targetTokenizer.spelling[ids[way][at]]),
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
    if (now - begun > QUIET && best.get(0)) say({ kind: "partial", id, text: targetTokenizer.decode(best.get(0)!) });
    await new Promise((resolve) => setTimeout(resolve));
    if (wanted) return null;
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
