/** Files that may become images of a report. Pure. */

import { IMAGE_TYPES, MOST_IMAGE_BYTES } from "@/api/reports/images";
import { formatBytes } from "@/data/text/format";

/** The reason why a file can't be an image of a report; null: it may be one. */
export function refusalOf({ type, size }: Blob): string | null {
  if (!IMAGE_TYPES.some((each) => each === type)) return "it is no PNG, JPEG, GIF or WebP image";
  if (size > MOST_IMAGE_BYTES)
    return `it has ${formatBytes(size)}, and an image at most ${formatBytes(MOST_IMAGE_BYTES)}`;
  return size === 0 ? "it is empty" : null;
}

/** Whether the files of a clipboard are what was copied, and not a picture of copied text or cells. */
export function isOfFiles(data: Pick<DataTransfer, "files">, html: string): boolean {
  if (data.files.length === 0) return false;
  if (html === "") return true;
  const { body } = new DOMParser().parseFromString(html, "text/html");
  return body.querySelectorAll("img").length === 1 && body.textContent?.trim() === "";
}

const DATA_ADDRESS = /^data:(image\/[a-z]+);base64,([A-Za-z0-9+/=\s]+)$/;

/** The image that an address holds, as notebooks have them; null: it is another address. */
export function fileOfAddress(url: string): File | null {
  const [, type, content] = DATA_ADDRESS.exec(url) ?? [];
  if (type === undefined || content === undefined) return null;
  try {
    const bytes = Uint8Array.from(atob(content), (char) => char.charCodeAt(0));
    return new File([bytes], "pasted", { type });
  } catch {
    return null;
  }
}
