/** The operations of this view; whoever changes them changes the address. */

import type { Operation } from "../model/operations.ts";
import { read, target, withOperation, without, written } from "./surgery.ts";
import { view } from "./view.svelte.ts";

const list = $derived(view.surgery ? (read(view.surgery) ?? []) : []);
const targets = $derived(new Set(list.map(target)));

export const operations = {
  /** All of them, in the order in which they are made. */
  get all(): readonly Operation[] {
    return list;
  },

  /** Put these in the place of all others. */
  set all(operations: readonly Operation[]) {
    view.surgery = written(operations);
  },

  /** Whether there is one on the same thing. */
  has(operation: Operation): boolean {
    return targets.has(target(operation));
  },

  /** Put one in, in the place of that on the same thing. */
  put(operation: Operation): void {
    this.all = withOperation(list, operation);
  },

  /** Take that on the same thing away. */
  undo(operation: Operation): void {
    this.all = without(list, operation);
  },

  /** Put one in, or take it away where it is. */
  toggle(operation: Operation): void {
    if (this.has(operation)) this.undo(operation);
    else this.put(operation);
  },
};
