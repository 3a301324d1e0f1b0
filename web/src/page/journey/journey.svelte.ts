/** The trace that the journey goes through: asked of the worker, one question at a time, the newest next. */

import type { Sum } from "../../model/sum.ts";
import type { Trace } from "../../model/trace_types.ts";
import type { Asks } from "../asks.ts";
import { model } from "../model.svelte.ts";

type Question = Asks["trace"]["asked"];

class Journey {
  trace = $state.raw<Trace | null>(null);
  refused = $state<string | null>(null); // why the last text has no trace
  busy = $state(false);
  answered = $state.raw<Question | null>(null); // what the trace, or the refusal, is the answer to

  private wanted: Question | null = null;

  /** Ask for a trace; of several that are asked while one is made, only the last is. */
  async follow(question: Question): Promise<void> {
    if (JSON.stringify(question) === JSON.stringify(this.wanted ?? this.answered)) return;
    this.wanted = question;
    if (this.busy) return;
    this.busy = true;
    while (this.wanted !== this.answered) await this.ask(this.wanted);
    this.busy = false;
  }

  private async ask(question: Question): Promise<void> {
    try {
      this.trace = await model.ask("trace", question);
      this.refused = null;
    } catch (error) {
      this.refused = error instanceof Error ? error.message : String(error);
    }
    this.answered = question;
  }

  /** Return the sum that a number of the trace comes from. */
  sum(number: string): Promise<Sum> {
    if (!this.answered) throw new Error("there is no trace yet");
    return model.ask("sum", { ...this.answered, number });
  }
}

export const journey = new Journey();
