/** The page of a view in a file: its runs and its panels as they were, without a server. */

import { type ReactNode, useMemo, useState } from "react";
import type { ProjectRef, Run } from "@/api/types";
import { formatMoment, formatNoun } from "@/data/text/format";
import { PinnedTip } from "@/panels/plot/pinned-tip";
import { TipLayer } from "@/panels/plot/tip-layer";
import { EmptyState } from "@/ui/signs/empty-state";
import { Icon } from "@/ui/signs/icons";
import { LoadingPanels, NoMetrics, PanelScroll } from "../board/board-states";
import { FullScreen } from "../board/full-screen";
import { PanelBoard } from "../board/panel-board";
import { RunFacts } from "../shared-runs/shared-run";
import { SharedTable } from "../shared-runs/shared-table";
import { useView } from "../view/view-store";
import { FileBoard, FileViewProvider, useFileBoard } from "./file-board";
import { useColoredSet } from "./file-colors";
import { type FileView, withoutHidden } from "./file-view";
import { FolderPage } from "./folder-page";
import "../shared-runs/shared-runs.css";
import "./view-file.css";

export interface ViewFilePageProps {
  readonly project: ProjectRef;
  readonly name: string;
  readonly view: FileView;
  readonly runs: readonly Run[];
  readonly savedMicros: number;
  /** At the end of the bar. */
  readonly tools: ReactNode;
}

export function ViewFilePage(props: ViewFilePageProps) {
  const { name, view, savedMicros, tools } = props;
  const { runs, panels } = view.omitted;
  const { folder } = view;
  const omitted = [runs > 0 && formatNoun(runs, "run"), panels > 0 && formatNoun(panels, "panel")];
  return (
    <main className="share-page view-file" aria-label="View">
      <header className="share-head">
        {folder?.home ? (
          <a className="btn sm" href={folder.home}>
            <Icon name="left" isSmall /> Project
          </a>
        ) : (
          <span className="flag neu">File</span>
        )}
        <h1 dir="auto">{name}</h1>
        <span className="meta">
          {formatNoun(view.shown.runs.length, "run")}, as of {formatMoment(savedMicros)}
          {omitted.some(Boolean) && `; left out: ${omitted.filter(Boolean).join(", ")}`}
        </span>
        <span className="grow" />
        {tools}
      </header>
      <FileViewProvider document={view.document}>
        {folder?.kind === "project" ? (
          <FolderPage runs={props.runs} folder={folder} />
        ) : (
          <Charts {...props} />
        )}
      </FileViewProvider>
    </main>
  );
}

const NONE: ReadonlySet<string> = new Set();

function Charts({ project, view, runs }: ViewFilePageProps) {
  const { board, isPending } = useFileBoard(project, view.shown);
  const shown = useColoredSet(project, view.shown);
  const [hidden, setHidden] = useState(NONE);
  const set = useMemo(() => withoutHidden(shown, hidden), [shown, hidden]);
  const first = useView(({ order, pinned, table }) => [
    ...new Set([...order.map(({ column }) => column), ...pinned, ...table.pinned]),
  ]);
  const looks = useView(({ table }) => table.formats);
  const colorOf = useMemo(() => new Map(shown.runs.map(({ id, color }) => [id, color])), [shown]);
  const colored = useMemo(
    () => runs.map((run) => ({ ...run, color: colorOf.get(run.id) ?? run.color })),
    [runs, colorOf],
  );
  const turn = (ids: readonly string[], isHidden: boolean) => {
    const next = new Set(hidden);
    for (const id of ids)
      if (isHidden) next.add(id);
      else next.delete(id);
    setHidden(next);
  };
  // the curve of a group is of all its runs
  const eyes = view.shown.groupBy.length > 0 ? undefined : { hidden, onTurn: turn };
  return (
    <FileBoard project={project} board={board} set={set}>
      <section className="panels" aria-label="Panels">
        <PanelScroll>
          {view.folder?.kind === "run" && colored[0] ? (
            <div className="shared-run">
              <RunFacts run={colored[0]} />
            </div>
          ) : (
            <SharedTable runs={colored} first={first} looks={looks} eyes={eyes} hrefs={view.folder?.runs} />
          )}
          {isPending ? (
            <LoadingPanels />
          ) : board.isBare ? (
            <NoMetrics />
          ) : set.runs.length === 0 ? (
            <EmptyState icon="eyeoff" title="All runs are hidden">
              Show runs with the eye in the table.
            </EmptyState>
          ) : (
            <PanelBoard />
          )}
        </PanelScroll>
        <FullScreen />
        <PinnedTip />
        <TipLayer />
      </section>
    </FileBoard>
  );
}
