/** The other side of a code comparison: none, the run's commit, or another run. */

import type { Run } from "@/api/types";
import { Button } from "@/ui/controls/button";
import { Popover } from "@/ui/overlays/popover";
import { Icon } from "@/ui/signs/icons";
import { MidName } from "@/ui/text/mid-name";
import { RunField } from "../../runs/run-field";
import { useShownRun } from "../shown-run";
import { COMMIT } from "./code-url";

interface AgainstPickerProps {
  readonly against: string;
  /** The run of `against`; null before it has come, and without one. */
  readonly run: Run | null;
  onChange(against: string): void;
}

export function AgainstPicker({ against, run, onChange }: AgainstPickerProps) {
  const { project, run: own } = useShownRun();
  return (
    <Popover
      label="Compare the code with"
      width={320}
      isForTyping
      target={
        <button type="button" className="btn select">
          <span className="muted">Against</span>
          {run ? (
            <>
              <span className="sw-dot" style={{ background: `var(--w-run-${run.color})` }} />
              <MidName name={run.name} />
            </>
          ) : (
            <span>{against === "" ? "nothing" : against === COMMIT ? "its commit" : against}</span>
          )}
          <Icon name="down" isSmall />
        </button>
      }
    >
      {(close) => {
        const choose = (next: string) => {
          onChange(next);
          close();
        };
        return (
          <div className="against">
            <div className="row">
              <Button isSmall disabled={against === ""} onClick={() => choose("")}>
                Nothing
              </Button>
              <Button isSmall disabled={against === COMMIT} onClick={() => choose(COMMIT)}>
                Its commit
              </Button>
            </div>
            <RunField project={project} without={[own.id]} onChoose={choose} />
          </div>
        );
      }}
    </Popover>
  );
}
