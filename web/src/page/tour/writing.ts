/** The steps of the tour on how a translation is written, what that costs, and how it was learned. */

import { growth } from "../../model/cost.ts";
import { row } from "../../model/places.ts";
import type { Trace } from "../../model/trace_types.ts";
import { film as embeddedFilm } from "../film.ts";
import { visible } from "../invisible.ts";
import { remembered } from "../journey/between.ts";
import { number, percent, rough } from "../numbers.svelte.ts";
import { clearest, leastSure } from "./measures.ts";
import { type Claim, type Step, nameOf } from "./step.ts";

export const ORDER: Step = {
  name: "order",
  sentence: "order",
  view: { section: "journey", station: "decoder-cross-alignment" },
  place: "alignment",
  claim({ trace, later }) {
    const { layer, head, crossing: crossed } = clearest(trace, later);
    if (!crossed) return { said: [{ word: "tour_order_same" }], view: { layer, head, step: later } };
    const gaps = () => ({
      layer: number(layer + 1),
      head: number(head + 1),
      early: crossed.early.text,
      late: crossed.late.text,
      early_source: crossed.earlySource.text,
      late_source: crossed.lateSource.text,
    });
    const step = crossed.late.last - 1 + later;
    return { said: [{ word: "tour_order_crossed", gaps }], view: { layer, head, step } };
  },
};

/** Return what the model thought of the step at which it was least sure. */
function next(trace: Trace): Claim {
  const step = leastSure(trace);
  const [first, second] = trace.steps[step].top;
  const gaps = () => ({
    step: number(step + 1),
    first: nameOf(first),
    p: percent(first.probability),
    second: second ? nameOf(second) : "",
    q: percent(second?.probability ?? 0),
    chosen: nameOf(trace.steps[step].chosen),
  });
  const taken = trace.steps[step].chosen.id === first.id;
  return { said: [{ word: taken ? "tour_next_claim" : "tour_next_other", gaps }], view: { step } };
}

export const NEXT: Step = {
  name: "next",
  sentence: "order",
  view: { section: "softmax", depth: "idea" },
  place: "bars",
  claim({ trace }) {
    const own = next(trace);
    return { ...own, said: [...own.said, { word: "tour_next_temperature" }] };
  },
};

export const NEXT_RECORDED: Step = {
  name: "next",
  sentence: "order",
  view: { section: "journey", station: "next" },
  place: "station",
  claim: ({ trace }) => next(trace),
};

export const LENS: Step = {
  name: "lens",
  sentence: "order",
  view: { section: "deeper", look: "lens", part: "decoder" },
  place: "lens",
  async claim({ trace, to, ask }) {
    const options = { ...(to === null ? {} : { to }), decode: {}, logits: true };
    const { decoder, written: pieces } = await ask("inside", { text: trace.text, options });
    /** From which layer on a step's piece comes first. */
    const since = (step: number) => decoder.findLastIndex((layer) => layer[step].rank > 1) + 1;
    const steps = Array.from(pieces.keys()).filter((step) => trace.target.pieces[step]?.text !== "");
    const step = steps.reduce((latest, one) => (since(one) > since(latest) ? one : latest), steps[0] ?? 0);
    const layer = Math.min(since(step), decoder.length - 1);
    const gaps = () => ({
      piece: visible(pieces[step]),
      layer: number(layer),
      layers: number(decoder.length - 1),
      before: visible(decoder[0][step].best[0].piece),
      rank: number(decoder[0][step].rank),
    });
    const word =
      since(step) >= decoder.length ? "tour_lens_never" : layer === 0 ? "tour_lens_first" : "tour_lens_claim";
    return { said: [{ word, gaps }], view: { step, layer } };
  },
};

export const MASK: Step = {
  name: "mask",
  sentence: "order",
  view: { section: "journey", station: "decoder-self-scores" },
  place: "scores",
  claim({ config, trace }) {
    const count = trace.steps.length;
    const step = Math.floor((count - 1) / 2);
    const { self_attention: attention, recurrence } = trace.decoder.layers[0];
    if (recurrence) {
      const left = row({ shape: [count, count], values: remembered(recurrence) }, step);
      const gaps = () => ({
        step: number(step + 1),
        count: number(count),
        width: number(config.d_model),
        share: percent(left[step]),
      });
      const view = { station: "decoder-cell-state", layer: 0, step };
      return { said: [{ word: "tour_mask_cell", gaps }], view };
    }
    const hidden = row(attention!.weights, 0, step).subarray(step + 1);
    const gaps = () => ({
      step: number(step + 1),
      count: number(count),
      seen: number(step + 1),
      hidden: number(hidden.length),
      share: percent(hidden.reduce((sum, share) => sum + share, 0)),
    });
    return { said: [{ word: "tour_mask_claim", gaps }], view: { layer: 0, head: 0, step } };
  },
};

const [SHORT, LONG] = [64, 1024]; // pieces

export const COST: Step = {
  name: "cost",
  sentence: "order",
  view: { section: "cost", length: LONG, pattern: "full" },
  place: "growth",
  claim({ config }) {
    const [few, many, twice] = [SHORT, LONG, 2 * LONG].map((length) => growth(config, length, "full", 1));
    const gaps = () => ({
      few: number(SHORT),
      few_share: percent(few.looking / few.all),
      many: number(LONG),
      many_share: percent(many.looking / many.all),
      times: rough(twice.all / many.all),
    });
    return { said: [{ word: "tour_cost_claim", gaps }] };
  },
};

export const FILM: Step = {
  name: "film",
  sentence: "order",
  view: { section: "film", frame: 0 },
  place: "film",
  async claim() {
    const { frames, text } = await embeddedFilm();
    const [first, last] = [frames[0], frames[frames.length - 1]];
    const gaps = () => ({
      text,
      first: number(first.step),
      began: first.translation || "…",
      last: number(last.step),
      ended: last.translation || "…",
    });
    return { said: [{ word: "tour_film_claim", gaps }] };
  },
};

export const LEARNED: Step = {
  name: "learned",
  sentence: "order",
  view: { section: "model" },
  place: "facts",
  claim: ({ parameters }) => ({
    said: [{ word: "tour_learned_claim", gaps: () => ({ parameters: number(parameters) }) }],
  }),
};
