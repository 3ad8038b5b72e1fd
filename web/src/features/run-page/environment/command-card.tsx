/**
 * How a run was started: its command line, without secrets.
 */

import { CopyButton } from "@/ui/controls/copy-button";
import { Icon } from "@/ui/signs/icons";
import { useEnvironment } from "./use-environment";

export function CommandCard() {
  const { command, folder } = useEnvironment().facts;
  if (!command) return null;
  return (
    <section className="card" aria-label="Command">
      <h2>
        <Icon name="terminal" isSmall />
        Command
        <span className="grow" />
        <CopyButton text={command} label="Copy command" isIcon />
      </h2>
      <div className="command">
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled area must be reachable by keyboard */}
        <pre className="code" tabIndex={0} role="group" aria-label="Command line">
          {command}
        </pre>
        {folder && (
          <div className="meta ell" title={folder}>
            in <span className="mono">{folder}</span>
          </div>
        )}
      </div>
    </section>
  );
}
