/** The owner of the shown files: a run, or a version of an artifact. The page that shows them provides it. */

import type { UseQueryOptions } from "@tanstack/react-query";
import { createContext, useContext } from "react";
import type { FileMatches, FolderPage, ShownFile } from "@/api/files/files";
import type { ProjectRef } from "@/api/types";
import type { PanelRun } from "@/panels/panel-props";

/** Each source has keys of its own. */
type Query<Data> = UseQueryOptions<Data, Error, Data, readonly unknown[]>;

export interface FileSource {
  readonly project: ProjectRef;
  /** "The run", "This version": whose files these are. */
  readonly owner: string;
  /** More files may come: they are asked for again and again. */
  readonly isLive: boolean;
  /** Of all files; null until it is known. */
  readonly totals: { readonly n_files: number; readonly n_bytes: number } | null;
  /** Why a file that was announced has no content yet. */
  readonly awaited: string;
  /** As a panel of tables draws it. */
  readonly run: PanelRun;
  /** `name:v3` if the tables are files of a version, and not of a run. */
  readonly artifact: string | null;
  /** Outermost folders that weft itself fills, which come last. */
  readonly ownFolders?: readonly string[];
  folder(folder: string, limit: number): Query<FolderPage>;
  matches(search: string, limit: number): Query<FileMatches>;
  file(path: string): Query<ShownFile | null>;
  /** Where all files below a folder can be downloaded; '': all. */
  zipUrl(folder: string): string;
}

export const FileSourceContext = createContext<FileSource | null>(null);

export function useFileSource(): FileSource {
  const source = useContext(FileSourceContext);
  if (!source) throw new Error("files need a source around them");
  return source;
}
