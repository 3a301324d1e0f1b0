/** Moving through a row of things with the keyboard. */

const STEPS: Readonly<Record<string, number>> = {
  ArrowRight: 1,
  ArrowDown: 1,
  ArrowLeft: -1,
  ArrowUp: -1,
  PageDown: 10,
  PageUp: -10,
};

/** Return where a key leads among `count` things, and keep the key from doing anything else; null for other keys. */
export function moved(event: KeyboardEvent, at: number, count: number): number | null {
  if (event.altKey || event.ctrlKey || event.metaKey) return null;
  const ends: Readonly<Record<string, number>> = { Home: 0, End: count - 1 };
  const wanted = ends[event.key] ?? at + (STEPS[event.key] ?? NaN);
  if (Number.isNaN(wanted)) return null;
  event.preventDefault();
  return Math.max(0, Math.min(count - 1, wanted));
}
