/** A picture to the clipboard, or, where that refuses, to a file. */

import type { Picture } from "./picture.ts";

const SHARP = 2; // pixels of a PNG for each of the picture's
const MOST = 16384; // pixels of a side that browsers draw

export type Kind = "png" | "svg";

/** Return the pixels of a picture as a PNG: twice as many to a side, or fewer of one that would be too large. */
export async function png({ svg, width, height }: Picture): Promise<Blob> {
  const image = new Image(); // from a data: address, which the page's policy allows to pictures
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  const scale = Math.min(SHARP, MOST / width, MOST / height);
  [canvas.width, canvas.height] = [width, height].map((side) => Math.floor(scale * side));
  canvas.getContext("2d")!.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((told, untold) =>
    canvas.toBlob((blob) => (blob ? told(blob) : untold(new Error("the picture is too large for this browser")))),
  );
}

/** Copy a picture, or save it under this name where the clipboard refuses; returns which of both was done. */
export async function copy(picture: Picture, kind: Kind, name: string): Promise<"copied" | "saved"> {
  const blob = kind === "png" ? await png(picture) : new Blob([picture.svg], { type: "image/svg+xml" });
  try {
    await navigator.clipboard.write([new ClipboardItem(kind === "png" ? { "image/png": blob } : drawing(blob))]);
    return "copied";
  } catch {
    save(blob, `${name}.${kind}`);
    return "saved";
  }
}

/** Return a drawing for the clipboard: as text, which every program takes, and as what it is where a browser knows that. */
function drawing(blob: Blob): Record<string, Blob> {
  const known = ClipboardItem.supports?.("image/svg+xml") ?? false;
  return { "text/plain": new Blob([blob], { type: "text/plain" }), ...(known ? { "image/svg+xml": blob } : {}) };
}

function save(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000); // a browser may ask first where to
}
