/**
 * A part of the page as a picture of its own: boxes, text, drawings and canvases as one SVG that needs nothing of the
 * page, its colours and fonts as the page has them now. Text goes in as text, so nothing of it can be markup.
 */

import { type Box, type Paint, around, paint, shifted } from "./geometry.ts";
import { lines } from "./lines.ts";

const SVG = "http://www.w3.org/2000/svg";
const MARGIN = 12; // px around what is drawn
const LEFT_OUT = ".unseen, [data-copy], script, style"; // what is not seen, and what would copy

/** What is taken over from a shape's style, written as attributes. */
const STYLES = [
  "stroke-width",
  "stroke-dasharray",
  "stroke-linecap",
  "stroke-linejoin",
  "opacity",
  "text-anchor",
  "font-family",
  "font-size",
  "font-weight",
  "vector-effect",
] as const;

/** What is taken over from a shape itself. */
const ATTRIBUTES = "d cx cy r rx ry x y x1 y1 x2 y2 width height points transform viewBox preserveAspectRatio".split(
  " ",
);

export interface Picture {
  readonly svg: string;
  readonly width: number; // px
  readonly height: number;
}

/** Return the picture of an element as it is now, with a name that it is called by. */
export function picture(element: Element, name: string): Picture {
  const origin = element.getBoundingClientRect();
  const at = shifted(origin);
  const groups = Array.from(drawn(element, at));
  if (!groups.length) throw new Error("there is nothing to be seen");
  const edge = (of: (box: Box) => number, most: typeof Math.max) => most(...groups.map(({ box }) => of(box)));
  const [x, y] = [edge((box) => box.x, Math.min), edge((box) => box.y, Math.min)].map(
    (one) => Math.floor(one) - MARGIN,
  );
  const right = edge((box) => box.x + box.width, Math.max) + MARGIN;
  const below = edge((box) => box.y + box.height, Math.max) + MARGIN;
  const [width, height] = [Math.ceil(right - x), Math.ceil(below - y)];
  const svg = made("svg", { width, height, viewBox: `${x} ${y} ${width} ${height}` });
  const title = made("title", {});
  title.textContent = legible(name);
  svg.append(title, made("rect", { x, y, width, height, ...fill(paint(ground(element))) }));
  svg.append(...groups.map(({ node }) => node));
  return { svg: new XMLSerializer().serializeToString(svg), width, height };
}

interface Drawn {
  readonly node: SVGElement;
  readonly box: Box;
}

/** Return what is seen of an element and of all in it, in the order in which it is painted. */
function* drawn(element: Element, at: (box: DOMRect) => Box): Iterable<Drawn> {
  if (element.matches(LEFT_OUT)) return;
  const style = getComputedStyle(element);
  if (style.display === "none" || style.visibility === "hidden" || style.opacity === "0") return;
  const box = at(element.getBoundingClientRect());
  if (element instanceof SVGSVGElement) {
    const inner = Array.from(element.querySelectorAll("*"), (one) => at(one.getBoundingClientRect()));
    yield { node: copied(element, box), box: style.overflow === "visible" ? around([box, ...inner]) : box };
    return;
  }
  for (const pseudo of [null, "::before", "::after"]) yield* framed(element, box, pseudo);
  if (element instanceof HTMLCanvasElement) {
    if (element.width && element.height) yield { node: image(element, box, style), box };
    return;
  }
  for (const child of element.childNodes) {
    if (child instanceof Element) yield* drawn(child, at);
    else if (child instanceof Text) yield* written(child, style, at);
  }
}

/** Return the ground, the border and the outline of a box, where it has them; of its ::before and ::after the ground. */
function* framed(element: Element, box: Box, pseudo: string | null): Iterable<Drawn> {
  const style = getComputedStyle(element, pseudo);
  if (pseudo !== null) {
    if (["none", "normal"].includes(style.content) || style.position !== "absolute") return;
    const [x, y, width, height] = [style.left, style.top, style.width, style.height].map(parseFloat);
    box = { x: box.x + x, y: box.y + y, width, height };
    if (![box.x, box.y, width, height].every(Number.isFinite)) return;
  }
  const inner = paint(style.backgroundColor);
  const wide = parseFloat(style.borderTopWidth) || 0;
  const edge = paint(style.borderTopColor);
  const whole = ["Right", "Bottom", "Left"].every(
    (side) => style[`border${side}Width` as "borderTopWidth"] === style.borderTopWidth,
  );
  const isFramed = pseudo === null && whole && wide > 0 && edge.opacity > 0 && style.borderTopStyle !== "none";
  const rx = Math.min(parseFloat(style.borderTopLeftRadius) || 0, box.width / 2, box.height / 2);
  if (inner.opacity > 0 || isFramed) {
    const half = isFramed ? wide / 2 : 0;
    const place = { x: box.x + half, y: box.y + half, width: box.width - 2 * half, height: box.height - 2 * half, rx };
    const dashed = style.borderTopStyle === "dashed" ? { "stroke-dasharray": `${3 * wide} ${2 * wide}` } : {};
    const line = isFramed ? { ...stroke(edge, wide), ...dashed } : {};
    if (place.width >= 0 && place.height >= 0) yield { node: made("rect", { ...place, ...fill(inner), ...line }), box };
  }
  if (pseudo === null && !whole) yield* sides(style, box);
  const outline = parseFloat(style.outlineWidth) || 0;
  if (pseudo === null && outline > 0 && style.outlineStyle !== "none" && !element.hasAttribute("data-toured")) {
    const { x, y, width, height } = box;
    yield {
      node: made("rect", { x, y, width, height, rx, fill: "none", ...stroke(paint(style.outlineColor), outline) }),
      box,
    };
  }
}

