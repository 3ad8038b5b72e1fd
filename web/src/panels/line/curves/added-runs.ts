import type { PanelRequest } from "@/api/metrics/series";

/** Whether a request asks for runs that the one before lacks, and differs in nothing else. */
export function addsRuns(before: PanelRequest, next: PanelRequest): boolean {
  if (!isListed(before.runs) || !isListed(next.runs)) return false;
  if (JSON.stringify({ ...before, runs: null }) !== JSON.stringify({ ...next, runs: null })) return false;
  const earlier = new Set(before.runs);
  return next.runs.some((id) => !earlier.has(id));
}

function isListed(runs: PanelRequest["runs"]): runs is readonly string[] {
  return Array.isArray(runs);
}
