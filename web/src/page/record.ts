/** A record: one translation and its trace, in the page of a model that is too large to be in it. */

import { decodeOptions, sampling, width } from "../model/options.ts";
import { parseJson } from "../model/settings.ts";
import { readTrace } from "../model/trace_json.ts";
import type { Trace } from "../model/trace_types.ts";
import type { TraceOptions } from "../model/trace.ts";
import { type Answering, NOT_HERE, type Translate } from "./answering.ts";
import type { Ask, Asks } from "./asks.ts";
import { bytes } from "./embedded.ts";
import type { Known, Translated } from "./messages.ts";
import { type RemoteKnown, type RemoteTranslated, knownOf, translatedOf } from "./remote.ts";

export const TRANSLATED = "translated.json.zz";
export const TRACE = "trace.json.zz";

/** Why another text, or another search, cannot be had; the page says it in its own language beside it. */
const OTHER = "this page holds the record of one translation; dragoman serve translates and traces others";

export class Recorded implements Answering {
  readonly known: Known;
  private trace: Promise<Trace> | null = null;

  private constructor(
    private readonly translated: RemoteTranslated,
    private readonly packed: string, // the trace, base64 of what is compressed
    known: RemoteKnown,
  ) {
    this.known = knownOf(known);
  }

  /** Return the record in these files. */
  static async of(files: Readonly<Record<string, string>>, known: RemoteKnown): Promise<Recorded> {
    const { [TRANSLATED]: translated, [TRACE]: trace } = files;
    if (translated === undefined || trace === undefined) throw new Error("this page holds no record; write it anew");
    return new Recorded(parseJson(await unpacked(translated), TRANSLATED) as RemoteTranslated, trace, known);
  }

  async translate({ text, options, to }: Translate): Promise<Translated> {
    this.refuseOther(text, { decode: options, ...(to === null ? {} : { to }) });
    return translatedOf(this.translated, 0);
  }

  async ask(ask: Ask, asked: Asks[Ask]["asked"]): Promise<Asks[Ask]["answer"]> {
    if (ask !== "trace") throw new Error(NOT_HERE);
    const { text, options } = asked as Asks["trace"]["asked"];
    this.refuseOther(text, options);
    this.trace ??= unpacked(this.packed).then(readTrace);
    const trace = await this.trace;
    if (options.target !== undefined && options.target !== trace.translation) throw new Error(OTHER);
    return trace;
  }

  /** Refuse what the record is not of; how many ways are wanted, and how many pieces of each step, is no matter. */
  private refuseOther(text: string, { decode = {}, to }: TraceOptions): void {
    const own = this.known.decode;
    const wanted = decodeOptions({ ...decode, n_best: 1 }, { ...own, ...(draws(decode) ? { beam: null } : {}) });
    const same =
      text === this.translated.text &&
      (to === undefined || to === this.known.directions[0]?.[1]) &&
      width(wanted) === width(own) &&
      sampling(wanted) === sampling(own) &&
      SEARCH.every((name) => wanted[name] === own[name]);
    if (!same) throw new Error(OTHER);
  }
}

const SEARCH = ["penalty", "alpha", "temperature", "top_k", "top_p", "seed", "min_length", "max_length"] as const;

function draws({ temperature, top_k, top_p }: NonNullable<TraceOptions["decode"]>): boolean {
  return (temperature ?? top_k ?? top_p ?? null) !== null;
}

/** Return the text that deflate packed and base64 carries. */
async function unpacked(base64: string): Promise<string> {
  const stream = new Blob([bytes(base64)]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Response(stream).text();
}
