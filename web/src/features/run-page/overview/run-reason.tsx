/**
 * Why a run ended badly, in one line, with the way to where its log says so.
 */

import { useQuery } from "@tanstack/react-query";
import { logStreamsQuery } from "@/api/files/logs";
import type { Run } from "@/api/types";
import { isReasonPrinted } from "@/data/runs/reason";
import { ReasonLink } from "../../reason-link";

export function RunReason({ run }: { run: Run }) {
  const { id, reason, state } = run;
  const isPrinted = reason !== null && isReasonPrinted(state, reason);
  const streams = useQuery({ ...logStreamsQuery(run, id), enabled: isPrinted }).data;
  if (reason === null) return null;
  // a run may fail without a word: its log is empty
  if (!isPrinted || streams?.length === 0) return <span className="reason">{reason}</span>;
  return (
    <ReasonLink project={run} run={id} className="reason-link">
      <span className="reason">{reason}</span> <span className="meta">in the log</span>
    </ReasonLink>
  );
}
