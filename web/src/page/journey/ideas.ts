/** What a station says of its idea: a paragraph or some, in the words of the interface. */

import type { Step } from "../../model/alignment.ts";
import { targetVocabulary } from "../../model/architecture.ts";
import { row } from "../../model/places.ts";
import type { Words } from "../words.ts";
import type { Say } from "./names.ts";
import { type Scene, attentionOf, feedForwardOf } from "./scene.ts";

/** How numbers are written, and at which step of the decoder heads that align look for a piece. */
export interface Manner {
  readonly step: Step;
  readonly number: (value: number) => string; // a count
  readonly short: (value: number) => string;
}

/** Return the paragraphs of a station. */
export function ideas(scene: Scene, say: Say, { number, short, step }: Manner): string[] {
  const { config, station, rows, trace } = scene;
  const piece = rows[scene.row];
  const width = number(config.d_model);
  switch (station.kind) {
    case "pieces":
      return [say("idea_pieces", { count: number(config.vocab_size) })];
    case "embedding":
      return [say("idea_embedding", { width, count: number(config.vocab_size - 1) })];
    case "positions":
      return [say(POSITIONS[config.positions])];
    case "norm": {
      const kind = config.norm_kind === "rms" ? "idea_norm_rms" : "idea_norm_layer";
      const where = station.part === null ? "norm_last" : config.norm === "pre" ? "norm_pre" : "norm_post";
      return [say(kind), say(where)];
    }
    case "qkv": {
      const own = [say(station.part === "cross_attention" ? "idea_qkv_cross" : "idea_qkv")];
      if (config.key_value_heads !== null && config.key_value_heads < config.heads) own.push(say("qkv_shared"));
      return own;
    }
    case "scores": {
      const { scale, slopes, query_turned } = attentionOf(scene);
      const headWidth = number(config.d_model / config.heads);
      const own = [
        say("idea_scores", { piece }),
        scale === 1 ? say("scores_no_scale") : say("scores_scale", { width: headWidth }),
      ];
      if (query_turned) own.push(say("scores_turned"));
      if (slopes) own.push(say("scores_slope", { slope: short(slopes[scene.head]) }));
      if (station.side === "decoder" && station.part === "self_attention") own.push(say("scores_mask"));
      return own;
    }
    case "alignment":
      return [say(step === "receiving" ? "idea_alignment" : "idea_alignment_writing")];
    case "mix":
      return [say("idea_mix", { piece })];
    case "heads":
      return [say("idea_heads", { n: number(config.heads) })];
    case "gate":
      return [say("idea_gate", { piece })];
    case "state":
      return [say("idea_state", { width }), say("state_fades")];
    case "add":
      return [say(config.experiment.residual ? "idea_add" : "idea_add_none")];
    case "feed": {
      const inner = number(config.feed_forward);
      const on = row(feedForwardOf(scene).hidden, scene.row).filter((one) => one > 0).length;
      return [
        say("idea_feed", { inner, width }),
        say(`feed_${config.activation}`, config.activation === "relu" ? { piece, inner, on: number(on) } : {}),
      ];
    }
    case "memory":
      return [say("idea_memory"), ...(config.norm === "pre" ? [say("memory_norm")] : [])];
    case "start":
      return [say("idea_start", { piece, begin: rows[0] })];
    case "logits":
      return [
        say("idea_logits", { count: number(targetVocabulary(config)) }),
        say(config.tie === "none" ? "logits_own" : "logits_tied"),
      ];
    case "next":
      return [say("idea_next", { piece: trace.steps[scene.row].chosen.piece.replaceAll("▁", "␣"), end: "</s>" })];
  }
}

const POSITIONS: Readonly<Record<Scene["config"]["positions"], keyof Words>> = {
  sinusoidal: "idea_sinusoidal",
  table: "idea_sinusoidal", // of an imported model: waves that were stored
  learned: "idea_learned",
  rotary: "idea_rotary",
  alibi: "idea_alibi",
  none: "idea_none",
};
