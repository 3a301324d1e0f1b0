/** The formulas of a station: first as the papers write it, then with this model's own numbers in it. */

// Shapes.  D model width, H head width, K rows that are looked at.

import { row as rowOf } from "../../model/places.ts";
import { frequency } from "../../model/positions.ts";
import { moments, products } from "./between.ts";
import { type Node, bold, frac, id, joined, num, op, root, round, row, sub, sup, words } from "./mathml.ts";
import { type Scene, attentionOf, embeddingOf, feedForwardOf, readBy, shared, streamOf } from "./scene.ts";

type Short = (value: number) => string;

const ONE = num("1"); // the first dimension stands for all
const DOTS = op("…");
const at = (name: string, ...index: readonly string[]) =>
  sub(
    id(name),
    joined(
      index.map((one) => num(one)),
      ",",
    ),
  );
const first = (name: string) => sub(id(name), ONE);

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

/** Return a = b = c ... */
function line(...sides: readonly Node[]): Node {
  return joined(sides, "=");
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

function positions(scene: Scene, short: Short): Node[] {
  const { config, row: line_ } = scene;
  const { places, rows, positions, sum, scale } = embeddingOf(scene);
  const place = String(places[line_]);
  const value = (values: Float32Array) => values[line_ * config.d_model];
  const lines: Node[] = [];
  if (config.positions === "sinusoidal") {
    const angle = (place: Node, pair: Node) => frac(place, sup(num("10000"), row(num("2"), pair, op("/"), id("D"))));
    lines.push(
      line(sub(id("p"), row(id("pos"), op(","), num("2"), id("i"))), row(id("sin"), round(angle(id("pos"), id("i"))))),
      line(
        sub(id("p"), row(id("pos"), op(","), num("2"), id("i"), op("+"), ONE)),
        row(id("cos"), round(angle(id("pos"), id("i")))),
      ),
      line(at("p", place, "0"), row(id("sin"), round(num(place))), num(short(value(positions!.values)))),
    );
  }
  if (positions) {
    const scaled =
      scale === 1
        ? num(short(value(rows.values)))
        : row(num(short(scale)), op("·"), num(short(value(rows.values)), true));
    return [
      ...lines,
      line(
        bold("x"),
        row(...(scale === 1 ? [] : [root(id("D")), op("·")]), bold("e"), op("+"), sub(bold("p"), id("pos"))),
      ),
      line(first("x"), row(scaled, op("+"), num(short(value(positions.values)), true)), num(short(value(sum.values)))),
    ];
  }
  const headWidth = config.d_model / config.heads;
  if (config.positions === "rotary") {
    const angle = places[line_] * frequency(1, headWidth);
    return [
      line(
        sub(id("θ"), id("i")),
        row(id("pos"), op("·"), sup(num("10000"), row(op("−"), num("2"), id("i"), op("/"), id("H")))),
      ),
      line(
        first("θ"),
        row(num(place), op("·"), sup(num("10000"), row(op("−"), num("2"), op("/"), num(String(headWidth))))),
        num(short(angle)),
      ),
      line(row(id("x′")), row(id("x"), id("cos"), id("θ"), op("−"), id("y"), id("sin"), id("θ"))),
      line(row(id("y′")), row(id("x"), id("sin"), id("θ"), op("+"), id("y"), id("cos"), id("θ"))),
    ];
  }
  if (config.positions !== "alibi") return [];
  const power = sup(num("2"), row(op("−"), num("8"), id("h"), op("/"), id("N")));
  const own = sup(num("2"), row(op("−"), num("8"), op("/"), num(String(config.heads))));
  return [
    line(sub(id("m"), id("h")), power),
    line(first("m"), own, num(short(2 ** (-8 / config.heads)))),
    line(
      id("s"),
      row(
        frac(row(bold("q"), op("·"), bold("k")), root(id("H"))),
        op("−"),
        sub(id("m"), id("h")),
        op("·"),
        op("|"),
        id("i"),
        op("−"),
        id("j"),
        op("|"),
      ),
    ),
  ];
}

function norm(scene: Scene, short: Short): Node[] {
  const { station, trace, config, layer, row: line_ } = scene;
  const part = station.part;
  const own = part === null ? null : part === "feed_forward" ? feedForwardOf(scene) : attentionOf(scene);
  const before =
    part === null || !own
      ? trace.decoder.output
      : own.norm_before
        ? streamOf(trace, station.side, layer, part).tensor
        : own.residual_after;
  const behind = own ? (own.norm_before ?? own.norm_after!) : trace.decoder.norm!;
  const x = rowOf(before, line_);
  const [mean, deviation] = moments(config, x);
  const isRms = config.norm_kind === "rms";
  const bias = (node: Node) => (isRms ? [] : [op("+"), node]);
  const above = isRms ? num(short(x[0])) : row(num(short(x[0])), op("−"), num(short(mean), true));
  const result = num(short(behind.values[line_ * config.d_model]));
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
  const { config, head, row: line_ } = scene;
  const attention = attentionOf(scene);
  const width = config.d_model / config.heads;
  const shares = rowOf(attention.weights, head, line_);
  const values = rowOf(attention.scores, head, line_);
  const best = shares.reduce((best, share, key) => (share > shares[best] ? key : best), 0);
  const query = rowOf(attention.query_turned ?? attention.query, line_, head);
  const key = rowOf(attention.key_turned ?? attention.key, best, shared(config, head));
  const name = (symbol: string) => sub(id(symbol), words(scene.columns[best]));
  const scaled = (above: Node, below: Node) => (attention.scale === 1 ? above : frac(above, root(below)));
  const slope = attention.slopes ? [op("−"), id("m"), op("·"), op("|"), id("i"), op("−"), id("j"), op("|")] : [];
  const { places } = embeddingOf(scene);
  const away = attention.slopes
    ? [op("−"), num(short(attention.slopes[head])), op("·"), num(String(Math.abs(places[line_] - places[best])))]
    : [];
  const raised = (score: number) => sup(id("e"), num(short(score)));
  const seen = Array.from(values).filter((score) => score !== -Infinity);
  const whole = seen.length <= 4 ? seen.map(raised) : [raised(seen[0]), raised(seen[1]), DOTS, raised(seen.at(-1)!)];
  return [
    line(
      name("s"),
      row(scaled(row(bold("q"), op("·"), name("k")), id("H")), ...slope),
      row(scaled(dots(query, key, short), num(String(width))), ...away),
      ...(slope.length ? [] : [scaled(num(short(products(config, attention, head, line_)[best])), num(String(width)))]),
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
  const own = part === "feed_forward" ? feedForwardOf(scene) : attentionOf(scene);
  const x = rowOf(streamOf(scene.trace, scene.station.side, scene.layer, part).tensor, scene.row)[0];
  const found = rowOf(own.output, scene.row)[0];
  const result = num(short(rowOf(own.residual_after, scene.row)[0]));
  const name = { self_attention: "Attention", cross_attention: "Attention", feed_forward: "FFN" }[part];
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
    activation === "relu" ? row(id("max"), round(num("0"), op(","), inside)) : row(words("GELU"), round(inside));
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
