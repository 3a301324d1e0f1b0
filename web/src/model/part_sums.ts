/** Where a number of a feed-forward network, or of a recurrent cell, comes from, for `sums.ts`. */

import type { ModelConfig } from "./architecture.ts";
import { type Factor, type Term, type Way, constant, term } from "./sum.ts";

type Of = (name: string, ...at: number[]) => Factor; // a number of the same part
type Linear = (name: string) => readonly Term[]; // of a product with a matrix of the part

/** Return the way to a number of a network [L, F or D]; null for a name that it has not. */
export function networkWay(
  name: string,
  at: readonly number[],
  activation: ModelConfig["activation"],
  of: Of,
  linear: Linear,
): Way | null {
  switch (name) {
    case "up":
    case "gate":
      return ["linear", linear(name)];
    case "gated":
      return activation === "swiglu" ? ["activation", [term([of("gate", ...at)])], "silu"] : null;
    case "hidden":
      return activation === "swiglu"
        ? ["activation", [term([of("gated", ...at), of("up", ...at)])]]
        : ["activation", [term([of("up", ...at)])], activation];
    case "output":
      return ["linear", linear("down")];
    default:
      return null;
  }
}

/** Return the way to a number of a cell [L, D] (SSRU, Kim et al. 2019, section 3); null for a name that it has not. */
export function cellWay(name: string, at: readonly number[], of: Of, linear: Linear): Way | null {
  const [step, dimension] = at;
  switch (name) {
    case "input":
      return ["linear", linear("input")];
    case "forget":
      return ["gate", linear("forget"), "sigmoid"];
    case "rest":
      return ["rest", [term([constant("whole", 1)]), term([of("forget", ...at)], { minus: true })]];
    case "state": {
      const before = step ? of("state", step - 1, dimension) : constant("nothing", 0);
      return ["state", [term([of("forget", ...at), before]), term([of("rest", ...at), of("input", ...at)])]];
    }
    case "output":
      return ["activation", [term([of("state", ...at)])], "relu"];
    default:
      return null;
  }
}
