/** The tour under way: it goes to a step, measures what the step claims, and says so. */

import type { Trace } from "../../model/trace_types.ts";
import type { View } from "../hash.ts";
import { journey } from "../journey/journey.svelte.ts";
import { targetOf } from "../languages.ts";
import type { Known, Translated } from "../messages.ts";
import { model } from "../model.svelte.ts";
import { facts, fixed, view } from "../view.svelte.ts";
import { CLASSICS, classicFor, found, lookOf, turns } from "./sentences.ts";
import type { Claim, Guide, Said, Step } from "./step.ts";
import { steps } from "./steps.ts";

export const STEPS = steps({ weights: facts.held === "file" || facts.travels, film: facts.film });

const LATER = facts.step === "receiving" ? 1 : 0;
const LOOKED = 30; // ms between two looks at whether a text is translated, or traced
const OWN = Object.values(CLASSICS).flatMap(({ look, order }) => [look.text, order]);

/** Why a step goes with the sentence in the box. */
type Why = "recorded" | "language" | "weak";

class Tour {
  said = $state.raw<readonly Said[]>([]);
  claimed = $state(0); // the step of which all that is said
  refused = $state<string | null>(null); // why nothing could be measured
  why = $state<Why | null>(null);
  blank = $state(false);
  text = $state(""); // the sentence of the step

  private going = 0;
  private readonly traces = new Map<string, Promise<Trace>>();
  private box = OWN.includes(view.text) ? facts.text : view.text; // the sentence of the one who reads

  get step(): Step {
    return STEPS[Math.max(0, Math.min(view.tour, STEPS.length) - 1)];
  }

  /** Go to the step of the view, whose own sentence may have been typed over by `typed`. */
  async go(known: Known, typed: string): Promise<void> {
    const mine = ++this.going;
    const { step } = this;
    if (!OWN.includes(typed)) this.box = typed;
    this.claimed = 0;
    this.said = [];
    this.refused = null;
    try {
      const { text, why } = await this.sentence(known, step.sentence);
      if (mine !== this.going) return;
      this.why = why;
      this.text = text;
      this.blank = text.trim() === "";
      this.put({ ...PLAIN, ...step.view, text });
      if (this.blank) return void (this.claimed = view.tour);
      const claim = await this.measure(known, step, text);
      while (step.view.section === "journey" && journey.answered?.text !== text) {
        await new Promise((resolve) => setTimeout(resolve, LOOKED)); // what is said is to be seen
        if (mine !== this.going) return;
      }
      if (mine !== this.going) return;
      this.put(claim.view ?? {});
      this.said = claim.said;
    } catch (error) {
      if (mine !== this.going) return;
      this.refused = error instanceof Error ? error.message : String(error);
    }
    this.claimed = view.tour;
  }

  /** Forget what was under way. */
  leave(): void {
    this.going++;
    this.claimed = 0;
  }

  private put(change: Partial<View>): void {
    Object.assign(view, change);
  }

  /** Return the sentence of a step: the tour's own, where the model does with it what the tour is to show. */
  private async sentence(known: Known, kind: Step["sentence"]): Promise<{ text: string; why: Why | null }> {
    if (fixed) return { text: facts.text, why: "recorded" };
    const { target, to } = targetOf(known.directions, view.to);
    const classic = target === undefined ? null : classicFor(known.directions, target);
    if (!classic) return { text: this.box, why: "language" };
    const text = kind === "look" ? classic.look.text : classic.order;
    const trace = await this.trace(text, to).catch(() => null);
    const shows = trace && (kind === "look" ? found(trace, classic.look) !== null : turns(trace, LATER));
    return shows ? { text, why: null } : { text: this.box, why: "weak" };
  }

  private async measure(known: Known, step: Step, text: string): Promise<Claim> {
    const { target, to } = targetOf(known.directions, view.to);
    const trace = await this.trace(text, to);
    const classic = target === undefined ? null : (classicFor(known.directions, target)?.look ?? null);
    const guide: Guide = {
      config: known.config,
      trace,
      look: lookOf(trace, classic),
      classic: classic?.text === text,
      to,
      later: LATER,
      names: known.pieces[0],
      parameters: facts.parameters,
      translated: () => translated(text),
      ask: (ask, asked) => model.ask(ask, asked),
    };
    return step.claim(guide);
  }

  /** Return the trace of a text, of which the last few are kept. */
  private trace(text: string, to: string | null): Promise<Trace> {
    const key = JSON.stringify([text, to]);
    const options = { ...(to === null ? {} : { to }), decode: {}, logits: true };
    const trace = this.traces.get(key) ?? model.ask("trace", { text, options });
    this.traces.delete(key);
    this.traces.set(key, trace);
    for (const old of Array.from(this.traces.keys()).slice(0, -KEPT)) this.traces.delete(old);
    return trace;
  }
}

const KEPT = 3; // traces

/** What a step begins from: nothing of what was chosen before. */
const PLAIN: Partial<View> = { options: {}, number: "", surgery: "", layer: 0, head: 0, step: 0, word: 0 };

/** Return the translation that the first section shows, once it is that of this text. */
async function translated(text: string): Promise<Translated> {
  while (model.answered !== text || model.busy) await new Promise((resolve) => setTimeout(resolve, LOOKED));
  if (!model.translated) throw new Error(model.refused ?? "there is no translation");
  return model.translated;
}

export const tour = new Tour();
