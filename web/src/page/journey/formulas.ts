/** The formulas of a station: first as the papers write it, then with this model's own numbers in it. */

// Shapes.  D model width, H head width, K rows that are looked at.

import { row as rowOf } from "../../model/places.ts";
import { frequency } from "../../model/positions.ts";
import { moments, products } from "./between.ts";
import { gate, state } from "./cell_formulas.ts";
import {
  DOTS,
  type Node,
  ONE,
  type Short,
  at,
  bold,
  first,
  frac,
  id,
  joined,
  line,
  num,
  op,
  root,
  round,
  row,
  sub,
  sup,
  words,
} from "./mathml.ts";
import { type Scene, attentionOf, embeddingOf, feedForwardOf, partOf, readBy, shared, streamOf } from "./scene.ts";

/** Return the lines of a station's formulas; none where there is nothing to compute. */
export function formulas(scene: Scene, short: Short): Node[] {
  switch (scene.station.kind) {
    case "pieces":
      return [];
    case "embedding":
      return embedding(scene, short);
    case "positions":
    case "start":
      return positions(scene, short);
    case "norm":
      return norm(scene, short);
    case "qkv":
      return qkv(scene, short);
    case "scores":
    case "alignment":
      return scores(scene, short);
    case "mix":
      return mix(scene, short);
    case "heads":
      return heads(scene, short);
    case "gate":
      return gate(scene, short);
    case "state":
      return state(scene, short);
    case "add":
      return add(scene, short);
    case "feed":
      return feed(scene, short);
    case "memory":
      return [line(bold("m"), scene.config.norm === "pre" ? row(words("Norm"), round(bold("x"))) : bold("x"))];
    case "logits":
      return logits(scene, short);
    case "next":
      return next(scene, short);
  }
}

/** Return a₁b₁ + a₂b₂ + ..., all of a few, the first and the last of many. */
function dots(one: ArrayLike<number>, other: ArrayLike<number>, short: Short): Node {
  const term = (place: number) => row(num(short(one[place]), place > 0), op("·"), num(short(other[place]), true));
  const last = one.length - 1;
  const terms =
    one.length <= 4
      ? Array.from({ length: one.length }, (_, place) => term(place))
      : [term(0), term(1), DOTS, term(last)];
  return joined(terms, "+");
}

function embedding(scene: Scene, short: Short): Node[] {
  const { rows, scale } = embeddingOf(scene);
  const piece = String(scene.trace.source.pieces[scene.row].id);
  const value = rows.values[scene.row * scene.config.d_model];
  const lines = [
    line(bold("e"), row(words("onehot"), round(num(piece)), op("·"), bold("E")), at("E", piece)),
    line(first("e"), at("E", piece, "1"), num(short(value))),
  ];
  if (scale === 1) return lines;
  const scaled = row(root(num(String(scene.config.d_model))), op("·"), num(short(value), true));
  return [...lines, line(row(root(id("D")), op("·"), first("e")), scaled, num(short(scale * value)))];
}

/** Return how the first vector comes together; at the station of positions also how a place is told. */
function positions(scene: Scene, short: Short): Node[] {
  const { places, rows, positions, sum, scale } = embeddingOf(scene);
  const here = scene.row * scene.config.d_model;
  const value = num(short(rows.values[here]), scale !== 1);
  const added = positions ? [op("+"), num(short(positions.values[here]), true)] : [];
  const made = [
    line(
      bold("x"),
      row(
        ...(scale === 1 ? [] : [root(id("D")), op("·")]),
        bold("e"),
        ...(positions ? [op("+"), sub(bold("p"), id("pos"))] : []),
      ),
    ),
    line(
      first("x"),
      row(...(scale === 1 ? [] : [num(short(scale)), op("·")]), value, ...added),
      num(short(sum.values[here])),
    ),
  ];
  if (scene.station.kind === "start") return made;
  const told = PLACES[scene.config.positions]?.(scene, places[scene.row], short) ?? [];
  return positions ? [...told, ...made] : told;
}

