/**
 * One row of the runs list: eye, colour, name, state, runtime, how long ago it started.
 */

import { Link } from "@tanstack/react-router";
import { memo, useEffect, useRef } from "react";
import type { ProjectRef, Run } from "@/api/types";
import { litOnHover, useIsLit } from "@/panels/lit";
import { Ago } from "@/ui/ago";
import { Icon } from "@/ui/icons";
import { MidName } from "@/ui/mid-name";
import { useRunColor } from "@/ui/run-color";
import { StateIcon } from "@/ui/state-icon";
import { Runtime } from "../runtime";

export interface RunRowProps {
  readonly project: ProjectRef;
  readonly run: Run;
  readonly index: number;
  readonly isShown: boolean;
  /** The row that the keyboard is on. */
  readonly isCurrent: boolean;
  readonly isRenaming: boolean;
  readonly top: number;
  onToggle(index: number): void;
  onPalette(run: Run, element: Element): void;
  onMenu(run: Run, element: Element): void;
  /** The new name, or null when renaming is given up. */
  onRenamed(run: Run, name: string | null): void;
}

/** The DOM id of a row, for `aria-activedescendant`. */
export function rowId(run: string): string {
  return `run-${run}`;
}

export const RunRow = memo(function RunRow(props: RunRowProps) {
  const { project, run, index, isShown, isCurrent, isRenaming, top } = props;
  const color = useRunColor(run.id);
  const isLit = useIsLit(run.id);
  const classes = ["r", "cols", isShown ? "" : "off", isLit ? "lit" : "", isCurrent ? "cur" : ""];
  return (
    <div
      id={rowId(run.id)}
      role="row"
      aria-rowindex={index + 1}
      className={classes.join(" ")}
      style={{ transform: `translateY(${top}px)` }}
      onContextMenu={(event) => {
        event.preventDefault();
        props.onMenu(run, event.currentTarget.querySelector(".more") ?? event.currentTarget);
      }}
      {...litOnHover(run.id)}
    >
      <span role="gridcell" tabIndex={-1}>
        <button
          type="button"
          className="eye"
          tabIndex={-1}
          aria-pressed={isShown}
          aria-label={`Show ${run.name}`}
          onClick={() => props.onToggle(index)}
        >
          <Icon name={isShown ? "eye" : "eyeoff"} />
        </button>
      </span>
      <span role="gridcell" tabIndex={-1} className="nm">
        <button
          type="button"
          className="dot-btn"
          tabIndex={-1}
          aria-label={`Colour of ${run.name}`}
          onClick={(event) => props.onPalette(run, event.currentTarget)}
        >
          <span
            className={`sw-dot ${isShown ? "" : "hollow"}`}
            style={{ background: `var(--w-run-${color})` }}
          />
        </button>
        {isRenaming ? (
          <NameEditor run={run} onDone={(name) => props.onRenamed(run, name)} />
        ) : (
          <>
            <Link
              to="/$entity/$project/runs/$run"
              params={{ ...project, run: run.id }}
              className="plain name"
              tabIndex={-1}
            >
              <MidName name={run.name} />
            </Link>
            <StateIcon state={run.state} />
          </>
        )}
      </span>
      <span role="gridcell" tabIndex={-1} className="num t2">
        <Runtime run={run} />
      </span>
      <span role="gridcell" tabIndex={-1} className="num t2">
        <Ago micros={run.started_micros} />
        <button
          type="button"
          className="btn q sm ico more"
          tabIndex={-1}
          aria-label={`More about ${run.name}`}
          onClick={(event) => props.onMenu(run, event.currentTarget)}
        >
          <Icon name="dots" isSmall />
        </button>
      </span>
    </div>
  );
});

function NameEditor({ run, onDone }: { run: Run; onDone(name: string | null): void }) {
  const isDone = useRef(false);
  // Enter and Escape take the field away, which blurs it
  const end = (name: string | null) => {
    if (isDone.current) return;
    isDone.current = true;
    onDone(name);
  };
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.select(), []);
  return (
    <input
      className="rename"
      aria-label={`New name of ${run.name}`}
      defaultValue={run.name}
      ref={input}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.key === "Enter") end(event.currentTarget.value.trim());
        if (event.key === "Escape") end(null);
      }}
      onBlur={(event) => end(event.currentTarget.value.trim())}
    />
  );
}
