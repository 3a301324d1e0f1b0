/** Words of the guided tour: what each step says. Those with gaps are filled with what is measured in the model. */

export const EN = {
  tour_start: "Guided tour",
  tour_count: "{n} of {count}",
  tour_end: "End of the tour",
  tour_back: "Back",
  tour_on: "On",
  tour_again: "Show the place",
  tour_measuring: "It is being measured in this model …",
  tour_refused: "It could not be measured:",
  tour_elsewhere: "Another sentence stands in the box now. To go on with that of the tour, let it show the place.",
  tour_blank: "Write a sentence into the box, and the tour speaks of it.",
  tour_recorded: "This page holds the record of one sentence, so the tour speaks of that one.",
  tour_language:
    "The tour has sentences of its own for German and English. This model translates others, so it takes the sentence in the box.",
  tour_weak: "The tour's own sentence would not show it in this model, so it takes the one in the box.",

  tour_translate_title: "One sentence in, one out",
  tour_translate:
    "Here is a sentence, and what this model makes of it. The amber behind a word says how unsure the model was when it wrote it.",
  tour_translate_claim: "It was least sure of “{least}”, to {low}, and surest of “{most}”, to {high}.",

  tour_pieces_title: "Text becomes pieces",
  tour_pieces:
    "A model does not read letters or words. It reads pieces, of which it knows a fixed number; all that goes in are their numbers.",
  tour_pieces_count:
    "This model knows {vocabulary} pieces; the {words} words of this sentence become {pieces} of them, with signs and the end.",
  tour_pieces_endless:
    "This model knows {vocabulary} pieces; the {words} words of this sentence become {pieces} of them, with signs.",
  tour_pieces_split: "“{word}” has no piece of its own and is put together: {parts}.",
  tour_pieces_whole: "Every word here is frequent enough to have one of its own.",

  tour_meaning_title: "A piece is a list of numbers",
  tour_meaning:
    "Training gave every piece a list of numbers, its vector. Pieces that are used alike get vectors alike, so on this map of all of them they lie together, as far as a flat map can show it.",
  tour_meaning_claim: "Here a vector has {width} numbers. The nearest to {piece} are {near}.",
  tour_meaning_words:
    "Here a vector has {width} numbers. Of the pieces that begin a word, {near} are nearest to {piece}.",

  tour_embedding_title: "A piece is a list of numbers",
  tour_embedding:
    "Training gave every piece a list of numbers, its vector. From here on the model knows nothing else of it.",
  tour_embedding_claim: "{piece} is row {row} of the table: {width} numbers, which begin with {first} and {second}.",

  tour_places_title: "Who stands where",
  tour_places:
    "“Dog bites man” is not “man bites dog”. But attention, which comes next, sees its pieces without any order.",
  tour_places_added: "So a pattern is added to each vector that is another one at every place.",
  tour_places_claim: "{piece} at place {place} gets {value} in dimension 1, {next} behind it {other}.",
  tour_places_rotary: "This model turns queries and keys like hands of a clock, the further the later a piece stands.",
  tour_places_turned:
    "{piece} stands at place {place}, counted from 0; there the quickest hand, the first, stands at {angle}°.",
  tour_places_alibi: "In this model a score loses something for every step between two pieces.",
  tour_places_none: "And this model is told nothing of places.",

  tour_look_title: "Words look at each other",
  tour_look:
    "In attention every piece looks at all others, and takes something from each. A head of attention says from which how much.",
  tour_look_pronoun:
    "Whom does “{from}” stand for? Look: head {head} of layer {layer} gives {share} of what it looks at to “{to}”.",
  tour_look_words: "Look: head {head} of layer {layer} gives {share} of what “{from}” looks at to “{to}”.",
  tour_look_alone: "This sentence has one word only; with a longer one there is more to see.",

  tour_heads_title: "Many heads, many questions",
  tour_heads:
    "One look is not enough: a verb wants its subject, an adjective its noun. So there are several heads side by side, and each looks for something else.",
  tour_heads_claim: "What the {heads} heads of layer {layer} look at most, for {piece}: {list}.",
  tour_heads_one: "{head}: “{piece}” {share}",

  tour_cut_title: "Take a head away",
  tour_cut:
    "Was that head needed? Here parts of the model can be switched off; what comes of it stands beside what the whole model says.",
  tour_cut_other: "Without head {head} of layer {layer} it says “{after}” instead of “{before}”.",
  tour_cut_same:
    "Without head {head} of layer {layer} the translation stays as it is, but the probability of {piece} goes from {before} to {after}.",
  tour_cut_little:
    "Without head {head} of layer {layer} next to nothing changes; most does {piece}, from {before} to {after}. Other heads do its work.",

  tour_stream_title: "What was found is added",
  tour_stream:
    "What attention found does not replace the vector of a piece: it is added to it. So nothing is lost, and each part writes only what is new.",
  tour_stream_claim:
    "The vector of {piece} has the length {before}, what is added {found}; its direction stays to {cosine}.",
  tour_stream_none: "This model was made without that: what was found takes the place of what was there.",

  tour_order_title: "Another language, another order",
  tour_order:
    "While it writes, the decoder looks back at the source. Each line goes from a word that is written to where it looked for it.",
  tour_order_crossed:
    "The lines cross: “{early}” is written before “{late}”, though it comes from “{early_source}”, which stands behind “{late_source}”. So says head {head} of layer {layer}.",
  tour_order_same: "In this sentence the words keep their order: no two lines of whole words cross.",

  tour_next_title: "One piece after the other",
  tour_next:
    "The model does not write a sentence, but one piece after the other. At each step all pieces of the vocabulary get a probability.",
  tour_next_claim: "At step {step}, where it is least sure, {first} gets {p} and {second} {q}.",
  tour_next_other:
    "At step {step}, where it is least sure, {first} gets {p} and {chosen} less; the search still took {chosen}, for what comes after it.",
  tour_next_temperature: "Move the temperature: a high one makes all of them more alike.",

  tour_lens_title: "Layer upon layer",
  tour_lens:
    "Every layer changes the numbers a little. Here one reads them as if it were the last: bold is what is written in the end.",
  tour_lens_claim:
    "Before the first layer {before} would come and {piece} be number {rank}; from layer {layer} of {layers} on {piece} comes first.",
  tour_lens_first: "In this sentence every piece comes first before any layer has done its work.",
  tour_lens_never:
    "{piece} is not even after the last of {layers} layers what comes first: the search took it for the sake of the whole sentence.",

  tour_mask_title: "Nobody looks ahead",
  tour_mask: "The decoder writes one piece after the other, so what comes later is not there yet.",
  tour_mask_cell:
    "This decoder needs no mask, for it does not look: a cell carries {width} numbers from step to step. In step {step} of {count}, {share} of them is what the step took in itself, the rest is left of the steps before.",
  tour_mask_claim:
    "A mask hides it. In step {step} of {count} it sees {seen} pieces; the {hidden} that come later get {share} together.",

  tour_cost_title: "What looking costs",
  tour_cost:
    "When all pieces look at all others, twice as many make four times as many looks. For a sentence that is nothing, for a book it is nearly all of the work.",
  tour_cost_claim:
    "In this model looking takes {few_share} of the multiply-adds for {few} pieces, {many_share} for {many}; twice as many pieces cost {times} times as much there.",

  tour_film_title: "How it was learned",
  tour_film:
    "Nobody told the model any of this. It began with random numbers and changed them a little after every batch of examples; play the film.",
  tour_film_claim: "“{text}”: after step {first} it said “{began}”, after step {last} “{ended}”.",

  tour_learned_title: "How it was learned",
  tour_learned:
    "Nobody told the model any of this. It began with random numbers and changed them a little after every batch of examples.",
  tour_learned_claim:
    "What it knows are {parameters} numbers, and here stands what it learned them from. Now go where you like.",
} as const;

