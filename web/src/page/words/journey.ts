/** Words of the journey: what each station says. */

export const EN = {
  section_journey: "The journey",
  journey_intro: "One sentence, and every number on its way through this model, from the text to the next word.",
  journey_sentence: "Sentence",
  journey_map: "The way through the model",
  journey_map_open: "Where we are: {station}",
  journey_layers: "× {n} layers",
  journey_one_layer: "1 layer",
  journey_encoder: "Encoder",
  journey_decoder: "Decoder",
  journey_inside: "Stations in this part",
  journey_steps: "From station to station",
  journey_back: "Back",
  journey_on: "On",
  journey_place: "{n} of {count}",
  journey_working: "The numbers are being computed …",
  journey_nothing: "Write a sentence above; then its way through the model is shown.",
  journey_refused: "There is nothing to show:",
  journey_layer: "Layer",
  journey_head: "Head",
  journey_word: "Piece of the source",
  journey_step: "Step of the decoder",
  journey_step_is: "Step {n} of {count}: reads {piece}, writes {next}",
  journey_step_back: "One step back",
  journey_step_on: "One step on",
  journey_open: "Show what this number is the sum of",
  journey_number_none: "What a number is the sum of needs the weights, and those are not in this page.",
  journey_number_hint: "Click on any number: what it is the sum of, down to the weights.",

  box_text: "Text",
  box_embedding: "Embedding",
  box_positions: "Positions",
  box_norm: "Norm",
  box_self_attention: "Self-attention",
  box_masked: "Masked attention",
  box_recurrence: "Recurrent cell",
  box_cross_attention: "Cross-attention",
  box_feed_forward: "Feed-forward",
  box_add: "Add",
  box_memory: "Memory",
  box_start: "Written so far",
  box_logits: "Logits",
  box_next: "Next piece",

  station_pieces: "Text becomes pieces",
  idea_pieces:
    "A model knows neither letters nor words. It knows {count} pieces, chosen before training because they are frequent. A frequent word is one piece, a rare one is put together from several. The number of each piece is all that goes in.",
  pieces_blank: "␣ is the blank in front of a word; {end} ends the sentence.",
  pieces_no_end: "␣ is the blank in front of a word. This model reads no mark for the end of a sentence.",
  pieces_merges: "How {word} came together: the most frequent pair of neighbours first",
  pieces_rank: "merge {n}",
  pieces_best: "The most likely way to cut the sentence",
  pieces_plain: "This tokenizer ({kind}) cuts in one step.",
  pieces_number: "Number in the vocabulary",

  station_embedding: "A piece becomes a vector",
  idea_embedding:
    "The number of a piece picks a row of a large table: {width} numbers that training found for this piece. One may also say that the table is multiplied by a vector that is 1 at this piece and 0 at all {count} others: one-hot.",
  embedding_onehot: "one-hot",
  embedding_row: "row {n} of the table",
  embedding_scaled: "times √{width} = {scale}",
  embedding_all: "All pieces of the sentence",

  station_positions: "Where a piece stands",
  idea_sinusoidal:
    "Attention by itself cannot tell what stands first. So a pattern is added to every vector that is another one at every place: a wave in each dimension, quick in the first ones, slower and slower towards the last. Point at a dimension to see its wave.",
  idea_learned:
    "Attention by itself cannot tell what stands first. So a vector is added for every place, which training found, as it found those of the pieces. Point at a dimension to see how it goes from place to place.",
  idea_rotary:
    "Attention by itself cannot tell what stands first. This model adds nothing for that: in every layer it turns queries and keys, two dimensions at a time, like the hands of clocks, the further the later a piece stands. What a query and a key then have in common depends on how far apart they are.",
  idea_alibi:
    "Attention by itself cannot tell what stands first. This model adds nothing to the vectors for that: in every layer a score loses something for each step between two pieces. Every head has a slope of its own; steep ones look near, flat ones look far.",
  idea_none:
    "This model is told nothing of where a piece stands. The encoder sees its pieces as a bag; the decoder can tell a little, since each step sees one piece more than the one before.",
  positions_wave: "Dimension {n} from place to place",
  positions_added: "for the place",
  positions_sum: "their sum, which goes on",
  positions_clock: "dimensions {one} and {two}: {angle}° at place {place}",
  positions_slope: "head {n}: {slope} a step",
  positions_all: "The patterns of all places",

  station_norm: "Brought to one size",
  idea_norm_layer:
    "Whatever came before, the numbers of a vector get the mean 0 and the spread 1, each vector by itself; then a weight and a bias for each dimension, which training found, stretch and move them.",
  idea_norm_rms:
    "Whatever came before, the numbers of a vector are divided by their size, each vector by itself; then a weight for each dimension, which training found, stretches them.",
  norm_pre: "In this model it stands in front of each part; what flows past the part stays as it is.",
  norm_post: "In this model, as in the paper, it stands behind the addition.",
  norm_last: "This one stands behind the last layer, once.",
  norm_in: "before",
  norm_mean: "mean",
  norm_deviation: "spread",
  norm_size: "size",
  norm_out: "after",

  station_qkv: "A question, a label, a content",
  idea_qkv:
    "From the vector of every piece three shorter ones are made. The query says what the piece looks for, the key what it can be found by, the value what it gives to those who look at it. Every head makes its own.",
  idea_qkv_cross:
    "Now the translation looks into the source. The query comes from what is written so far; keys and values come from the memory, so from the source.",
  qkv_query: "query",
  qkv_key: "key",
  qkv_value: "value",
  qkv_read: "what it reads",
  qkv_shared: "Several heads of this model share keys and values.",
  qkv_all: "Keys and values of all pieces, head {n}",

  short_qkv: "q, k, v",
  short_scores: "Scores",
  short_alignment: "Alignment",
  short_mix: "Weighted sum",
  short_heads: "All heads",
  short_gate: "Forget gate",
  short_state: "State",

  station_scores: "Who looks at whom",
  idea_scores:
    "The query of {piece} is multiplied with the key of every piece: the more alike, the higher the score. Softmax turns scores into shares that add up to one.",
  scores_scale:
    "A product of {width} pairs grows with their number; divided by √{width}, scores stay where softmax can still weigh them against each other.",
  scores_no_scale: "This model does not scale its scores.",
  scores_mask: "What comes later is masked: when a piece is written, it is not there yet.",
  scores_slope: "For each step of distance the score loses {slope}.",
  scores_turned: "Query and key have been turned by their places.",
  scores_product: "q · k",
  scores_scaled: "scaled",
  scores_masked: "masked",
  scores_power: "e^(s − max)",
  scores_share: "share",
  scores_matrix: "All pieces of this head: rows look at columns",
  scores_of: "share of {column} in what {row} looks at",

  station_alignment: "Two sentences, one beside the other",
  idea_alignment:
    "Each line is a share of attention: from a piece of the translation, at the right, to the piece of the source that this head looks at while the decoder reads it.",
  idea_alignment_writing:
    "Each line is a share of attention: from a piece of the translation, at the right, to the piece of the source that this head looks at while the decoder looks for what to write.",
  alignment_heads: "Heads of this model that tell which words belong together:",
  alignment_head: "layer {layer}, head {head}",

  station_mix: "Values in these shares",
  idea_mix:
    "{piece} takes of every value its share. What comes together is what this head found for it: a mixture of what it looked at.",
  mix_sum: "together",

  station_heads: "Several heads at once",
  idea_heads:
    "{n} heads do this side by side, each with matrices of its own, so each may look for something else. What they found is put end to end, and one more matrix makes a vector of it that can be added to what was there.",
  heads_one: "head {n}",
  heads_joined: "end to end",
  heads_out: "after the matrix",

  station_add: "Added to what was there",
  idea_add:
    "What was found is added to the vector that came in. Nothing is lost, and a part has to learn only what is to change. This stream runs through the whole model, from the embedding to the last layer; each part reads it and writes into it.",
  idea_add_none: "This model has no residual stream: what was found takes the place of what came in.",
  add_before: "came in",
  add_found: "found",
  add_after: "goes on",
  add_sizes: "Length {before}, with {found} added: {after}. The direction stays to {cosine}.",

  station_feed: "Each piece by itself",
  idea_feed:
    "So far pieces looked at each other; now every vector goes alone through a small network: up to {inner} numbers, through a bend, and back to {width}. Much of what a model knows by heart lies here.",
  feed_relu: "The bend: what is below 0 becomes 0. Of {piece}, {on} of {inner} stay on.",
  feed_gelu: "The bend: what is far below 0 becomes nearly 0, the rest stays (GELU).",
  feed_swiglu: "The bend: a second product decides how far the first one passes (SwiGLU).",
  feed_silu: "The bend: what is far below 0 becomes nearly 0, the rest stays (SiLU).",
  feed_up: "up",
  feed_gate: "gate",
  feed_hidden: "after the bend",
  feed_down: "back down",

  station_memory: "The memory",
  idea_memory:
    "This is all that the decoder will know of the source: a vector for each piece, which has its surroundings in it. It is made once; then every step of the decoder looks at it.",
  memory_norm: "A last norm stands in front of it.",

  station_start: "What is written so far",
  idea_start:
    "The decoder writes piece by piece. It reads what is written already, at first only {begin}, and has to find what comes next. In this step it reads {piece}. Its vector is made as in the encoder: a row of the table, and the place.",
  start_next: "to be found",

  station_logits: "A number for every piece",
  idea_logits:
    "What the last layer left is compared with a row of numbers for every one of the {count} pieces. The more alike, the higher its logit.",
  logits_tied: "The rows are those of the embedding: one table for reading and writing.",
  logits_own: "The rows are a table of their own.",
  logits_last: "the last vector",

  station_next: "The next piece",
  idea_next:
    "Softmax makes probabilities of the logits. This search went on with {piece}; with it the next step begins, until {end} comes.",
  next_rest: "all others",
  next_chosen: "goes on",
  next_done: "The translation is complete.",
} as const;

