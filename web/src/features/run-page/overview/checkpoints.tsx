/** The best and the last model that a run logged, with the way to each. */

import { useQuery } from "@tanstack/react-query";
import { runArtifactsQuery } from "@/api/artifacts/artifacts";
import type { Run } from "@/api/types";
import { checkpointsOf } from "@/data/artifacts/checkpoints";
import { formatExactly } from "@/data/text/format";
import { Fact } from "@/ui/cards/facts";
import { VersionLink } from "../../lineage/artifact-rows";
import { useShownRun } from "../shown-run";

const LIVE_MILLIS = 30_000;

export function Checkpoints({ run }: { run: Run }) {
  const { project } = useShownRun();
  const { data } = useQuery({
    ...runArtifactsQuery(project, run.id),
    refetchInterval: run.state === "running" ? LIVE_MILLIS : false,
  });
  return checkpointsOf(data?.logged ?? []).map(({ title, artifact }) => (
    <Fact key={title} name={title}>
      <VersionLink artifact={artifact} isShort={false} />
      {artifact.step !== null && <span className="muted tn"> step {formatExactly(artifact.step)}</span>}
    </Fact>
  ));
}
