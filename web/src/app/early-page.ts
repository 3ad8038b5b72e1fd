/** The script in `index.html`: requests the files and the data of the page at this address. */

import { pageKind, requestFirst } from "./first-requests";

/** By page; the build puts it before this script. */
declare const files: Readonly<Record<string, readonly string[]>>;

for (const file of files[pageKind(location.pathname) ?? ""] ?? []) {
  const link = document.createElement("link");
  link.rel = file.endsWith(".js") ? "modulepreload" : "preload";
  if (link.rel === "preload") link.as = "style";
  link.crossOrigin = "";
  link.href = file;
  document.head.append(link);
}
// the app sends what could not be sent here, and tells why it fails
requestFirst(location).catch(() => undefined);
