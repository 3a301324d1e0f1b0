/** How a text came to its pieces, as plain data: merges one by one, or all candidates of a unigram model. */

import { ByteLevelPairs, BytePairs } from "./merging.ts";
import { BLANK, FIRST_BYTE, FIRST_PIECE, SPECIALS, UNK } from "./spelling.ts";
import type { Tokenizer } from "./tokenizer.ts";
import type { Candidate, Candidates, Merge, Merges } from "./trace_types.ts";
import { Unigram } from "./unigram.ts";

/** Return what `Tokenizer.history` of Python gives for a text; null for a family that cuts in one step. */
export function history({ family }: Tokenizer, text: string): Merges | Candidates | null {
  if (family instanceof BytePairs || family instanceof ByteLevelPairs) return mergesOf(family, text);
  return family instanceof Unigram ? candidatesOf(family, text) : null;
}

/** Return the merges of a text, word by word, the lowest rank first and the leftmost among equals. */
function mergesOf(family: BytePairs | ByteLevelPairs, text: string): Merges {
  const named = (ids: readonly number[]) => ids.map((id) => family.pieces[id]);
  const words = family.words(text);
  const now = words.map(named); // what each word is by now
  const steps: Merge[] = [];
  words.forEach((ids, word) => {
    family.merges.apply(ids, (rank, at) => {
      const [left, right] = now[word].slice(at, at + 2);
      now[word].splice(at, 2, left + right);
      steps.push({ rank, word, left, right, pieces: now.flat() });
    });
  });
  return { kind: "merges", steps };
}

/** Return every piece that stands at a place of a text, and those of the most likely cut. */
function candidatesOf(family: Unigram, text: string): Candidates {
  if (text === "") return { kind: "candidates", candidates: [], best: [] };
  const letters = Array.from(` ${text}`, (letter) => (letter === BLANK ? "" : letter === " " ? BLANK : letter));
  const spans = new Map<string, Candidate>();
  for (const { begin, end, id, score } of family.candidates(letters)) {
    const piece = id === undefined ? SPECIALS[UNK] : family.pieces[id];
    spans.set(`${begin} ${end}`, { piece, start: Math.max(begin - 1, 0), end: end - 1, log_probability: score });
  }
  const best: Candidate[] = [];
  let begin = 0;
  for (const id of family.encode(text)) {
    if (id < FIRST_PIECE && ((id - FIRST_BYTE) & 0xc0) === 0x80) continue; // the first byte of a letter has it whole
    const end = begin + (id < FIRST_PIECE ? 1 : Array.from(family.pieces[id]).length);
    best.push(spans.get(`${begin} ${end}`)!);
    begin = end;
  }
  return { kind: "candidates", candidates: [...spans.values()], best };
}
