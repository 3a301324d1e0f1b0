/** Words of what a translation costs. */

export const EN = {
  section_cost: "Cost",
  cost_intro:
    "What one translation takes: numbers that are kept, multiplications, bytes, and time. Everything here is counted or measured for the sentence below and the model in this page.",
  cost_text: "Sentence",
  cost_read: "{source} pieces are read, {target} are written:",
  cost_parts: "Part by part",
  cost_parts_intro:
    "From top to bottom as the sentence goes through. Attention has two kinds of work: products with weights, and looking, where each piece is compared with each other. Only looking grows with the square of the length; it is blue.",
  cost_part: "Part",
  cost_parameters: "Parameters",
  cost_adds: "Multiply-adds",
  cost_bytes: "Bytes in int8",
  cost_time: "Time here",
  cost_total: "All",
  cost_looking: "looking",
  cost_looking_share: "{share} of it looking",
  cost_embeddings: "Embeddings",
  cost_positions: "Positions",
  cost_encoder_attention: "Encoder: attention",
  cost_encoder_feed_forward: "Encoder: feed-forward",
  cost_encoder_norms: "Encoder: norms",
  cost_decoder_self_attention: "Decoder: attention to itself",
  cost_decoder_cross_attention: "Decoder: attention to the source",
  cost_decoder_feed_forward: "Decoder: feed-forward",
  cost_decoder_norms: "Decoder: norms",
  cost_output: "Output: a score for every piece",
  cost_tied:
    "The table of embeddings is used twice: a row of it is looked up for every piece, which multiplies nothing, and the output multiplies with all of it.",
  cost_timed:
    "Time: one pass over the sentence and its translation, mean of {passes}, in this browser, in float32, on one core. A translation takes several such passes' worth of decoder steps, and the program of dragoman itself is many times faster.",
  cost_not_timed: "The model itself is not in this page, so its parts are counted and not timed.",
  cost_counted: "How it is counted",
  cost_counted_how:
    "A product of a row of n numbers with a matrix of m rows takes n · m multiply-adds. Counted as in dragoman plan: S pieces are read, T are written, all at once; what the mask hides is computed too. Looking takes 2 · d · (S² + T² + S · T) of a layer of each side, d the model's width: a score and a share of a value.",
  cost_waiting: "is measured …",
  cost_refused: "Not measured:",
  cost_growth: "As the text grows",
  cost_growth_intro:
    "Products with weights take the same for every piece. Looking takes more for each piece the longer the text is, until it is nearly everything. Move the length.",
  cost_length: "Pieces read, and as many written",
  cost_growth_says:
    "{n} pieces: {adds} multiply-adds, {share} of them looking. A text twice as long takes {times} times as many.",
  cost_growth_pattern: "With {pattern}: {adds}, {share} looking.",
  cost_growth_axis: "Share of looking in all multiply-adds",
  cost_growth_most: "this model reads {n} at most",
  cost_growth_kept:
    "The pattern is put into the encoder and, cut to the past, into the decoder; attention to the source stays whole, as in the encoder-decoder of Beltagy et al. 2020.",
  cost_patterns: "Looking at less",
  cost_patterns_intro:
    "Each picture is an attention: a row for every piece that looks, from top to bottom, a column for every piece that it may look at. These rules leave most of it out, so that long texts can be paid for. None of them is in this model, which looks at everything; choose one to see it in the curve above.",
  cost_reach: "Reach of a rule, in pieces",
  cost_past: "As in a decoder: only what came before",
  cost_pattern_pairs: "{pairs} pairs, {share} of all",
  cost_pattern_full: "full",
  cost_pattern_full_is: "Everything looks at everything (Vaswani et al. 2017).",
  cost_pattern_window: "a window",
  cost_pattern_window_is: "Neighbours only; layer upon layer the news travels on (Longformer, Beltagy et al. 2020).",
  cost_pattern_dilated: "a window with gaps",
  cost_pattern_dilated_is: "As many pieces, twice as far: every second one (Longformer).",
  cost_pattern_global: "a window and some for all",
  cost_pattern_global_is: "A few pieces see all and are seen by all, so that any two are two steps apart (Longformer).",
  cost_pattern_strided: "a window and a grid",
  cost_pattern_strided_is:
    "Neighbours, and one piece in every stretch (Sparse Transformer, Child et al. 2019, strided).",
  cost_pattern_fixed: "blocks with a summary",
  cost_pattern_fixed_is: "The own block, and the end of every other (Sparse Transformer, fixed).",
  cost_pattern_blocks: "blocks",
  cost_pattern_blocks_is: "The own block alone: cheap, but nothing crosses a border (Qiu et al. 2020).",
  cost_pattern_bigbird: "blocks with chance",
  cost_pattern_bigbird_is: "Three blocks, the first one for all, and two drawn by lot (BigBird, Zaheer et al. 2020).",
  cost_rounding: "What fewer bits do",
  cost_rounding_intro:
    "The weights in this page are whole numbers from -127 to 127, with a scale for each row of a matrix: the largest number of a row is at 127. So a weight takes one byte instead of four, and is off by half a step at most. With still fewer bits the steps grow, twice as large for each bit, until the translation breaks.",
  cost_rounding_try: "Translate the sentence with fewer bits",
  cost_bits: "Bits",
  cost_weights: "Weights",
  cost_error: "Error",
  cost_sure: "Sure",
  cost_sure_is: "Sure: how probable the translation of 8 bits still is, a piece on the average.",
  cost_megabytes: "{n} MB",
  cost_not_here: "not in this page",
  cost_rounding_measured:
    "Error: the length of what is lost over the length of the matrix, mean over all. For 8 bits it was measured against the float weights when this page was written; for fewer, against the 8 bits.",
  cost_rounding_expected:
    "Error: the length of what is lost over the length of the matrix, mean over all. The float weights were not there when this page was written, so for 8 bits it is what is to be expected: a step / √12 for each number. For fewer it is measured against the 8 bits.",
  cost_losses: "Each matrix at {bits} bits",
  cost_side_encoder: "Encoder, layer by layer",
  cost_side_decoder: "Decoder, layer by layer",
  cost_side_tables: "Tables",
  cost_loss_rows:
    "{name}: {rows} rows of {columns} numbers. The best row loses {least}, the middle one {middle}, the worst {worst}: a row with one very large number has large steps for all the others.",
  cost_loss_choose: "Choose a matrix to see how its rows fare.",
  cost_roofline: "What a machine gives",
  cost_roofline_intro:
    "A part of the work can be no faster than the processor multiplies, the flat roof, and no faster than memory brings the numbers, the slope: the fewer operations there are for a byte that is read, the more memory holds it up. A circle is an operator of dragoman's own engine, as large as its share of the time. One sentence at a time reads all weights for a few rows; many at once use each weight often.",
  cost_bench_own: "Measured for this page:",
  cost_bench_example:
    "An example, which dragoman comes with; dragoman explain --bench FILE puts your own machine here:",
  cost_bench_is:
    "threads used: {threads}, {precision}, {kernels} kernels; at best {operations} billion operations and {bytes} GB a second. The model:",
  cost_case: "What is translated",
  cost_giga_operations: "{n} billion a second",
  cost_roofline_axis: "Across: operations for each byte that is read. Upwards: operations a second.",
  cost_operator: "Operator",
  cost_time_share: "Time",
  cost_rate: "Billion op/s",
  cost_of_peak: "of peak",
  cost_reads: "GB/s",
  cost_roofline_notes:
    "A multiply-add counts as two operations. A circle above the slope reads from the processor's caches, which are faster than memory. Operators without operations, such as norms and the search, are in the table alone.",
} as const;

