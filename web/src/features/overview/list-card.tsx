/** A card with a short list, and the way to all that it is of. */

import type { ReactNode } from "react";
import { Fault } from "@/ui/signs/fault";
import { SkeletonRows } from "@/ui/signs/skeleton";

interface ListCardProps<T> {
  readonly title: string;
  /** undefined: not there yet. */
  readonly answer: readonly T[] | undefined;
  readonly error: Error | null;
  /** Shown instead of an empty list. */
  readonly none: ReactNode;
  /** The way to all of them. */
  readonly all: ReactNode;
  draw(item: T): ReactNode;
  onRetry(): unknown;
}

export function ListCard<T>({ title, answer, error, none, all, draw, onRetry }: ListCardProps<T>) {
  return (
    <section className="card" aria-label={title}>
      <h2>
        {title}
        <span className="grow" />
        {answer && answer.length > 0 && all}
      </h2>
      {answer ? (
        answer.length > 0 ? (
          <ul className="overview-list">{answer.map(draw)}</ul>
        ) : (
          <p className="card-none">{none}</p>
        )
      ) : error ? (
        <Fault title={`${title} could not be read`} error={error} onRetry={onRetry} />
      ) : (
        <SkeletonRows n={3} label={`Loading ${title.toLowerCase()}`} />
      )}
    </section>
  );
}
