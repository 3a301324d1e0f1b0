/** An answer that follows what is asked: one question is under way at a time; of those that came meanwhile, the last. */

import { untrack } from "svelte";
import type { Ask, Asks } from "./asks.ts";
import { model } from "./model.svelte.ts";

export class Latest<K extends Ask> {
  answer = $state.raw<Asks[K]["answer"] | null>(null); // the last one there was
  asked = $state.raw<Asks[K]["asked"] | null>(null); // what has been answered or refused
  refused = $state<string | null>(null); // why there is none
  busy = $state(false);
  private next: Asks[K]["asked"] | null = null;

  constructor(private readonly name: K) {}

  ask(asked: Asks[K]["asked"]): void {
    this.next = asked;
    untrack(() => void (this.busy || this.go())); // an effect that asks does not follow what is answered
  }

  /** Ask when so many ms have gone by, the first time at once; returns what calls that off. */
  soon(asked: Asks[K]["asked"], wait: number): () => void {
    const timer = setTimeout(() => this.ask(asked), untrack(() => this.answer) ? wait : 0);
    return () => clearTimeout(timer);
  }

  private async go(): Promise<void> {
    this.busy = true;
    while (this.next !== null) {
      const asked = this.next;
      this.next = null;
      try {
        this.answer = await model.ask(this.name, asked);
        this.refused = null;
      } catch (error) {
        this.refused = error instanceof Error ? error.message : String(error);
      }
      this.asked = asked;
    }
    this.busy = false;
  }
}
