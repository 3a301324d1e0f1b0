/**
 * A server that has the model, `dragoman serve`: it is asked for translations and traces. This is the one file that
 * sends anything anywhere, and only the policy of a page that a server gave lets it.
 *
 * What else is asked is answered by the model itself, which is fetched then, where it is small enough to travel.
 */

import type { Step } from "../model/alignment.ts";
import { isTable, parseJson } from "../model/settings.ts";
import { readTrace } from "../model/trace_json.ts";
import { type Answering, type Going, NOT_HERE, type Translate } from "./answering.ts";
import type { Ask, Asks } from "./asks.ts";
import { Living } from "./living.ts";
import type { Known, Translated } from "./messages.ts";
import { type RemoteKnown, type RemoteTranslated, knownOf, translatedOf } from "./remote.ts";

const BUSY = 503;
const AGAIN = 500; // ms after which a server that is busy is asked again
const TRIES = 20;

export class Server implements Answering {
  readonly known: Known;
  private living: Promise<Living> | null = null;

  constructor(
    private readonly address: string, // of the page
    known: RemoteKnown,
    private readonly step: Step,
    private readonly travels: boolean, // whether the model may be fetched
  ) {
    this.known = knownOf(known);
  }

  async translate({ text, options, to }: Translate, going: Going): Promise<Translated | null> {
    const begun = performance.now();
    const leaving = new AbortController();
    const watch = setInterval(() => going.stale() && leaving.abort(), 25);
    try {
      const answer = await this.post("v1/translate", { text, decode: options, to }, leaving.signal);
      if (going.stale()) return null;
      return translatedOf(parseJson(answer, "the answer") as RemoteTranslated, performance.now() - begun);
    } catch (error) {
      if (leaving.signal.aborted) return null;
      throw error;
    } finally {
      clearInterval(watch);
    }
  }

  async ask(ask: Ask, asked: Asks[Ask]["asked"]): Promise<Asks[Ask]["answer"]> {
    if (ask === "trace") {
      const { text, options } = asked as Asks["trace"]["asked"];
      return readTrace(await this.post("v1/trace", { ...options, text, packed: true }));
    }
    if (!this.travels) throw new Error(NOT_HERE);
    this.living ??= this.fetched();
    try {
      return await (await this.living).ask(ask, asked);
    } catch (error) {
      await this.living.catch(() => (this.living = null)); // what did not arrive is fetched again
      throw error;
    }
  }

  /** Return the model in files of the server. */
  private async fetched(): Promise<Living> {
    const file = async (name: string) => {
      const bytes = await (await this.said(`v1/model/${encodeURIComponent(name)}`)).arrayBuffer();
      return [name, new Uint8Array(bytes)] as const;
    };
    const manifest = await file("manifest.json");
    const table = parseJson(new TextDecoder().decode(manifest[1]), manifest[0]);
    const entries = isTable(table) && isTable(table["files"]) ? Object.entries(table["files"]) : [];
    const names = entries.flatMap(([name, entry]) =>
      name !== "card.md" && isTable(entry) ? [String(entry["path"])] : [],
    );
    return Living.of(new Map([manifest, ...(await Promise.all(names.map(file)))]), this.step);
  }

  private async post(path: string, asked: object, signal?: AbortSignal): Promise<string> {
    const headers = { "Content-Type": "application/json" };
    const request = { method: "POST", headers, body: JSON.stringify(asked), ...(signal ? { signal } : {}) };
    return (await this.said(path, request)).text();
  }

  /** Return what the server says; throws an Error with its own words where it refuses. */
  private async said(path: string, request: RequestInit = {}): Promise<Response> {
    for (let tries = 1; ; tries++) {
      let found: Response;
      try {
        found = await fetch(new URL(path, this.address), request);
      } catch (error) {
        if (request.signal?.aborted) throw error;
        throw new Error(`no answer from ${new URL(this.address).host}; is dragoman serve still running?`);
      }
      if (found.ok) return found;
      if (found.status !== BUSY || tries === TRIES) throw new Error(refusal(await found.text(), found.status));
      await new Promise((resolve) => setTimeout(resolve, AGAIN));
      request.signal?.throwIfAborted();
    }
  }
}

/** Return why a server refuses. */
function refusal(text: string, status: number): string {
  try {
    const found: unknown = JSON.parse(text);
    if (isTable(found) && typeof found["error"] === "string") return found["error"];
  } catch {
    // not one of its sentences
  }
  return `the server answered with status ${status}`;
}
