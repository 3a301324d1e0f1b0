/** Places and colours of a picture. */

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Return what moves boxes of the window so that `origin` begins at 0. */
export function shifted(origin: DOMRect): (box: DOMRect) => Box {
  return ({ left, top, width, height }) => ({
    x: left - origin.left,
    y: top - origin.top,
    width,
    height,
  });
}

/** Return the box that holds all of these. */
export function around(boxes: readonly Box[]): Box {
  const x = boxes.reduce((least, box) => Math.min(least, box.x), Infinity);
  const y = boxes.reduce((least, box) => Math.min(least, box.y), Infinity);
  const right = boxes.reduce((most, box) => Math.max(most, box.x + box.width), -Infinity);
  const below = boxes.reduce((most, box) => Math.max(most, box.y + box.height), -Infinity);
  return { x, y, width: right - x, height: below - y };
}

export interface Paint {
  readonly colour: string; // #rrggbb, which every program reads
  readonly opacity: number;
}

const seen = new Map<string, Paint>();
let pixel: CanvasRenderingContext2D | null = null;

/** Return a colour as a browser computes it, in whatever space, as red, green and blue and an opacity. */
export function paint(colour: string): Paint {
  const known = seen.get(colour);
  if (known) return known;
  if (colour === "none" || colour === "transparent") return { colour: "#000000", opacity: 0 };
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 1;
  pixel ??= canvas.getContext("2d", { willReadFrequently: true })!;
  pixel.clearRect(0, 0, 1, 1);
  pixel.fillStyle = colour;
  pixel.fillRect(0, 0, 1, 1);
  const [red, green, blue, alpha] = pixel.getImageData(0, 0, 1, 1).data;
  const hex = [red, green, blue].map((one) => one.toString(16).padStart(2, "0")).join("");
  const found = { colour: `#${hex}`, opacity: Math.round((1000 * alpha) / 255) / 1000 };
  seen.set(colour, found);
  return found;
}
