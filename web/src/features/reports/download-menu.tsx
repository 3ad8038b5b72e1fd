/** A report as a file, or on paper. */

import { useState } from "react";
import { exportReport, type ReportFormat } from "@/api/reports/exports";
import type { Report } from "@/api/reports/reports";
import type { ProjectRef } from "@/api/types";
import { fileName, saveFile } from "@/ui/browser/save-file";
import { Button } from "@/ui/controls/button";
import { Menu, MenuItem, MenuLine } from "@/ui/overlays/menu";
import { attempt } from "@/ui/overlays/toasts";
import { reportTitle } from "./report-state";

interface DownloadMenuProps {
  readonly project: ProjectRef;
  readonly report: Report;
  /** Panels are being drawn for the printer. */
  readonly isPrinting: boolean;
  onPrint(): void;
}

export function DownloadMenu({ project, report, isPrinting, onPrint }: DownloadMenuProps) {
  const [isLoading, setLoading] = useState(false);
  const { id, version, document } = report;
  const save = async (format: ReportFormat, suffix: string) => {
    setLoading(true);
    await attempt("The report could not be downloaded", async () => {
      const content = await exportReport(project, id, format, version === null ? "draft" : String(version));
      saveFile(content, `${fileName(reportTitle(document))}.${suffix}`);
    });
    setLoading(false);
  };
  return (
    <Menu
      position="bottom-end"
      width={250}
      target={
        <Button icon="download" isSmall disabled={isPrinting || isLoading}>
          <span className="wide-only">Download</span>
        </Button>
      }
    >
      <MenuItem icon="doc" end=".html" onChoose={() => void save("html", "html")}>
        HTML file with its charts
      </MenuItem>
      <MenuItem icon="code" end=".md" onChoose={() => void save("markdown", "md")}>
        Markdown
      </MenuItem>
      <MenuLine />
      <MenuItem icon="file" onChoose={onPrint}>
        Print
      </MenuItem>
    </Menu>
  );
}
