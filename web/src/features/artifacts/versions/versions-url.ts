import { type RowSort, sortOfText, sortText } from "@/data/table/row-sort";
import { useSearchState } from "../../search-state";

export const VERSIONS_URL = {
  /** Names of metadata, which may have any characters, as JSON; null: those that are shown at first. */
  columns: {
    name: "columns",
    read: namesOf,
    write: (names: readonly string[] | null) => (names ? JSON.stringify(names) : ""),
  },
  sort: {
    name: "sort",
    read: sortOfText,
    write: (sort: RowSort | null) => (sort ? sortText(sort) : ""),
  },
  /** The metadata that is drawn; null: the first with numbers. */
  drawn: {
    name: "drawn",
    read: (text: string) => text || null,
    write: (name: string | null) => name ?? "",
  },
};

function namesOf(text: string): readonly string[] | null {
  try {
    const names: unknown = JSON.parse(text);
    return Array.isArray(names) ? names.map(String) : null;
  } catch {
    return null;
  }
}

export const useVersionsUrl = () => useSearchState(VERSIONS_URL);
