/** Words of the buttons that copy a picture. */

export const EN = {
  copy_picture: "Copy the picture: {name}",
  copy_png: "Copy as PNG",
  copy_svg: "Copy as SVG",
  copy_copied: "Copied",
  copy_saved: "Saved as {file}",
  copy_failed: "There is no picture:",
} as const;

export const DE: Readonly<Record<keyof typeof EN, string>> = {
  copy_picture: "Das Bild kopieren: {name}",
  copy_png: "Als PNG kopieren",
  copy_svg: "Als SVG kopieren",
  copy_copied: "Kopiert",
  copy_saved: "Gespeichert als {file}",
  copy_failed: "Es gibt kein Bild:",
};
