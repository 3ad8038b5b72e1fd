/**
 * The commands that start a run again, to be copied.
 */

import { reproduceText } from "@/data/reproduce";
import { useShownRun } from "../shown-run";
import { CopiedCard } from "./copied-card";
import { useEnvironment } from "./use-environment";

export function ReproduceCard() {
  const { run } = useShownRun();
  const { facts, stored } = useEnvironment();
  const text = reproduceText({
    path: `${run.entity}/${run.project}/${run.id}`,
    run: run.id,
    facts,
    hasPackages: stored?.packages?.state === "stored",
    hasCode: (stored?.code.length ?? 0) > 0,
  });
  return text && <CopiedCard title="Reproduce" icon="redo" text={text} noun="commands" />;
}
