/** The number whose sum is shown, and where one was before: its name is a part of the address. */

import { written } from "../../model/places.ts";
import { view } from "../../page/view.svelte.ts";

let opener: HTMLElement | null = null; // what had the focus when the first sum was opened

/** Show what a number is the sum of. */
export function open(path: string, ...at: number[]): void {
  if (view.number === "" && document.activeElement instanceof HTMLElement) opener = document.activeElement;
  view.number = written({ path, at });
}

/** Show no sum any more, and give the focus back. */
export function close(): void {
  view.number = "";
  opener?.focus();
  opener = null;
}
