/** Words of what the model is. */

export const EN = {
  section_model: "The model",
  model_name: "Name",
  model_languages: "Languages",
  model_shape: "Shape",
  model_shape_is:
    "Transformer, {encoder} + {decoder} layers (encoder + decoder), width {width}, {heads} heads, feed-forward width {inner}",
  model_parameters: "Parameters",
  model_bytes: "Weights",
  model_bytes_are: "{megabytes} MB, whole numbers of 8 bits with a scale for each row",
  model_bytes_as: "{megabytes} MB as whole numbers of 8 bits with a scale for each row; not in this page",
  model_tokenizers: "Tokenizers",
  model_tokenizer_is: "{kind}, {pieces} pieces",
  model_data: "Data and licence",
  model_no_licence: "Its card names no licence: ask who trained it before you pass it on.",
  model_made: "Page written by",
  model_card: "The card that came with the model",
  model_elsewhere: "What this translator is, and whose the sentences are that it learned from.",
  model_intro: "This page holds a whole translator: what it is, and whose the sentences are that it learned from.",
} as const;

export const DE: Readonly<Record<keyof typeof EN, string>> = {
  section_model: "Das Modell",
  model_name: "Name",
  model_languages: "Sprachen",
  model_shape: "Bau",
  model_shape_is:
    "Transformer, {encoder} + {decoder} Schichten (Encoder + Decoder), Breite {width}, {heads} Köpfe, innere Breite {inner}",
  model_parameters: "Parameter",
  model_bytes: "Gewichte",
  model_bytes_are: "{megabytes} MB, ganze Zahlen von 8 Bit mit einem Faktor für jede Zeile",
  model_bytes_as: "{megabytes} MB als ganze Zahlen von 8 Bit mit einem Faktor für jede Zeile; nicht in dieser Seite",
  model_tokenizers: "Tokenizer",
  model_tokenizer_is: "{kind}, {pieces} Stücke",
  model_data: "Daten und Lizenz",
  model_no_licence: "Die Karte nennt keine Lizenz: vor dem Weitergeben fragen, wer es trainiert hat.",
  model_made: "Seite geschrieben von",
  model_card: "Die Karte, die zum Modell gehört",
  model_elsewhere: "Was dieser Übersetzer ist, und von wem die Sätze sind, aus denen er gelernt hat.",
  model_intro:
    "Diese Seite enthält einen ganzen Übersetzer: was er ist, und von wem die Sätze sind, aus denen er gelernt hat.",
};
