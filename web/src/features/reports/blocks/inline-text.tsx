/** A line of text: characters with marks and links, and small objects among them. */

import { Link, useRouter } from "@tanstack/react-router";
import { Fragment, type MouseEvent, type ReactNode } from "react";
import type { RunRow } from "@/api/runs/run-rows";
import type { Inline, LiveValue, Mark, TextRun } from "@/data/report/document";
import { readRunPath } from "@/data/report/outline";
import { formatOf } from "@/data/table/cell-format";
import { isTimeColumn, labelOf } from "@/data/table/columns";
import { formatMoment } from "@/data/text/format";
import { Formula } from "@/ui/text/formula";
import { useFigures } from "../figures/figures-context";
import { runPageOf, TEXT_BLOCK } from "../grid/run-page-link";
import { useReport } from "../report-context";

export function InlineText({ text }: { text: readonly Inline[] }) {
  // biome-ignore lint/suspicious/noArrayIndexKey: the pieces are places in a text that does not change
  return text.map((piece, i) => <Fragment key={i}>{pieceOf(piece)}</Fragment>);
}

function pieceOf(piece: Inline): ReactNode {
  switch (piece.kind) {
    case "text":
      return <MarkedText run={piece} />;
    case "mention":
      return <span className="mention">@{piece.user}</span>;
    case "math":
      return <Formula latex={piece.latex} />;
    case "value":
      return <LiveNumber value={piece} />;
    case "unknown":
      return (
        <span className="flag neu" title="This version of weft cannot show it">
          {piece.of || "unknown"}
        </span>
      );
  }
}

const TAGS: Readonly<Record<Mark, "b" | "i" | "u" | "s" | "code" | "mark" | "sup" | "sub">> = {
  bold: "b",
  italic: "i",
  underline: "u",
  strike: "s",
  code: "code",
  highlight: "mark",
  superscript: "sup",
  subscript: "sub",
};

function MarkedText({ run: { text, marks, link } }: { run: TextRun }) {
  let marked: ReactNode = text;
  for (const mark of marks) {
    const Tag = TAGS[mark];
    marked = <Tag>{marked}</Tag>;
  }
  return link === null ? marked : <TextLink to={link}>{marked}</TextLink>;
}

/** A link of a text: on this page, to another page of this server, or out of it. */
export function TextLink({ to, children }: { to: string; children: ReactNode }) {
  const router = useRouter();
  const { isStatic } = useReport();
  if (to.startsWith("/") && isStatic) return children;
  if (to.startsWith("#")) return <a href={to}>{children}</a>;
  if (!to.startsWith("/"))
    return (
      <a href={to} target="_blank" rel="noopener noreferrer">
        {children}
      </a>
    );
  const onClick = (event: MouseEvent) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    router.history.push(to);
  };
  return (
    <a href={to} onClick={onClick}>
      {children}
    </a>
  );
}

/**
 * A value of a run: stored, or as it is now. Its source is told on hover, and a click leads there; amber tells that the
 * two differ.
 */
function LiveNumber({ value: { run: path, key, format } }: { value: LiveValue }) {
  const report = useReport();
  const { runOf, storedRunOf, isShared, isStatic } = report;
  const { mode } = useFigures();
  const now = runOf(path);
  const stored = storedRunOf(path);
  const of = readRunPath(path);
  const { label } = labelOf(key);
  const isStored = mode === "published" && stored !== null;
  const run = isStored ? stored : now;
  if (run === undefined) return <span className="live-value sk" role="status" aria-label="Loading a value" />;
  if (run === null || of === null)
    return (
      <span
        className="live-value gone"
        title={`${label}${isShared ? "" : ` of ${path}`}: ${isStatic ? "it was not stored when the report was published" : "the run is deleted, or you may not see it"}`}
      >
        {isStatic ? "not stored" : "no run"}
      </span>
    );
  const text = textOfValue(run, key, format);
  if (text === null)
    return (
      <span className="live-value gone" title={`${run.name} has no ${label}`}>
        no value
      </span>
    );
  const other = isStored ? now : stored;
  const otherText = other && textOfValue(other, key, format);
  const isChanged = isStored
    ? now !== undefined && otherText !== text
    : Boolean(stored) && otherText !== text;
  const title = [
    `${label} of ${run.name}${isShared ? "" : `, ${of.entity}/${of.project}`}`,
    isStored ? "as published" : "as it is now",
    ...(isChanged
      ? [isStored ? `now ${otherText ?? "gone"}` : `${otherText ?? "no value"} when published`]
      : []),
  ].join(", ");
  const shown =
    isTimeColumn(key) && typeof run.values[key] === "number" ? formatMoment(run.values[key]) : text;
  const className = `live-value ${isChanged ? "changed" : ""}`;
  const page = runPageOf(report, TEXT_BLOCK, of, of.run);
  // of a deleted run there is no page
  if (page === null || (isStored && now === null))
    return (
      <span className={className} title={title}>
        {shown}
      </span>
    );
  return (
    <Link {...page} className={className} title={title}>
      {shown}
    </Link>
  );
}

/** Null: the run has none. */
function textOfValue(run: RunRow, key: string, format: LiveValue["format"]): string | null {
  const { text, kind } = formatOf(key, format ?? undefined, undefined)(run.values[key]);
  return kind === "none" ? null : text;
}
