/** The model as the page knows it, wherever it is: a worker that answers, and what it answered last. */

import Thread from "./worker.ts?worker&inline";
import type { Ask, Asks } from "./asks.ts";
import { facts, held } from "./embedded.ts";
import type { Options } from "./hash.ts";
import type { Answer, Known, Question, Translated } from "./messages.ts";

class Model {
  known = $state.raw<Known | null>(null);
  broken = $state<string | null>(null); // why there is no model
  translated = $state.raw<Translated | null>(null);
  partial = $state<string | null>(null); // of what is being translated, where it takes long
  refused = $state<string | null>(null); // why the last text has no translation
  busy = $state(false);
  answered = $state<string | undefined>(undefined); // the text to which all this is the answer

  private asked = 0;
  private asks = 0;
  private text = "";
  private thread: Worker | null = null;
  private readonly waiting = new Map<number, { told: (answer: never) => void; untold: (error: Error) => void }>();

  /** Tell the worker where the model is. */
  async begin(): Promise<void> {
    try {
      this.thread = new Thread();
      this.thread.onmessage = ({ data }: MessageEvent<Answer>) => this.hear(data);
      this.thread.onerror = (event) => (this.broken = event.message || "this browser starts no worker");
      this.say({ kind: "load", held: await held(facts()) });
    } catch (error) {
      this.broken = error instanceof Error ? error.message : String(error);
    }
  }

  /** Ask for a translation; the answer to an older question is forgotten. */
  translate(text: string, options: Options, to: string | null): void {
    this.busy = true;
    this.text = text;
    const beam = options.beam ?? this.known?.decode.beam ?? 4;
    const samples = options.temperature !== undefined || options.top_k !== undefined || options.top_p !== undefined;
    const n_best = samples ? 4 : Math.min(4, beam);
    this.say({ kind: "translate", id: ++this.asked, text, options: { ...options, n_best }, to });
  }

  /** Ask for something else; the promise breaks with an Error where the model cannot answer. */
  ask<K extends Ask>(ask: K, asked: Asks[K]["asked"]): Promise<Asks[K]["answer"]> {
    const id = ++this.asks;
    return new Promise((told, untold) => {
      this.waiting.set(id, { told, untold });
      this.say({ kind: "ask", id, ask, asked });
    });
  }

  private say(question: Question): void {
    this.thread?.postMessage($state.snapshot(question));
  }

  private hear(answer: Answer): void {
    if (answer.kind === "ready") {
      this.known = answer.model;
    } else if (answer.kind === "broken") {
      this.broken = answer.message;
    } else if (answer.kind === "told" || answer.kind === "untold") {
      const waiting = this.waiting.get(answer.id);
      this.waiting.delete(answer.id);
      if (answer.kind === "told") waiting?.told(answer.answer as never);
      else waiting?.untold(new Error(answer.message));
    } else if (answer.id === this.asked) {
      this.partial = answer.kind === "partial" ? answer.text : null;
      if (answer.kind === "partial") return;
      this.busy = false;
      this.answered = this.text;
      this.refused = answer.kind === "refused" ? answer.message : null;
      this.translated = answer.kind === "translated" ? answer.translated : null;
    }
  }
}

export const model = new Model();
