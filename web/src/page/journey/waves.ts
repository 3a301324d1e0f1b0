/** The geometry of drawings over places: waves of positions, hands of clocks. */

export interface Frame {
  readonly width: number;
  readonly height: number;
  readonly least: number; // values at the lower and the upper edge
  readonly most: number;
  readonly count: number; // places, the first at the left edge, the last at the right one
}

/** Return where a value at a place lies in a frame, y downwards. */
export function point(place: number, value: number, frame: Frame): readonly [x: number, y: number] {
  const { width, height, least, most, count } = frame;
  const x = count > 1 ? (place / (count - 1)) * width : width / 2;
  return [x, ((most - value) / (most - least || 1)) * height];
}

/** Return the path of a curve through a frame, drawn in so many straight parts. */
export function curve(value: (place: number) => number, frame: Frame, parts: number): string {
  const last = Math.max(1, frame.count - 1);
  const places = Array.from({ length: parts + 1 }, (_, at) => (at * last) / parts);
  const points = places.map((place) =>
    point(place, value(place), frame)
      .map((one) => one.toFixed(1))
      .join(" "),
  );
  return `M${points.join("L")}`;
}

/** Return the end of a clock's hand of length 1 around 0, turned left from the right by an angle in radians. */
export function hand(angle: number): readonly [x: number, y: number] {
  return [Math.cos(angle), -Math.sin(angle)];
}
