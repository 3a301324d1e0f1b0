/** Scroll a box, and nothing around it, until a thing in it can be seen. */
export function reveal(box: HTMLElement, thing: HTMLElement): void {
  const { top, bottom } = box.getBoundingClientRect();
  const own = thing.getBoundingClientRect();
  if (own.top < top) box.scrollTop -= top - own.top;
  else if (own.bottom > bottom) box.scrollTop += own.bottom - bottom;
}
