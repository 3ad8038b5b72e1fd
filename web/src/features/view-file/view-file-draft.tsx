/** Draws the panels of a file out of sight, and notes what they ask. */

import { QueryClientProvider } from "@tanstack/react-query";
import { useEffect, useEffectEvent, useState } from "react";
import { allAnswered } from "@/api/reports/all-answered";
import { FigureRecorder, sourcedClient } from "@/api/reports/figures";
import type { ProjectRef } from "@/api/types";
import { WholeInView } from "@/panels/frame/use-in-view";
import { ViewPanel } from "../board/sections/board-panel";
import { FileBoard, FileViewProvider, useFileBoard } from "./file-board";
import { type FileSet, filePanels } from "./file-view";

interface ViewFileDraftProps {
  readonly project: ProjectRef;
  readonly document: object;
  readonly set: FileSet;
  /** All panels have their answers. */
  onDrawn(recorder: FigureRecorder, nOmitted: number): void;
}

export function ViewFileDraft({ project, document, set, onDrawn }: ViewFileDraftProps) {
  const [recorder] = useState(() => new FigureRecorder());
  const [client] = useState(() => sourcedClient(recorder.source));
  const [nOmitted, setOmitted] = useState<number | null>(null);
  const tell = useEffectEvent((n: number) => onDrawn(recorder, n));
  useEffect(() => {
    if (nOmitted === null) return;
    let isOver = false;
    void allAnswered(client).then(() => {
      if (!isOver) tell(nOmitted);
    });
    return () => {
      isOver = true;
    };
  }, [client, nOmitted]);
  return (
    <QueryClientProvider client={client}>
      <FileViewProvider document={document}>
        <Panels project={project} set={set} onBoard={setOmitted} />
      </FileViewProvider>
    </QueryClientProvider>
  );
}

interface PanelsProps {
  readonly project: ProjectRef;
  readonly set: FileSet;
  /** The panels are known, and so many are left out. Stable. */
  onBoard(nOmitted: number): void;
}

function Panels({ project, set, onBoard }: PanelsProps) {
  const { board, isPending } = useFileBoard(project, set);
  const { ids, nOmitted } = filePanels(board);
  useEffect(() => {
    if (!isPending) onBoard(nOmitted);
  }, [isPending, nOmitted, onBoard]);
  if (isPending) return null;
  return (
    <div className="view-file-draft" aria-hidden inert>
      <FileBoard project={project} board={board} set={set}>
        <WholeInView value>
          {ids.map((id) => (
            <div key={id} className="cell">
              <ViewPanel id={id} />
            </div>
          ))}
        </WholeInView>
      </FileBoard>
    </div>
  );
}
