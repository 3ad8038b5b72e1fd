/**
 * Why a run ended badly, in one line, with the way to where its log says so.
 */

import { Link } from "@tanstack/react-router";
import type { Run } from "@/api/types";
import { TABS } from "../run-tabs";

export function RunReason({ run }: { run: Run }) {
  if (run.reason === null) return null;
  const { entity, project, id, reason, state } = run;
  const params = { entity, project, run: id };
  // what was printed tells more of an exception than of a signal or a lost machine
  const isPrinted = state === "failed" || /^[\w.]+(Error|Exception)\b/.test(reason);
  return (
    <>
      <span className="reason">{reason}</span>{" "}
      {isPrinted && (
        <Link to={TABS.logs} params={params} search={{ level: "error" } as never} className="meta">
          in the log
        </Link>
      )}
    </>
  );
}
