/** A text cut at the parts that are marked in it. */

export interface Cut {
  readonly before: string; // what stands between the mark before and this one
  readonly mark: string; // "" for what follows the last mark
}

/** Return each marked part with what stands before it; what follows the last one comes last. */
export function parts(text: string, marks: readonly { readonly start: number; readonly end: number }[]): Cut[] {
  const ends = [0, ...marks.map(({ end }) => end)];
  const cut = marks.map(({ start, end }, at) => ({
    before: text.slice(ends[at], start),
    mark: text.slice(start, end),
  }));
  return [...cut, { before: text.slice(ends.at(-1)), mark: "" }];
}
