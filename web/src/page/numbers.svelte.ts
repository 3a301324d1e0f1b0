/** Numbers as people of the interface's language write them. */

import { view } from "./view.svelte.ts";

/** Return a share as a percentage of two digits that count. */
export function percent(share: number): string {
  const digits = share > 0.995 ? { maximumFractionDigits: 1 } : { maximumSignificantDigits: 2 };
  return new Intl.NumberFormat(view.lang, { style: "percent", ...digits }).format(share);
}

/** Return a number with its thousands apart. */
export function number(value: number, digits = 0): string {
  return new Intl.NumberFormat(view.lang, { maximumFractionDigits: digits }).format(value);
}

/** Return a large number in words, as 8.1 million. */
export function large(value: number): string {
  const digits = { maximumSignificantDigits: 2 } as const;
  return new Intl.NumberFormat(view.lang, { notation: "compact", compactDisplay: "long", ...digits }).format(value);
}
