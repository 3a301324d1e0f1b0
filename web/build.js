// Builds the page without a model: one HTML file with its script and style inside, for src/dragoman/explain/page.py.
//
// The policy in its head names the script and the style by their sums, so nothing else is ever run; the model and the
// text are put in later, as data, and what a served page may ask.

import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { build } from "vite";

const WEB = dirname(fileURLToPath(import.meta.url));
const OUT = join(WEB, "..", "src", "dragoman", "explain", "page.html");

const { output } = await build({
  root: WEB,
  configFile: false,
  logLevel: "warn",
  plugins: [svelte({ configFile: false, compilerOptions: { fragments: "tree", css: "external" } })], // no innerHTML
  build: {
    write: false,
    cssCodeSplit: false,
    modulePreload: false,
    rolldownOptions: { input: join(WEB, "src/page/main.ts"), output: { format: "iife" } },
  },
});
const scripts = output.filter(({ type }) => type === "chunk");
const styles = output.filter(({ fileName }) => fileName.endsWith(".css"));
if (scripts.length !== 1 || styles.length !== 1 || output.length !== 2) {
  throw new Error(`one script and one style are wanted, not ${output.map(({ fileName }) => fileName).join(", ")}`);
}
// Inside its element a script must not seem to end it, nor to begin a comment.
const script = scripts[0].code.trim().replace(/<(?=\/script|!--|script)/gi, "\\x3C");
const style = String(styles[0].source).trim();
if (/<\/style/i.test(style)) throw new Error("the style holds </style");

const sum = (text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
const policy = [
  "default-src 'none'",
  `script-src ${sum(script)}`,
  `style-src ${sum(style)}`,
  "worker-src blob:{connect}",
  "img-src data:",
  "base-uri 'none'",
  "form-action 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types default",
].join("; ");

const skeleton = readFileSync(join(WEB, "src/page/page.html"), "utf-8");
const parts = { policy, style, script };
for (const name of ["policy", "title", "style", "facts", "script", "files"]) {
  if (skeleton.split(`{${name}}`).length !== 2) throw new Error(`{${name}} does not stand once in page.html`);
}
const page = skeleton.replace(/\{(policy|style|script)\}/g, (_, name) => parts[name]);
mkdirSync(dirname(OUT), { recursive: true });
writeFileSync(`${OUT}.tmp`, page);
renameSync(`${OUT}.tmp`, OUT);
