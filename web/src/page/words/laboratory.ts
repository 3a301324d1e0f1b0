/** Words of the tokenizer laboratory. */

export const EN = {
  section_laboratory: "Tokenizer laboratory",
  lab_intro:
    "No model reads letters. A tokenizer cuts every text into pieces of its vocabulary, and the model sees their numbers and nothing else. Here is how it cuts the text in the box, any that is written there.",
  lab_text: "Text",
  lab_loading: "The tokenizers are being read …",
  lab_nothing: "Write a text first.",
  lab_refused: "This text cannot be cut:",
  lab_model: "this model",
  lab_source: "this model, source",
  lab_target: "this model, target",
  lab_making: "How the pieces come to be",
  lab_merging:
    "At the bottom are the smallest pieces. The rules are a list of pairs, learned from text: what stood side by side most often comes first. In each word the pair that is highest on the list is joined, again and again, until no pair is on it. What is not joined any more is what the model reads.",
  lab_moments: "Steps of the tokenizer",
  lab_step: "Step {n} of {all}",
  lab_smallest: "The text in its smallest pieces.",
  lab_merge: "rule {rank}",
  lab_now: "Pieces by now: {n}.",
  lab_begun: "Only the first {n} characters are played; the rest is cut in the same way.",
  lab_bytes: "Numbers in italics are the bytes of a letter that is no piece.",
} as const;

export const DE: Readonly<Record<keyof typeof EN, string>> = {
  section_laboratory: "Tokenizer-Labor",
  lab_intro:
    "Kein Modell liest Buchstaben. Ein Tokenizer schneidet jeden Text in Stücke seines Vokabulars, und das Modell sieht ihre Nummern und sonst nichts. Hier steht, wie er den Text im Feld schneidet, ganz gleich, was man hineinschreibt.",
  lab_text: "Text",
  lab_loading: "Die Tokenizer werden gelesen …",
  lab_nothing: "Zuerst einen Text schreiben.",
  lab_refused: "Dieser Text lässt sich nicht schneiden:",
  lab_model: "dieses Modell",
  lab_source: "dieses Modell, Quelle",
  lab_target: "dieses Modell, Ziel",
  lab_making: "Wie die Stücke entstehen",
  lab_merging:
    "Unten stehen die kleinsten Stücke. Die Regeln sind eine Liste von Paaren, gelernt aus Text: was am häufigsten nebeneinander stand, kommt zuerst. In jedem Wort wird das Paar verbunden, das in der Liste am weitesten vorn steht, immer wieder, bis kein Paar mehr darin vorkommt. Was nicht weiter verbunden wird, liest das Modell.",
  lab_moments: "Schritte des Tokenizers",
  lab_step: "Schritt {n} von {all}",
  lab_smallest: "Der Text in seinen kleinsten Stücken.",
  lab_merge: "Regel {rank}",
  lab_now: "Stücke bis jetzt: {n}.",
  lab_begun: "Nur die ersten {n} Zeichen werden gezeigt; der Rest wird ebenso geschnitten.",
  lab_bytes: "Kursive Zahlen sind die Bytes eines Buchstabens, der kein Stück ist.",
};