export const DE: Readonly<Record<keyof typeof EN, string>> = {
  tour_start: "Führung",
  tour_count: "{n} von {count}",
  tour_end: "Ende der Führung",
  tour_back: "Zurück",
  tour_on: "Weiter",
  tour_again: "Stelle zeigen",
  tour_measuring: "Es wird in diesem Modell gemessen …",
  tour_refused: "Messen ließ es sich nicht:",
  tour_elsewhere:
    "Jetzt steht ein anderer Satz im Feld. Um mit dem der Führung fortzufahren, die Stelle zeigen lassen.",
  tour_blank: "Einen Satz in das Feld schreiben, dann spricht die Führung von ihm.",
  tour_recorded: "Diese Seite enthält die Aufzeichnung eines einzigen Satzes, also spricht die Führung von diesem.",
  tour_language:
    "Eigene Sätze hat die Führung für Deutsch und Englisch. Dieses Modell übersetzt andere Sprachen, also nimmt sie den Satz im Feld.",
  tour_weak: "An ihrem eigenen Satz könnte die Führung es in diesem Modell nicht zeigen, also nimmt sie den im Feld.",

  tour_translate_title: "Ein Satz hinein, einer heraus",
  tour_translate:
    "Hier steht ein Satz, und was dieses Modell daraus macht. Das Bernstein hinter einem Wort sagt, wie unsicher das Modell war, als es das Wort schrieb.",
  tour_translate_claim: "Am wenigsten sicher war es bei „{least}“, zu {low}, am sichersten bei „{most}“, zu {high}.",

  tour_pieces_title: "Aus Text werden Stücke",
  tour_pieces:
    "Ein Modell liest weder Buchstaben noch Wörter. Es liest Stücke, von denen es eine feste Zahl kennt; hinein gehen nur deren Nummern.",
  tour_pieces_count:
    "Dieses Modell kennt {vocabulary} Stücke; aus den {words} Wörtern dieses Satzes werden {pieces}, mit Zeichen und dem Ende.",
  tour_pieces_endless:
    "Dieses Modell kennt {vocabulary} Stücke; aus den {words} Wörtern dieses Satzes werden {pieces}, mit Zeichen.",
  tour_pieces_split: "„{word}“ hat kein eigenes Stück und wird zusammengesetzt: {parts}.",
  tour_pieces_whole: "Jedes Wort ist hier häufig genug, um ein eigenes zu haben.",

  tour_meaning_title: "Ein Stück ist eine Liste von Zahlen",
  tour_meaning:
    "Das Training gab jedem Stück eine Liste von Zahlen, seinen Vektor. Stücke, die ähnlich gebraucht werden, bekommen ähnliche Vektoren und liegen auf dieser Karte aller Stücke beieinander, soweit eine flache Karte das zeigen kann.",
  tour_meaning_claim: "Hier hat ein Vektor {width} Zahlen. Am nächsten bei {piece} liegen {near}.",
  tour_meaning_words:
    "Hier hat ein Vektor {width} Zahlen. Von den Stücken, die ein Wort beginnen, liegen {near} am nächsten bei {piece}.",

  tour_embedding_title: "Ein Stück ist eine Liste von Zahlen",
  tour_embedding:
    "Das Training gab jedem Stück eine Liste von Zahlen, seinen Vektor. Mehr weiß das Modell von hier an nicht davon.",
  tour_embedding_claim: "{piece} ist Zeile {row} der Tabelle: {width} Zahlen, die mit {first} und {second} beginnen.",

  tour_places_title: "Wer wo steht",
  tour_places:
    "„Hund beißt Mann“ ist nicht „Mann beißt Hund“. Aber Attention, die gleich kommt, sieht ihre Stücke ohne jede Ordnung.",
  tour_places_added: "Darum kommt zu jedem Vektor ein Muster, das an jeder Stelle ein anderes ist.",
  tour_places_claim: "{piece} an Stelle {place} bekommt {value} in Dimension 1, {next} dahinter {other}.",
  tour_places_rotary:
    "Dieses Modell dreht Queries und Keys wie Zeiger einer Uhr, umso weiter, je später ein Stück steht.",
  tour_places_turned:
    "{piece} steht an Stelle {place}, von 0 an gezählt; dort steht der schnellste Zeiger, der erste, auf {angle}°.",
  tour_places_alibi: "In diesem Modell verliert ein Score etwas für jeden Schritt zwischen zwei Stücken.",
  tour_places_none: "Und diesem Modell sagt niemand etwas von Stellen.",

  tour_look_title: "Wörter schauen aufeinander",
  tour_look:
    "In der Attention schaut jedes Stück auf alle anderen und nimmt von jedem etwas. Ein Kopf der Attention sagt, von welchem wie viel.",
  tour_look_pronoun:
    "Für wen steht „{from}“? Siehe da: Kopf {head} von Schicht {layer} gibt {share} seines Blicks an „{to}“.",
  tour_look_words: "Siehe da: Kopf {head} von Schicht {layer} gibt {share} von dem, was „{from}“ anschaut, an „{to}“.",
  tour_look_alone: "Dieser Satz hat nur ein Wort; an einem längeren ist mehr zu sehen.",

  tour_heads_title: "Viele Köpfe, viele Fragen",
  tour_heads:
    "Ein Blick genügt nicht: ein Verb sucht sein Subjekt, ein Adjektiv sein Substantiv. Darum gibt es mehrere Köpfe nebeneinander, und jeder sucht etwas anderes.",
  tour_heads_claim: "Was die {heads} Köpfe von Schicht {layer} für {piece} am meisten anschauen: {list}.",
  tour_heads_one: "{head}: „{piece}“ {share}",

  tour_cut_title: "Einen Kopf wegnehmen",
  tour_cut:
    "Wurde dieser Kopf gebraucht? Hier lassen sich Teile des Modells abschalten; was dabei herauskommt, steht neben dem, was das ganze Modell sagt.",
  tour_cut_other: "Ohne Kopf {head} von Schicht {layer} sagt es „{after}“ statt „{before}“.",
  tour_cut_same:
    "Ohne Kopf {head} von Schicht {layer} bleibt die Übersetzung, aber die Wahrscheinlichkeit von {piece} geht von {before} auf {after}.",
  tour_cut_little:
    "Ohne Kopf {head} von Schicht {layer} ändert sich fast nichts; am meisten {piece}, von {before} auf {after}. Andere Köpfe tun seine Arbeit.",

  tour_stream_title: "Gefundenes wird addiert",
  tour_stream:
    "Was Attention gefunden hat, ersetzt den Vektor eines Stücks nicht: es wird dazu addiert. So geht nichts verloren, und jeder Teil schreibt nur das Neue.",
  tour_stream_claim:
    "Der Vektor von {piece} hat die Länge {before}, was dazukommt {found}; seine Richtung bleibt zu {cosine}.",
  tour_stream_none: "Dieses Modell wurde ohne das gebaut: was gefunden wurde, ersetzt, was da war.",

  tour_order_title: "Andere Sprache, andere Ordnung",
  tour_order:
    "Beim Schreiben schaut der Decoder zurück in die Quelle. Jede Linie geht von einem geschriebenen Wort dorthin, wo er dafür hingeschaut hat.",
  tour_order_crossed:
    "Die Linien kreuzen sich: „{early}“ wird vor „{late}“ geschrieben, obwohl es von „{early_source}“ kommt, das hinter „{late_source}“ steht. So sagt es Kopf {head} von Schicht {layer}.",
  tour_order_same: "In diesem Satz behalten die Wörter ihre Ordnung: keine zwei Linien ganzer Wörter kreuzen sich.",

  tour_next_title: "Ein Stück nach dem anderen",
  tour_next:
    "Das Modell schreibt keinen Satz, sondern ein Stück nach dem anderen. Bei jedem Schritt bekommen alle Stücke des Vokabulars eine Wahrscheinlichkeit.",
  tour_next_claim: "In Schritt {step}, wo es am unsichersten ist, bekommt {first} {p} und {second} {q}.",
  tour_next_other:
    "In Schritt {step}, wo es am unsichersten ist, bekommt {first} {p} und {chosen} weniger; die Suche nahm trotzdem {chosen}, wegen dem, was danach kommt.",
  tour_next_temperature: "Die Temperatur bewegen: eine hohe macht alle einander ähnlicher.",

  tour_lens_title: "Schicht um Schicht",
  tour_lens:
    "Jede Schicht ändert die Zahlen ein wenig. Hier liest man sie, als wäre sie die letzte: fett ist, was am Ende geschrieben wird.",
  tour_lens_claim:
    "Vor der ersten Schicht käme {before}, und {piece} wäre Nummer {rank}; von Schicht {layer} von {layers} an kommt {piece} zuerst.",
  tour_lens_first: "In diesem Satz kommt jedes Stück zuerst, bevor eine Schicht etwas getan hat.",
  tour_lens_never:
    "{piece} kommt nicht einmal nach der letzten von {layers} Schichten zuerst: die Suche nahm es dem ganzen Satz zuliebe.",

  tour_mask_title: "Niemand schaut voraus",
  tour_mask: "Der Decoder schreibt ein Stück nach dem anderen, was später kommt, ist also noch nicht da.",
  tour_mask_cell:
    "Dieser Decoder braucht keine Maske, denn er schaut nicht: eine Zelle trägt {width} Zahlen von Schritt zu Schritt. In Schritt {step} von {count} hat der Schritt selbst {share} davon aufgenommen, der Rest ist von den Schritten davor übrig.",
  tour_mask_claim:
    "Eine Maske verbirgt es. In Schritt {step} von {count} sieht er {seen} Stücke; die {hidden}, die später kommen, bekommen zusammen {share}.",

  tour_cost_title: "Was Schauen kostet",
  tour_cost:
    "Schauen alle Stücke auf alle anderen, machen doppelt so viele viermal so viele Blicke. Bei einem Satz ist das nichts, bei einem Buch fast die ganze Arbeit.",
  tour_cost_claim:
    "In diesem Modell ist Schauen {few_share} der Multiplikationen bei {few} Stücken, {many_share} bei {many}; doppelt so viele Stücke kosten dort das {times}-Fache.",

  tour_film_title: "Wie es gelernt wurde",
  tour_film:
    "Nichts davon hat jemand dem Modell gesagt. Es begann mit zufälligen Zahlen und änderte sie nach jedem Bündel von Beispielen ein wenig; der Film zeigt es.",
  tour_film_claim: "„{text}“: nach Schritt {first} sagte es „{began}“, nach Schritt {last} „{ended}“.",

  tour_learned_title: "Wie es gelernt wurde",
  tour_learned:
    "Nichts davon hat jemand dem Modell gesagt. Es begann mit zufälligen Zahlen und änderte sie nach jedem Bündel von Beispielen ein wenig.",
  tour_learned_claim:
    "Was es weiß, sind {parameters} Zahlen, und hier steht, woraus es sie gelernt hat. Jetzt geht es weiter, wohin man mag.",
};
