/**
 * A sweep's configuration as YAML, and the line that starts an agent.
 */

import type { Sweep } from "@/api/sweeps";
import { toYaml } from "@/data/yaml";
import { CopyButton } from "@/ui/controls/copy-button";

export function ConfigurationCard({ sweep }: { sweep: Sweep }) {
  const line = `weft agent ${sweep.entity}/${sweep.project}/${sweep.id}`;
  const yaml = toYaml(sweep.config);
  return (
    <section className="card sweep-configuration" aria-label="Configuration">
      <h2>
        Configuration
        <span className="grow" />
        <CopyButton text={`${yaml}\n`} label="Copy YAML" />
      </h2>
      <div className="agent-line">
        <span className="muted">$</span>
        <span className="ell grow" title={line}>
          {line}
        </span>
        <CopyButton text={line} label="Copy agent line" isIcon />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled area must be reachable by keyboard */}
      <div className="yaml" tabIndex={0} role="group" aria-label="Configuration as YAML">
        <pre>{yaml}</pre>
      </div>
    </section>
  );
}
