/** Offers the view as one HTML file, and makes it: what it has, and what it leaves out. */

import { useContext, useState } from "react";
import { exportView } from "@/api/files/view-files";
import type { FigureRecorder } from "@/api/reports/figures";
import type { ProjectRef } from "@/api/types";
import { formatCount, formatNoun } from "@/data/text/format";
import { documentOf } from "@/data/view/document";
import { fileName, saveFile } from "@/ui/browser/save-file";
import { Button } from "@/ui/controls/button";
import { Dialog } from "@/ui/overlays/dialog";
import { showDone } from "@/ui/overlays/toasts";
import { Fault } from "@/ui/signs/fault";
import { BoardContext, PanelSetContext } from "../board/board-set";
import { useReadView } from "../view/view-store";
import { type FileView, filePanels, fileSet } from "./file-view";
import { ViewFileDraft } from "./view-file-draft";
import "./view-file.css";

interface ViewFileDialogProps {
  readonly project: ProjectRef;
  /** Of the view. */
  readonly name: string;
  onClose(): void;
}

export default function ViewFileDialog({ project, name, onClose }: ViewFileDialogProps) {
  const page = useContext(PanelSetContext);
  const board = useContext(BoardContext);
  const readView = useReadView();
  const [draft, setDraft] = useState<Omit<FileView, "omitted"> | null>(null);
  const [error, setError] = useState<Error | null>(null);
  if (!page || !board) return null;
  const set = fileSet(page);
  const nShown = page.nShown ?? page.runs.length;
  const nRunsOmitted = nShown - set.runs.length;
  const panels = filePanels(board);
  const begin = () => {
    const view = readView();
    const { panelSearch, isPanelRegex } = view;
    setError(null);
    setDraft({ document: { ...documentOf(view), panelSearch, isPanelRegex }, shown: set });
  };
  const save = async (recorder: FigureRecorder, nOmitted: number) => {
    if (!draft) return;
    const view = { ...draft, omitted: { runs: nRunsOmitted, panels: nOmitted } };
    const runs = draft.shown.runs.map(({ id }) => id);
    const title = `${project.project}: ${name}`;
    try {
      saveFile(await exportView(project, recorder, { name: title, view, runs }), `${fileName(title)}.html`);
      showDone("Downloaded the view as a file");
      onClose();
    } catch (fault) {
      setError(fault as Error);
      setDraft(null);
    }
  };
  return (
    <Dialog
      title="Download as HTML"
      isOpen
      width={480}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="ink" disabled={draft !== null || set.runs.length === 0} onClick={begin}>
            {draft ? "Drawing its panels…" : "Download"}
          </Button>
        </>
      }
    >
      <p className="view-file-says">
        One file with {formatNoun(set.runs.length, "run")} and {formatNoun(panels.ids.length, "panel")} as
        they are now. It opens without a server, and its charts can be zoomed. Whoever has the file sees the
        runs' config and summary.
      </p>
      {(nRunsOmitted > 0 || panels.nOmitted > 0) && (
        <p className="view-file-says">
          Left out:{" "}
          {[
            nRunsOmitted > 0 && `${formatCount(nRunsOmitted)} of ${formatNoun(nShown, "run")}`,
            panels.nOmitted > 0 &&
              `${formatCount(panels.nOmitted)} of ${formatNoun(panels.ids.length + panels.nOmitted, "panel")}`,
          ]
            .filter(Boolean)
            .join(" and ")}
          . Of media, images of the last step are in the file.
        </p>
      )}
      {error && <Fault title="The file could not be made" error={error} onRetry={begin} />}
      {draft && (
        <ViewFileDraft
          project={project}
          document={draft.document}
          set={draft.shown}
          onDrawn={(recorder, nOmitted) => void save(recorder, nOmitted)}
        />
      )}
    </Dialog>
  );
}
