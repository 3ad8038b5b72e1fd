/** The files of a version, for what shows files. */

import { useMemo } from "react";
import {
  artifactFileQuery,
  artifactFileSearchQuery,
  artifactFolderQuery,
  artifactZipUrl,
} from "@/api/artifacts/artifact-files";
import type { Artifact } from "@/api/artifacts/artifacts";
import type { FileSource } from "../files/file-source";

const ANY_COLOR = 1;

export function useVersionSource(artifact: Artifact): FileSource {
  const { entity, project, name, n_files, n_bytes } = artifact;
  const version = artifact.version ?? "latest";
  return useMemo(() => {
    const ref = { project: { entity, project }, name, version };
    const title = `${name}:${version}`;
    return {
      project: ref.project,
      owner: title,
      isLive: false,
      totals: { n_files, n_bytes },
      awaited: "This server does not have its content.",
      run: { id: title, name: title, color: ANY_COLOR, isLive: false },
      artifact: title,
      folder: (folder, limit) => artifactFolderQuery(ref, folder, limit),
      matches: (search, limit) => artifactFileSearchQuery(ref, search, limit),
      file: (path) => artifactFileQuery(ref, path),
      zipUrl: (folder) => artifactZipUrl(ref, folder),
    };
  }, [entity, project, name, version, n_files, n_bytes]);
}