export const DE: Readonly<Record<keyof typeof EN, string>> = {
  section_journey: "Die Reise",
  journey_intro: "Ein Satz, und jede Zahl auf seinem Weg durch dieses Modell, vom Text bis zum nächsten Wort.",
  journey_sentence: "Satz",
  journey_map: "Der Weg durch das Modell",
  journey_map_open: "Wo wir sind: {station}",
  journey_layers: "× {n} Schichten",
  journey_one_layer: "1 Schicht",
  journey_encoder: "Encoder",
  journey_decoder: "Decoder",
  journey_inside: "Stationen in diesem Teil",
  journey_steps: "Von Station zu Station",
  journey_back: "Zurück",
  journey_on: "Weiter",
  journey_place: "{n} von {count}",
  journey_working: "Die Zahlen werden berechnet …",
  journey_nothing: "Oben einen Satz schreiben; dann zeigt sich sein Weg durch das Modell.",
  journey_refused: "Es gibt nichts zu zeigen:",
  journey_layer: "Schicht",
  journey_head: "Kopf",
  journey_word: "Stück der Quelle",
  journey_step: "Schritt des Decoders",
  journey_step_is: "Schritt {n} von {count}: liest {piece}, schreibt {next}",
  journey_step_back: "Einen Schritt zurück",
  journey_step_on: "Einen Schritt weiter",
  journey_open: "Zeigen, wovon diese Zahl die Summe ist",
  journey_number_none:
    "Wovon eine Zahl die Summe ist, dafür braucht es die Gewichte, und die sind nicht in dieser Seite.",
  journey_number_hint: "Auf jede Zahl kann man klicken: wovon sie die Summe ist, bis hinunter zu den Gewichten.",

  box_text: "Text",
  box_embedding: "Einbettung",
  box_positions: "Positionen",
  box_norm: "Norm",
  box_self_attention: "Self-Attention",
  box_masked: "Maskierte Attention",
  box_recurrence: "Rekurrente Zelle",
  box_cross_attention: "Cross-Attention",
  box_feed_forward: "Feed-Forward",
  box_add: "Addieren",
  box_memory: "Gedächtnis",
  box_start: "Bisher geschrieben",
  box_logits: "Logits",
  box_next: "Nächstes Stück",

  station_pieces: "Aus Text werden Stücke",
  idea_pieces:
    "Ein Modell kennt weder Buchstaben noch Wörter. Es kennt {count} Stücke, vor dem Training ausgewählt, weil sie häufig sind. Ein häufiges Wort ist ein Stück, ein seltenes wird aus mehreren zusammengesetzt. Die Nummern der Stücke sind alles, was hineingeht.",
  pieces_blank: "␣ ist das Leerzeichen vor einem Wort; {end} beendet den Satz.",
  pieces_no_end: "␣ ist das Leerzeichen vor einem Wort. Dieses Modell liest kein Zeichen für das Ende eines Satzes.",
  pieces_merges: "Wie {word} zusammenkam: das häufigste Paar von Nachbarn zuerst",
  pieces_rank: "Regel {n}",
  pieces_best: "Die wahrscheinlichste Art, den Satz zu schneiden",
  pieces_plain: "Dieser Tokenizer ({kind}) schneidet in einem Schritt.",
  pieces_number: "Nummer im Vokabular",

  station_embedding: "Aus einem Stück wird ein Vektor",
  idea_embedding:
    "Die Nummer eines Stücks wählt eine Zeile einer großen Tabelle: {width} Zahlen, die das Training für dieses Stück gefunden hat. Man kann auch sagen, die Tabelle wird mit einem Vektor multipliziert, der bei diesem Stück 1 und bei allen {count} anderen 0 ist: one-hot.",
  embedding_onehot: "one-hot",
  embedding_row: "Zeile {n} der Tabelle",
  embedding_scaled: "mal √{width} = {scale}",
  embedding_all: "Alle Stücke des Satzes",

  station_positions: "Wo ein Stück steht",
  idea_sinusoidal:
    "Attention allein kann nicht sagen, was zuerst steht. Darum kommt zu jedem Vektor ein Muster, das an jeder Stelle anders ist: in jeder Dimension eine Welle, schnell in den ersten, immer langsamer zu den letzten hin. Auf eine Dimension zeigen, um ihre Welle zu sehen.",
  idea_learned:
    "Attention allein kann nicht sagen, was zuerst steht. Darum kommt für jede Stelle ein Vektor dazu, den das Training gefunden hat wie die der Stücke. Auf eine Dimension zeigen, um zu sehen, wie sie von Stelle zu Stelle verläuft.",
  idea_rotary:
    "Attention allein kann nicht sagen, was zuerst steht. Dieses Modell addiert dafür nichts: in jeder Schicht dreht es Queries und Keys, je zwei Dimensionen zusammen, wie Zeiger von Uhren, umso weiter, je später ein Stück steht. Was eine Query und ein Key dann gemeinsam haben, hängt davon ab, wie weit sie auseinander stehen.",
  idea_alibi:
    "Attention allein kann nicht sagen, was zuerst steht. Dieses Modell addiert dafür nichts zu den Vektoren: in jeder Schicht verliert ein Score etwas für jeden Schritt zwischen zwei Stücken. Jeder Kopf hat sein eigenes Gefälle; steile schauen in die Nähe, flache in die Ferne.",
  idea_none:
    "Diesem Modell sagt niemand, wo ein Stück steht. Der Encoder sieht seine Stücke wie in einem Beutel; der Decoder kann ein wenig erkennen, weil jeder Schritt ein Stück mehr sieht als der vorige.",
  positions_wave: "Dimension {n} von Stelle zu Stelle",
  positions_added: "für die Stelle",
  positions_sum: "ihre Summe, die weitergeht",
  positions_clock: "Dimensionen {one} und {two}: {angle}° an Stelle {place}",
  positions_slope: "Kopf {n}: {slope} je Schritt",
  positions_all: "Die Muster aller Stellen",

  station_norm: "Auf eine Größe gebracht",
  idea_norm_layer:
    "Was auch vorher war: die Zahlen eines Vektors bekommen den Mittelwert 0 und die Streuung 1, jeder Vektor für sich; dann strecken und verschieben sie ein Gewicht und ein Bias je Dimension, die das Training gefunden hat.",
  idea_norm_rms:
    "Was auch vorher war: die Zahlen eines Vektors werden durch ihre Größe geteilt, jeder Vektor für sich; dann streckt sie ein Gewicht je Dimension, das das Training gefunden hat.",
  norm_pre: "In diesem Modell steht sie vor jedem Teil; was am Teil vorbeifließt, bleibt, wie es ist.",
  norm_post: "In diesem Modell steht sie, wie im Paper, hinter der Addition.",
  norm_last: "Diese steht hinter der letzten Schicht, einmal.",
  norm_in: "vorher",
  norm_mean: "Mittelwert",
  norm_deviation: "Streuung",
  norm_size: "Größe",
  norm_out: "nachher",

  station_qkv: "Eine Frage, ein Schild, ein Inhalt",
  idea_qkv:
    "Aus dem Vektor jedes Stücks werden drei kürzere. Die Query sagt, was das Stück sucht, der Key, woran man es findet, der Value, was es denen gibt, die es anschauen. Jeder Kopf macht seine eigenen.",
  idea_qkv_cross:
    "Jetzt schaut die Übersetzung in die Quelle. Die Query kommt aus dem, was bisher geschrieben ist; Keys und Values kommen aus dem Gedächtnis, also aus der Quelle.",
  qkv_query: "Query",
  qkv_key: "Key",
  qkv_value: "Value",
  qkv_read: "was gelesen wird",
  qkv_shared: "Mehrere Köpfe dieses Modells teilen sich Keys und Values.",
  qkv_all: "Keys und Values aller Stücke, Kopf {n}",

  short_qkv: "q, k, v",
  short_scores: "Scores",
  short_alignment: "Zuordnung",
  short_mix: "Gewichtete Summe",
  short_heads: "Alle Köpfe",
  short_gate: "Forget-Gate",
  short_state: "Zustand",

  station_scores: "Wer auf wen schaut",
  idea_scores:
    "Die Query von {piece} wird mit dem Key jedes Stücks multipliziert: je ähnlicher, desto höher der Score. Softmax macht aus Scores Anteile, die zusammen eins sind.",
  scores_scale:
    "Ein Produkt aus {width} Paaren wächst mit ihrer Zahl; durch √{width} geteilt, bleiben Scores da, wo Softmax sie noch gegeneinander abwägen kann.",
  scores_no_scale: "Dieses Modell skaliert seine Scores nicht.",
  scores_mask: "Was später kommt, ist maskiert: wenn ein Stück geschrieben wird, ist es noch nicht da.",
  scores_slope: "Für jeden Schritt Abstand verliert der Score {slope}.",
  scores_turned: "Query und Key sind nach ihren Stellen gedreht.",
  scores_product: "q · k",
  scores_scaled: "skaliert",
  scores_masked: "maskiert",
  scores_power: "e^(s − max)",
  scores_share: "Anteil",
  scores_matrix: "Alle Stücke dieses Kopfs: Zeilen schauen auf Spalten",
  scores_of: "Anteil von {column} an dem, was {row} anschaut",

  station_alignment: "Zwei Sätze nebeneinander",
  idea_alignment:
    "Jede Linie ist ein Anteil der Attention: von einem Stück der Übersetzung, rechts, zu dem Stück der Quelle, das dieser Kopf anschaut, während der Decoder es liest.",
  idea_alignment_writing:
    "Jede Linie ist ein Anteil der Attention: von einem Stück der Übersetzung, rechts, zu dem Stück der Quelle, das dieser Kopf anschaut, während der Decoder sucht, was er schreiben soll.",
  alignment_heads: "Köpfe dieses Modells, die zeigen, welche Wörter zusammengehören:",
  alignment_head: "Schicht {layer}, Kopf {head}",

  station_mix: "Values in diesen Anteilen",
  idea_mix:
    "{piece} nimmt von jedem Value dessen Anteil. Was zusammenkommt, hat dieser Kopf dafür gefunden: eine Mischung aus dem, was er angeschaut hat.",
  mix_sum: "zusammen",

  station_heads: "Mehrere Köpfe zugleich",
  idea_heads:
    "{n} Köpfe tun das nebeneinander, jeder mit eigenen Matrizen, jeder kann also etwas anderes suchen. Was sie gefunden haben, wird aneinandergehängt, und eine weitere Matrix macht daraus einen Vektor, der sich zu dem addieren lässt, was da war.",
  heads_one: "Kopf {n}",
  heads_joined: "aneinander",
  heads_out: "nach der Matrix",

  station_add: "Zu dem addiert, was da war",
  idea_add:
    "Was gefunden wurde, wird zu dem Vektor addiert, der hereinkam. Nichts geht verloren, und ein Teil muss nur lernen, was sich ändern soll. Dieser Strom fließt durch das ganze Modell, von der Einbettung bis zur letzten Schicht; jeder Teil liest ihn und schreibt in ihn hinein.",
  idea_add_none: "Dieses Modell hat keinen Residualstrom: was gefunden wurde, ersetzt, was hereinkam.",
  add_before: "kam herein",
  add_found: "gefunden",
  add_after: "geht weiter",
  add_sizes: "Länge {before}, dazu {found}: {after}. Die Richtung bleibt zu {cosine}.",

  station_feed: "Jedes Stück für sich",
  idea_feed:
    "Bisher schauten Stücke aufeinander; jetzt geht jeder Vektor allein durch ein kleines Netz: hinauf zu {inner} Zahlen, durch einen Knick und zurück zu {width}. Vieles, was ein Modell auswendig weiß, liegt hier.",
  feed_relu: "Der Knick: was unter 0 liegt, wird 0. Bei {piece} bleiben {on} von {inner} an.",
  feed_gelu: "Der Knick: was weit unter 0 liegt, wird fast 0, der Rest bleibt (GELU).",
  feed_swiglu: "Der Knick: ein zweites Produkt entscheidet, wie weit das erste durchkommt (SwiGLU).",
  feed_silu: "Der Knick: was weit unter 0 liegt, wird fast 0, der Rest bleibt (SiLU).",
  feed_up: "hinauf",
  feed_gate: "Tor",
  feed_hidden: "nach dem Knick",
  feed_down: "zurück",

  station_memory: "Das Gedächtnis",
  idea_memory:
    "Das ist alles, was der Decoder von der Quelle wissen wird: ein Vektor für jedes Stück, in dem seine Umgebung steckt. Es entsteht einmal; dann schaut jeder Schritt des Decoders darauf.",
  memory_norm: "Eine letzte Norm steht davor.",

  station_start: "Was bisher geschrieben ist",
  idea_start:
    "Der Decoder schreibt Stück für Stück. Er liest, was schon geschrieben ist, zuerst nur {begin}, und muss finden, was als nächstes kommt. In diesem Schritt liest er {piece}. Der Vektor dafür entsteht wie im Encoder: eine Zeile der Tabelle, und die Stelle.",
  start_next: "zu finden",

  station_logits: "Eine Zahl für jedes Stück",
  idea_logits:
    "Was die letzte Schicht übrig ließ, wird mit einer Zeile von Zahlen für jedes der {count} Stücke verglichen. Je ähnlicher, desto höher der Logit.",
  logits_tied: "Die Zeilen sind die der Einbettung: eine Tabelle zum Lesen und Schreiben.",
  logits_own: "Die Zeilen sind eine eigene Tabelle.",
  logits_last: "der letzte Vektor",

  station_next: "Das nächste Stück",
  idea_next:
    "Softmax macht aus Logits Wahrscheinlichkeiten. Diese Suche ging mit {piece} weiter; damit beginnt der nächste Schritt, bis {end} kommt.",
  next_rest: "alle anderen",
  next_chosen: "geht weiter",
  next_done: "Die Übersetzung ist fertig.",
};
