/** The reports of a project that are in the trash. */

import { useQueryClient } from "@tanstack/react-query";
import { deleteReportForGood, refreshReports, undeleteReport } from "@/api/reports/reports";
import type { TrashedReport } from "@/api/trash";
import type { ProjectRef } from "@/api/types";
import { useRights } from "../use-rights";
import { DeletedObjects } from "./deleted-objects";
import type { TrashWork } from "./use-trash-work";

interface DeletedReportsProps {
  readonly project: ProjectRef;
  readonly reports: readonly TrashedReport[];
  readonly trash: TrashWork;
}

export function DeletedReports({ project, reports, trash }: DeletedReportsProps) {
  const client = useQueryClient();
  const { mayWrite } = useRights(project);
  return (
    <DeletedObjects
      noun="report"
      objects={reports.map(({ title, author, ...report }) => ({
        ...report,
        name: title || "Untitled",
        note: author === null ? "" : `by ${author}`,
      }))}
      trash={trash}
      mayWrite={mayWrite}
      loss="Its draft, its versions and links to it are gone then."
      onRestore={(id) => undeleteReport(project, id)}
      onDelete={(id) => deleteReportForGood(project, id)}
      onChanged={() => refreshReports(client, project)}
    />
  );
}
