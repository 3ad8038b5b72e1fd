/** A failed read: its subject, the reason, and the way to try again. */

import { Button } from "../controls/button";
import { EmptyState } from "./empty-state";
import { PageProblem } from "./page-problem";

interface FaultProps {
  readonly title: string;
  readonly error: Error;
  /** Absent: nothing can be done. */
  onRetry?(): unknown;
}

/** In place of a whole page. */
export function PageFault({ title, error, onRetry }: FaultProps) {
  return (
    <PageProblem icon="warn" title={title}>
      <span>{error.message}</span>
      {onRetry && (
        <Button isSmall onClick={() => onRetry()}>
          Try again
        </Button>
      )}
    </PageProblem>
  );
}

/** In place of a part of a page. */
export function Fault({ title, error, onRetry }: FaultProps) {
  return (
    <EmptyState
      icon="warn"
      title={title}
      action={onRetry && <Button onClick={() => onRetry()}>Try again</Button>}
    >
      {error.message}
    </EmptyState>
  );
}
