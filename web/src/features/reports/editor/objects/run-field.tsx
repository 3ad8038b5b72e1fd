/** Finds a run of the report's project by its name. */

import { useQuery } from "@tanstack/react-query";
import { useId, useState } from "react";
import { rowsQuery } from "@/api/runs/run-rows";
import { Combobox } from "@/ui/fields/combobox";
import { Field } from "@/ui/fields/field";
import { useSettled } from "@/ui/hooks/use-settled";
import { useSession } from "../session";

interface RunFieldProps {
  /** `entity/project/run`. */
  readonly path: string;
  onChange(path: string): void;
}

const MOST_RUNS = 8;
const NO_COLUMNS: readonly string[] = [];

export function RunField({ path, onChange }: RunFieldProps) {
  const { project } = useSession();
  const id = useId();
  const [text, setText] = useState("");
  const search = useSettled(text.trim());
  const { data, isPending } = useQuery(
    rowsQuery(
      project,
      { filter: "", search, isRegex: false, order: [], columns: NO_COLUMNS },
      null,
      0,
      MOST_RUNS,
    ),
  );
  const rows = data?.rows ?? [];
  return (
    <Field label="Run of this project" htmlFor={id}>
      <Combobox
        label="Run of this project"
        inputId={id}
        text={text}
        placeholder={path === "" ? "Search by name" : "Choose another one"}
        suggestions={rows.map((run) => ({ value: run.id, label: run.name, meta: run.state }))}
        isLoading={isPending}
        marksFirst
        width="100%"
        onText={setText}
        onChoose={(run) => {
          setText(rows.find((row) => row.id === run)?.name ?? run);
          onChange(`${project.entity}/${project.project}/${run}`);
        }}
      />
    </Field>
  );
}
