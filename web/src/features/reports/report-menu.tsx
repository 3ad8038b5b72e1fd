/** The acts on a report of the list: its link, its deletion. */

import { useQueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { deleteReport, type ReportInfo, refreshReports, undeleteReport } from "@/api/reports/reports";
import { refreshTrash } from "@/api/trash";
import type { ProjectRef } from "@/api/types";
import { copyText } from "@/ui/browser/copy-text";
import { IconButton } from "@/ui/controls/icon-button";
import { Menu, MenuItem, MenuLine } from "@/ui/overlays/menu";
import { attempt, showDone } from "@/ui/overlays/toasts";
import { useRights } from "../use-rights";
import { reportTitle } from "./report-state";

interface ReportMenuProps {
  readonly project: ProjectRef;
  readonly report: ReportInfo;
}

export function ReportMenu({ project, report }: ReportMenuProps) {
  const client = useQueryClient();
  const router = useRouter();
  const { mayWrite } = useRights(project);
  const title = reportTitle(report);
  const copyLink = () => {
    const to = {
      to: "/$entity/$project/reports/$report",
      params: { ...project, report: report.id },
    } as const;
    void copyText(
      new URL(router.buildLocation(to).href, window.location.href).href,
      "the link to this report",
    );
  };
  const refresh = () => Promise.all([refreshReports(client, project), refreshTrash(client)]);
  const restore = () =>
    attempt("The report was not brought back", async () => {
      await undeleteReport(project, report.id);
      await refresh();
    });
  const remove = () =>
    attempt("The report was not deleted", async () => {
      await deleteReport(project, report.id);
      await refresh();
      showDone(`Deleted the report ${title}`, { label: "Undo", run: () => void restore() });
    });
  return (
    <Menu position="bottom-end" target={<IconButton icon="dots" label={`More of ${title}`} isSmall />}>
      <MenuItem icon="link" onChoose={copyLink}>
        Copy link
      </MenuItem>
      {mayWrite && (
        <>
          <MenuLine />
          <MenuItem icon="trash" isDanger onChoose={() => void remove()}>
            Delete
          </MenuItem>
        </>
      )}
    </Menu>
  );
}
