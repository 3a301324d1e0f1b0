/**
 * The sections of the page by name, in the order in which they are offered.
 *
 * To add one: its name here, its component in `registry.ts`, its title `section_NAME` in `words.ts`.
 */

export const NAMES = [
  "translate",
  "journey",
  "softmax",
  "surgery",
  "deeper",
  "film",
  "laboratory",
  "cost",
  "model",
] as const;

export type Name = (typeof NAMES)[number];

/** Return the sections of a page, which has a film or not. */
export function offered(film: boolean): readonly Name[] {
  return NAMES.filter((name) => film || name !== "film");
}

/** Return whether a name is that of a section. */
export function isName(name: string): name is Name {
  return (NAMES as readonly string[]).includes(name);
}
