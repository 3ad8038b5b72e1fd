/** The content of the menu of an x axis: a step, a time or the one of `define_metric` from its list, or a metric or an expression. */

import { type KeyboardEvent, type ReactNode, useRef } from "react";
import type { ProjectRef } from "@/api/types";
import { AXIS_TITLES, PLAIN_AXES } from "@/data/view/setting-titles";
import { type AxisKind, FIRST_SETTINGS, hasAxisBy } from "@/data/view/settings";
import { TEXT_FIELDS } from "@/ui/keys/page-keys";
import { Icon } from "@/ui/signs/icons";
import { AxisFields } from "./axis-fields";
import "./axis-choice.css";

interface AxisChoiceProps {
  readonly project: ProjectRef;
  readonly axis: AxisKind;
  /** The metric or the expression that x is. */
  readonly axisBy: string | null;
  /** Below the list. */
  readonly children?: ReactNode;
  onChoose(axis: AxisKind, by?: string | null): void;
  onClose(): void;
}

export default function AxisChoice(props: AxisChoiceProps) {
  const { project, axis, axisBy, children, onChoose, onClose } = props;
  const first = hasAxisBy(axis) ? FIRST_SETTINGS.axis : axis;
  const area = useRef<HTMLDivElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const onKey = (event: KeyboardEvent) => {
    const isLetter =
      event.key.length === 1 && event.key !== " " && !(event.ctrlKey || event.metaKey || event.altKey);
    const isInField = (event.target as HTMLElement).matches(TEXT_FIELDS);
    // the letter itself is typed where the focus is by then
    if (isLetter && !isInField) area.current?.querySelector<HTMLElement>(TEXT_FIELDS)?.focus();
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    const rows = [...(list.current?.children ?? [])] as HTMLElement[];
    const at = rows.indexOf(event.target as HTMLElement);
    if (step === 0 || at < 0) return;
    event.preventDefault();
    rows[(at + step + rows.length) % rows.length]?.focus();
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: what is typed anywhere in it goes into its field
    <div className="axis-choice" ref={area} onKeyDown={onKey}>
      <div ref={list} role="radiogroup" aria-label="X axis">
        {PLAIN_AXES.map((choice) => (
          <button
            key={choice}
            type="button"
            role="radio"
            aria-checked={axis === choice}
            tabIndex={choice === first ? 0 : -1}
            data-autofocus={choice === first || undefined}
            className="option"
            onClick={() => {
              onChoose(choice);
              onClose();
            }}
          >
            {AXIS_TITLES[choice].label}
            <span className="end">
              {axis === choice ? <Icon name="check" isSmall /> : AXIS_TITLES[choice].hint}
            </span>
          </button>
        ))}
      </div>
      {children}
      <AxisFields project={project} axis={axis} axisBy={axisBy} onChoose={onChoose} onClose={onClose} />
    </div>
  );
}
