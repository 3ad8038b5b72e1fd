/** The files of a run: what its script saved, and its media. */

import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { fileQuery, fileSearchQuery, folderQuery, zipUrl } from "@/api/files/files";
import { FileBrowser } from "../files/file-browser";
import { type FileSource, FileSourceContext } from "../files/file-source";
import { FIRST_FILES } from "../files/use-file-tree";
import { useShownRun } from "./shown-run";

/** Manifests of logged artifacts, which the Artifacts tab shows. */
const OWN_FOLDERS = ["artifacts"];

export function FilesTab() {
  const { project, run } = useShownRun();
  const { id, name, color, state } = run;
  const isLive = state === "running";
  const root = useQuery(folderQuery(project, id, "", FIRST_FILES)).data;
  const source = useMemo(
    (): FileSource => ({
      project,
      owner: "The run",
      isLive,
      totals: root ? { n_files: root.n_files ?? 0, n_bytes: root.n_bytes ?? 0 } : null,
      awaited: isLive
        ? "The run has announced this file, and its content is on the way."
        : "The run has ended. weft sync on its machine sends what is left there.",
      run: { id, name, color, isLive },
      artifact: null,
      ownFolders: OWN_FOLDERS,
      folder: (folder, limit) => folderQuery(project, id, folder, limit),
      matches: (search, limit) => fileSearchQuery(project, id, search, limit),
      file: (path) => fileQuery(project, id, path),
      zipUrl: (folder) => zipUrl(project, id, folder),
    }),
    [project, id, name, color, isLive, root],
  );
  return (
    <FileSourceContext value={source}>
      <FileBrowser
        none={
          isLive
            ? "What the script saves with run.save() appears here, and its media."
            : 'The run saved no files and no media. run.save("*.csv") stores files, run.log() media.'
        }
      />
    </FileSourceContext>
  );
}