/** Return the borders of a box that has not all of them alike, as lines. */
function* sides(style: CSSStyleDeclaration, { x, y, width, height }: Box): Iterable<Drawn> {
  const ends = { Top: [0, 0, 1, 0], Right: [1, 0, 1, 1], Bottom: [0, 1, 1, 1], Left: [0, 0, 0, 1] } as const;
  for (const side of ["Top", "Right", "Bottom", "Left"] as const) {
    const wide = parseFloat(style[`border${side}Width`]) || 0;
    const colour = paint(style[`border${side}Color`]);
    if (!wide || style[`border${side}Style`] === "none" || !colour.opacity) continue;
    const [x1, y1, x2, y2] = ends[side];
    const place = { x1: x + x1 * width, y1: y + y1 * height, x2: x + x2 * width, y2: y + y2 * height };
    yield { node: made("line", { ...place, ...stroke(colour, wide) }), box: { x, y, width, height } };
  }
}

/** Return the lines of a text where they stand. */
function* written(text: Text, style: CSSStyleDeclaration, at: (box: DOMRect) => Box): Iterable<Drawn> {
  for (const { text: line, box, turned, baseline } of lines(text, style)) {
    const place = at(box);
    const middle = { x: place.x + place.width / 2, y: place.y + place.height / 2 };
    const node = made("text", {
      "text-anchor": "middle", // so that another font moves neither end more than the other
      "font-family": style.fontFamily,
      "font-size": style.fontSize,
      "font-weight": style.fontWeight,
      ...(style.textDecorationLine.includes("line-through") ? { "text-decoration": "line-through" } : {}),
      ...fill(paint(style.color)),
      ...(turned
        ? { transform: `translate(${middle.x} ${middle.y}) rotate(${turned})`, y: baseline }
        : { x: middle.x, y: middle.y + baseline }),
    });
    node.setAttributeNS("http://www.w3.org/XML/1998/namespace", "xml:space", "preserve");
    node.textContent = legible(line);
    yield { node, box: place };
  }
}

/** Return a canvas as an image in the picture. */
function image(
  canvas: HTMLCanvasElement,
  { x, y, width, height }: Box,
  { imageRendering }: CSSStyleDeclaration,
): SVGElement {
  const sharp = imageRendering === "pixelated";
  const style = sharp ? { "image-rendering": "pixelated" } : {};
  return made("image", {
    x,
    y,
    width,
    height,
    preserveAspectRatio: "none",
    href: canvas.toDataURL("image/png"),
    ...style,
  });
}

/** Return a drawing of the page with its style in it. */
function copied(element: SVGElement, box?: Box): SVGElement {
  const own: Record<string, string | number> = {};
  for (const name of ATTRIBUTES) {
    const value = element.getAttribute(name);
    if (value !== null) own[name] = value;
  }
  const style = getComputedStyle(element);
  if (!box && !(element instanceof SVGTitleElement)) {
    for (const name of STYLES) {
      const value = style.getPropertyValue(name);
      if (value && value !== "none" && value !== "normal") own[name] = value;
    }
    Object.assign(own, fill(paint(style.fill), Number(style.fillOpacity)));
    Object.assign(own, stroke(paint(style.stroke), null, Number(style.strokeOpacity)));
  }
  const node = made(element.localName, { ...own, ...(box ? { ...box, overflow: style.overflow } : {}) });
  for (const child of element.childNodes) {
    if (child instanceof SVGElement) node.append(copied(child));
    else if (child instanceof Text && element.matches("text, tspan, title")) node.append(legible(child.data));
  }
  return node;
}

const SHAPES = [
  "svg",
  "g",
  "path",
  "line",
  "polyline",
  "polygon",
  "rect",
  "circle",
  "ellipse",
  "text",
  "tspan",
  "title",
  "image",
];

/** Return an element of a picture; there are no others than these. */
function made(name: string, attributes: Readonly<Record<string, string | number>>): SVGElement {
  if (!SHAPES.includes(name)) throw new Error(`a picture holds no <${name}>`);
  const node = document.createElementNS(SVG, name);
  for (const [attribute, value] of Object.entries(attributes)) {
    node.setAttribute(attribute, typeof value === "number" ? String(Math.round(100 * value) / 100) : legible(value));
  }
  return node;
}

function fill({ colour, opacity }: Paint, more = 1): Record<string, string | number> {
  if (!opacity) return { fill: "none" };
  return { fill: colour, ...(opacity * more < 1 ? { "fill-opacity": opacity * more } : {}) };
}

function stroke({ colour, opacity }: Paint, width: number | null, more = 1): Record<string, string | number> {
  if (!opacity) return {};
  const wide = width === null ? {} : { "stroke-width": width };
  return { stroke: colour, ...wide, ...(opacity * more < 1 ? { "stroke-opacity": opacity * more } : {}) };
}

/** Return the colour that lies under an element. */
function ground(element: Element): string {
  for (let one: Element | null = element; one; one = one.parentElement) {
    const { backgroundColor } = getComputedStyle(one);
    if (paint(backgroundColor).opacity > 0) return backgroundColor;
  }
  return "white";
}

/** Return a text with a sign in the place of each character that XML has not. */
function legible(text: string): string {
  return text.replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "\ufffd");
}
