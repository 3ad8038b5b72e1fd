/**
 * Why a run ended badly, in one line, with the way to where its log says so.
 */

import type { Run } from "@/api/types";
import { isReasonPrinted } from "@/data/runs/reason";
import { ReasonLink } from "../../reason-link";

export function RunReason({ run }: { run: Run }) {
  const { id, reason, state } = run;
  if (reason === null) return null;
  return (
    <>
      <span className="reason">{reason}</span>{" "}
      {isReasonPrinted(state, reason) && (
        <ReasonLink project={run} run={id} className="meta">
          in the log
        </ReasonLink>
      )}
    </>
  );
}
