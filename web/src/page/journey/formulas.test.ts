import { describe, expect, it } from "vitest";
import type { ModelConfig } from "../../model/architecture.ts";
import { tracedToy } from "../../model/toy_trace.ts";
import { DICTIONARIES, filled } from "../words.ts";
import { formulas } from "./formulas.ts";
import { ideas } from "./ideas.ts";
import { text } from "./mathml.ts";
import type { Say } from "./names.ts";
import { type Scene, sceneOf } from "./scene.ts";
import { stations } from "./stations.ts";

const VARIANTS: Record<string, Partial<ModelConfig>> = {
  default: {},
  paper: { norm: "post", activation: "gelu" },
  norm_none: { norm: "none", biases: false },
  modern: { norm_kind: "rms", activation: "swiglu", positions: "rotary", heads: 4, key_value_heads: 2 },
  alibi: { positions: "alibi", activation: "silu" },
  learned: { positions: "learned" },
  none: { positions: "none" },
  unscaled: { experiment: { residual: false, scale_scores: false, scale_embeddings: false } },
};

/** Return the scenes of all stations, at some row, head and layer. */
function scenes(settings: Partial<ModelConfig>): Scene[] {
  const { trace, config } = tracedToy(settings);
  return stations(config).map((station) => sceneOf(trace, config, station, { layer: 1, head: 1, step: 1, word: 2 }));
}

const written = (value: number) => value.toFixed(6).replace("-", "−");

/** Return the value of a side that is nothing but numbers; null for any other. */
function valued(side: string): number | null {
  const code = side
    .replaceAll("·", "*")
    .replaceAll("−", "-")
    .replaceAll("√", "Math.sqrt")
    .replaceAll("sin(", "Math.sin(")
    .replaceAll("max(", "Math.max(")
    .replace(/e\^\(/g, "Math.exp(")
    .replaceAll("^", "**");
  if (/[^\d\s.,+*/()-]/.test(code.replace(/Math\.\w+/g, ""))) return null;
  return Number(new Function(`return ${code.replace(/(?<=[+*(]|^)-([\d.]+)\*\*/g, "-1*$1**")}`)());
}

describe.each(Object.keys(VARIANTS))("the formulas of a model: %s", (name) => {
  const all = scenes(VARIANTS[name]);

  it("have numbers that come out right", () => {
    let count = 0;
    for (const scene of all) {
      for (const line of formulas(scene, written).map(text)) {
        expect(line, scene.station.id).not.toMatch(/NaN|undefined|∞/);
        const values = line.split("=").map(valued);
        const numbers = values.filter((value) => value !== null);
        for (const value of numbers) expect(value, `${scene.station.id}: ${line}`).toBeCloseTo(numbers.at(-1)!, 2);
        if (numbers.length > 1) count++;
      }
    }
    expect(count).toBeGreaterThan(10);
  });

  it("say what they mean in both languages", () => {
    for (const language of ["en", "de"] as const) {
      const say: Say = (word, gaps = {}) => filled(DICTIONARIES[language][word], gaps);
      for (const scene of all) {
        const said = ideas(scene, say, { number: String, short: written, step: "receiving" });
        expect(said.length).toBeGreaterThan(0);
        for (const one of said) expect(one).not.toMatch(/\{|undefined|NaN/);
      }
    }
  });
});
