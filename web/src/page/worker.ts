/**
 * What answers the page, in a thread of its own: it is read once, and translates what was asked last.
 *
 * Between two steps of a search it listens, so a text that is typed on puts an end to the search for the one before.
 * What else is asked of it is answered in between, one after the other.
 */

import type { Answering, Translate } from "./answering.ts";
import { answeringOf } from "./held.ts";
import type { Answer, Held, Question } from "./messages.ts";

type Asking = Extract<Question, { kind: "ask" }>;

let answering: Answering | null = null;
let wanted: Translate | null = null;
const asking: Asking[] = []; // in the order in which they came
let busy = false;

const say = (answer: Answer) => postMessage(answer);
const words = (error: unknown) => (error instanceof Error ? error.message : String(error));

onmessage = async ({ data }: MessageEvent<Question>) => {
  if (data.kind === "load") await load(data.held);
  else if (data.kind === "ask") asking.push(data);
  else wanted = data;
  if (answering && !busy) await work(answering);
};

async function load(held: Held): Promise<void> {
  try {
    answering = await answeringOf(held);
    say({ kind: "ready", model: answering.known });
  } catch (error) {
    say({ kind: "broken", message: words(error) });
  }
}

async function work(answering: Answering): Promise<void> {
  busy = true;
  while (wanted || asking.length) {
    if (!wanted) {
      await answer(answering, asking.shift()!);
      continue;
    }
    const now: Translate = wanted;
    wanted = null;
    try {
      const partial = (text: string) => say({ kind: "partial", id: now.id, text });
      const translated = await answering.translate(now, { stale: () => wanted !== null, partial });
      if (translated) say({ kind: "translated", id: now.id, translated });
    } catch (error) {
      say({ kind: "refused", id: now.id, message: words(error) });
    }
  }
  busy = false;
}

async function answer(answering: Answering, { id, ask, asked }: Asking): Promise<void> {
  try {
    say({ kind: "told", id, answer: await answering.ask(ask, asked) });
  } catch (error) {
    say({ kind: "untold", id, message: words(error) });
  }
}
