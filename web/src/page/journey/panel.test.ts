import { expect, test } from "vitest";
import { term } from "../../model/sum.ts";
import { FEW, columns, rest, shown } from "./panel.ts";

const sumOf = (count: number) => ({
  terms: Array.from({ length: count }, (_, at) =>
    term([{ value: ((at * 7) % 11) - 5, source: { kind: "constant", name: "one" } }]),
  ),
});
const total = (values: readonly number[]) => values.reduce((sum, one) => sum + one, 0);

test.each([0, 1, 8, 9, 17, FEW, FEW + 1, 1025])("all terms are shown, or with the rest add up: %i", (count) => {
  const sum = sumOf(count);
  for (const whole of [false, true]) {
    const some = shown(sum, whole);
    if (whole || count <= FEW) expect(some.map(({ at }) => at)).toEqual([...sum.terms.keys()]);
    else expect(some.length).toBeLessThan(FEW);
    const values = some.map(({ term }) => term.value);
    expect(total(values) + rest(sum, some)).toBeCloseTo(total(sum.terms.map(({ value }) => value)));
    const left = sum.terms.filter((_, at) => !some.some((one) => one.at === at));
    const least = Math.min(...values.map(Math.abs));
    for (const { value } of left) expect(Math.abs(value)).toBeLessThanOrEqual(least);
    expect(columns(some).flat()).toEqual(some);
    if (count <= FEW) for (const column of columns(some)) expect(column.length).toBeLessThanOrEqual(12);
  }
});
