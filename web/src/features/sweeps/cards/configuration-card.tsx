/** A sweep's configuration as YAML, and the command that starts an agent. */

import type { Sweep } from "@/api/sweeps/sweeps";
import { toYaml } from "@/data/text/config/yaml";
import { CopyButton } from "@/ui/controls/copy-button";
import { AgentLine } from "./agent-line";

export function ConfigurationCard({ sweep }: { sweep: Sweep }) {
  const yaml = toYaml(sweep.config);
  return (
    <section className="card sweep-configuration" aria-label="Configuration">
      <h2>
        Configuration
        <span className="grow" />
        <CopyButton text={`${yaml}\n`} label="Copy YAML" />
      </h2>
      <AgentLine sweep={sweep} />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled area must be reachable by keyboard */}
      <div className="yaml" tabIndex={0} role="group" aria-label="Configuration as YAML">
        <pre>{yaml}</pre>
      </div>
    </section>
  );
}
