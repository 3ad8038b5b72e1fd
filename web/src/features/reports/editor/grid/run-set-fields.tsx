/** Name and project of a run set. */

import { useQuery } from "@tanstack/react-query";
import { useId, useState } from "react";
import { projectId, projectsQuery } from "@/api/projects";
import type { ProjectRef } from "@/api/types";
import type { RunSet } from "@/data/report/document";
import type { GridMembers } from "@/data/report/grid-edits";
import { formatNoun } from "@/data/text/format";
import { Combobox } from "@/ui/fields/combobox";
import { Field, TextField } from "@/ui/fields/field";
import { projectOf } from "../../grid/run-sets";

interface RunSetFieldsProps {
  readonly set: RunSet;
  /** The report's project. */
  readonly own: ProjectRef;
  onChange(fields: GridMembers): void;
}

/** As the server takes it. */
const MOST_NAME = 512;

export function RunSetFields({ set, own, onChange }: RunSetFieldsProps) {
  const id = useId();
  const current = projectId(projectOf(set, own));
  const [text, setText] = useState<string | null>(null);
  const { data: projects = [], isPending } = useQuery(projectsQuery);
  const typed = (text ?? "").trim().toLowerCase();
  const choose = (project: string) => {
    setText(null);
    if (project === current) return;
    // ids are of runs of the project before
    const ofRuns = { selection: undefined, baseline: undefined, runColors: undefined };
    onChange({ project: project === projectId(own) ? undefined : project, ...ofRuns });
  };
  return (
    <div className="object-fields">
      <TextField
        label="Name of the run set"
        placeholder="All runs"
        value={set.name}
        maxLength={MOST_NAME}
        onChange={(name) => onChange({ name: name === "" ? undefined : name })}
      />
      <Field
        label="Project"
        htmlFor={id}
        hint={`Its readers see the runs of it that they may see. The report is of ${projectId(own)}.`}
      >
        <Combobox
          label="Project"
          inputId={id}
          text={text ?? current}
          suggestions={projects
            .map((project) => ({ value: projectId(project), meta: formatNoun(project.n_runs, "run") }))
            .filter(({ value }) => value.toLowerCase().includes(typed))}
          isLoading={isPending}
          nothing="No such project"
          marksFirst
          width="100%"
          onText={setText}
          onChoose={choose}
        />
      </Field>
    </div>
  );
}
