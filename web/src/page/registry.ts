/** Which component shows which section. */

import type { Component } from "svelte";
import Cost from "../sections/Cost.svelte";
import Deeper from "../sections/Deeper.svelte";
import Journey from "../sections/Journey.svelte";
import Film from "../sections/Film.svelte";
import Laboratory from "../sections/Laboratory.svelte";
import Model from "../sections/Model.svelte";
import Softmax from "../sections/Softmax.svelte";
import Surgery from "../sections/Surgery.svelte";
import Translate from "../sections/Translate.svelte";
import type { Name } from "./sections.ts";

export const SECTIONS: Readonly<Record<Name, Component>> = {
  translate: Translate,
  journey: Journey,
  softmax: Softmax,
  deeper: Deeper,
  film: Film,
  surgery: Surgery,
  cost: Cost,
  laboratory: Laboratory,
  model: Model,
};