const power = (base: string, ...above: readonly Node[]) => sup(num(base), row(op("−"), ...above));
const distance = [op("·"), op("|"), id("i"), op("−"), id("j"), op("|")];

/** How a place is told, by the kind of positions; learned ones are rows of a table and need no formula. */
const PLACES: Partial<Record<Scene["config"]["positions"], (scene: Scene, place: number, short: Short) => Node[]>> = {
  sinusoidal: ({ trace, config, row: own }, place, short) => {
    const angle = round(frac(id("pos"), sup(num("10000"), row(num("2"), id("i"), op("/"), id("D")))));
    const wave = (name: string, ...more: readonly Node[]) =>
      line(sub(id("p"), row(id("pos"), op(","), num("2"), id("i"), ...more)), row(id(name), angle));
    const first = num(short(trace.encoder.embedding.positions!.values[own * config.d_model]));
    return [
      wave("sin"),
      wave("cos", op("+"), ONE),
      line(at("p", String(place), "0"), row(id("sin"), round(num(String(place)))), first),
    ];
  },
  rotary: ({ config }, place, short) => {
    const width = config.d_model / config.heads;
    const turned = (one: string, other: string, sign: string) =>
      row(id("x"), id(one), id("θ"), op(sign), id("y"), id(other), id("θ"));
    return [
      line(sub(id("θ"), id("i")), row(id("pos"), op("·"), power("10000", num("2"), id("i"), op("/"), id("H")))),
      line(
        first("θ"),
        row(num(String(place)), op("·"), power("10000", num("2"), op("/"), num(String(width)))),
        num(short(place * frequency(1, width))),
      ),
      line(id("x′"), turned("cos", "sin", "−")),
      line(id("y′"), turned("sin", "cos", "+")),
    ];
  },
  alibi: ({ config }, _, short) => [
    line(sub(id("m"), id("h")), power("2", num("8"), id("h"), op("/"), id("N"))),
    line(first("m"), power("2", num("8"), op("/"), num(String(config.heads))), num(short(2 ** (-8 / config.heads)))),
    line(
      id("s"),
      row(frac(row(bold("q"), op("·"), bold("k")), root(id("H"))), op("−"), sub(id("m"), id("h")), ...distance),
    ),
  ],
};

function norm(scene: Scene, short: Short): Node[] {
  const { station, trace, config, layer, row: here } = scene;
  const part = station.part;
  const own = part === null ? null : partOf(scene, part);
  const before =
    part === null || !own
      ? trace.decoder.output
      : own.norm_before
        ? streamOf(trace, station.side, layer, part).tensor
        : own.residual_after;
  const behind = own ? (own.norm_before ?? own.norm_after!) : trace.decoder.norm!;
  const x = rowOf(before, here);
  const [mean, deviation] = moments(config, x);
  const isRms = config.norm_kind === "rms";
  const bias = (node: Node) => (isRms ? [] : [op("+"), node]);
  const above = isRms ? num(short(x[0])) : row(num(short(x[0])), op("−"), num(short(mean), true));
  const result = num(short(behind.values[here * config.d_model]));
  const spread = isRms
    ? root(row(frac(ONE, id("D")), op("∑"), sup(sub(id("x"), id("d")), num("2")), op("+"), id("ε")))
    : root(row(sup(id("σ"), num("2")), op("+"), id("ε")));
  return [
    line(
      bold("y"),
      row(frac(isRms ? bold("x") : row(bold("x"), op("−"), id("μ")), spread), op("⊙"), id("γ"), ...bias(id("β"))),
    ),
    line(first("y"), row(frac(above, num(short(deviation))), op("·"), first("γ"), ...bias(first("β"))), result),
  ];
}

