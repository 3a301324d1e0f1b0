/** Words of what stands around every section, and of the model everywhere. */

export const EN = {
  skip: "To the content",
  sections: "Sections",
  language: "Language",
  theme: "Colours",
  theme_auto: "System",
  theme_light: "Light",
  theme_dark: "Dark",
  offline: "All of it happens in this file, on your device. Nothing is sent anywhere.",
  sent: "What you type goes to the server that this page came from, and nowhere else.",
  recorded:
    "This model has {megabytes} MB of weights, too many for a page. So this one holds the record of a single translation, and nothing can be typed. To type, start the server:",
  recorded_foreign:
    "This model wants its text cut as another program cuts it, which a page does not do. So this one holds the record of a single translation, and nothing can be typed. To type, start the server:",
  recorded_only: "Show what was recorded",
  odd_link: "This page does not have what a part of the link asks for, which is left out: {names}.",
  loading: "The model is being read …",
  broken: "The model cannot be used:",
  kind_toy:
    "A toy of {parameters} parameters, made to be looked at. It knows sentences like those that it was trained on, and answers all others with confident nonsense.",
  kind_small:
    "A small model of {parameters} parameters. It is good at short sentences like those that it was trained on, and often wrong elsewhere. Check what matters.",
  kind_model: "A model of {parameters} parameters. It makes mistakes. Check what matters.",
  more_of_model: "What it is",
  languages_unknown: "not known",
} as const;

export const DE: Readonly<Record<keyof typeof EN, string>> = {
  skip: "Zum Inhalt",
  sections: "Abschnitte",
  language: "Sprache",
  theme: "Farben",
  theme_auto: "System",
  theme_light: "Hell",
  theme_dark: "Dunkel",
  offline: "Alles geschieht in dieser Datei, auf diesem Gerät. Nichts wird irgendwohin geschickt.",
  sent: "Was man schreibt, geht an den Server, von dem diese Seite kommt, und nirgendwohin sonst.",
  recorded:
    "Dieses Modell hat {megabytes} MB Gewichte, zu viele für eine Seite. Darum enthält diese die Aufzeichnung einer einzigen Übersetzung, und schreiben kann man hier nichts. Zum Schreiben den Server starten:",
  recorded_foreign:
    "Dieses Modell will seinen Text so zerlegt, wie ein anderes Programm es tut; das kann eine Seite nicht. Darum enthält diese die Aufzeichnung einer einzigen Übersetzung, und schreiben kann man hier nichts. Zum Schreiben den Server starten:",
  recorded_only: "Das Aufgezeichnete zeigen",
  odd_link: "Was ein Teil dieses Links verlangt, hat diese Seite nicht, und er bleibt weg: {names}.",
  loading: "Das Modell wird gelesen …",
  broken: "Das Modell lässt sich nicht benutzen:",
  kind_toy:
    "Ein Spielzeug mit {parameters} Parametern, zum Hineinschauen gemacht. Es kennt Sätze wie die, mit denen es trainiert wurde, und antwortet auf alle anderen mit selbstsicherem Unsinn.",
  kind_small:
    "Ein kleines Modell mit {parameters} Parametern. Kurze Sätze wie die, mit denen es trainiert wurde, kann es gut; sonst irrt es oft. Wichtiges bitte prüfen.",
  kind_model: "Ein Modell mit {parameters} Parametern. Es macht Fehler. Wichtiges bitte prüfen.",
  more_of_model: "Was es ist",
  languages_unknown: "nicht bekannt",
};
