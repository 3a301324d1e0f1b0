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
