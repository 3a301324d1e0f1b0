/**
 * Known weaknesses of tokenizers, measured on one of them: a number, and the texts that show it best. What is measured,
 * on what, and from where on it is bad, is as in `src/dragoman/text/symptoms.py`, with the text in the box for a file.
 */

import { FIRST_BYTE, UNK } from "../../model/spelling.ts";
import { type Encoded, type Patient, isBlank, length, wordsOf } from "./patient.ts";

export const WEAKNESSES = [
  "digits",
  "capitals",
  "spelling",
  "blanks",
  "opening",
  "scripts",
  "emoji",
  "indentation",
  "structure",
  "controls",
  "round_trip",
] as const;

export type Weakness = (typeof WEAKNESSES)[number];

export interface Observation {
  readonly value: number; // the larger, the worse
  readonly texts: readonly string[]; // one or two: as it should be, and what is bad
}

/** How bad it is: a value up to which it is good, and up to which it is fair. */
export type Bounds = readonly [good: number, fair: number];
export type Verdict = "good" | "fair" | "poor";

export function verdictOf(value: number, [good, fair]: Bounds): Verdict {
  return value <= good ? "good" : value <= fair ? "fair" : "poor";
}

/** Measure a weakness. */
export function observe(weakness: Weakness, patient: Patient): Observation {
  return SYMPTOMS[weakness](patient);
}

const SYMPTOMS: Readonly<Record<Weakness, (patient: Patient) => Observation>> = {
  digits,
  capitals,
  spelling,
  blanks,
  opening,
  scripts,
  emoji,
  indentation,
  structure,
  controls,
  round_trip,
};

const NUMBERS = 20; // different numbers from which on those of the user's text are enough
const CODE = 5; // the line of the program that is shown

/** The share of numbers that are unknown, or cut unlike most others of their length. */
function digits(patient: Patient): Observation {
  const written = new Set(patient.lines.flatMap(wordsOf).filter((word) => /^[0-9]{2,6}$/.test(word)));
  const builtIn = () => Array.from({ length: Math.ceil(9900 / 7) }, (_, at) => String(100 + 7 * at));
  const numbers = (written.size < NUMBERS ? builtIn() : [...written]).sort();
  const unknown = new Set<string>();
  const usual = new Map<number, Map<string, number>>(); // how often each cut occurs, by the length of numbers
  const cuts = new Map(
    numbers.map((number) => {
      const { ids, spans } = patient.encode(number);
      if (ids.includes(UNK)) unknown.add(number);
      const widths = spans.map(([start, end]) => end - start);
      const cut = widths.filter((width) => width > 0).join();
      const counts = usual.get(number.length) ?? new Map<string, number>();
      usual.set(number.length, counts.set(cut, (counts.get(cut) ?? 0) + 1));
      return [number, cut];
    }),
  );
  const common = new Map([...usual].map(([length, counts]) => [length, largest([...counts], ([, count]) => count)[0]]));
  const uneven = numbers.filter((one) => cuts.get(one) !== common.get(one.length) || unknown.has(one));
  const example = uneven[0] ?? numbers[0];
  const alike = numbers.filter((one) => one !== example && one.length === example.length);
  const other = alike.find((one) => (cuts.get(one) !== cuts.get(example)) === uneven.length > 0) ?? alike[0];
  return { value: uneven.length / numbers.length, texts: other === undefined ? [example] : [other, example] };
}

/** How many times as many pieces a word in CAPITALS has. */
function capitals(patient: Patient): Observation {
  const { frequent } = patient;
  const words = frequent.length
    ? frequent
    : wordsOf(patient.probes.plain[0]).map((word) => word.replace(/^\.+|\.+$/g, "").toLowerCase());
  const costs = words.map((word) => [patient.costInside(word), patient.costInside(word.toUpperCase())]);
  const worst = largest([...words.keys()], (at) => costs[at][1] / costs[at][0]);
  const [before, after] = [0, 1].map((side) => costs.reduce((sum, cost) => sum + cost[side], 0));
  return { value: after / before, texts: [words[worst], words[worst].toUpperCase()] };
}

/** The share of running words with at least four letters that are one piece, known or not; shown by a typing error. */
function spelling(patient: Patient): Observation {
  const long = [...patient.running].filter(([word]) => length(word) > 3).map(([word, count]) => ({ word, count }));
  const whole = long.map(({ word }) => patient.inside(word)).map((ids) => (ids.length === 1 ? ids[0] : null));
  const counted = (words: typeof long) => words.reduce((sum, { count }) => sum + count, 0);
  const value = counted(long.filter((_, at) => whole[at] !== null)) / Math.max(1, counted(long));
  const groups = [long.filter((_, at) => (whole[at] ?? UNK) !== UNK), long.filter((_, at) => whole[at] !== null), long];
  const shown = groups.find((group) => group.length) ?? [{ word: "spelling", count: 1 }];
  const { word } = largest(shown, ({ word }) => length(word));
  return { value, texts: [word, mistyped(word)] };
}

