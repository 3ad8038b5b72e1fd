/**
 * The running time of a run without the pauses before it was resumed; one that ended without saying so ran until
 * its last heart-beat.
 */

import type { Run } from "@/api/types";
import { formatDuration } from "@/data/text/format";
import { useNow } from "@/ui/text/ago";

export function Runtime({ run }: { run: Run }) {
  const now = useNow();
  const from = run.runtime_from_micros;
  const to = run.ended_micros ?? (run.state === "running" ? now * 1000 : (run.heartbeat_micros ?? from));
  return <>{formatDuration((to - from) / 1e6)}</>;
}
