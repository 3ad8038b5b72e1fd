/** A grid as it was when the report was published: its panels' queries are answered from the stored figure. */

import { QueryClientProvider, useQuery, useQueryClient } from "@tanstack/react-query";
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
import { RunChangesLine } from "./run-changes";

interface PublishedGridProps extends SeenGridProps {
  readonly version: ReportVersion;
  readonly info: FigureInfo;
}

export function PublishedGrid({ version, info, ...props }: PublishedGridProps) {
  const { data: figure, error } = useQuery(figureQuery(version, info.sha256));
  if (error)
    return (
      <div className="say" role="alert">
        <b>The figure as published could not be read</b>
        <span>{error.message}</span>
      </div>
    );
  if (!figure) return <div className="say" role="status" aria-label="Loading the figure" />;
  return <FigureGrid {...props} figure={figure} />;
}

function FigureGrid({ figure, ...props }: SeenGridProps & { readonly figure: Figure }) {
  const { project, sets } = props;
  const { isShared, isStatic } = useReport();
  const server = useQueryClient();
  const client = useMemo(() => sourcedClient(figureSource(project, figure)), [project, figure]);
  return (
    <QueryClientProvider client={client}>
      <SeenGrid
        {...props}
        isFixed
        note={
          isShared || isStatic ? (
            <CapturedLine figure={figure} />
          ) : (
            <QueryClientProvider client={server}>
              <RunChangesLine project={project} sets={sets} figure={figure} />
            </QueryClientProvider>
          )
        }
      />
    </QueryClientProvider>
  );
}

/** The line on changes for a grid that shows the runs as they are now. */
export function ChangesSince({ version, info, project, sets }: PublishedGridProps) {
  const { data: figure } = useQuery(figureQuery(version, info.sha256));
  return figure ? <RunChangesLine project={project} sets={sets} figure={figure} isNow /> : null;
}

function CapturedLine({ figure }: { figure: Figure }) {
  return (
    <p className="grid-changes">
      <span className="words">As of {formatMoment(figure.capturedMicros)}.</span>
    </p>
  );
}
