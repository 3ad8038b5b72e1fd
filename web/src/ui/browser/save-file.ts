/** @param name see `fileName` */
export function saveFile(content: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  // the download has its own hold on the data by then
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** A name that every file system takes, of a title. */
export function fileName(title: string): string {
  return title.replaceAll(/[^\p{L}\p{N}._-]+/gu, "-").replaceAll(/^-+|-+$/g, "") || "chart";
}
