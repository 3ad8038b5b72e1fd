/** The bar over a report: which state of it is shown, its versions, its link. */

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { type Report, reportVersionsQuery } from "@/api/reports/reports";
import type { ProjectRef } from "@/api/types";
import { panelTitle } from "@/data/board/board";
import { gridsOf } from "@/data/report/outline";
import { readReport } from "@/data/report/read";
import { formatMoment } from "@/data/text/format";
import { copyText } from "@/ui/browser/copy-text";
import { Button } from "@/ui/controls/button";
import { SegmentedControl } from "@/ui/controls/segmented-control";
import { Menu, MenuLine } from "@/ui/overlays/menu";
import { RadioItem } from "@/ui/overlays/radio-item";
import { Ago } from "@/ui/text/ago";
import { type OpenShare, openShare, usePageShare } from "../open-share";
import { useRights } from "../use-rights";
import { CommentsButton } from "./comments/comments-button";
import { DownloadMenu } from "./download-menu";
import { FIGURE_MODES, type FigureMode } from "./figures/figures-context";
import { PublishButton } from "./publish-button";
import { reportTitle } from "./report-state";

interface ReportBarProps {
  readonly project: ProjectRef;
  readonly report: Report;
  /** Panels are being drawn for the printer. */
  readonly isPrinting: boolean;
  /** The report has something to store: grids of panels, or values of runs. */
  readonly hasFigures: boolean;
  readonly mode: FigureMode;
  /** Null: no figures are being stored. */
  readonly storing: { readonly nDone: number; readonly nParts: number } | null;
  onPrint(): void;
  /** Shows a version, the `draft`, or with an empty text what readers see. */
  onVersion(version: string): void;
  onPublished(): void;
  onFigures(mode: FigureMode): void;
  /** Opens the draft in the editor. */
  onEdit(): void;
}

export function ReportBar(props: ReportBarProps) {
  const {
    project,
    report,
    isPrinting,
    hasFigures,
    mode,
    storing,
    onPrint,
    onVersion,
    onPublished,
    onFigures,
    onEdit,
  } = props;
  const { mayWrite, mayShare } = useRights(project);
  const share = () => openShare(shareOf(project, report));
  usePageShare("Share this report", share, mayShare && report.published_version !== null);
  const { version, published_version: published, published_micros: publishedMicros, figures } = report;
  const isDraft = version === null;
  const isPublished = version !== null && version === published;
  return (
    <div className="report-bar">
      {isDraft ? (
        <span className="flag neu">Draft</span>
      ) : (
        <span className={`flag ${isPublished ? "pos" : "wrn"}`}>
          {isPublished ? "Published" : `Version ${version}`}
        </span>
      )}
      <span className="muted ell">
        {isDraft && (published === null ? "Not published: only editors see it" : "Readers see ")}
        {isDraft && published !== null && `version ${published}`}
        {isPublished && publishedMicros !== null && (
          <>
            version {version}, <Ago micros={publishedMicros} suffix=" ago" />
          </>
        )}
        {!isDraft && !isPublished && "An older version"}
        {!isDraft &&
          !storing &&
          figures.length === 0 &&
          hasFigures &&
          "; figures show the runs as they are now"}
        {isPublished && report.has_changes && mayWrite && "; the draft was edited since"}
      </span>
      {storing && (
        <span className="muted" role="status">
          Storing figures: {storing.nDone} of {storing.nParts}
        </span>
      )}
      {!isDraft && !storing && figures.length === 0 && hasFigures && mayWrite && (
        <Button
          isSmall
          title="Stores the runs as they are now, for readers to see"
          onClick={() => onFigures("store")}
        >
          Store figures
        </Button>
      )}
      {!isDraft && !storing && figures.length > 0 && (
        <SegmentedControl
          label="State of the runs"
          value={mode === "now" ? "now" : "published"}
          options={FIGURE_MODES}
          onChange={onFigures}
        />
      )}
      <span className="grow" />
      <CommentsButton />
      {mayWrite && <VersionMenu project={project} report={report} onVersion={onVersion} />}
      <DownloadMenu project={project} report={report} isPrinting={isPrinting} onPrint={onPrint} />
      <Button icon="link" isSmall onClick={() => void copyText(linkOf(report), "the link to this report")}>
        <span className="wide-only">Copy link</span>
      </Button>
      {mayShare && isPublished && (
        <Button icon="send" isSmall aria-label="Share" onClick={share}>
          <span className="wide-only">Share</span>
        </Button>
      )}
      {mayWrite && (isDraft || isPublished) && (
        <Button icon="edit" isSmall onClick={onEdit}>
          <span className="wide-only">Edit</span>
        </Button>
      )}
      {isDraft && mayWrite && (published === null || report.has_changes) && (
        <PublishButton
          project={project}
          report={report.id}
          title={reportTitle(report)}
          onPublished={onPublished}
        />
      )}
    </div>
  );
}

/** Without the part of the page that the reader has come to; an older version keeps its number. */
function linkOf({ version, published_version: published }: Report): string {
  const url = new URL(window.location.href);
  url.hash = "";
  url.search = version !== null && version !== published ? `?version=${version}` : "";
  return url.href;
}

/** What the dialog shares: what is published of the report. */
function shareOf(project: ProjectRef, report: Report): OpenShare {
  const { id, version, published_version: published, figures } = report;
  const grids = gridsOf(readReport(report.document));
  return {
    project,
    share: { kind: "report", report: id, name: reportTitle(report) },
    panels: grids.flatMap(({ panels }) =>
      panels.map((panel) => ({ id: panel.id, title: panelTitle(panel) })),
    ),
    lacksFigures: version === published && grids.length > 0 && figures.length === 0,
  };
}

/** The draft and what was published before, which only editors see. */
function VersionMenu({
  project,
  report,
  onVersion,
}: Pick<ReportBarProps, "project" | "report" | "onVersion">) {
  const [isOpen, setOpen] = useState(false);
  const { data: versions } = useQuery({ ...reportVersionsQuery(project, report.id), enabled: isOpen });
  const { version, published_version: published } = report;
  if (published === null) return null;
  return (
    <Menu
      position="bottom-end"
      width={280}
      isOpen={isOpen}
      onOpen={setOpen}
      target={
        <Button icon="clock" isSmall>
          <span className="wide-only">Versions</span>
        </Button>
      }
    >
      <RadioItem label="Draft" isOn={version === null} onChoose={() => onVersion("draft")} />
      <MenuLine />
      {versions?.map(({ version: number, name, created_micros: created, author }) => (
        <RadioItem
          key={number}
          label={`Version ${number}`}
          isOn={version === number}
          onChoose={() => onVersion(number === published ? "" : String(number))}
        >
          Version {number}
          {name && `: ${name}`}
          <span className="meta">
            {" "}
            {formatMoment(created)}
            {author && `, ${author}`}
          </span>
        </RadioItem>
      ))}
    </Menu>
  );
}