export const DE: Readonly<Record<keyof typeof EN, string>> = {
  section_cost: "Kosten",
  cost_intro:
    "Was eine Übersetzung braucht: Zahlen, die aufbewahrt werden, Multiplikationen, Bytes und Zeit. Alles hier ist für den Satz unten und das Modell in dieser Seite gezählt oder gemessen.",
  cost_text: "Satz",
  cost_read: "{source} Stücke werden gelesen, {target} geschrieben:",
  cost_parts: "Teil für Teil",
  cost_parts_intro:
    "Von oben nach unten, wie der Satz hindurchgeht. Die Attention hat zweierlei Arbeit: Produkte mit Gewichten, und das Schauen, bei dem jedes Stück mit jedem verglichen wird. Nur das Schauen wächst mit dem Quadrat der Länge; es ist blau.",
  cost_part: "Teil",
  cost_parameters: "Parameter",
  cost_adds: "Multiplikationen",
  cost_bytes: "Bytes in int8",
  cost_time: "Zeit hier",
  cost_total: "Alles",
  cost_looking: "Schauen",
  cost_looking_share: "davon {share} Schauen",
  cost_embeddings: "Einbettungen",
  cost_positions: "Positionen",
  cost_encoder_attention: "Encoder: Attention",
  cost_encoder_feed_forward: "Encoder: Feed-Forward",
  cost_encoder_norms: "Encoder: Normen",
  cost_decoder_self_attention: "Decoder: Attention auf sich selbst",
  cost_decoder_cross_attention: "Decoder: Attention auf die Quelle",
  cost_decoder_feed_forward: "Decoder: Feed-Forward",
  cost_decoder_norms: "Decoder: Normen",
  cost_output: "Ausgabe: eine Zahl für jedes Stück",
  cost_tied:
    "Die Tabelle der Einbettungen wird zweimal gebraucht: für jedes Stück wird eine Zeile nachgeschlagen, was nichts multipliziert, und die Ausgabe multipliziert mit der ganzen.",
  cost_timed:
    "Zeit: ein Durchgang durch den Satz und seine Übersetzung, Mittel aus {passes}, in diesem Browser, in float32, auf einem Kern. Eine Übersetzung braucht Decoder-Schritte für mehrere solche Durchgänge, und das Programm von dragoman selbst ist viele Male schneller.",
  cost_not_timed: "Das Modell selbst ist nicht in dieser Seite, darum werden seine Teile gezählt und nicht gemessen.",
  cost_counted: "Wie gezählt wird",
  cost_counted_how:
    "Das Produkt einer Zeile von n Zahlen mit einer Matrix von m Zeilen sind n · m Multiplikationen mit Addition. Gezählt wie in dragoman plan: S Stücke werden gelesen, T geschrieben, alle auf einmal; was die Maske verdeckt, wird mitgerechnet. Das Schauen braucht 2 · d · (S² + T² + S · T) je Schicht beider Seiten, d die Breite des Modells: eine Bewertung und einen Anteil eines Wertes.",
  cost_waiting: "wird gemessen …",
  cost_refused: "Nicht gemessen:",
  cost_growth: "Wenn der Text wächst",
  cost_growth_intro:
    "Produkte mit Gewichten kosten für jedes Stück gleich viel. Das Schauen kostet für jedes Stück mehr, je länger der Text ist, bis es fast alles ist. Die Länge lässt sich verschieben.",
  cost_length: "Stücke, die gelesen, und ebenso viele, die geschrieben werden",
  cost_growth_says:
    "{n} Stücke: {adds} Multiplikationen, {share} davon Schauen. Ein doppelt so langer Text braucht {times}-mal so viele.",
  cost_growth_pattern: "Mit dem Muster „{pattern}“: {adds}, {share} Schauen.",
  cost_growth_axis: "Anteil des Schauens an allen Multiplikationen",
  cost_growth_most: "dieses Modell liest höchstens {n}",
  cost_growth_kept:
    "Das Muster gilt im Encoder und, auf das Vergangene beschnitten, im Decoder; die Attention auf die Quelle bleibt ganz, wie im Encoder-Decoder von Beltagy et al. 2020.",
  cost_patterns: "Weniger anschauen",
  cost_patterns_intro:
    "Jedes Bild ist eine Attention: eine Zeile für jedes Stück, das schaut, von oben nach unten, eine Spalte für jedes, das es anschauen darf. Diese Regeln lassen das meiste weg, damit lange Texte bezahlbar werden. Keine davon steckt in diesem Modell, das alles anschaut; eine auswählen, um sie in der Kurve oben zu sehen.",
  cost_reach: "Reichweite einer Regel, in Stücken",
  cost_past: "Wie im Decoder: nur, was vorher kam",
  cost_pattern_pairs: "{pairs} Paare, {share} von allen",
  cost_pattern_full: "voll",
  cost_pattern_full_is: "Alles schaut auf alles (Vaswani et al. 2017).",
  cost_pattern_window: "ein Fenster",
  cost_pattern_window_is:
    "Nur Nachbarn; Schicht um Schicht wandert das Wissen weiter (Longformer, Beltagy et al. 2020).",
  cost_pattern_dilated: "ein Fenster mit Lücken",
  cost_pattern_dilated_is: "Ebenso viele Stücke, doppelt so weit: jedes zweite (Longformer).",
  cost_pattern_global: "ein Fenster und einige für alle",
  cost_pattern_global_is:
    "Einige Stücke sehen alle und werden von allen gesehen; so sind je zwei nur zwei Schritte auseinander (Longformer).",
  cost_pattern_strided: "ein Fenster und ein Raster",
  cost_pattern_strided_is:
    "Nachbarn, und ein Stück aus jeder Strecke (Sparse Transformer, Child et al. 2019, strided).",
  cost_pattern_fixed: "Blöcke mit Zusammenfassung",
  cost_pattern_fixed_is: "Der eigene Block, und das Ende jedes anderen (Sparse Transformer, fixed).",
  cost_pattern_blocks: "Blöcke",
  cost_pattern_blocks_is: "Nur der eigene Block: billig, aber nichts geht über eine Grenze (Qiu et al. 2020).",
  cost_pattern_bigbird: "Blöcke mit Zufall",
  cost_pattern_bigbird_is: "Drei Blöcke, der erste für alle, und zwei ausgeloste (BigBird, Zaheer et al. 2020).",
  cost_rounding: "Was weniger Bits machen",
  cost_rounding_intro:
    "Die Gewichte in dieser Seite sind ganze Zahlen von -127 bis 127, mit einem Faktor für jede Zeile einer Matrix: die größte Zahl einer Zeile liegt auf 127. So braucht ein Gewicht ein Byte statt vier und liegt höchstens um eine halbe Stufe daneben. Mit noch weniger Bits wachsen die Stufen, mit jedem Bit weniger auf das Doppelte, bis die Übersetzung zerbricht.",
  cost_rounding_try: "Den Satz mit weniger Bits übersetzen",
  cost_bits: "Bits",
  cost_weights: "Gewichte",
  cost_error: "Fehler",
  cost_sure: "Sicher",
  cost_sure_is: "Sicher: wie wahrscheinlich die Übersetzung der 8 Bits noch ist, je Stück im Mittel.",
  cost_megabytes: "{n} MB",
  cost_not_here: "nicht in dieser Seite",
  cost_rounding_measured:
    "Fehler: die Länge des Verlorenen geteilt durch die Länge der Matrix, Mittel über alle. Für 8 Bits wurde er an den Float-Gewichten gemessen, als die Seite geschrieben wurde; für weniger an den 8 Bits.",
  cost_rounding_expected:
    "Fehler: die Länge des Verlorenen geteilt durch die Länge der Matrix, Mittel über alle. Als diese Seite geschrieben wurde, waren keine Float-Gewichte da; für 8 Bits steht hier, was zu erwarten ist: eine Stufe / √12 für jede Zahl. Für weniger ist er an den 8 Bits gemessen.",
  cost_losses: "Jede Matrix mit {bits} Bits",
  cost_side_encoder: "Encoder, Schicht für Schicht",
  cost_side_decoder: "Decoder, Schicht für Schicht",
  cost_side_tables: "Tabellen",
  cost_loss_rows:
    "{name}: {rows} Zeilen mit {columns} Zahlen. Die beste Zeile verliert {least}, die mittlere {middle}, die schlechteste {worst}: eine Zeile mit einer sehr großen Zahl hat große Stufen für alle anderen.",
  cost_loss_choose: "Eine Matrix auswählen, um zu sehen, wie es ihren Zeilen geht.",
  cost_roofline: "Was eine Maschine hergibt",
  cost_roofline_intro:
    "Ein Teil der Arbeit kann nicht schneller sein, als der Prozessor multipliziert, das flache Dach, und nicht schneller, als der Speicher die Zahlen bringt, die Schräge: je weniger Operationen auf ein gelesenes Byte kommen, desto mehr hält der Speicher auf. Ein Kreis ist ein Operator von dragomans eigener Maschine in C++, so groß wie sein Anteil an der Zeit. Ein Satz allein liest alle Gewichte für wenige Zeilen; viele auf einmal brauchen jedes Gewicht oft.",
  cost_bench_own: "Für diese Seite gemessen:",
  cost_bench_example:
    "Ein Beispiel, das bei dragoman liegt; dragoman explain --bench FILE setzt die eigene Maschine an seine Stelle:",
  cost_bench_is:
    "benutzte Threads: {threads}, {precision}, Kernel {kernels}; im besten Fall {operations} Milliarden Operationen und {bytes} GB in der Sekunde. Das Modell:",
  cost_case: "Was übersetzt wird",
  cost_giga_operations: "{n} Milliarden in der Sekunde",
  cost_roofline_axis: "Nach rechts: Operationen für jedes gelesene Byte. Nach oben: Operationen in der Sekunde.",
  cost_operator: "Operator",
  cost_time_share: "Zeit",
  cost_rate: "Mrd. Op/s",
  cost_of_peak: "vom Besten",
  cost_reads: "GB/s",
  cost_roofline_notes:
    "Eine Multiplikation mit Addition zählt als zwei Operationen. Ein Kreis über der Schräge liest aus den Caches des Prozessors, die schneller sind als der Speicher. Operatoren ohne Operationen, wie Normen und Suche, stehen nur in der Tabelle.",
};
