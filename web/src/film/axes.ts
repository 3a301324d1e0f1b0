/** Where the numbers of a curve lie on a picture: steps on a scale that doubles, losses on an even one. */

/** Return where a step lies from 0 (the first) to 1 (the last), doublings equally far apart. */
export function alongSteps(step: number, last: number): number {
  return last <= 1 ? 1 : Math.log2(Math.max(1, step)) / Math.log2(last);
}

/** Return round numbers from `least` to `most`, four or so. */
export function ticks(least: number, most: number): number[] {
  const rough = (most - least) / 4;
  if (!(rough > 0)) return [least];
  const power = 10 ** Math.floor(Math.log10(rough));
  const each = [1, 2, 5, 10].map((times) => times * power).find((one) => one >= rough) ?? rough;
  const found: number[] = [];
  for (let at = Math.ceil(least / each); at * each <= most; at++) found.push(at * each);
  return found;
}

/** Return the powers of ten up to a step, 1 among them. */
export function powers(last: number): number[] {
  const found: number[] = [];
  for (let step = 1; step <= last; step *= 10) found.push(step);
  return found;
}
