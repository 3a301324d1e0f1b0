/** Whether the page is light or dark now, for what is painted and not styled. */

import { view } from "./view.svelte.ts";

const dark = matchMedia("(prefers-color-scheme: dark)");
let isDark = $state(dark.matches);
dark.addEventListener("change", () => (isDark = dark.matches));

export const theme = {
  get scheme(): "light" | "dark" {
    return view.theme === "auto" ? (isDark ? "dark" : "light") : view.theme;
  },
};
