/**
 * Files of a run: folder by folder, or those whose path has a text in it. `artifact-files.ts` has those of a
 * version of an artifact, which are shown in the same way.
 */

import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { CODE_FOLDER } from "@/data/environment/code-files";
import { readJson, requestJson, runPath } from "../client";
import type { ProjectRef, Schemas } from "../types";

export type StoredFile = Schemas["File"];
export type FileList = Schemas["FileList"];

/** A file of a run or of a version of an artifact. */
export interface ShownFile
  extends Pick<StoredFile, "path" | "n_bytes" | "sha256" | "media_type" | "url" | "error"> {
  /** reference: it is kept elsewhere, at `reference`. */
  readonly state: StoredFile["state"] | "reference";
  readonly reference?: string | null;
}

/** The content of one folder. */
export interface FolderPage {
  readonly folders: Schemas["Folder"]["folders"];
  readonly files: readonly ShownFile[];
  readonly cursor: string | null;
  /** Also of folders below, if the server says it. */
  readonly n_files?: number;
  readonly n_bytes?: number;
}

/** The first files whose path has a text. */
export interface FileMatches {
  readonly files: readonly ShownFile[];
  /** Number of matches; null: more than these. */
  readonly total: number | null;
}

function keyOf(ref: ProjectRef, run: string, ...rest: readonly unknown[]): readonly unknown[] {
  return ["run-detail", ref.entity, ref.project, run, "files", ...rest];
}

/** The content of one folder: its folders, and its first files by name. */
export function folderQuery(ref: ProjectRef, run: string, folder: string, limit: number) {
  const params = new URLSearchParams({ folder, limit: String(limit) });
  return queryOptions({
    queryKey: keyOf(ref, run, "folder", folder, limit),
    queryFn: readJson<FolderPage>(`${runPath(ref, run)}/folder?${params}`),
    placeholderData: keepPreviousData,
  });
}

export function fileSearchQuery(ref: ProjectRef, run: string, search: string, limit: number) {
  const params = new URLSearchParams({ search, limit: String(limit) });
  return queryOptions({
    queryKey: keyOf(ref, run, "search", search, limit),
    queryFn: readJson<FileMatches>(`${runPath(ref, run)}/files?${params}`),
    placeholderData: keepPreviousData,
  });
}

/** One file; null: no file has this path. */
export function fileQuery(ref: ProjectRef, run: string, path: string) {
  const params = new URLSearchParams({ prefix: path, limit: "1" });
  return queryOptions({
    queryKey: keyOf(ref, run, "file", path),
    queryFn: async ({ signal }): Promise<ShownFile | null> => {
      const { files } = await requestJson<FileList>(`${runPath(ref, run)}/files?${params}`, { signal });
      return files.find((file) => file.path === path) ?? null;
    },
  });
}

const MOST_CODE_FILES = 10_000;

/** The files of code that a run stored. */
export function codeFilesQuery(ref: ProjectRef, run: string) {
  const params = new URLSearchParams({ prefix: CODE_FOLDER, limit: String(MOST_CODE_FILES) });
  return queryOptions({
    queryKey: keyOf(ref, run, "code"),
    queryFn: async ({ signal }): Promise<readonly StoredFile[]> =>
      (await requestJson<FileList>(`${runPath(ref, run)}/files?${params}`, { signal })).files,
  });
}

/** Where all files below a folder can be downloaded; '': all of the run. */
export function zipUrl(ref: ProjectRef, run: string, folder: string): string {
  const query = folder === "" ? "" : `?${new URLSearchParams({ folder })}`;
  return `/api/v1${runPath(ref, run)}/folder.zip${query}`;
}
