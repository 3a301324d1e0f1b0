/** The lines of a text as a browser broke it: what stands in each, and where. */

export interface Line {
  readonly text: string;
  readonly box: DOMRect;
  readonly turned: number; // degrees
  readonly baseline: number; // px below the middle of the box, across the line
}

let pen: CanvasRenderingContext2D | null = null;

/** Return the lines that are seen of a text of this style; what an ellipsis stands for is cut. */
export function lines(text: Text, style: CSSStyleDeclaration): Line[] {
  if (!/\S/u.test(text.data)) return [];
  pen ??= document.createElement("canvas").getContext("2d")!;
  pen.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
  const { fontBoundingBoxAscent: up, fontBoundingBoxDescent: down } = pen.measureText("x");
  const isVertical = style.writingMode.startsWith("vertical");
  const turned = isVertical ? (isUpsideDown(text.parentElement) ? -90 : 90) : 0;
  const baseline = (up - down) / 2;
  return broken(text, isVertical).map(({ words, box }) => ({
    ...fitting(words.replace(/\s+/gu, " "), box, text.parentElement, isVertical),
    turned,
    baseline,
  }));
}

/** Return where each line begins and ends: characters whose boxes stand on one line follow each other. */
function broken(text: Text, isVertical: boolean): { words: string; box: DOMRect }[] {
  const range = document.createRange();
  range.selectNodeContents(text);
  const rects = Array.from(range.getClientRects()).filter(({ width, height }) => width > 0 && height > 0);
  if (rects.length === 0) return [];
  const across = ({ left, top }: DOMRect) => (isVertical ? left : top);
  if (new Set(rects.map((rect) => Math.round(across(rect)))).size === 1) {
    return [{ words: text.data.trim(), box: range.getBoundingClientRect() }];
  }
  const found: { words: string; box: DOMRect }[] = [];
  let last: number | null = null;
  let at = 0;
  for (const character of text.data) {
    range.setStart(text, at);
    range.setEnd(text, (at += character.length));
    const box = range.getBoundingClientRect();
    if (!box.width && !box.height) continue;
    const line = found.at(-1);
    if (!line || last === null || Math.abs(across(box) - last) > 2) found.push({ words: character, box });
    else found[found.length - 1] = { words: line.words + character, box: union(line.box, box) };
    last = across(box);
  }
  return found.filter(({ words }) => words.trim() !== "");
}

function union(one: DOMRect, other: DOMRect): DOMRect {
  const [left, top] = [Math.min(one.left, other.left), Math.min(one.top, other.top)];
  return new DOMRect(left, top, Math.max(one.right, other.right) - left, Math.max(one.bottom, other.bottom) - top);
}

/** Return a line cut to the room that its box has, with an ellipsis where it is cut. */
function fitting(
  words: string,
  box: DOMRect,
  parent: Element | null,
  isVertical: boolean,
): { text: string; box: DOMRect } {
  const holder = parent?.closest("bdi") === parent ? (parent?.parentElement ?? parent) : parent;
  const clip = [parent, holder].find((one) => one && getComputedStyle(one).overflowX !== "visible");
  if (!clip) return { text: words, box };
  const room = clip.getBoundingClientRect();
  const [size, most] = isVertical ? [box.height, room.height] : [box.width, room.width];
  if (size <= most + 1) return { text: words, box };
  const all = Array.from(words);
  const kept = all.slice(0, Math.max(1, Math.floor((all.length * most) / size) - 1)).join("");
  return {
    text: `${kept}…`,
    box: isVertical
      ? new DOMRect(box.left, room.top, box.width, most)
      : new DOMRect(room.left, box.top, most, box.height),
  };
}

/** Return whether a text that runs downwards is turned so that it is read upwards. */
function isUpsideDown(element: Element | null): boolean {
  for (let one = element; one && one.nodeName !== "BODY"; one = one.parentElement) {
    const { rotate, transform } = getComputedStyle(one);
    if (rotate === "180deg" || transform.startsWith("matrix(-1")) return true;
  }
  return false;
}
