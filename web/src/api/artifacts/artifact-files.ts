/**
 * Files of a version of an artifact, as those of a run: folder by folder, or those whose path has a text in it.
 */

import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { requestJson } from "../client";
import type { FileMatches, FolderPage, ShownFile } from "../files/files";
import type { ProjectRef, Schemas } from "../types";
import { artifactKey, versionPath } from "./artifacts";

/** A version of a project's artifact. */
export interface VersionRef {
  readonly project: ProjectRef;
  readonly name: string;
  readonly version: string;
}

type Folder = Schemas["ArtifactFolder"];
type FileList = Schemas["ArtifactFileList"];

function pathOf({ project, name, version }: VersionRef): string {
  return versionPath(project, name, version);
}

function keyOf({ project, name, version }: VersionRef, ...rest: readonly unknown[]): readonly unknown[] {
  return artifactKey(project, "files", name, version, ...rest);
}

/** The content of one folder: its folders, and its first files by name. */
export function artifactFolderQuery(ref: VersionRef, folder: string, limit: number) {
  const params = new URLSearchParams({ folder, limit: String(limit) });
  return queryOptions({
    queryKey: keyOf(ref, "folder", folder, limit),
    queryFn: async ({ signal }): Promise<FolderPage> => {
      const page = await requestJson<Folder>(`${pathOf(ref)}/folder?${params}`, { signal });
      return { ...page, files: page.files.map(shownFile) };
    },
    placeholderData: keepPreviousData,
  });
}

export function artifactFileSearchQuery(ref: VersionRef, search: string, limit: number) {
  const params = new URLSearchParams({ search, limit: String(limit) });
  return queryOptions({
    queryKey: keyOf(ref, "search", search, limit),
    queryFn: async ({ signal }): Promise<FileMatches> => {
      const { files, cursor } = await requestJson<FileList>(`${pathOf(ref)}/files?${params}`, { signal });
      return { files: files.map(shownFile), total: cursor === null ? files.length : null };
    },
    placeholderData: keepPreviousData,
  });
}

/** One file; null: no file has this path. */
export function artifactFileQuery(ref: VersionRef, path: string) {
  const params = new URLSearchParams({ prefix: path, limit: "1" });
  return queryOptions({
    queryKey: keyOf(ref, "file", path),
    queryFn: async ({ signal }): Promise<ShownFile | null> => {
      const { files } = await requestJson<FileList>(`${pathOf(ref)}/files?${params}`, { signal });
      const match = files.find((file) => file.path === path);
      return match ? shownFile(match) : null;
    },
  });
}

/** Where all files below a folder can be downloaded; '': all of the version. */
export function artifactZipUrl(ref: VersionRef, folder: string): string {
  const query = folder === "" ? "" : `?${new URLSearchParams({ folder })}`;
  return `/api/v1${pathOf(ref)}/folder.zip${query}`;
}

export function shownFile(file: Schemas["ArtifactFile"]): ShownFile {
  return { ...file, url: file.url ?? "", error: null };
}
