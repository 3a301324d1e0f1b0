/** Words of the tokenizer laboratory. */

export const EN = {
  section_laboratory: "Tokenizer laboratory",
  lab_intro:
    "No model reads letters. A tokenizer cuts every text into pieces of its vocabulary, and the model sees their numbers and nothing else. Here is how the text in the box is cut, any that is written there.",
  lab_text: "Text",
  lab_loading: "The tokenizers are being read …",
  lab_nothing: "Write a text first.",
  lab_refused: "This text cannot be cut:",
  lab_model: "This model",
  lab_source: "This model, source",
  lab_target: "This model, target",
  lab_making: "How the pieces come to be",
  lab_idea_bpe:
    "At the bottom are single letters. The rules are a list of pairs, learned from text: what stood side by side most often comes first. In each word the pair that is highest on the list is joined, again and again, until no pair is on it. What is not joined any more is what a model reads.",
  lab_idea_byte_bpe:
    "At the bottom are bytes, of which every letter is made, one for an English one, two to four for others. The rules are a list of pairs, learned from text: what stood side by side most often comes first. In each word the pair that is highest on the list is joined, again and again, until no pair is on it.",
  lab_idea_unigram:
    "Every piece has a probability, learned from text; here is its logarithm, which is below 0, and the nearer to 0 the likelier. Over the letters are all pieces that stand there. From the left to the right, the best way to each letter is kept: the one whose logarithms make the largest sum. Dashed pieces are on no best way; the framed ones are the best way as far as it has grown.",
  lab_idea_wordpiece:
    "Each word is looked up as a whole, then without its last letter, and so on, until something is in the vocabulary; then the rest in the same way. What goes on inside a word is written ##. A word of which some part is nowhere becomes <unk>, and is lost.",
  lab_idea_character:
    "Each letter is looked up by itself, and nothing is ever joined. A letter that is not in the vocabulary becomes its bytes.",
  lab_idea_word:
    "Each word is looked up as a whole, the blank in front of it included. One that is not in the vocabulary becomes <unk>, and is lost.",
  lab_which: "Tokenizer",
  lab_moments: "Steps of the tokenizer",
  lab_step: "Step {n} of {all}",
  lab_smallest: "Nothing has been done yet.",
  lab_merge: "rule {rank}",
  lab_found: "is in the vocabulary.",
  lab_missed: "is not in the vocabulary.",
  lab_becomes_unknown: "Nothing fits: the word becomes <unk>.",
  lab_becomes_bytes: "It is not in the vocabulary, and becomes the bytes",
  lab_reached: "The best way to this letter ends in",
  lab_now: "Pieces by now: {n}.",
  lab_way: "Pieces of the best way: {n}.",
  lab_begun: "Only the first {n} characters are played; the rest is cut in the same way.",
  lab_bytes: "Numbers in italics are the bytes of a letter that is no piece.",
  lab_families: "The same text, other tokenizers",
  lab_families_idea: "How differently texts can be cut, and what is lost on the way.",
  lab_from_phrasebook:
    "Those beside the model's own are small ones, learned from the phrasebook that comes with dragoman, English and German. The model cannot read their pieces.",
  lab_from_corpus:
    "Those beside the model's own are small ones, learned from a text that was given when this page was written. The model cannot read their pieces.",
  lab_vocabulary: "vocabulary of {n}",
  lab_pieces: "{n} pieces",
  lab_more: "and {n} more",
  lab_unknown: "<unk>: {n}. What they were nobody can tell any more.",
  lab_lost: "The text does not come back exactly.",
  lab_lost_as: "What comes back is:",
} as const;

