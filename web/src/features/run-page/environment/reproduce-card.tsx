/**
 * The commands that start a run again, to be copied.
 */

import { reproduceText } from "@/data/reproduce";
import { CopyButton } from "@/ui/controls/copy-button";
import { Icon } from "@/ui/signs/icons";
import { useShownRun } from "../shown-run";
import { useEnvironment } from "./use-environment";

export function ReproduceCard() {
  const { run } = useShownRun();
  const { facts, stored } = useEnvironment();
  const text = reproduceText({
    path: `${run.entity}/${run.project}/${run.id}`,
    run: run.id,
    facts,
    hasPackages: stored?.packages?.state === "stored",
    hasCode: (stored?.code.length ?? 0) > 0,
  });
  if (text === null) return null;
  return (
    <section className="card" aria-label="Reproduce">
      <h2>
        <Icon name="redo" isSmall />
        Reproduce
        <span className="grow" />
        <CopyButton text={text} label="Copy commands" isIcon />
      </h2>
      <div className="command">
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled area must be reachable by keyboard */}
        <pre className="code" tabIndex={0} role="group" aria-label="Commands">
          {text}
        </pre>
      </div>
    </section>
  );
}
