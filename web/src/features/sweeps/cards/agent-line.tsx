/** The command that starts an agent of a sweep, to copy. */

import type { Sweep } from "@/api/sweeps/sweeps";
import { CopyButton } from "@/ui/controls/copy-button";

export function AgentLine({ sweep }: { sweep: Sweep }) {
  const line = `weft agent ${sweep.entity}/${sweep.project}/${sweep.id}`;
  return (
    <div className="agent-line">
      <span className="muted">$</span>
      <span className="ell grow" title={line}>
        {line}
      </span>
      <CopyButton text={line} label="Copy agent line" isIcon />
    </div>
  );
}
