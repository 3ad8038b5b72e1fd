/** Chooses the project that runs are moved to: one that there is, or a new name. */

import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { projectsQuery } from "@/api/projects";
import type { ProjectRef } from "@/api/types";
import { Button } from "@/ui/controls/button";
import { Combobox } from "@/ui/fields/combobox";

interface MovePickerProps {
  readonly project: ProjectRef;
  /** A paragraph about the runs. */
  readonly note: ReactNode;
  onMove(target: string): void;
}

export function MovePicker({ project, note, onMove }: MovePickerProps) {
  const [text, setText] = useState("");
  const projects = useQuery(projectsQuery);
  const others = (projects.data ?? []).filter(
    (candidate) => candidate.entity === project.entity && candidate.project !== project.project,
  );
  const target = text.trim();
  const isNew = target !== "" && !others.some((other) => other.project === target);
  return (
    <div className="picker">
      {note}
      <Combobox
        label="Project"
        text={text}
        autoFocus
        nothing={null}
        suggestions={others
          .filter(({ project: name }) => name !== target && name.toLowerCase().includes(target.toLowerCase()))
          .map((other) => ({ value: other.project, meta: `${other.n_runs} runs` }))}
        onText={setText}
        onChoose={setText}
        onEnter={() => target && onMove(target)}
      />
      <span className="muted">Links to them keep working.</span>
      <Button look="ink" disabled={target === ""} onClick={() => onMove(target)}>
        {isNew ? `Move to new project ${target}` : `Move${target ? ` to ${target}` : ""}`}
      </Button>
    </div>
  );
}
