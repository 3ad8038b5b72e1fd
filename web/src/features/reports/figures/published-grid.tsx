/** A grid as it was when the report was published: its panels' queries are answered from the stored figures. */

import { QueryClientProvider, type UseQueryResult, useQueries, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import {
  type FigureInfo,
  figureQuery,
  figureSource,
  type ReportVersion,
  sourcedClient,
} from "@/api/reports/figures";
import type { Figure } from "@/data/report/figure";
import { formatMoment } from "@/data/text/format";
import { SeenGrid, type SeenGridProps } from "../grid/seen-grid";
import { useReport } from "../report-context";
import { capturedMicrosOf, projectFigures } from "./project-figures";
import { RunChangesLine } from "./run-changes";

interface PublishedGridProps extends SeenGridProps {
  readonly version: ReportVersion;
  /** Of those of its projects that the reader may see. */
  readonly infos: readonly FigureInfo[];
}

export function PublishedGrid({ version, infos, ...props }: PublishedGridProps) {
  const { figures, error } = useStoredFigures(version, infos);
  if (error)
    return (
      <div className="say" role="alert">
        <b>The figure as published could not be read</b>
        <span>{error.message}</span>
      </div>
    );
  if (!figures) return <div className="say" role="status" aria-label="Loading the figure" />;
  return <FigureGrid {...props} infos={infos} figures={figures} />;
}

interface StoredFigures {
  /** Null: not all are there yet. */
  readonly figures: readonly Figure[] | null;
  readonly error: Error | null;
}

function useStoredFigures(version: ReportVersion, infos: readonly FigureInfo[]): StoredFigures {
  return useQueries({
    queries: infos.map(({ sha256 }) => figureQuery(version, sha256)),
    combine: joinFigures,
  });
}

function joinFigures(answers: readonly UseQueryResult<Figure>[]): StoredFigures {
  const figures = answers.flatMap(({ data }) => data ?? []);
  return {
    figures: figures.length < answers.length ? null : figures,
    error: answers.find(({ error }) => error)?.error ?? null,
  };
}

interface FigureGridProps extends SeenGridProps, Pick<PublishedGridProps, "infos"> {
  readonly figures: readonly Figure[];
}

function FigureGrid({ infos, figures, ...props }: FigureGridProps) {
  const { project, sets } = props;
  const { project: own, isShared, isStatic } = useReport();
  const server = useQueryClient();
  const client = useMemo(
    () => sourcedClient(figureSource(projectFigures(infos, figures, sets, own))),
    [infos, figures, sets, own],
  );
  return (
    <QueryClientProvider client={client}>
      <SeenGrid
        {...props}
        isFixed
        note={
          isShared || isStatic ? (
            <CapturedLine figures={figures} />
          ) : (
            <QueryClientProvider client={server}>
              <RunChangesLine project={project} sets={sets} figures={figures} />
            </QueryClientProvider>
          )
        }
      />
    </QueryClientProvider>
  );
}

/** The line on changes for a grid that shows the runs as they are now. */
export function ChangesSince({ version, infos, project, sets }: PublishedGridProps) {
  const { figures } = useStoredFigures(version, infos);
  return figures ? <RunChangesLine project={project} sets={sets} figures={figures} isNow /> : null;
}

function CapturedLine({ figures }: { figures: readonly Figure[] }) {
  return (
    <p className="grid-changes">
      <span className="words">As of {formatMoment(capturedMicrosOf(figures))}.</span>
    </p>
  );
}
