/** A grid of a shared report whose link shows its runs: as they are now, asked of the link. */

import { QueryClientProvider } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { ApiError, ask, SHARED_ENTITY, sharedRef } from "@/api/client";
import { sourcedClient } from "@/api/reports/figures";
import { projectOf, projectOfGrid } from "../grid/run-sets";
import { SeenGrid, type SeenGridProps } from "../grid/seen-grid";
import { ReportContext, useReport } from "../report-context";

interface LinkedGridProps extends SeenGridProps {
  readonly link: string;
}

export function LinkedGrid({ link, ...props }: LinkedGridProps) {
  const { id, sets: published } = props;
  const report = useReport();
  const [client] = useState(() => sourcedClient(askLink));
  const frame = useMemo(() => ({ ...report, project: sharedRef(`${link}.${id}.1`) }), [report, link, id]);
  const sets = useMemo(
    () =>
      published.map((set) => {
        // `-/2` in the link's own words
        const number = projectOf(set, report.project).project;
        return { ...set, project: `${SHARED_ENTITY}/${link}.${id}.${number}` };
      }),
    [published, report.project, link, id],
  );
  const { entity, project: name } = projectOfGrid(sets, frame.project);
  const project = useMemo(() => ({ entity, project: name }), [entity, name]);
  return (
    <ReportContext value={frame}>
      <QueryClientProvider client={client}>
        <SeenGrid {...props} sets={sets} project={project} />
      </QueryClientProvider>
    </ReportContext>
  );
}

/** Requests of the link; others need an account. */
function askLink(path: string, init: RequestInit): Promise<Response> {
  if (path.startsWith("/shared/")) return ask(path, init);
  throw new ApiError(404, "not_shared", "This link does not show it.");
}