function qkv(scene: Scene, short: Short): Node[] {
  const isCross = scene.station.part === "cross_attention";
  const { query } = attentionOf(scene);
  const x = rowOf(readBy(scene, isCross ? "cross_attention" : "self_attention").tensor, scene.row);
  const { biases } = scene.config;
  const made = (name: string, matrix: string, from: string) =>
    line(
      bold(name),
      row(sub(bold("W"), id(matrix)), bold(from), ...(biases ? [op("+"), sub(bold("b"), id(matrix))] : [])),
    );
  const memory = isCross ? "m" : "x";
  const weight = (column: string) => sub(id("w"), row(ONE, op(","), num(column)));
  const terms = [
    row(weight("1"), op("·"), num(short(x[0]), true)),
    row(weight("2"), op("·"), num(short(x[1] ?? 0), true)),
    DOTS,
  ];
  return [
    made("q", "Q", "x"),
    made("k", "K", memory),
    made("v", "V", memory),
    line(
      first("q"),
      row(joined(terms, "+"), ...(biases ? [op("+"), first("b")] : [])),
      num(short(rowOf(query, scene.row, scene.head)[0])),
    ),
  ];
}

function scores(scene: Scene, short: Short): Node[] {
  const { config, head, row: here } = scene;
  const attention = attentionOf(scene);
  const width = config.d_model / config.heads;
  const shares = rowOf(attention.weights, head, here);
  const values = rowOf(attention.scores, head, here);
  const best = shares.reduce((best, share, key) => (share > shares[best] ? key : best), 0);
  const query = rowOf(attention.query_turned ?? attention.query, here, head);
  const key = rowOf(attention.key_turned ?? attention.key, best, shared(config, head));
  const name = (symbol: string) => sub(id(symbol), words(scene.columns[best]));
  const scaled = (above: Node, below: Node) => (attention.scale === 1 ? above : frac(above, root(below)));
  const slope = attention.slopes ? [op("−"), id("m"), ...distance] : [];
  const { places } = embeddingOf(scene);
  const away = attention.slopes
    ? [op("−"), num(short(attention.slopes[head])), op("·"), num(String(Math.abs(places[here] - places[best])))]
    : [];
  const raised = (score: number) => sup(id("e"), num(short(score)));
  const seen = Array.from(values).filter((score) => score !== -Infinity);
  const whole = seen.length <= 4 ? seen.map(raised) : [raised(seen[0]), raised(seen[1]), DOTS, raised(seen.at(-1)!)];
  return [
    line(
      name("s"),
      row(scaled(row(bold("q"), op("·"), name("k")), id("H")), ...slope),
      row(scaled(dots(query, key, short), num(String(width))), ...away),
      ...(slope.length ? [] : [scaled(num(short(products(config, attention, head, here)[best])), num(String(width)))]),
      num(short(values[best])),
    ),
    line(
      name("a"),
      frac(sup(id("e"), name("s")), row(op("∑"), sup(id("e"), sub(id("s"), id("j"))))),
      frac(raised(values[best]), joined(whole, "+")),
      num(short(shares[best])),
    ),
  ];
}

function mix(scene: Scene, short: Short): Node[] {
  const { weights, value, contexts } = attentionOf(scene);
  const shares = rowOf(weights, scene.head, scene.row);
  const group = shared(scene.config, scene.head);
  const values = scene.columns.map((_, key) => rowOf(value, key, group)[0]);
  return [
    line(bold("z"), row(op("∑"), sub(id("a"), id("j")), sub(bold("v"), id("j")))),
    line(first("z"), dots(shares, values, short), num(short(rowOf(contexts, scene.row, scene.head)[0]))),
  ];
}

function heads(scene: Scene, short: Short): Node[] {
  const { output } = attentionOf(scene);
  const { heads, biases } = scene.config;
  const head = (name: string) => sup(bold("z"), round(num(name)));
  const all =
    heads <= 3
      ? Array.from({ length: heads }, (_, at) => head(String(at + 1)))
      : [head("1"), head("2"), DOTS, head(String(heads))];
  const joinedHeads = row(op("["), joined(all, ";"), op("]"));
  return [
    line(bold("o"), row(sub(bold("W"), id("O")), joinedHeads, ...(biases ? [op("+"), sub(bold("b"), id("O"))] : []))),
    line(first("o"), num(short(rowOf(output, scene.row)[0]))),
  ];
}

