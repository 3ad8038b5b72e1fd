/** The frame of both lists of the trash: the size, the button that empties it, and its text when empty. */

import type { ReactNode } from "react";
import { formatBytes, formatNoun } from "@/data/text/format";
import { Button } from "@/ui/controls/button";
import { EmptyState } from "@/ui/signs/empty-state";
import { SkeletonRows } from "@/ui/signs/skeleton";
import "./trash.css";

interface TrashFrameProps {
  readonly of: "run" | "project";
  readonly total: number;
  readonly nBytes: number;
  /** How many things the button deletes. */
  readonly nEmptied: number;
  readonly isPending: boolean;
  readonly isBusy: boolean;
  readonly children: ReactNode;
  /** Lists of other deleted things, below. */
  readonly others?: ReactNode;
  /** What they have, such as "2 views"; empty: nothing. */
  readonly othersText?: string;
  readonly foot?: ReactNode;
  /** The question before something is deleted permanently. */
  readonly dialog: ReactNode;
  /** Absent: nothing in it may be deleted permanently. */
  onEmpty: (() => void) | undefined;
}

export function TrashFrame(props: TrashFrameProps) {
  const { of, total, nBytes, nEmptied, isPending, isBusy, children, others, othersText = "", foot } = props;
  const { dialog, onEmpty } = props;
  const isEmpty = total === 0 && othersText === "";
  return (
    <main className="trash-page">
      <div className="lead">
        <h1>Trash</h1>
        <span className="muted tn" role="status">
          {[...(total > 0 ? [formatNoun(total, of), formatBytes(nBytes)] : []), othersText]
            .filter(Boolean)
            .join(", ")}
        </span>
        <span className="grow" />
        {onEmpty && (
          <Button look="danger" icon="trash" disabled={nEmptied === 0 || isBusy} onClick={onEmpty}>
            Empty trash
          </Button>
        )}
      </div>
      {(total > 0 || isEmpty) && (
        <section className="card table-card" aria-label={`Deleted ${of}s`}>
          {isPending ? (
            <SkeletonRows n={4} label="Loading the trash" />
          ) : isEmpty && of === "run" ? (
            <EmptyState icon="trash" title="The trash is empty">
              A deleted run, view or report is kept here for some time and can be restored.
            </EmptyState>
          ) : isEmpty ? (
            <EmptyState icon="trash" title="No deleted projects">
              A deleted project is kept here for some time and can be restored. Deleted runs, views and
              reports are in the trash of their own project.
            </EmptyState>
          ) : (
            children
          )}
        </section>
      )}
      {foot && <div className="foot">{foot}</div>}
      {others}
      {dialog}
    </main>
  );
}
