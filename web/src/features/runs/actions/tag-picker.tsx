/** The tags of some runs, each on, off or on some of them; and a field for a new one. */

import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { columnValuesQuery } from "@/api/runs/groups";
import type { RunSet } from "@/api/runs/run-requests";
import type { ProjectRef } from "@/api/types";
import { isMissing } from "@/data/filter/tree";
import { Button } from "@/ui/controls/button";
import { Checkbox } from "@/ui/controls/checkbox";
import { TextField } from "@/ui/fields/field";
import type { BulkActions } from "./use-bulk-actions";

const ALL: RunSet = { filter: "", search: "", isRegex: false };
const LISTED = 12;

interface TagPickerProps {
  readonly project: ProjectRef;
  readonly set: RunSet;
  readonly ids: readonly string[];
  readonly actions: BulkActions;
  /** A paragraph about the runs. */
  readonly note: ReactNode;
}

export function TagPicker({ project, set, ids, actions, note }: TagPickerProps) {
  const [typed, setTyped] = useState("");
  const used = useQuery(columnValuesQuery(project, "tags", ALL, 500));
  const own = useQuery(columnValuesQuery(project, "tags", set, 500));
  const counts = new Map(own.data?.map(({ value, nRuns }) => [value, nRuns]));
  const text = typed.trim();
  const tags = [...new Set([...counts.keys(), ...(used.data ?? []).map(({ value }) => value)])]
    .filter((tag): tag is string => !isMissing(tag) && typeof tag === "string")
    .filter((tag) => tag.toLowerCase().includes(text.toLowerCase()))
    .slice(0, LISTED);
  const create = () => {
    void actions.tag(ids, text);
    setTyped("");
  };
  return (
    <div className="picker">
      {note}
      <TextField
        label="Find or make a tag"
        isBare
        placeholder="Find or make a tag"
        value={typed}
        data-autofocus
        onChange={setTyped}
        onKeyDown={(event) => {
          if (event.key !== "Enter" || text === "") return;
          event.preventDefault();
          create();
        }}
      />
      <div className="picker-list" role="group" aria-label="Tags">
        {tags.map((tag) => {
          const n = counts.get(tag) ?? 0;
          const isOn = n >= ids.length;
          return (
            <Checkbox
              key={tag}
              label={tag}
              isOn={isOn}
              isMixed={n > 0 && !isOn}
              isDisabled={!own.isSuccess}
              onChange={() => void (isOn ? actions.untag(ids, tag) : actions.tag(ids, tag))}
            >
              {tag}
            </Checkbox>
          );
        })}
        {used.isSuccess && tags.length === 0 && text === "" && <span className="muted">No tags yet</span>}
      </div>
      {text !== "" && !tags.includes(text) && (
        <Button icon="plus" onClick={create}>
          <span className="ell">Create tag {text}</span>
        </Button>
      )}
    </div>
  );
}
