/** Characters that cannot be seen, or that turn the order of others, by name where they have one that people know. */

const NAMES: Readonly<Record<number, string>> = {
  0x00: "NUL",
  0x09: "TAB",
  0xa0: "NBSP",
  0xad: "SHY",
  0x200b: "ZWSP",
  0x200c: "ZWNJ",
  0x200d: "ZWJ",
  0x200e: "LRM",
  0x200f: "RLM",
  0x202a: "LRE",
  0x202b: "RLE",
  0x202c: "PDF",
  0x202d: "LRO",
  0x202e: "RLO",
  0x2066: "LRI",
  0x2067: "RLI",
  0x2068: "FSI",
  0x2069: "PDI",
  0xfeff: "BOM",
};
// Controls, formats, surrogates, private use, unassigned; line and paragraph ends; blanks but the usual one.
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u;
const JOINED = /\p{Extended_Pictographic}\u200d/u; // what makes one picture of several is seen

/** Return the name of an unseen character, as U+202E RLO, or null for one that is seen. */
export function unseen(character: string): string | null {
  if (!UNSEEN.test(character)) return null;
  const point = character.codePointAt(0)!;
  const code = `U+${point.toString(16).toUpperCase().padStart(4, "0")}`;
  return NAMES[point] ? `${code} ${NAMES[point]}` : code;
}

/** Return what is unseen in a text, each once, in order; ends of lines and joiners of emoji are no surprise. */
export function unseenIn(text: string): string[] {
  const known = new Set<string>();
  for (const character of text.replace(new RegExp(JOINED, "gu"), "")) {
    const name = character === "\n" || character === "\u00a0" ? null : unseen(character);
    if (name) known.add(name);
  }
  return [...known];
}

/** Return a piece as it can be seen: its blank as an open box, what is unseen by its code. */
export function visible(piece: string): string {
  return Array.from(piece.replaceAll("▁", "␣"), (character) => {
    const name = unseen(character);
    return name ? `⟨${name}⟩` : character;
  }).join("");
}
