/** Why a run ended badly, in one line, with the way to where its log says so. */

import type { Run } from "@/api/types";
import { ReasonLink } from "../../reason-link";

export function RunReason({ run }: { run: Run }) {
  const { id, reason, state } = run;
  return (
    <ReasonLink project={run} run={id} state={state} reason={reason} className="reason-link" isAlone>
      {(isLinked) => (
        <>
          <span className="reason">{reason}</span> {isLinked && <span className="meta">in the log</span>}
        </>
      )}
    </ReasonLink>
  );
}
