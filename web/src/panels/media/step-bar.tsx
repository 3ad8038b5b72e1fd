/** The step of a media panel: a slider over the steps at which there is anything. */

import type { CSSProperties, ReactNode } from "react";
import { stepText } from "@/data/media/steps";
import { formatCount } from "@/data/text/format";
import { IconButton } from "@/ui/controls/icon-button";

interface StepBarProps {
  readonly steps: readonly number[];
  /** How many steps there are, where not all are in `steps`. */
  readonly total: number;
  /** The place of the shown one. */
  readonly at: number;
  /** What is shown is still of another step. */
  readonly isLate: boolean;
  /** Absent where it has no others to move with. */
  readonly isInStep?: boolean;
  /** In place of `step` and the step. */
  readonly text?: string;
  /** The places to which the arrows lead, null: no further; absent: the next ones. */
  readonly neighbours?: { readonly before: number | null; readonly after: number | null };
  /** More controls. */
  readonly children?: ReactNode;
  onPlace(index: number): void;
  onInStep?(isInStep: boolean): void;
}

export function StepBar(props: StepBarProps) {
  const { steps, total, at, isLate, isInStep, text, children, onPlace, onInStep } = props;
  const last = steps.length - 1;
  const { before, after } = props.neighbours ?? {
    before: at > 0 ? at - 1 : null,
    after: at < last ? at + 1 : null,
  };
  if (last < 0 || (last === 0 && !children)) return null;
  const step = stepText(steps[at] ?? 0);
  const part = last > 0 ? (at / last) * 100 : 100;
  return (
    <div className="step-bar" data-late={isLate || undefined}>
      {last > 0 && (
        <>
          <IconButton
            icon="left"
            label="Step before"
            isSmall
            disabled={before === null}
            onClick={() => before !== null && onPlace(before)}
          />
          <input
            type="range"
            aria-label="Step"
            aria-valuetext={`${text ?? `step ${step}`}, ${formatCount(at + 1)} of ${formatCount(steps.length)}`}
            min={0}
            max={last}
            value={at}
            style={{ "--p": `${part}%` } as CSSProperties}
            onChange={(event) => onPlace(event.target.valueAsNumber)}
          />
          <IconButton
            icon="right"
            label="Step after"
            isSmall
            disabled={after === null}
            onClick={() => after !== null && onPlace(after)}
          />
        </>
      )}
      <span className="tn at" title={total > steps.length ? `${formatCount(total)} steps in all` : undefined}>
        {text ?? (
          <>
            step <b>{step}</b>
          </>
        )}
      </span>
      <span className="grow" />
      {children}
      {last > 0 && onInStep && (
        <IconButton
          icon="link"
          label="Move together with other media panels that have this on"
          isSmall
          isOn={isInStep ?? false}
          onClick={() => onInStep(!isInStep)}
        />
      )}
    </div>
  );
}
