/**
 * The frame of both lists of the trash: the size, the button that empties it, and its text when empty.
 */

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
  readonly isPending: boolean;
  readonly isBusy: boolean;
  readonly children: ReactNode;
  readonly foot?: ReactNode;
  onEmpty(): void;
}

export function TrashFrame({
  of,
  total,
  nBytes,
  isPending,
  isBusy,
  children,
  foot,
  onEmpty,
}: TrashFrameProps) {
  return (
    <main className="trash-page">
      <div className="lead">
        <h1>Trash</h1>
        <span className="muted tn" role="status">
          {total > 0 && `${formatNoun(total, of)}, ${formatBytes(nBytes)}`}
        </span>
        <span className="grow" />
        <Button look="danger" icon="trash" disabled={total === 0 || isBusy} onClick={onEmpty}>
          Empty trash
        </Button>
      </div>
      <section className="card table-card" aria-label={`Deleted ${of}s`}>
        {isPending ? (
          <SkeletonRows n={4} label="Loading the trash" />
        ) : total === 0 ? (
          <EmptyState icon="trash" title="The trash is empty">
            A deleted {of} is kept here for some time and can be restored.
          </EmptyState>
        ) : (
          children
        )}
      </section>
      {foot && <div className="foot">{foot}</div>}
    </main>
  );
}
