/** What a tokenizer makes of a text, in numbers that can be laid side by side. */

import { UNK } from "../../model/spelling.ts";
import type { Tokenizer } from "../../model/tokenizer.ts";

export interface Cut {
  readonly ids: readonly number[];
  readonly pieces: readonly string[];
  readonly unknown: number; // pieces that are <unk>
  readonly restored: string | null; // what comes back, where it is another text
}

/** Cut a text; throws an Error for one that is none. */
export function cut(tokenizer: Tokenizer, text: string): Cut {
  const ids = tokenizer.encode(text);
  const restored = tokenizer.decode(ids);
  return {
    ids,
    pieces: ids.map((id) => tokenizer.pieces[id]),
    unknown: ids.reduce((count, id) => count + Number(id === UNK), 0),
    restored: restored === text ? null : restored,
  };
}
