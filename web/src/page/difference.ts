/** Which words of a text are not in another one, in order: the longest words in common are kept. */

export interface Part {
  readonly text: string; // parts join to the text
  readonly same: boolean;
}

/** Return a text in parts, each the same as in `other` or not. */
export function difference(text: string, other: string): Part[] {
  const [mine, theirs] = [wordsOf(text), wordsOf(other)];
  const common = Array.from({ length: mine.length + 1 }, () => new Uint16Array(theirs.length + 1)); // of what follows
  for (let at = mine.length - 1; at >= 0; at--) {
    for (let place = theirs.length - 1; place >= 0; place--) {
      common[at][place] =
        mine[at] === theirs[place]
          ? common[at + 1][place + 1] + 1
          : Math.max(common[at + 1][place], common[at][place + 1]);
    }
  }
  const parts: { text: string; same: boolean }[] = [];
  for (let at = 0, place = 0; at < mine.length; at++) {
    while (place < theirs.length && mine[at] !== theirs[place] && common[at][place + 1] === common[at][place]) place++;
    const found = mine[at] === theirs[place];
    if (found) place++;
    const same = found || mine[at].trim() === ""; // a blank is not worth a mark
    const last = parts.at(-1);
    if (last && last.same === same) last.text += mine[at];
    else parts.push({ text: mine[at], same });
  }
  return parts;
}

/** Cut into words, blanks, and signs one by one. */
function wordsOf(text: string): string[] {
  return text.match(/[\p{L}\p{M}\p{N}]+|\s+|[^\p{L}\p{M}\p{N}\s]/gu) ?? [];
}
