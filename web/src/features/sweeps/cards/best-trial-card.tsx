/** The parameters of the best trial, to read and to copy. */

import type { Sweep } from "@/api/sweeps/sweeps";
import { CopyButton } from "@/ui/controls/copy-button";
import "./cards-of-trials.css";
import { parameterText } from "../sweep-words";
import { asFlags, asPython, asYaml } from "../trials/trial-text";

export function BestTrialCard({ sweep }: { sweep: Sweep }) {
  const { best, parameters, config } = sweep;
  if (!best || Object.keys(best.parameters).length === 0) return null;
  const varied = parameters.filter((name) => name in best.parameters);
  const constant = Object.keys(best.parameters).filter((name) => !varied.includes(name));
  return (
    <section className="card best-trial" aria-label="Best trial">
      <h2>
        Best trial <span className="badge">#{best.number}</span>
        <span className="grow" />
        <span className="row copies">
          <span className="muted">Copy as</span>
          <CopyButton text={asYaml(config, best.parameters)} label="YAML" />
          <CopyButton text={asFlags(best.parameters)} label="Flags" />
          <CopyButton text={asPython(config, best.parameters)} label="Python" />
        </span>
      </h2>
      <dl>
        {[...varied, ...constant].map((name) => (
          <div key={name} className={varied.includes(name) ? undefined : "constant"}>
            <dt className="ell" title={name}>
              {name}
            </dt>
            <dd className="ell mono" title={String(best.parameters[name])}>
              {parameterText(name, best.parameters[name])}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
