/** The steps of the tour on how a sentence is read: its pieces, their vectors and places, and how they look at each other. */

import type { Operation } from "../../model/operations.ts";
import { row } from "../../model/places.ts";
import { frequency } from "../../model/positions.ts";
import { isEnd } from "../../model/spelling.ts";
import type { View } from "../hash.ts";
import { visible } from "../invisible.ts";
import { cosine, length } from "../journey/between.ts";
import { streamOf } from "../journey/scene.ts";
import { probability } from "../looks.ts";
import { number, percent, short } from "../numbers.svelte.ts";
import { written } from "../surgery.ts";
import { say } from "../view.svelte.ts";
import { type Look, wordsOf } from "./measures.ts";
import { type Step, nameOf } from "./step.ts";

export const TRANSLATE: Step = {
  name: "translate",
  sentence: "look",
  view: { section: "translate" },
  place: "translation",
  async claim({ translated }) {
    const [way] = (await translated()).ways;
    const parts = (way?.spans ?? [])
      .map((span) => ({ text: way.text.slice(span.start, span.end), sure: probability(way.probabilities, span) }))
      .filter(({ text }) => /[\p{L}\p{N}]/u.test(text))
      .sort((one, other) => one.sure - other.sure);
    const [least, most] = [parts[0], parts.at(-1)];
    if (!least || !most) return { said: [] };
    const gaps = () => ({
      least: least.text,
      low: percent(least.sure),
      most: most.text,
      high: percent(most.sure),
    });
    return { said: [{ word: "tour_translate_claim", gaps }] };
  },
};

export const PIECES: Step = {
  name: "pieces",
  sentence: "look",
  view: { section: "journey", station: "pieces" },
  place: "station",
  claim({ config, trace }) {
    const { pieces } = trace.source;
    const words = wordsOf(trace.text, pieces);
    const cut = words.reduce((most, word) => (word.last - word.first > most.last - most.first ? word : most), words[0]);
    const split = cut && cut.last - cut.first > 1;
    const gaps = () => ({
      vocabulary: number(config.vocab_size),
      words: number(words.length),
      pieces: number(pieces.length),
      word: cut?.text ?? "",
      parts: pieces.slice(cut?.first, cut?.last).map(nameOf).join(" + "),
    });
    return {
      said: [
        { word: pieces.some(({ id, piece }) => isEnd(id, piece)) ? "tour_pieces_count" : "tour_pieces_endless", gaps },
        { word: split ? "tour_pieces_split" : "tour_pieces_whole", gaps },
      ],
      view: { word: split ? cut.first : 0 },
    };
  },
};

const [LOOKED, NAMED] = [40, 3]; // neighbours of a piece, and those of them that are told
const BEGINS = /^[▁ ]\p{L}{3,}$/u;

export const MEANING: Step = {
  name: "meaning",
  sentence: "look",
  view: { section: "deeper", look: "map", part: "encoder" },
  place: "map",
  async claim({ config, trace, look, names, ask }) {
    const piece = trace.source.pieces[look?.to.first ?? 0];
    const { near } = await ask("neighbours", { side: "source", id: piece.id, count: LOOKED });
    const begins = near.filter(({ id }) => BEGINS.test(names[id] ?? ""));
    const enough = begins.length >= NAMED; // the inside of a word says little to who reads
    const gaps = () => ({
      width: number(config.d_model),
      piece: nameOf(piece),
      near: (enough ? begins : near)
        .slice(0, NAMED)
        .map(({ id }) => visible(names[id] ?? String(id)))
        .join(", "),
    });
    return {
      said: [{ word: enough ? "tour_meaning_words" : "tour_meaning_claim", gaps }],
      view: { piece: piece.id },
    };
  },
};

export const EMBEDDING: Step = {
  name: "embedding",
  sentence: "look",
  view: { section: "journey", station: "embedding" },
  place: "station",
  claim({ config, trace, look }) {
    const word = look?.to.first ?? 0;
    const piece = trace.source.pieces[word];
    const numbers = row(trace.encoder.embedding.rows, word);
    const gaps = () => ({
      piece: nameOf(piece),
      row: number(piece.id + 1),
      width: number(config.d_model),
      first: short(numbers[0]),
      second: short(numbers[1]),
    });
    return { said: [{ word: "tour_embedding_claim", gaps }], view: { word } };
  },
};

