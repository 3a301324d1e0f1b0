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
  lab_pieces: "Pieces: {n}",
  lab_more: "and {n} more",
  lab_unknown: "<unk>: {n}. What they were nobody can tell any more.",
  lab_lost: "The text does not come back exactly.",
  lab_lost_as: "What comes back is:",
  lab_lost_all: "Nothing comes back.",
  lab_unread: "The model's own tokenizer is of a kind that is not taken apart here ({kinds}). Here are others.",
  lab_weaknesses: "Where tokenizers are weak",
  lab_weaknesses_idea:
    "Known weaknesses, measured here and now: on the words of the text in the box where they help, on built-in texts where not. At each stands how well this one does: {name}. Below are all tokenizers of this page.",
  lab_good: "good",
  lab_fair: "fair",
  lab_poor: "poor",
  lab_not_ill: "{name}: not ill here.",
  lab_shown_by: "The example is of the one that is most ill here: {name}.",
  lab_is_fair: "{name}: a little ill here; this is where it does worst.",
  lab_is_poor: "{name}: ill here; this is where it does worst.",
  lab_try: "Into the box",
  lab_bounds: "Up to {good} is good, up to {fair} fair. These bounds are conventions, which sort weaknesses by weight.",
  lab_digits: "Numbers",
  lab_digits_title: "Numbers are cut unevenly",
  lab_digits_why:
    "One number is a single piece, its neighbour is two. So nothing says which digit stands for tens and which for hundreds, and digits are copied wrongly.",
  lab_digits_measure: "Measured: the share of numbers that are unknown, or cut unlike most others of their length.",
  lab_capitals: "CAPITALS",
  lab_capitals_title: "CAPITALS are other pieces",
  lab_capitals_why:
    "To a reader it is the same word. To a model, a word in CAPITALS shares no piece with the one that it knows, and often falls into letters.",
  lab_capitals_measure: "Measured: how many times as many pieces the words have in CAPITALS.",
  lab_spelling: "Spelling",
  lab_spelling_title: "One wrong letter, many pieces",
  lab_spelling_why:
    "A word that is one piece has no letters for a model. With two of them swapped it is another thing altogether, in many pieces that mean nothing.",
  lab_spelling_measure:
    "Measured: the share of words of four letters and more that are one piece, whose letters cannot be seen.",
  lab_blanks: "Blanks",
  lab_blanks_title: "A blank too many",
  lab_blanks_why:
    "A blank behind the text, or two where one would do: nobody sees it. It should be a piece more, change nothing else, and come back.",
  lab_blanks_measure:
    "Measured: the share of phrases in which a blank behind or a doubled one changes other pieces, or is lost.",
  lab_opening: "First words",
  lab_opening_title: "A word that opens a text is another one",
  lab_opening_why:
    "Some tokenizers take a word and the blank before it for one piece. Where a text begins there is no blank, so the same word is another piece there, which the model has seen far less often.",
  lab_opening_measure: "Measured: the share of words that are other pieces where they open a text than behind a blank.",
  lab_scripts: "Other scripts",
  lab_scripts_title: "Other scripts fall into bytes",
  lab_scripts_why:
    "The same sentence twice. A script that was not in the text from which the pieces were learned is spelled in two to four bytes a letter, or is unknown.",
  lab_scripts_measure:
    "Measured: pieces a letter, mean of one sentence in twelve scripts; an unknown piece counts as its bytes.",
  lab_emoji: "Emoji",
  lab_emoji_title: "Emoji are torn",
  lab_emoji_why:
    "One picture can be joined of several characters, of four bytes each. Where it is cut off in the middle, another picture comes out.",
  lab_emoji_measure: "Measured: pieces a picture; an unknown piece counts as its bytes.",
  lab_indentation: "Indentation",
  lab_indentation_title: "Blanks in front of a line",
  lab_indentation_why:
    "Where each blank is a piece, an indented line of a program costs its depth before it says anything.",
  lab_indentation_measure:
    "Measured: the share of a short program's pieces that its indentation takes; all where it is lost.",
  lab_structure: "JSON",
  lab_structure_title: "Quotes and braces",
  lab_structure_why:
    "The same record twice. In JSON, quotes and braces stand beside every word and are pieces that say nothing.",
  lab_structure_measure: "Measured: how many times as many pieces it has in JSON as in YAML.",
  lab_controls: "Control pieces",
  lab_controls_title: "Typed control pieces",
  lab_controls_why:
    "Inside a model </s> ends a sentence. Where somebody types these four characters, they must stay four characters; else anybody can cut a text off.",
  lab_controls_measure: "Measured: the share of typed control pieces that are obeyed.",
  lab_round_trip: "Round trip",
  lab_round_trip_title: "What does not come back",
  lab_round_trip_why:
    "From text to pieces and back it should be the same text. What the tokenizer has lost, no model can translate or copy.",
  lab_round_trip_measure:
    "Measured: the share of fragile texts that do not come back exactly, the one in the box among them.",
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
  lab_pieces: "Stücke: {n}",
  lab_more: "und {n} weitere",
  lab_unknown: "<unk>: {n}. Was dort stand, kann niemand mehr sagen.",
  lab_lost: "Der Text kommt nicht genau so zurück.",
  lab_lost_as: "Zurück kommt:",
  lab_lost_all: "Nichts kommt zurück.",
  lab_unread:
    "Der eigene Tokenizer des Modells ist von einer Art, die hier nicht zerlegt wird ({kinds}). Hier stehen andere.",
  lab_weaknesses: "Wo Tokenizer schwach sind",
  lab_weaknesses_idea:
    "Bekannte Schwächen, hier und jetzt gemessen: an den Wörtern des Textes im Feld, wo sie helfen, sonst an eingebauten Texten. Bei jeder steht, wie gut dieser hier abschneidet: {name}. Darunter stehen alle Tokenizer dieser Seite.",
  lab_good: "gut",
  lab_fair: "mäßig",
  lab_poor: "schlecht",
  lab_not_ill: "{name}: hier gesund.",
  lab_shown_by: "Das Beispiel ist von dem, der hier am kränksten ist: {name}.",
  lab_is_fair: "{name}: hier ein wenig krank; das Beispiel zeigt, wo am meisten.",
  lab_is_poor: "{name}: hier krank; das Beispiel zeigt, wo am meisten.",
  lab_try: "Ins Feld",
  lab_bounds:
    "Bis {good} ist gut, bis {fair} mäßig. Diese Grenzen sind Übereinkünfte, die Schwächen nach Gewicht ordnen.",
  lab_digits: "Zahlen",
  lab_digits_title: "Zahlen werden ungleich geschnitten",
  lab_digits_why:
    "Eine Zahl ist ein einziges Stück, die daneben zwei. So steht nirgends, welche Ziffer für Zehner und welche für Hunderter steht, und Ziffern werden falsch abgeschrieben.",
  lab_digits_measure:
    "Gemessen: der Anteil der Zahlen, die unbekannt sind oder anders geschnitten als die meisten von ihrer Länge.",
  lab_capitals: "GROSSBUCHSTABEN",
  lab_capitals_title: "GROSSBUCHSTABEN sind andere Stücke",
  lab_capitals_why:
    "Wer liest, sieht dasselbe Wort. Für ein Modell hat ein Wort in GROSSBUCHSTABEN kein Stück mit dem gemeinsam, das es kennt, und zerfällt oft in Buchstaben.",
  lab_capitals_measure: "Gemessen: wie viel Mal so viele Stücke die Wörter in GROSSBUCHSTABEN haben.",
  lab_spelling: "Rechtschreibung",
  lab_spelling_title: "Ein falscher Buchstabe, viele Stücke",
  lab_spelling_why:
    "Ein Wort, das ein einziges Stück ist, hat für ein Modell keine Buchstaben. Sind zwei davon vertauscht, ist es etwas ganz anderes, in vielen Stücken, die nichts bedeuten.",
  lab_spelling_measure:
    "Gemessen: der Anteil der Wörter ab vier Buchstaben, die ein Stück sind und deren Buchstaben niemand sieht.",
  lab_blanks: "Leerzeichen",
  lab_blanks_title: "Ein Leerzeichen zu viel",
  lab_blanks_why:
    "Ein Leerzeichen hinter dem Text, oder zwei, wo eines genügt: niemand sieht es. Es sollte ein Stück mehr sein, sonst nichts ändern und zurückkommen.",
  lab_blanks_measure:
    "Gemessen: der Anteil der Sätze, in denen ein Leerzeichen am Ende oder ein doppeltes andere Stücke ändert oder verloren geht.",
  lab_opening: "Erste Wörter",
  lab_opening_title: "Am Anfang ist ein Wort ein anderes",
  lab_opening_why:
    "Manche Tokenizer nehmen ein Wort und das Leerzeichen davor als ein Stück. Wo ein Text anfängt, steht kein Leerzeichen, und so ist dasselbe Wort dort ein anderes Stück, das das Modell viel seltener gesehen hat.",
  lab_opening_measure:
    "Gemessen: der Anteil der Wörter, die am Anfang eines Textes andere Stücke sind als hinter einem Leerzeichen.",
  lab_scripts: "Andere Schriften",
  lab_scripts_title: "Andere Schriften zerfallen in Bytes",
  lab_scripts_why:
    "Zweimal derselbe Satz. Eine Schrift, die in dem Text nicht vorkam, aus dem die Stücke gelernt sind, braucht zwei bis vier Bytes je Buchstabe oder ist unbekannt.",
  lab_scripts_measure:
    "Gemessen: Stücke je Buchstabe, Mittel eines Satzes in zwölf Schriften; ein unbekanntes Stück zählt wie seine Bytes.",
  lab_emoji: "Emoji",
  lab_emoji_title: "Emoji werden zerrissen",
  lab_emoji_why:
    "Ein einziges Bild kann aus mehreren Zeichen gefügt sein, jedes aus vier Bytes. Wo es in der Mitte abgeschnitten wird, kommt ein anderes Bild heraus.",
  lab_emoji_measure: "Gemessen: Stücke je Bild; ein unbekanntes Stück zählt wie seine Bytes.",
  lab_indentation: "Einrückung",
  lab_indentation_title: "Leerzeichen vor einer Zeile",
  lab_indentation_why:
    "Wo jedes Leerzeichen ein Stück ist, kostet eine eingerückte Programmzeile ihre Tiefe, ehe sie etwas sagt.",
  lab_indentation_measure:
    "Gemessen: der Anteil der Stücke eines kurzen Programms, die auf seine Einrückung gehen; alle, wo sie verloren geht.",
  lab_structure: "JSON",
  lab_structure_title: "Anführungszeichen und Klammern",
  lab_structure_why:
    "Zweimal dieselben Angaben. In JSON stehen Anführungszeichen und Klammern neben jedem Wort und sind Stücke, die nichts sagen.",
  lab_structure_measure: "Gemessen: wie viel Mal so viele Stücke sie in JSON haben wie in YAML.",
  lab_controls: "Steuerzeichen",
  lab_controls_title: "Getippte Steuerzeichen",
  lab_controls_why:
    "Im Innern eines Modells beendet </s> einen Satz. Wo jemand diese vier Zeichen tippt, müssen sie vier Zeichen bleiben; sonst kann jeder einen Text abschneiden.",
  lab_controls_measure: "Gemessen: der Anteil der getippten Steuerzeichen, denen gehorcht wird.",
  lab_round_trip: "Hin und zurück",
  lab_round_trip_title: "Was nicht zurückkommt",
  lab_round_trip_why:
    "Von Text zu Stücken und zurück sollte es derselbe Text sein. Was der Tokenizer verloren hat, kann kein Modell übersetzen oder abschreiben.",
  lab_round_trip_measure:
    "Gemessen: der Anteil heikler Texte, die nicht genau so zurückkommen, der im Feld mitgezählt.",
};
