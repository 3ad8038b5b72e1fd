/** The documents for users: files that came with the server, open to everyone. */

import { queryOptions } from "@tanstack/react-query";
import { CONTENTS, type DocumentEntry, readContents, type Section, sectionsOf } from "@/data/documents";
import { ApiError } from "./client";

/** The groups of all documents. */
export const contentsQuery = queryOptions({
  ...documentQuery(CONTENTS),
  select: readContents,
});

/** The Markdown text of one. */
export function documentQuery({ path }: DocumentEntry) {
  return queryOptions({
    queryKey: ["document", path],
    queryFn: ({ signal }) => readDocument(path, signal),
  });
}

export function sectionsQuery(entries: readonly DocumentEntry[]) {
  return queryOptions({
    queryKey: ["sections", entries.map((entry) => entry.path)],
    queryFn: async ({ client }): Promise<readonly Section[]> => {
      // each is parsed when it arrives, so that no key waits for all
      const read = async (entry: DocumentEntry) =>
        sectionsOf(entry, await client.ensureQueryData(documentQuery(entry)));
      return (await Promise.all(entries.map(read))).flat();
    },
  });
}

async function readDocument(path: string, signal: AbortSignal): Promise<string> {
  let response: Response;
  try {
    // no-cache: after an update of the server its documents are others
    response = await fetch(`/docs/${path}`, { signal, cache: "no-cache" });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiError(0, "unreachable", "The server does not answer");
  }
  if (response.ok) return response.text();
  throw new ApiError(response.status, "error", `The server has no file /docs/${path}`);
}
