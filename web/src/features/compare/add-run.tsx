/** Adds a run of the project to a comparison, found by its name. */

import type { ProjectRef } from "@/api/types";
import { Button } from "@/ui/controls/button";
import { Popover } from "@/ui/overlays/popover";
import { RunField } from "../runs/run-field";

interface AddRunProps {
  readonly project: ProjectRef;
  /** Ids of those that are there. */
  readonly ids: readonly string[];
  readonly isFull: boolean;
  onAdd(id: string): void;
}

export function AddRun({ project, ids, isFull, onAdd }: AddRunProps) {
  return (
    <Popover
      label="Add a run"
      width={320}
      isForTyping
      target={
        <Button icon="plus" disabled={isFull} title={isFull ? "No more fit side by side" : undefined}>
          Add run
        </Button>
      }
    >
      {(close) => (
        <RunField
          project={project}
          without={ids}
          onChoose={(id) => {
            onAdd(id);
            close();
          }}
        />
      )}
    </Popover>
  );
}
