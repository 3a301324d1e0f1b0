/** Points of a map on a screen: where they are shown, which one is pointed at, where names have room. */

/** What part of a map is shown: its middle, and how many pixels one unit of it is. */
export interface Frame {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
}

/** Return the frame in which all points [V, 2] are seen in so many pixels, with a margin around. */
export function whole(points: Float32Array, width: number, height: number, margin: number): Frame {
  const least = [Infinity, Infinity];
  const most = [-Infinity, -Infinity];
  points.forEach((value, at) => {
    least[at % 2] = Math.min(least[at % 2], value);
    most[at % 2] = Math.max(most[at % 2], value);
  });
  const scales = [width, height].map((size, side) => (size - 2 * margin) / (most[side] - least[side]));
  const scale = Math.min(...scales.filter((one) => Number.isFinite(one) && one > 0));
  const middle = (side: number) => (points.length ? (least[side] + most[side]) / 2 : 0);
  return { x: middle(0), y: middle(1), scale: Number.isFinite(scale) ? scale : 1 };
}

/** Return where the points [V, 2] are on a screen of so many pixels, [V, 2]; up is up. */
export function shown(points: Float32Array, frame: Frame, width: number, height: number): Float32Array {
  return points.map((value, at) =>
    at % 2 ? height / 2 - (value - frame.y) * frame.scale : width / 2 + (value - frame.x) * frame.scale,
  );
}

/** Return the point that is nearest to a place on the screen and not farther than `within`, or null. */
export function pointAt(screen: Float32Array, x: number, y: number, within: number): number | null {
  let best: number | null = null;
  let least = within ** 2;
  for (let at = 0; at < screen.length; at += 2) {
    const distance = (screen[at] - x) ** 2 + (screen[at + 1] - y) ** 2;
    if (distance <= least && (best === null || distance < least)) [best, least] = [at / 2, distance];
  }
  return best;
}

/** Return the nearest point that lies in a direction, within 45° of it, or null. */
export function pointTowards(screen: Float32Array, from: number, right: number, down: number): number | null {
  let best: number | null = null;
  let least = Infinity;
  for (let point = 0; point < screen.length / 2; point++) {
    const x = screen[2 * point] - screen[2 * from];
    const y = screen[2 * point + 1] - screen[2 * from + 1];
    const along = x * right + y * down;
    const distance = x ** 2 + y ** 2;
    if (along <= 0 || 2 * along ** 2 < distance || distance >= least) continue;
    [best, least] = [point, distance];
  }
  return best;
}

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Return which boxes have room, the first ones first: those that lie inside and on no other that has. */
export function withRoom(boxes: readonly Box[], width: number, height: number): number[] {
  const kept: number[] = [];
  boxes.forEach((box, at) => {
    const inside = box.x >= 0 && box.y >= 0 && box.x + box.width <= width && box.y + box.height <= height;
    if (inside && !kept.some((other) => meet(box, boxes[other]))) kept.push(at);
  });
  return kept;
}

function meet(one: Box, other: Box): boolean {
  const across = Math.min(one.x + one.width, other.x + other.width) - Math.max(one.x, other.x);
  const down = Math.min(one.y + one.height, other.y + other.height) - Math.max(one.y, other.y);
  return across > 0 && down > 0;
}
