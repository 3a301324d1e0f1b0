/** Texts in CAPITALS as small ones: `src/dragoman/text/casing.py`, whose reasons hold here too. */

const FEWEST = 5; // capitals, so that USA and NATO stay what they are

/** Whether a text has no small letter, at least five capitals, and two of them in a row. */
export function inCapitals(text: string): boolean {
  const capitals = text.match(/\p{Uppercase}/gu) ?? [];
  return !/[\p{Lowercase}\p{Lt}]/u.test(text) && capitals.length >= FEWEST && /\p{Uppercase}{2}/u.test(text);
}

/** Return a text in small letters, of the same length: a letter that would become two stays. */
export function lowered(text: string): string {
  return Array.from(text, (letter) => {
    const low = letter.toLowerCase();
    return [...low].length === 1 ? low : letter;
  }).join("");
}
