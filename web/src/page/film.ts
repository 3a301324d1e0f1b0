/** The film that `dragoman explain` put into this page, where it did. */

import { type Film, readFilm } from "../film/film.ts";
import { whole } from "./embedded.ts";

/** Return the film once the whole page has arrived; the promise breaks with an Error where there is none. */
export async function film(): Promise<Film> {
  await whole();
  const block = document.getElementById("film");
  if (!block?.textContent) throw new Error("this page holds no film; write one with dragoman explain");
  return readFilm(block.textContent);
}