export const PLACES: Step = {
  name: "places",
  sentence: "look",
  view: { section: "journey", station: "positions" },
  place: "places",
  claim({ config, trace }) {
    const { positions, places } = trace.encoder.embedding;
    const word = Math.min(1, places.length - 1);
    if (config.positions === "rotary") {
      const turn = (places[word] * frequency(0, config.d_model / config.heads) * 180) / Math.PI;
      const gaps = () => ({
        piece: nameOf(trace.source.pieces[word]),
        place: number(places[word]),
        angle: short(turn % 360),
      });
      return { said: [{ word: "tour_places_rotary" }, { word: "tour_places_turned", gaps }], view: { word } };
    }
    if (!positions)
      return { said: [{ word: config.positions === "alibi" ? "tour_places_alibi" : "tour_places_none" }] };
    const next = Math.min(word + 1, places.length - 1);
    const gaps = () => ({
      piece: nameOf(trace.source.pieces[word]),
      place: number(places[word]),
      value: short(row(positions, word)[0]),
      next: nameOf(trace.source.pieces[next]),
      other: short(row(positions, next)[0]),
    });
    return { said: [{ word: "tour_places_added" }, { word: "tour_places_claim", gaps }], view: { word } };
  },
};

export const LOOK: Step = {
  name: "look",
  sentence: "look",
  view: { section: "journey", station: "encoder-self-scores", depth: "idea" },
  place: "scores",
  claim({ look, classic }) {
    if (!look) return { said: [{ word: "tour_look_alone" }] };
    const gaps = () => ({
      layer: number(look.layer + 1),
      head: number(look.head + 1),
      share: percent(look.share),
      from: look.from.text,
      to: look.to.text,
    });
    return {
      said: [{ word: classic ? "tour_look_pronoun" : "tour_look_words", gaps }],
      view: at(look),
    };
  },
};

function at({ layer, head, from }: Look): Partial<View> {
  return { layer, head, word: from.last - 1 };
}

const FEW = 8; // heads that are told one by one

export const HEADS: Step = {
  name: "heads",
  sentence: "look",
  view: { section: "journey", station: "encoder-self-heads" },
  place: "heads",
  claim({ config, trace, look }) {
    const { layer = 0, from } = look ?? {};
    const word = from ? from.last - 1 : 0;
    const { weights } = trace.encoder.layers[layer].self_attention;
    const gaps = () => ({
      heads: number(config.heads),
      layer: number(layer + 1),
      piece: nameOf(trace.source.pieces[word]),
      list: Array.from({ length: Math.min(FEW, config.heads) }, (_, head) => {
        const shares = row(weights, head, word);
        const best = shares.indexOf(Math.max(...shares));
        const gaps = { piece: nameOf(trace.source.pieces[best]), share: percent(shares[best]) };
        return say("tour_heads_one", { ...gaps, head: number(head + 1) });
      }).join(" · "),
    });
    return { said: [{ word: "tour_heads_claim", gaps }], view: look ? at(look) : { layer, word } };
  },
};

const CLEAR = 0.05; // of a probability, that is more than next to nothing

export const CUT: Step = {
  name: "cut",
  sentence: "look",
  view: { section: "surgery", attention: "encoder" },
  place: "compare",
  async claim({ trace, look, to, ask }) {
    const { layer = 0, head = 0 } = look ?? {};
    const off: Operation = { kind: "head", where: `encoder.layers.${layer}.self_attention`, head };
    const asked = { text: trace.text, to, options: {}, attention: null, rival: null };
    const before = await ask("outcome", { ...asked, operations: [] });
    const after = await ask("outcome", { ...asked, operations: [off] });
    const view = { layer, head, surgery: written([off]) };
    const who = { layer: number(layer + 1), head: number(head + 1) };
    if (before.text !== after.text || before.steps.length !== after.steps.length) {
      const gaps = () => ({ ...who, before: before.text, after: after.text });
      return { said: [{ word: "tour_cut_other", gaps }], view };
    }
    const changes = before.steps.map(({ probability }, step) => Math.abs(probability - after.steps[step].probability));
    const most = changes.indexOf(Math.max(...changes));
    const gaps = () => ({
      ...who,
      piece: nameOf(trace.target.pieces[most] ?? { piece: "</s>" }),
      before: percent(before.steps[most].probability),
      after: percent(after.steps[most].probability),
    });
    return { said: [{ word: changes[most] < CLEAR ? "tour_cut_little" : "tour_cut_same", gaps }], view };
  },
};

export const STREAM: Step = {
  name: "stream",
  sentence: "look",
  view: { section: "journey", station: "encoder-self-add" },
  place: "station",
  claim({ config, trace, look }) {
    if (!config.experiment.residual) return { said: [{ word: "tour_stream_none" }] };
    const { layer = 0, from } = look ?? {};
    const word = from ? from.last - 1 : 0;
    const { output, residual_after } = trace.encoder.layers[layer].self_attention;
    const before = row(streamOf(trace, "encoder", layer, "self_attention").tensor, word);
    const after = row(residual_after, word);
    const gaps = () => ({
      piece: nameOf(trace.source.pieces[word]),
      before: short(length(before)),
      found: short(length(row(output, word))),
      cosine: percent(Math.max(0, cosine(before, after))),
    });
    return { said: [{ word: "tour_stream_claim", gaps }], view: look ? at(look) : { layer, word } };
  },
};
