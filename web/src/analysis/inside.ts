/** A translation from inside: what every layer would say, and what every head does. */

// Shapes.  S source pieces, T target pieces, L rows, K rows that are looked at.

import { BOS } from "../model/spelling.ts";
import type { Tokenizer } from "../model/tokenizer.ts";
import type { Attention, Trace } from "../model/trace_types.ts";
import type { Translator } from "../model/translator.ts";
import type { View } from "../page/hash.ts";
import { spans } from "../page/spans.ts";
import { type HeadHabits, type Kinds, crossKinds, habits, selfKinds } from "./habits.ts";
import { isLike, wouldSay } from "./lens.ts";
import type { Ranked, Ranking } from "./ranking.ts";
import { type Place, places } from "./spelled_words.ts";

export type Part = View["part"];

export interface Head extends HeadHabits {
  readonly part: Part;
  readonly layer: number;
  readonly head: number;
  readonly aligns: boolean; // the model's config names it among those that tell which words belong together
  readonly weights: Float32Array; // [L, K]
}

/** A ranking whose pieces have names. */
export interface NamedRanking extends Omit<Ranking, "best"> {
  readonly best: readonly (Ranked & { readonly piece: string })[];
}

export interface Inside {
  readonly text: string; // as the model read it
  readonly translation: string;
  readonly source: readonly string[]; // the pieces, S
  readonly read: readonly string[]; // what the decoder had read last before each step, T
  readonly written: readonly string[]; // what it wrote, T
  readonly decoder: readonly (readonly NamedRanking[])[]; // probabilities: before the first layer and after each, [T]
  readonly encoder: readonly (readonly NamedRanking[])[]; // cosines, as many, [S]
  readonly added: readonly (readonly NamedRanking[])[]; // cosines of what layers have added since the first, [S]
  readonly heads: readonly Head[];
}

const COUNT = 8; // pieces of a ranking

/** Return the inside of a traced translation, into the language `to` where the model has several. */
export function inside(translator: Translator, found: Trace, call: { readonly to?: string } = {}): Inside {
  const source = found.source.pieces.map(({ id }) => id);
  const target = found.target.pieces.map(({ id }) => id);
  const table_VD = translator.model.table("source");
  const named = (name: (id: number) => string) => (one: Ranking) => ({
    ...one,
    best: one.best.map((ranked) => ({ ...ranked, piece: name(ranked.id) })),
  });
  const streams = ({ layers, output }: Trace["encoder"] | Trace["decoder"]) =>
    [...layers.map(({ input }) => input), output].map(({ values }) => values);
  return {
    text: found.text,
    translation: found.translation,
    source: found.source.pieces.map(({ piece }) => piece),
    read: [BOS, ...target.slice(0, -1)].map((id) => translator.targetPiece(id)),
    written: target.map((id) => translator.targetPiece(id)),
    decoder: streams(found.decoder).map((x_TD) =>
      wouldSay(translator.model.unembed(x_TD), target, COUNT).map(named((id) => translator.targetPiece(id))),
    ),
    encoder: streams(found.encoder).map((x_SD) =>
      isLike(x_SD, table_VD, source, COUNT).map(named((id) => translator.sourcePiece(id))),
    ),
    added: streams(found.encoder).map((x_SD, _, [began_SD]) => {
      const added_SD = x_SD.map((x, at) => x - began_SD[at]);
      return isLike(added_SD, table_VD, source, COUNT).map(named((id) => translator.sourcePiece(id)));
    }),
    heads: headsOf(translator, found, translator.align(found.text, [target], call)?.[0] ?? null),
  };
}

function headsOf(translator: Translator, found: Trace, alignment: readonly Float32Array[] | null): Head[] {
  const { sourceTokenizer, targetTokenizer, alignmentHeads } = translator.bundle;
  const source = placesOf(
    sourceTokenizer,
    found.text,
    found.source.pieces.map(({ id }) => id),
  );
  const target = placesOf(
    targetTokenizer,
    found.translation,
    found.target.pieces.map(({ id }) => id),
  );
  const read = [{ id: BOS, word: null, separator: true }, ...target.slice(0, -1)];
  const part = (part: Part, kinds: Kinds, attentions: readonly Attention[]) =>
    attentions.flatMap(({ weights, scores }, layer) =>
      habits(weights, scores, kinds).map((habit, head): Head => {
        const size = weights.values.length / weights.shape[0];
        const aligns = part === "cross" && alignmentHeads.some((one) => one[0] === layer && one[1] === head);
        return { ...habit, part, layer, head, aligns, weights: weights.values.slice(head * size, (head + 1) * size) };
      }),
    );
  const { encoder, decoder } = found;
  return [
    ...part(
      "encoder",
      selfKinds(source, true),
      encoder.layers.map(({ self_attention }) => self_attention),
    ),
    ...part(
      "decoder",
      selfKinds(read, false),
      decoder.layers.flatMap(({ self_attention }) => self_attention ?? []),
    ),
    ...part(
      "cross",
      crossKinds(source, alignment),
      decoder.layers.map(({ cross_attention }) => cross_attention),
    ),
  ];
}

function placesOf(tokenizer: Tokenizer, text: string, ids: readonly number[]): Place[] {
  const spelled = ids.map((id) => tokenizer.spelling[id] ?? new Uint8Array());
  return places(text, ids, spans(text, spelled));
}
