/** A run of the project, found by its name. */

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { rowsQuery } from "@/api/runs/run-rows";
import type { ProjectRef } from "@/api/types";
import { Combobox } from "@/ui/fields/combobox";
import { useSettled } from "@/ui/hooks/use-settled";
import { ColoredName } from "@/ui/text/colored-name";
import { NamesBeside } from "@/ui/text/mid-name";

const OFFERED = 30;

interface RunFieldProps {
  readonly project: ProjectRef;
  /** Ids of runs that are not offered. */
  readonly without: readonly string[];
  onChoose(id: string): void;
}

export function RunField({ project, without, onChoose }: RunFieldProps) {
  const [text, setText] = useState("");
  const search = useSettled(text.trim());
  const query = useQuery({
    ...rowsQuery(
      project,
      { filter: "", search, isRegex: false, order: [], columns: [] },
      null,
      0,
      OFFERED + without.length,
    ),
    placeholderData: keepPreviousData,
  });
  const offered = (query.data?.rows ?? []).filter(({ id }) => !without.includes(id)).slice(0, OFFERED);
  const names = offered.map(({ name }) => name);
  return (
    <NamesBeside names={names}>
      <Combobox
        label="Name of the run"
        nLetters={Math.max(0, ...names.map((name) => name.length))}
        text={text}
        autoFocus
        marksFirst
        icon="search"
        placeholder="Search runs"
        isLoading={query.isPending || query.isPlaceholderData || search !== text.trim()}
        nothing={
          query.error
            ? `The runs could not be read: ${query.error.message}`
            : search
              ? `No other run has ${search}`
              : "No other run"
        }
        suggestions={offered.map((run) => ({
          value: run.id,
          label: <ColoredName name={run.name} color={run.color} />,
          meta: run.state,
        }))}
        onText={setText}
        onChoose={onChoose}
      />
    </NamesBeside>
  );
}
