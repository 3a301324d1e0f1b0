/**
 * All words of the interface, in English and German; `{name}` is a gap.
 *
 * Each section has a file of its own in `words/`, with its title as `section_NAME`; no word may stand in two of them.
 */

import type { LANGUAGES } from "./hash.ts";
import * as cell from "./words/cell.ts";
import * as copy from "./words/copy.ts";
import * as cost from "./words/cost.ts";
import * as deeper from "./words/deeper.ts";
import * as film from "./words/film.ts";
import * as frame from "./words/frame.ts";
import * as journey from "./words/journey.ts";
import * as laboratory from "./words/laboratory.ts";
import * as model from "./words/model.ts";
import * as softmax from "./words/softmax.ts";
import * as sums from "./words/sums.ts";
import * as surgery from "./words/surgery.ts";
import * as tour from "./words/tour.ts";
import * as translate from "./words/translate.ts";

const ENGLISH = {
  ...frame.EN,
  ...translate.EN,
  ...journey.EN,
  ...cell.EN,
  ...sums.EN,
  ...softmax.EN,
  ...surgery.EN,
  ...deeper.EN,
  ...film.EN,
  ...cost.EN,
  ...laboratory.EN,
  ...model.EN,
  ...tour.EN,
  ...copy.EN,
};
const GERMAN = {
  ...frame.DE,
  ...translate.DE,
  ...journey.DE,
  ...cell.DE,
  ...sums.DE,
  ...softmax.DE,
  ...surgery.DE,
  ...deeper.DE,
  ...film.DE,
  ...cost.DE,
  ...laboratory.DE,
  ...model.DE,
  ...tour.DE,
  ...copy.DE,
};

export type Words = Readonly<Record<keyof typeof ENGLISH, string>>;

export const DICTIONARIES: Readonly<Record<(typeof LANGUAGES)[number], Words>> = { en: ENGLISH, de: GERMAN };

/** Return a word with its gaps filled; what is put in is not looked at again. */
export function filled(word: string, gaps: Readonly<Record<string, string>>): string {
  return word.replace(/\{(\w+)\}/g, (gap, name: string) => (Object.hasOwn(gaps, name) ? gaps[name] : gap));
}
