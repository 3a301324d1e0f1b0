/** The formulas of a recurrent cell (SSRU, Kim et al. 2019, section 3). */

import { row as rowOf } from "../../model/places.ts";
import { DOTS, type Node, ONE, type Short, bold, first, id, joined, line, num, op, round, row, sub } from "./mathml.ts";
import { type Scene, readBy, recurrenceOf } from "./scene.ts";

export function gate(scene: Scene, short: Short): Node[] {
  const { input, forget } = recurrenceOf(scene);
  const x = rowOf(readBy(scene, "recurrence").tensor, scene.row);
  const weight = (name: string, column: string) => sub(id(name), row(ONE, op(","), num(column)));
  const sum = (name: string) =>
    joined(
      [
        row(weight(name, "1"), op("·"), num(short(x[0]), true)),
        row(weight(name, "2"), op("·"), num(short(x[1] ?? 0), true)),
        DOTS,
      ],
      "+",
    );
  const { biases } = scene.config;
  const bias = (node: Node) => (biases ? [op("+"), node] : []);
  return [
    line(bold("f"), row(id("σ"), round(sub(bold("W"), id("f")), bold("x"), ...bias(sub(bold("b"), id("f")))))),
    line(first("f"), row(id("σ"), round(sum("v"), ...bias(first("b")))), num(short(rowOf(forget, scene.row)[0]))),
    line(bold("u"), row(bold("W"), bold("x"))),
    line(first("u"), sum("w"), num(short(rowOf(input, scene.row)[0]))),
  ];
}

export function state(scene: Scene, short: Short): Node[] {
  const { input, forget, state, output } = recurrenceOf(scene);
  const now = scene.row;
  const value = (tensor: typeof state) => rowOf(tensor, now)[0];
  const before = now ? rowOf(state, now - 1)[0] : 0;
  const of = (name: string, step: Node) => sub(bold(name), step);
  const [t, last] = [id("t"), row(id("t"), op("−"), ONE)];
  const kept = value(forget);
  return [
    line(
      of("c", t),
      row(of("f", t), op("⊙"), of("c", last), op("+"), round(ONE, op("−"), of("f", t)), op("⊙"), of("u", t)),
    ),
    line(
      first("c"),
      row(
        num(short(kept)),
        op("·"),
        num(short(before), true),
        op("+"),
        num(short(1 - kept)),
        op("·"),
        num(short(value(input)), true),
      ),
      num(short(value(state))),
    ),
    line(of("o", t), row(id("max"), round(num("0"), op(","), of("c", t)))),
    line(first("o"), row(id("max"), round(num("0"), op(","), num(short(value(state))))), num(short(value(output)))),
  ];
}
