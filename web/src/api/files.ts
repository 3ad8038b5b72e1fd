/**
 * Files of a run: folder by folder, or those whose path has a text in it.
 */

import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { CODE_FOLDER } from "@/data/code-files";
import { requestJson, runPath } from "./client";
import type { ProjectRef, Schemas } from "./types";

export type StoredFile = Schemas["File"];
export type FileList = Schemas["FileList"];
export type Folder = Schemas["Folder"];

function keyOf(ref: ProjectRef, run: string) {
  return ["run-detail", ref.entity, ref.project, run, "files"] as const;
}

/** What is directly in a folder: its folders, and its first files by name. */
export function folderQuery(ref: ProjectRef, run: string, folder: string, limit: number) {
  const asked = new URLSearchParams({ folder, limit: String(limit) });
  return queryOptions({
    queryKey: [...keyOf(ref, run), "folder", folder, limit] as const,
    queryFn: ({ signal }) => requestJson<Folder>(`${runPath(ref, run)}/folder?${asked}`, { signal }),
    placeholderData: keepPreviousData,
  });
}

export function fileSearchQuery(ref: ProjectRef, run: string, search: string, limit: number) {
  const asked = new URLSearchParams({ search, limit: String(limit) });
  return queryOptions({
    queryKey: [...keyOf(ref, run), "search", search, limit] as const,
    queryFn: ({ signal }) => requestJson<FileList>(`${runPath(ref, run)}/files?${asked}`, { signal }),
    placeholderData: keepPreviousData,
  });
}

/** One file; null: no file has this path. */
export function fileQuery(ref: ProjectRef, run: string, path: string) {
  const asked = new URLSearchParams({ prefix: path, limit: "1" });
  return queryOptions({
    queryKey: [...keyOf(ref, run), "file", path] as const,
    queryFn: async ({ signal }): Promise<StoredFile | null> => {
      const { files } = await requestJson<FileList>(`${runPath(ref, run)}/files?${asked}`, { signal });
      return files.find((file) => file.path === path) ?? null;
    },
  });
}

const MOST_CODE_FILES = 10_000;

/** The files of code that a run stored. */
export function codeFilesQuery(ref: ProjectRef, run: string) {
  const asked = new URLSearchParams({ prefix: CODE_FOLDER, limit: String(MOST_CODE_FILES) });
  return queryOptions({
    queryKey: [...keyOf(ref, run), "code"] as const,
    queryFn: async ({ signal }): Promise<readonly StoredFile[]> =>
      (await requestJson<FileList>(`${runPath(ref, run)}/files?${asked}`, { signal })).files,
  });
}

/** Where all files below a folder can be downloaded; '': all of the run. */
export function zipUrl(ref: ProjectRef, run: string, folder: string): string {
  const asked = folder === "" ? "" : `?${new URLSearchParams({ folder })}`;
  return `/api/v1${runPath(ref, run)}/folder.zip${asked}`;
}
