/** A small window in the chart with one mark: what it says and means, and a way to take it away. */

import { useEffect, useEffectEvent, useRef } from "react";
import type { Mark } from "@/data/view/panel";
import { Button } from "@/ui/controls/button";
import { IconButton } from "@/ui/controls/icon-button";
import { SegmentedControl } from "@/ui/controls/segmented-control";
import { Select } from "@/ui/controls/select";
import { NumberField, TextField } from "@/ui/fields/field";
import type { PanelRun } from "../../panel-props";
import { LOOKS, runOptions } from "./mark-words";

interface MarkEditProps {
  readonly mark: Mark;
  /** Px from the chart's upper left. */
  readonly left: number;
  readonly top: number;
  readonly runs: readonly PanelRun[];
  /** Null takes the mark away. */
  onMark(mark: Mark | null): void;
  onClose(): void;
}

export default function MarkEdit({ mark, left, top, runs, onMark, onClose }: MarkEditProps) {
  const box = useRef<HTMLDivElement>(null);
  const isLine = mark.kind === "threshold";
  const onDown = useEffectEvent((event: globalThis.PointerEvent) => {
    const target = event.target as Element;
    if (!box.current?.contains(target) && !target.closest("[role=menu]")) onClose();
  });
  useEffect(() => {
    // once: a chart that is redrawn, as of a run that goes on, leaves the focus where it is
    box.current?.querySelector<HTMLInputElement>("input")?.focus();
    const listener = (event: globalThis.PointerEvent) => onDown(event);
    document.addEventListener("pointerdown", listener);
    return () => document.removeEventListener("pointerdown", listener);
  }, []);
  return (
    <div
      ref={box}
      className="mark-edit"
      role="dialog"
      aria-label={isLine ? "Threshold" : "Annotation"}
      style={{ left, top }}
      onKeyDown={(event) => {
        if (event.key === "Escape" || (event.key === "Enter" && event.target instanceof HTMLInputElement)) {
          event.stopPropagation();
          // a number is taken by its field first
          queueMicrotask(onClose);
        }
      }}
    >
      <TextField
        label="Text"
        value={mark.text}
        isBare
        placeholder={isLine ? "Name of the line" : "What happened here"}
        maxLength={80}
        onChange={(text) => onMark({ ...mark, text })}
      />
      <div className="row">
        <span className="grow">
          <NumberField
            label={isLine ? "Value" : "Place"}
            value={mark.at}
            isBare
            onChange={(at) => at !== null && onMark({ ...mark, at })}
          />
        </span>
        {isLine ? (
          <SegmentedControl
            label="Look"
            value={mark.look}
            options={LOOKS}
            onChange={(look) => onMark({ ...mark, look })}
          />
        ) : (
          <Select
            label="Run"
            value={mark.run ?? ""}
            options={runOptions(runs)}
            onChange={(run) => onMark({ ...mark, run: run || null })}
          />
        )}
      </div>
      <div className="row">
        <IconButton icon="trash" label="Remove" isSmall onClick={() => onMark(null)} />
        <span className="grow" />
        <Button isSmall onClick={onClose}>
          Done
        </Button>
      </div>
    </div>
  );
}
