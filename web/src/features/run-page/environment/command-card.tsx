/**
 * The command line that started a run, without secrets.
 */

import { CopiedCard } from "./copied-card";
import { useEnvironment } from "./use-environment";

export function CommandCard() {
  const { command, folder } = useEnvironment().facts;
  if (!command) return null;
  return (
    <CopiedCard title="Command" icon="terminal" text={command} noun="command">
      {folder && (
        <div className="meta ell" title={folder}>
          in <span className="mono">{folder}</span>
        </div>
      )}
    </CopiedCard>
  );
}
