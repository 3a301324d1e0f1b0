/** Who answers, by where the model is. */

import type { Answering } from "./answering.ts";
import { bytes } from "./embedded.ts";
import { Living } from "./living.ts";
import type { Held } from "./messages.ts";
import { Recorded } from "./record.ts";
import { Server } from "./server.ts";

/** Return what answers the page; throws an Error where the model, or the record, is damaged. */
export async function answeringOf(held: Held): Promise<Answering> {
  switch (held.kind) {
    case "server":
      return new Server(held.address, held.known, held.step, held.travels);
    case "record":
      return Recorded.of(held.files, held.known);
    default: {
      const files = Object.entries(held.files).map(([name, base64]) => [name, bytes(base64)] as const);
      return Living.of(new Map(files), held.step);
    }
  }
}
