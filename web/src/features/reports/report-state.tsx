/** Whether readers see a report, and whether its draft says more than what they see. */

import type { ReportInfo } from "@/api/reports/reports";

export function ReportState({ report }: { report: ReportInfo }) {
  const { published_version: version, has_changes: hasChanges } = report;
  if (version === null)
    return (
      <span className="flag neu" title="Only those who may edit the project see it">
        Draft
      </span>
    );
  return (
    <>
      <span className="flag pos">Published</span>
      {hasChanges && (
        <span className="muted ell" title={`The draft was edited since version ${version}`}>
          edited since
        </span>
      )}
    </>
  );
}

export function reportTitle({ title }: { readonly title: string }): string {
  return title.trim() || "Untitled report";
}