/** Return a word with two of its letters swapped, not the first. */
export function mistyped(word: string): string {
  const letters = Array.from(word);
  const at = letters.findIndex(
    (letter, place) => place > 0 && place + 1 < letters.length && letter !== letters[place + 1],
  );
  if (at < 0) return word + word;
  [letters[at], letters[at + 1]] = [letters[at + 1], letters[at]];
  return letters.join("");
}

/** The share of phrases that a blank behind or a doubled one changes or loses, beyond the blank itself. */
function blanks(patient: Patient): Observation {
  const { phrases } = patient;
  const tries = [
    ...phrases.map((phrase) => [phrase, `${phrase} `]),
    ...phrases.map((phrase) => [phrase, phrase.replace(" ", "  ")]),
  ];
  const seen = (encoded: Encoded) => visible(encoded).join("\n");
  const bad = tries.filter(
    ([phrase, changed]) => seen(patient.encode(phrase)) !== seen(patient.encode(changed)) || !patient.restores(changed),
  );
  const shown = largest(bad.length ? bad : tries.slice(0, 1), ([, changed]) => -length(changed));
  return { value: bad.length / tries.length, texts: shown };
}

/** Return the pieces that hold more than blanks. */
function visible({ pieces, held }: Encoded): string[] {
  return pieces.filter((_, at) => !isBlank(held[at]));
}

/** The share of words that are other pieces where they open a text than behind a blank. */
function opening(patient: Patient): Observation {
  const words = patient.frequent.length ? patient.frequent : ["opening"];
  const after = visible(patient.encode("a")).length;
  const behind = (word: string) => visible(patient.encode(`a ${word}`)).slice(after);
  const bad = words.filter((word) => visible(patient.encode(word)).join("\n") !== behind(word).join("\n"));
  const [shown] = bad.length ? bad : words;
  return { value: bad.length / words.length, texts: [`a ${shown}`, shown] };
}

/** Pieces a character, averaged over a sentence in twelve scripts. */
function scripts(patient: Patient): Observation {
  const { scripts } = patient.probes;
  const each = Object.values(scripts).map((text) => {
    return { text, value: patient.cost(text) / length(text.replaceAll(" ", "")) };
  });
  const value = each.reduce((sum, one) => sum + one.value, 0) / each.length;
  return { value, texts: [scripts["Latin"], largest(each, (one) => one.value).text] };
}

/** Pieces an emoji: sequences that are seen as one picture. */
function emoji(patient: Patient): Observation {
  const costs = patient.probes.emoji.map((text) => ({ text, value: patient.cost(text) }));
  const value = costs.reduce((sum, one) => sum + one.value, 0) / costs.length;
  return { value, texts: [":-)", largest(costs, (one) => one.value).text] };
}

/** The share of the pieces of a short program that its indentation takes; all where it is lost. */
function indentation(patient: Patient): Observation {
  const { code } = patient.probes;
  const flat = code.map((line) => line.replace(/^[ \t]+/, ""));
  const texts = [flat[CODE], code[CODE]];
  const program = code.join("\n");
  if (!patient.restores(program)) return { value: 1, texts };
  return { value: 1 - patient.cost(flat.join("\n")) / patient.cost(program), texts };
}

/** How many times as many pieces a record has in JSON as in YAML. */
function structure(patient: Patient): Observation {
  const { json, yaml } = patient.probes;
  return { value: patient.cost(json) / patient.cost(yaml), texts: [yaml, json] };
}

/** The share of control pieces that are taken for what they say when somebody types them. */
function controls(patient: Patient): Observation {
  const typed = patient.probes.controls;
  const taken = typed.filter((text) => obeyed(text, patient.encode(`a ${text} b`), 2));
  return { value: taken.length / typed.length, texts: ["a b", `a ${taken[0] ?? "</s>"} b`] };
}

/** Whether a typed text gives a control piece, or one piece that is written as the text itself. */
function obeyed(typed: string, { ids, pieces, spans }: Encoded, at: number): boolean {
  return ids.some((id, place) => {
    const [start, end] = spans[place];
    const itself = (start === at || start === at - 1) && end === at + length(typed);
    return (id < FIRST_BYTE && id !== UNK) || (itself && pieces[place].replace(/^[▁Ġ]+|[▁Ġ]+$/g, "") === typed);
  });
}

/** The share of fragile texts and of the user's that do not come back exactly. */
function round_trip(patient: Patient): Observation {
  const texts = [...patient.probes.fragile, ...patient.lines];
  const failures = texts.filter((text) => !patient.restores(text));
  const shown = failures.length ? largest(failures, (text) => -length(text)) : texts[0];
  return { value: failures.length / texts.length, texts: [shown] };
}

/** Return the first of those of the largest value; there is one at least. */
function largest<T>(found: readonly T[], value: (one: T) => number): T {
  return found.reduce((most, one) => (value(one) > value(most) ? one : most));
}
