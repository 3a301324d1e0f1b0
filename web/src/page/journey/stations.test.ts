import { describe, expect, it } from "vitest";
import { KINDS, boxes, stations } from "./stations.ts";

const decoder_cell = "attention";
const ids = (norm: "pre" | "post" | "none") => stations({ norm, decoder_cell }).map(({ id }) => id);

describe("the stations", () => {
  it("have the norms where the model has them", () => {
    const of = (norm: "pre" | "post" | "none") => ids(norm).filter((id) => /^encoder-(self|feed)/.test(id));
    const attention = ["encoder-self-qkv", "encoder-self-scores", "encoder-self-mix", "encoder-self-heads"];
    expect(of("none")).toEqual([...attention, "encoder-self-add", "encoder-feed-feed", "encoder-feed-add"]);
    expect(of("post").slice(4, 6)).toEqual(["encoder-self-add", "encoder-self-norm"]);
    expect(of("pre").slice(0, 2)).toEqual(["encoder-self-norm", "encoder-self-qkv"]);
    expect(ids("pre")).toContain("decoder-norm");
    expect(ids("post")).not.toContain("decoder-norm");
  });

  it.each(["pre", "post", "none"] as const)("have names of their own, all kinds, and every one a box: %s", (norm) => {
    const all = stations({ norm, decoder_cell });
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    expect(all.every(({ id }) => /^[a-z-]{1,40}$/.test(id))).toBe(true);
    const missing = ["gate", "state", ...(norm === "none" ? ["norm"] : [])]; // the first two are those of cells
    expect(new Set(all.map(({ kind }) => kind))).toEqual(new Set(KINDS.filter((kind) => !missing.includes(kind))));
    expect(boxes(all).flatMap(({ stations }) => stations)).toEqual(all);
    for (const { stations, box } of boxes(all)) expect(new Set(stations.map((one) => one.box))).toEqual(new Set([box]));
  });

  it("are those of a cell where a decoder has cells", () => {
    const plain = ids("pre");
    const celled = stations({ norm: "pre", decoder_cell: "ssru" }).map(({ id }) => id);
    const cell = ["decoder-cell-norm", "decoder-cell-gate", "decoder-cell-state", "decoder-cell-add"];
    const first = plain.findIndex((id) => id.startsWith("decoder-self"));
    const rest = plain.filter((id) => !id.startsWith("decoder-self"));
    expect(celled).toEqual([...rest.slice(0, first), ...cell, ...rest.slice(first)]);
  });

  it("of one attention are one box", () => {
    const cross = boxes(stations({ norm: "pre", decoder_cell })).find(({ box }) => box === "cross_attention")!;
    expect(cross.stations.map(({ kind }) => kind)).toEqual(["qkv", "scores", "alignment", "mix", "heads"]);
  });
});
