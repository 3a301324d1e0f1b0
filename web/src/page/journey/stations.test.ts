import { describe, expect, it } from "vitest";
import { KINDS, boxes, stations } from "./stations.ts";

const ids = (norm: "pre" | "post" | "none") => stations({ norm }).map(({ id }) => id);

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
    const all = stations({ norm });
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    expect(all.every(({ id }) => /^[a-z-]{1,40}$/.test(id))).toBe(true);
    expect(new Set(all.map(({ kind }) => kind)).size).toBe(norm === "none" ? KINDS.length - 1 : KINDS.length);
    expect(boxes(all).flatMap(({ stations }) => stations)).toEqual(all);
    for (const { stations, box } of boxes(all)) expect(new Set(stations.map((one) => one.box))).toEqual(new Set([box]));
  });

  it("of one attention are one box", () => {
    const cross = boxes(stations({ norm: "pre" })).find(({ box }) => box === "cross_attention")!;
    expect(cross.stations.map(({ kind }) => kind)).toEqual(["qkv", "scores", "alignment", "mix", "heads"]);
  });
});