export const DE: Readonly<Record<keyof typeof EN, string>> = {
  section_laboratory: "Tokenizer-Labor",
  lab_intro:
    "Kein Modell liest Buchstaben. Ein Tokenizer schneidet jeden Text in Stücke seines Vokabulars, und das Modell sieht ihre Nummern und sonst nichts. Hier steht, wie der Text im Feld geschnitten wird, ganz gleich, was man hineinschreibt.",
  lab_text: "Text",
  lab_loading: "Die Tokenizer werden gelesen …",
  lab_nothing: "Zuerst einen Text schreiben.",
  lab_refused: "Dieser Text lässt sich nicht schneiden:",
  lab_model: "Dieses Modell",
  lab_source: "Dieses Modell, Quelle",
  lab_target: "Dieses Modell, Ziel",
  lab_making: "Wie die Stücke entstehen",
  lab_idea_bpe:
    "Unten stehen einzelne Buchstaben. Die Regeln sind eine Liste von Paaren, gelernt aus Text: was am häufigsten nebeneinander stand, kommt zuerst. In jedem Wort wird das Paar verbunden, das in der Liste am weitesten vorn steht, immer wieder, bis kein Paar mehr darin vorkommt. Was nicht weiter verbunden wird, liest ein Modell.",
  lab_idea_byte_bpe:
    "Unten stehen Bytes, aus denen jeder Buchstabe besteht: ein englischer aus einem, andere aus zwei bis vier. Die Regeln sind eine Liste von Paaren, gelernt aus Text: was am häufigsten nebeneinander stand, kommt zuerst. In jedem Wort wird das Paar verbunden, das in der Liste am weitesten vorn steht, immer wieder, bis kein Paar mehr darin vorkommt.",
  lab_idea_unigram:
    "Jedes Stück hat eine Wahrscheinlichkeit, gelernt aus Text; hier steht ihr Logarithmus, der unter 0 liegt, und je näher an 0, desto wahrscheinlicher. Über den Buchstaben stehen alle Stücke, die dort passen. Von links nach rechts bleibt zu jedem Buchstaben der beste Weg: der, dessen Logarithmen die größte Summe haben. Gestrichelte Stücke liegen auf keinem besten Weg; die gerahmten sind der beste Weg, so weit er gewachsen ist.",
  lab_idea_wordpiece:
    "Jedes Wort wird als Ganzes nachgeschlagen, dann ohne seinen letzten Buchstaben und so weiter, bis etwas im Vokabular steht; danach der Rest ebenso. Was im Innern eines Worts weitergeht, beginnt mit ##. Ein Wort, von dem ein Teil nirgends steht, wird zu <unk> und ist verloren.",
  lab_idea_character:
    "Jeder Buchstabe wird für sich nachgeschlagen, und nichts wird je verbunden. Ein Buchstabe, der nicht im Vokabular steht, wird zu seinen Bytes.",
  lab_idea_word:
    "Jedes Wort wird als Ganzes nachgeschlagen, mit dem Leerzeichen davor. Eines, das nicht im Vokabular steht, wird zu <unk> und ist verloren.",
  lab_which: "Tokenizer",
  lab_moments: "Schritte des Tokenizers",
  lab_step: "Schritt {n} von {all}",
  lab_smallest: "Noch ist nichts geschehen.",
  lab_merge: "Regel {rank}",
  lab_found: "steht im Vokabular.",
  lab_missed: "steht nicht im Vokabular.",
  lab_becomes_unknown: "Nichts passt: das Wort wird zu <unk>.",
  lab_becomes_bytes: "Er steht nicht im Vokabular und wird zu den Bytes",
  lab_reached: "Der beste Weg zu diesem Buchstaben endet mit",
  lab_now: "Stücke bis jetzt: {n}.",
  lab_way: "Stücke des besten Wegs: {n}.",
  lab_begun: "Nur die ersten {n} Zeichen werden gezeigt; der Rest wird ebenso geschnitten.",
  lab_bytes: "Kursive Zahlen sind die Bytes eines Buchstabens, der kein Stück ist.",
  lab_families: "Derselbe Text, andere Tokenizer",
  lab_families_idea: "Wie verschieden sich Texte schneiden lassen, und was dabei verloren geht.",
  lab_from_phrasebook:
    "Die neben dem des Modells sind klein, gelernt aus dem Sprachführer, der zu dragoman gehört, Englisch und Deutsch. Ihre Stücke kann das Modell nicht lesen.",
  lab_from_corpus:
    "Die neben dem des Modells sind klein, gelernt aus einem Text, der angegeben war, als diese Seite geschrieben wurde. Ihre Stücke kann das Modell nicht lesen.",
  lab_vocabulary: "Vokabular von {n}",
  lab_pieces: "{n} Stücke",
  lab_more: "und {n} weitere",
  lab_unknown: "<unk>: {n}. Was dort stand, kann niemand mehr sagen.",
  lab_lost: "Der Text kommt nicht genau so zurück.",
  lab_lost_as: "Zurück kommt:",
};
