/** The notes of a trial's run, edited in place. Those of several lines are edited on the run's page. */

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { Sweep } from "@/api/sweeps/sweeps";
import { type SweepTrial, trialsKey } from "@/api/sweeps/trials";
import type { ProjectRef } from "@/api/types";
import { useRunActions } from "../../runs/actions/run-actions";
import { useRights } from "../../use-rights";

interface TrialNotesProps {
  readonly project: ProjectRef;
  readonly sweep: Sweep;
  readonly trial: SweepTrial;
}

export function TrialNotes({ project, sweep, trial }: TrialNotesProps) {
  const client = useQueryClient();
  const { setNotes } = useRunActions(project);
  const { mayWrite } = useRights(project);
  const [typed, setTyped] = useState<string | null>(null);
  const { name, run, notes } = trial;
  if (name === null) return null;
  if (!mayWrite || notes.includes("\n"))
    return (
      <span className="ell t2" title={notes}>
        {notes}
      </span>
    );
  const save = async () => {
    setTyped(null);
    if (typed === null || typed.trim() === notes) return;
    await setNotes({ id: run, name }, notes, typed.trim());
    await client.invalidateQueries({ queryKey: trialsKey(project, sweep.id) });
  };
  if (typed === null)
    return (
      <button
        type="button"
        className={`trial-notes ell ${notes ? "t2" : "muted"}`}
        title={notes || "Add a note"}
        aria-label={`Notes of ${name}${notes && `: ${notes}`}`}
        onClick={() => setTyped(notes)}
      >
        {notes || "Add a note"}
      </button>
    );
  return (
    <input
      className="trial-note-field"
      aria-label={`Notes of ${name}`}
      // biome-ignore lint/a11y/noAutofocus: it takes the place of what was clicked
      autoFocus
      value={typed}
      onChange={(event) => setTyped(event.target.value)}
      onBlur={() => void save()}
      onKeyDown={(event) => {
        if (event.nativeEvent.isComposing) return;
        if (event.key === "Enter") event.currentTarget.blur();
        if (event.key === "Escape") setTyped(null);
      }}
    />
  );
}
