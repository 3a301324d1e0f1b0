/** Words of the stations of a recurrent cell. */

export const EN = {
  station_gate: "What stays, and what comes in",
  idea_gate:
    "This decoder does not look back at its own words. In the place of self-attention it has a cell that carries one state from step to step (SSRU, Kim et al. 2019). Two vectors are made for it in this step, which reads {piece}: the forget gate says for every dimension how much of the state stays, from 0, nothing, to 1, all of it; the other one is what may be taken in.",
  gate_all: "The forget gates of all steps: the stronger the colour, the more of the state stays",

  station_state: "One state, carried from word to word",
  idea_state:
    "The new state is the old one, as far as the gate lets it stay, and for the rest what is taken in. It has {width} numbers however long the sentence is, so the last step costs as much as the first. On its way out, what is below 0 becomes 0.",
  state_fades: "No word is looked up again: what it left in the state fades with every gate that follows.",
  state_left: "What the state holds when {piece} has been read, the mean over all dimensions",
  state_matrix: "All steps: rows hold what is left of columns",
  state_empty: "empty at the start",
  state_before: "state before",
  state_taken: "taken in, for the rest",
  state_first: "Before the first step the state is 0.",
  state_all: "The states of all steps",
} as const;

export const DE: Readonly<Record<keyof typeof EN, string>> = {
  station_gate: "Was bleibt, und was hereinkommt",
  idea_gate:
    "Dieser Decoder schaut nicht auf seine eigenen Wörter zurück. Anstelle der Self-Attention hat er eine Zelle, die einen Zustand von Schritt zu Schritt trägt (SSRU, Kim et al. 2019). Dafür entstehen in diesem Schritt, der {piece} liest, zwei Vektoren: das Forget-Gate sagt für jede Dimension, wie viel vom Zustand bleibt, von 0, nichts, bis 1, alles; der andere ist, was aufgenommen werden kann.",
  gate_all: "Die Forget-Gates aller Schritte: je kräftiger die Farbe, desto mehr vom Zustand bleibt",

  station_state: "Ein Zustand, von Wort zu Wort getragen",
  idea_state:
    "Der neue Zustand ist der alte, soweit das Gate ihn bleiben lässt, und für den Rest das, was aufgenommen wird. Er hat {width} Zahlen, wie lang der Satz auch ist; der letzte Schritt kostet also so viel wie der erste. Auf dem Weg hinaus wird, was unter 0 liegt, 0.",
  state_fades:
    "Kein Wort wird noch einmal angeschaut: was es im Zustand hinterließ, verblasst mit jedem Gate, das folgt.",
  state_left: "Was der Zustand enthält, wenn {piece} gelesen ist, im Mittel aller Dimensionen",
  state_matrix: "Alle Schritte: Zeilen enthalten, was von Spalten übrig ist",
  state_empty: "anfangs leer",
  state_before: "Zustand davor",
  state_taken: "für den Rest: Neues",
  state_first: "Vor dem ersten Schritt ist der Zustand 0.",
  state_all: "Die Zustände aller Schritte",
};
