/** A grid whose answers are being stored with the version: it is drawn as it is now, and its requests are noted. */

import { QueryClientProvider } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { allAnswered } from "@/api/reports/all-answered";
import { FigureRecorder, type ReportVersion, sourcedClient, storeFigure } from "@/api/reports/figures";
import type { ProjectRef } from "@/api/types";
import { isSame } from "../grid/run-sets";
import { SeenGrid, type SeenGridProps } from "../grid/seen-grid";
import type { SetRuns } from "../grid/use-set-runs";
import { useFigures } from "./figures-context";
import { storedMoments } from "./run-moments";

/** Tries, as runs may begin or end meanwhile. */
const TRIES = 3;

interface StoredGridProps extends SeenGridProps {
  /** Those of its projects that have no figure yet. */
  readonly projects: readonly ProjectRef[];
}

export function StoredGrid(props: StoredGridProps) {
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

interface AttemptProps extends StoredGridProps {
  readonly version: ReportVersion;
  /** @param isSame the stored lists have the runs that were drawn */
  onEnd(isSame: boolean, error: Error | null): void;
}

function Attempt({ version, projects: missing, onEnd, ...props }: AttemptProps) {
  const { id } = props;
  const [projects] = useState(missing);
  const [recorder] = useState(() => new FigureRecorder());
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
      const sets = [...runs.current].map(([set, { panels }]) => ({ set, panels }));
      const stores = projects.map((project) => {
        const ofProject = sets.filter(({ panels }) => isSame(panels.project, project));
        const moments = ofProject.map(({ set, panels }) => [set, storedMoments(panels.runIds)] as const);
        return storeFigure(version, id, project, recorder, Object.fromEntries(moments));
      });
      // one that may not be stored keeps none of the others from it
      await Promise.allSettled(stores);
      const areSame = await Promise.all(stores);
      if (!isOver) onEnd(areSame.every(Boolean), null);
    };
    store().catch((error: unknown) => {
      if (!isOver) onEnd(false, error as Error);
    });
    return () => {
      isOver = true;
    };
  }, [client, recorder, projects, version, id, onEnd]);
  return (
    <QueryClientProvider client={client}>
      <SeenGrid {...props} onRuns={onRuns} />
    </QueryClientProvider>
  );
}
