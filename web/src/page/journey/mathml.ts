/** Formulas as plain data, which `parts/journey/Formula.svelte` writes as MathML. */

export type Node =
  | { readonly tag: "mi" | "mn" | "mo" | "mtext"; readonly text: string; readonly bold?: boolean }
  | { readonly tag: "mrow" | "mfrac" | "msqrt" | "msub" | "msup"; readonly of: readonly Node[] };

export const id = (text: string): Node => ({ tag: "mi", text });
export const bold = (text: string): Node => ({ tag: "mi", text, bold: true }); // a vector or a matrix
export const op = (text: string): Node => ({ tag: "mo", text });
export const words = (text: string): Node => ({ tag: "mtext", text });
export const row = (...of: readonly Node[]): Node => ({ tag: "mrow", of });
export const frac = (above: Node, below: Node): Node => ({ tag: "mfrac", of: [above, below] });
export const root = (inside: Node): Node => ({ tag: "msqrt", of: [inside] });
export const sub = (base: Node, below: Node): Node => ({ tag: "msub", of: [base, below] });
export const sup = (base: Node, above: Node): Node => ({ tag: "msup", of: [base, above] });
export const round = (...of: readonly Node[]): Node => row(op("("), ...of, op(")"));

/** Return a number as it is written; one below 0 in brackets where it follows a sign. */
export function num(text: string, follows = false): Node {
  const node: Node = { tag: "mn", text };
  return follows && text.startsWith("−") ? round(node) : node;
}

/** Return the nodes with a sign between each two. */
export function joined(nodes: readonly Node[], sign: string): Node {
  return row(...nodes.flatMap((node, at) => (at ? [op(sign), node] : [node])));
}

/** Return what a formula says, as one line of text. */
export function text(node: Node): string {
  if ("text" in node) return node.text;
  const parts = node.of.map(text);
  if (node.tag === "mfrac") return `(${parts[0]})/(${parts[1]})`;
  if (node.tag === "msqrt") return `√(${parts[0]})`;
  if (node.tag === "msub") return `${parts[0]}_${parts[1]}`;
  return node.tag === "msup" ? `${parts[0]}^(${parts[1]})` : parts.join("");
}

/** Writes a number that a formula shows. */
export type Short = (value: number) => string;

export const ONE = num("1"); // the first dimension stands for all
export const DOTS = op("…");
export const at = (name: string, ...index: readonly string[]): Node =>
  sub(
    id(name),
    joined(
      index.map((one) => num(one)),
      ",",
    ),
  );
export const first = (name: string): Node => sub(id(name), ONE);

/** Return a = b = c ... */
export function line(...sides: readonly Node[]): Node {
  return joined(sides, "=");
}
