/** A cell with a long value: a click shows the whole values of all runs below each other. */

import { sharedLength } from "@/data/compare/distinct-ends";
import { Popover } from "@/ui/overlays/popover";
import type { ComparedColumn } from "./use-compared-runs";

interface WholeValuesProps {
  readonly name: string;
  readonly columns: readonly ComparedColumn[];
  /** By run. */
  readonly texts: readonly string[];
  /** In the cell. */
  readonly text: string;
}

export function WholeValues({ name, columns, texts, text }: WholeValuesProps) {
  const nShared = sharedLength(texts);
  return (
    <Popover
      label={`${name} of the runs`}
      width={520}
      target={
        <button type="button" className="ell cmp-open" aria-label={`${text}: show whole`}>
          {text}
        </button>
      }
    >
      <dl className="cmp-whole">
        {columns.map(({ run }, at) => (
          <div key={run.id}>
            <dt className="row">
              <span className="sw-dot" style={{ background: `var(--w-run-${run.color})` }} />
              {run.name}
            </dt>
            <dd className="mono">
              <span className="muted">{texts[at]!.slice(0, nShared)}</span>
              {texts[at]!.slice(nShared)}
            </dd>
          </div>
        ))}
      </dl>
    </Popover>
  );
}
