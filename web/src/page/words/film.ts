/** Words of the training film. */

export const EN = {
  section_film: "Training film",
  film_intro:
    "How the model came to translate this sentence: what it said, where it looked and what its layers knew after each of these steps of its training. Recorded when the page was written, so it shows this one sentence.",
  film_loading: "The film is being read …",
  film_play: "Play",
  film_pause: "Pause",
  film_back: "One step back",
  film_on: "One step on",
  film_scrub: "Time in the training",
  film_step: "Step {n} of {all}",
  film_time: "{time} min of training",
  film_chance: "It gives each piece of the final translation {share} on average.",
  film_validation: "validation loss {loss}",
  film_nothing: "It writes nothing.",
  film_alignment: "Where the final translation comes from",
  film_alignment_idea: "Cross-attention of the heads that align, for the pieces that the trained model writes.",
  film_alignment_last:
    "Cross-attention of the last layer, mean of its heads, for the pieces that the trained model writes. No heads of this model are known to align.",
  film_loss: "Loss",
  film_loss_idea:
    "How badly it foresees the next piece, over the steps; each doubling of the steps is as wide as the next.",
  film_loss_label: "Loss over the steps of the training, from {first} down to {least} at best",
  film_no_loss: "The folder holds no journal of the loss.",
  film_training: "in training",
  film_validated: "in validation",
  film_lens: "What each layer would write",
  film_lens_idea:
    "The logit lens along the final translation: what would come next if the decoder stopped after a layer. Bold is what the trained model writes; amber says how unsure it is.",
  film_map: "Pieces find their places",
  film_map_idea:
    "The embeddings of {n} pieces, all frames seen from the same side: along the two directions that hold most of the trained ones' variance, {share} of it.",
  film_map_label: "Map of embeddings at this time, among them {names}",
  film_of: "{n} frames of {kept} moments whose weights the training kept.",
} as const;

export const DE: Readonly<Record<keyof typeof EN, string>> = {
  section_film: "Film des Trainings",
  film_intro:
    "Wie das Modell dazu kam, diesen Satz zu übersetzen: was es sagte, wohin es schaute und was seine Schichten wussten, nach jedem dieser Schritte seines Trainings. Aufgenommen, als die Seite geschrieben wurde, also nur für diesen einen Satz.",
  film_loading: "Der Film wird gelesen …",
  film_play: "Abspielen",
  film_pause: "Anhalten",
  film_back: "Einen Schritt zurück",
  film_on: "Einen Schritt weiter",
  film_scrub: "Zeit im Training",
  film_step: "Schritt {n} von {all}",
  film_time: "{time} min Training",
  film_chance: "Jedem Stück der endgültigen Übersetzung gibt es im Mittel {share}.",
  film_validation: "Validierungs-Loss {loss}",
  film_nothing: "Es schreibt nichts.",
  film_alignment: "Woher die endgültige Übersetzung kommt",
  film_alignment_idea: "Cross-Attention der Köpfe, die zuordnen, für die Stücke, die das trainierte Modell schreibt.",
  film_alignment_last:
    "Cross-Attention der letzten Schicht, Mittel ihrer Köpfe, für die Stücke, die das trainierte Modell schreibt. Von diesem Modell ist nicht bekannt, welche Köpfe zuordnen.",
  film_loss: "Loss",
  film_loss_idea:
    "Wie schlecht es das nächste Stück voraussieht, über die Schritte; jede Verdopplung der Schritte ist gleich breit.",
  film_loss_label: "Loss über die Schritte des Trainings, von {first} bis bestenfalls {least}",
  film_no_loss: "Der Ordner enthält keine Aufzeichnung des Loss.",
  film_training: "im Training",
  film_validated: "in der Validierung",
  film_lens: "Was jede Schicht schreiben würde",
  film_lens_idea:
    "Die Logit-Linse entlang der endgültigen Übersetzung: was als Nächstes käme, wenn der Decoder nach einer Schicht aufhörte. Fett ist, was das trainierte Modell schreibt; Bernstein sagt, wie unsicher es ist.",
  film_map: "Stücke finden ihren Platz",
  film_map_idea:
    "Die Embeddings von {n} Stücken, alle Bilder von derselben Seite gesehen: entlang der zwei Richtungen, die am meisten von der Varianz der trainierten halten, {share} davon.",
  film_map_label: "Karte der Embeddings zu dieser Zeit, darunter {names}",
  film_of: "{n} Bilder von {kept} Augenblicken, deren Gewichte das Training behalten hat.",
};
