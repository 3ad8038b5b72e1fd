/** The last lines that a shared run's script printed. */

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { sharedLinesQuery } from "@/api/shares";
import type { ProjectRef } from "@/api/types";
import { ansiSpans } from "@/data/text/console/ansi";
import { formatCount } from "@/data/text/format";
import { Button } from "@/ui/controls/button";
import { Fault } from "@/ui/signs/fault";
import { SkeletonRows } from "@/ui/signs/skeleton";

const FIRST_LINES = 500;
const MOST_LINES = 10_000;

export function SharedConsole({ project, run }: { project: ProjectRef; run: string }) {
  const [limit, setLimit] = useState(FIRST_LINES);
  const { data, error, refetch } = useQuery(sharedLinesQuery(project, run, limit));
  const hasMore = data !== undefined && data.total > data.lines.length;
  return (
    <section className="card" aria-label="Console">
      <h2>
        Console
        {data && <span className="badge">{formatCount(data.total)}</span>}
        {hasMore && (
          <span className="muted meta">
            the last {formatCount(data.lines.length)} lines
            {limit < MOST_LINES && (
              <Button isSmall look="quiet" onClick={() => setLimit(MOST_LINES)}>
                Show {formatCount(Math.min(MOST_LINES, data.total))}
              </Button>
            )}
          </span>
        )}
      </h2>
      {error && !data ? (
        <Fault title="The console could not be read" error={error} onRetry={refetch} />
      ) : data === undefined ? (
        <SkeletonRows n={4} label="Loading the console" />
      ) : data.lines.length === 0 ? (
        <p className="card-none">The script printed nothing.</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled area must be reachable by keyboard
        <pre className="shared-console" tabIndex={0}>
          {data.lines.map(({ position, text }) => (
            <ConsoleLine key={position} text={text} />
          ))}
        </pre>
      )}
    </section>
  );
}

function ConsoleLine({ text }: { text: string }) {
  let from = 0;
  return (
    <>
      {ansiSpans(text).map(({ text: part, look }) => {
        const begin = from;
        from += part.length;
        return (
          <span key={begin} style={look.color ? { color: look.color } : undefined}>
            {part}
          </span>
        );
      })}
      {"\n"}
    </>
  );
}