function add(scene: Scene, short: Short): Node[] {
  const part = scene.station.part ?? "feed_forward";
  const own = partOf(scene, part);
  const x = rowOf(streamOf(scene.trace, scene.station.side, scene.layer, part).tensor, scene.row)[0];
  const found = rowOf(own.output, scene.row)[0];
  const result = num(short(rowOf(own.residual_after, scene.row)[0]));
  const name = {
    self_attention: "Attention",
    recurrence: "SSRU",
    cross_attention: "Attention",
    feed_forward: "FFN",
  }[part];
  const inside = own.norm_before ? row(words("Norm"), round(bold("x"))) : bold("x");
  const call = row(words(name), round(inside));
  if (!scene.config.experiment.residual) return [line(bold("x′"), call), line(first("x′"), result)];
  const sides = row(num(short(x)), op("+"), num(short(found), true));
  return [line(bold("x′"), row(bold("x"), op("+"), call)), line(first("x′"), sides, result)];
}

function feed(scene: Scene, short: Short): Node[] {
  const { up, gate, hidden, output } = feedForwardOf(scene);
  const { activation, biases } = scene.config;
  const of = (tensor: typeof up) => short(rowOf(tensor, scene.row)[0]);
  const linear = (matrix: string, from: Node) =>
    row(sub(bold("W"), id(matrix)), from, ...(biases ? [op("+"), sub(bold("b"), id(matrix))] : []));
  const bent = (inside: Node) =>
    activation === "relu"
      ? row(id("max"), round(num("0"), op(","), inside))
      : row(words(activation === "gelu" ? "GELU" : "SiLU"), round(inside));
  const lines = gate
    ? [
        line(bold("h"), row(words("SiLU"), round(linear("gate", bold("x"))), op("⊙"), round(linear("up", bold("x"))))),
        line(first("h"), row(words("SiLU"), round(num(of(gate))), op("·"), num(of(up), true)), num(of(hidden))),
      ]
    : [line(bold("h"), bent(linear("up", bold("x")))), line(first("h"), bent(num(of(up))), num(of(hidden)))];
  return [...lines, line(bold("y"), linear("down", bold("h"))), line(first("y"), num(of(output)))];
}

function logits(scene: Scene, short: Short): Node[] {
  const { decoder, steps } = scene.trace;
  const { chosen } = steps[scene.row];
  const h = rowOf(decoder.norm ?? decoder.output, scene.row);
  const name = words(chosen.piece.replaceAll("▁", "␣"));
  const weight = (column: string) => sub(id("E"), row(name, op(","), num(column)));
  const terms = [row(num(short(h[0])), op("·"), weight("1")), row(num(short(h[1] ?? 0)), op("·"), weight("2")), DOTS];
  const bias = scene.config.biases ? [op("+"), sub(id("b"), name)] : [];
  return [
    line(
      sub(id("ℓ"), name),
      row(bold("h"), op("·"), sub(bold("E"), name), ...bias),
      row(joined(terms, "+"), ...bias),
      num(short(chosen.logit)),
    ),
  ];
}

function next(scene: Scene, short: Short): Node[] {
  const { chosen, top } = scene.trace.steps[scene.row];
  const name = words(chosen.piece.replaceAll("▁", "␣"));
  const raised = (value: number) => sup(id("e"), num(short(value)));
  const all = [...top.slice(0, 3).map(({ logit }) => raised(logit)), DOTS];
  return [
    line(
      sub(id("p"), name),
      frac(sup(id("e"), sub(id("ℓ"), name)), row(op("∑"), sup(id("e"), sub(id("ℓ"), id("v"))))),
      frac(raised(chosen.logit), joined(all, "+")),
      num(short(chosen.probability)),
    ),
  ];
}
