/** The environment of the page's run; asked again while it is gathered. */

import { useQuery } from "@tanstack/react-query";
import { environmentQuery, type RunEnvironment } from "@/api/runs/environment";
import {
  type Environment,
  type EnvironmentPart,
  environmentOf,
  isGathering,
  lackingText,
  whyNone,
} from "@/data/environment/environment";
import { useShownRun } from "../shown-run";

const GATHERING_MILLIS = 3_000;

interface ShownEnvironment {
  readonly facts: Environment;
  /** Undefined until it has come. */
  readonly stored: RunEnvironment | undefined;
  why(part: EnvironmentPart): ReturnType<typeof whyNone>;
  /** Sentences on what of it was not recorded. */
  lacking(parts: readonly EnvironmentPart[]): string[];
}

export function useEnvironment(): ShownEnvironment {
  const { project, run } = useShownRun();
  const isRunning = run.state === "running";
  const circumstances = (stored: RunEnvironment | undefined) => ({
    isRunning,
    sinceSecs: Date.now() / 1000 - (run.ended_micros ?? run.started_micros) / 1e6,
    noted: stored?.noted ?? null,
    gathered: stored?.gathered ?? null,
  });
  const stored = useQuery({
    ...environmentQuery(project, run),
    refetchInterval: ({ state }) => (isGathering(circumstances(state.data)) ? GATHERING_MILLIS : false),
  }).data;
  return {
    facts: environmentOf(stored?.noted ?? {}, stored?.gathered ?? {}, run.host),
    stored,
    why: (part) => whyNone(part, circumstances(stored)),
    lacking: (parts) => lackingText(parts, circumstances(stored)),
  };
}
