/** The acts on a report of the list: its link, its shares, its pin, its deletion. */

import { useQueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import {
  deleteReport,
  pinReport,
  type ReportInfo,
  refreshReports,
  undeleteReport,
} from "@/api/reports/reports";
import { refreshTrash } from "@/api/trash";
import type { ProjectRef } from "@/api/types";
import { copyText } from "@/ui/browser/copy-text";
import { IconButton } from "@/ui/controls/icon-button";
import { Menu, MenuItem, MenuLine } from "@/ui/overlays/menu";
import { attempt, showDone } from "@/ui/overlays/toasts";
import { openShare } from "../../open-share";
import { useRights } from "../../use-rights";
import { reportTitle } from "../report-state";

interface ReportMenuProps {
  readonly project: ProjectRef;
  readonly report: ReportInfo;
}

export function ReportMenu({ project, report }: ReportMenuProps) {
  const client = useQueryClient();
  const router = useRouter();
  const { mayWrite, mayShare } = useRights(project);
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
  const share = () => openShare({ project, share: { kind: "report", report: report.id, name: title } });
  const isPinned = report.pinned_micros !== null;
  const pin = (next: boolean): Promise<void> =>
    attempt(next ? "The report was not pinned" : "The report was not unpinned", async () => {
      await pinReport(client, project, report.id, next);
      const done = next ? `Pinned ${title} to the overview` : `${title} is off the overview`;
      showDone(done, { label: "Undo", run: () => void pin(!next) });
    });
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
      {mayShare && report.published_version !== null && (
        <MenuItem icon="send" onChoose={share}>
          Share
        </MenuItem>
      )}
      {mayWrite && (
        <>
          <MenuItem icon="pin" onChoose={() => void pin(!isPinned)}>
            {isPinned ? "Unpin from overview" : "Pin to overview"}
          </MenuItem>
          <MenuLine />
          <MenuItem icon="trash" isDanger onChoose={() => void remove()}>
            Delete
          </MenuItem>
        </>
      )}
    </Menu>
  );
}
