/** What a language is called. A code comes from a model, so it may be any text. */

/** Return the name of a language in the language of the interface, or the code where it has none. */
export function nameOf(code: string, interfaceLanguage: string): string {
  try {
    return new Intl.DisplayNames([interfaceLanguage], { type: "language" }).of(code) ?? code;
  } catch {
    return code; // no code of a language
  }
}

/** Return the code where it may stand in a `lang` attribute, else nothing: unknown. */
export function tagOf(code: string | undefined): string {
  try {
    return code === undefined ? "" : (Intl.getCanonicalLocales(code)[0] ?? "");
  } catch {
    return "";
  }
}

/** Return which language is translated into: as wanted, else the model's first; and what the model must be told of it. */
export function targetOf(directions: readonly (readonly [string, string])[], wanted: string | null) {
  const targets = [...new Set(directions.map(([, target]) => target))];
  const target = targets.find((code) => code === wanted) ?? targets[0];
  return { targets, target, to: targets.length > 1 ? target : null }; // a model of one direction is not told which
}
