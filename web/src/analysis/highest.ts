/** Return the places of the `count` highest numbers, the highest first, of equal ones the first. */
export function highest(values: ArrayLike<number>, count: number): number[] {
  const found: number[] = [];
  for (let place = 0; place < values.length; place++) {
    if (found.length === count && !(values[place] > values[found[count - 1]])) continue;
    let at = Math.min(found.length, count - 1);
    for (; at > 0 && values[place] > values[found[at - 1]]; at--) found[at] = found[at - 1];
    found[at] = place;
  }
  return found;
}
