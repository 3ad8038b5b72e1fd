/** A grid whose answers are being stored with the version: it is drawn as it is now, and what it asks for is noted. */

import { QueryClientProvider } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { allAnswered } from "@/api/reports/all-answered";
import { FigureRecorder, type ReportVersion, sourcedClient, storeFigure } from "@/api/reports/figures";
import { SeenGrid, type SeenGridProps } from "../grid/seen-grid";
import type { SetRuns } from "../grid/use-set-runs";
import { useFigures } from "./figures-context";
import { storedMoments } from "./run-moments";

/** Tries, as runs may begin or end meanwhile. */
const TRIES = 3;

export function StoredGrid(props: SeenGridProps) {
  const [attempt, setAttempt] = useState(1);
  const { version, onStored } = useFigures();
  const { id } = props;
  const onEnd = useCallback(
    (isSame: boolean, error: Error | null) => {
      if (error === null && !isSame && attempt < TRIES) setAttempt(attempt + 1);
      else onStored(id, error);
    },
    [id, attempt, onStored],
  );
  if (!version) return null;
  return <Attempt key={attempt} {...props} version={version} onEnd={onEnd} />;
}

interface AttemptProps extends SeenGridProps {
  readonly version: ReportVersion;
  /** @param isSame the stored lists have the runs that were drawn */
  onEnd(isSame: boolean, error: Error | null): void;
}

function Attempt({ version, onEnd, ...props }: AttemptProps) {
  const { id, project } = props;
  const [recorder] = useState(() => new FigureRecorder(project));
  const [client] = useState(() => sourcedClient(recorder.source));
  const runs = useRef<ReadonlyMap<string, SetRuns>>(new Map());
  const onRuns = useCallback((set: string, next: SetRuns) => {
    runs.current = new Map(runs.current).set(set, next);
  }, []);
  useEffect(() => {
    let isOver = false;
    const store = async () => {
      await allAnswered(client);
      if (isOver) return;
      const sets = [...runs.current].map(([set, { panels }]) => [set, storedMoments(panels.runIds)] as const);
      const isSame = await storeFigure(version, id, recorder, Object.fromEntries(sets));
      if (!isOver) onEnd(isSame, null);
    };
    store().catch((error: unknown) => {
      if (!isOver) onEnd(false, error as Error);
    });
    return () => {
      isOver = true;
    };
  }, [client, recorder, version, id, onEnd]);
  return (
    <QueryClientProvider client={client}>
      <SeenGrid {...props} onRuns={onRuns} />
    </QueryClientProvider>
  );
}
