/** Numbers as people of the interface's language write them. */

import { view } from "./view.svelte.ts";

const LEAST = 1e-4; // a share that is written with its digits

/** Return a share as a percentage of two digits that count; of one that is hardly there, that it is less than 0.01 %. */
export function percent(share: number): string {
  if (share > 0 && share < LEAST) return `< ${percent(LEAST)}`;
  const digits = share > 0.995 ? { maximumFractionDigits: 1 } : { maximumSignificantDigits: 2 };
  return formatted(share, { style: "percent", ...digits }, share > 0.995 ? "percent near 1" : "percent");
}

/** Return how probable a whole text is, as a percentage; one that is next to nothing is not written out. */
export function likely(logProbability: number): string {
  const least = 1e-4;
  const share = Math.exp(logProbability);
  return share < least ? `< ${percent(least)}` : percent(share);
}

/** Return a number with its thousands apart. */
export function number(value: number, digits = 0): string {
  return formatted(value, { useGrouping: true, maximumFractionDigits: digits }, `number ${digits}`);
}

/** Return a large number in words, as 8.1 million. */
export function large(value: number): string {
  const digits = { maximumSignificantDigits: 2 } as const;
  return new Intl.NumberFormat(view.lang, { notation: "compact", compactDisplay: "long", ...digits }).format(value);
}

const LARGE = 1e5;
const TINY = 1e-4;
const formats = new Map<string, Intl.NumberFormat>(); // which are slow to make

function formatted(value: number, options: Intl.NumberFormatOptions, name: string): string {
  const key = `${view.lang} ${name}`;
  const format = formats.get(key) ?? new Intl.NumberFormat(view.lang, { useGrouping: false, ...options });
  formats.set(key, format);
  return format.format(value).replace("-", "−");
}

/** Return a number of a model for a narrow place: two decimals, fewer where it is large. */
export function short(value: number): string {
  if (!Number.isFinite(value)) return value < 0 ? "−∞" : "∞";
  if (Math.abs(value) >= LARGE) return formatted(value, { notation: "scientific", maximumFractionDigits: 1 }, "large");
  const digits = Math.abs(value) < 9.995 ? 2 : Math.abs(value) < 99.95 ? 1 : 0;
  const zero = Math.abs(value) < 0.005 ? 0 : value; // no minus in front of 0.00
  return formatted(zero, { minimumFractionDigits: digits, maximumFractionDigits: digits }, `short ${digits}`);
}

/** Return a number of a model with four digits that count; a whole number as it is. */
export function exact(value: number): string {
  if (!Number.isFinite(value)) return value < 0 ? "−∞" : "∞";
  const size = Math.abs(value);
  if (size !== 0 && (size < TINY || size >= LARGE)) {
    return formatted(
      value,
      { notation: "scientific", minimumFractionDigits: 3, maximumFractionDigits: 3 },
      "scientific",
    );
  }
  if (Number.isInteger(value)) return formatted(value || 0, {}, "whole"); // no minus in front of 0
  return formatted(value, { minimumSignificantDigits: 4, maximumSignificantDigits: 4 }, "exact");
}

/** Return a number with so many digits behind its point, for what stands in a column. */
export function fixed(value: number, digits: number): string {
  return formatted(value, { minimumFractionDigits: digits, maximumFractionDigits: digits }, `fixed ${digits}`);
}

/** Return a count of any size in little room, as 8.1M. */
export function compact(value: number): string {
  return new Intl.NumberFormat(view.lang, { notation: "compact", maximumSignificantDigits: 3 }).format(value);
}

/** Return a number with as many digits as count, for what is measured. */
export function rough(value: number, digits = 2): string {
  return new Intl.NumberFormat(view.lang, { maximumSignificantDigits: digits }).format(value);
}
