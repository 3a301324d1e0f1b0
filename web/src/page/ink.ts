/** What a canvas is drawn on; its colours are those that its style has. */

const SHARP = 2; // pixels for each of CSS, at least: a copy is looked at closer

/** Return a drawing surface of `width` × `height` CSS pixels, empty, as sharp as the screen, or sharper. */
export function surface(canvas: HTMLCanvasElement, width: number, height: number): CanvasRenderingContext2D {
  const sharp = Math.max(SHARP, window.devicePixelRatio);
  const [wide, high] = [Math.round(width * sharp), Math.round(height * sharp)];
  if (canvas.width !== wide) canvas.width = wide;
  if (canvas.height !== high) canvas.height = high;
  const context = canvas.getContext("2d")!;
  context.setTransform(sharp, 0, 0, sharp, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
}
