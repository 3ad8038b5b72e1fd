/**
 * Where a run ran and how it was started: machine, code, command; from what its script noted.
 */

import { useQuery } from "@tanstack/react-query";
import { machineQuery } from "@/api/run-details";
import { formatNoun } from "@/data/format";
import { type MachineFacts, machineFacts } from "@/data/machine-facts";
import { CopyButton } from "@/ui/controls/copy-button";
import { Icon } from "@/ui/signs/icons";
import { Fact, Facts } from "./facts";
import { useShownRun } from "./shown-run";

function useMachineFacts(): MachineFacts {
  const { project, run } = useShownRun();
  const noted = useQuery(machineQuery(project, run.id)).data;
  return machineFacts(noted ?? {}, run.host);
}

export function MachineCard() {
  const { host, system, python, cpu, gpu, weft } = useMachineFacts();
  if (!host && !system) return null;
  return (
    <section className="card" aria-label="Machine">
      <h2>Machine</h2>
      <Facts>
        {host && (
          <Fact name="Host" isMono title={host}>
            {host}
          </Fact>
        )}
        {system && <Fact name="System">{system}</Fact>}
        {python && <Fact name="Python">{python}</Fact>}
        {cpu !== null && <Fact name="CPU">{formatNoun(cpu, "core")}</Fact>}
        {gpu && <Fact name="GPU">{gpu}</Fact>}
        {weft && <Fact name="weft">{weft}</Fact>}
      </Facts>
    </section>
  );
}

export function CodeCard() {
  const { commit, remote, branch } = useMachineFacts();
  if (!commit && !remote) return null;
  return (
    <section className="card" aria-label="Git">
      <h2>
        <Icon name="branch" isSmall />
        Git
      </h2>
      <Facts>
        {commit && (
          <Fact name="Commit" isMono title={commit}>
            {commit.slice(0, 10)} <CopyButton text={commit} label="Copy commit" isIcon />
          </Fact>
        )}
        {branch && (
          <Fact name="Branch" isMono>
            {branch}
          </Fact>
        )}
        {remote && (
          <Fact name="Remote" isMono title={remote}>
            {remote}
          </Fact>
        )}
      </Facts>
    </section>
  );
}

export function CommandCard() {
  const { command, folder } = useMachineFacts();
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
