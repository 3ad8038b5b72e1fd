/** The way from a step to what was printed when it was logged. */

import { useState } from "react";
import { fetchMoment, type LineSelection } from "@/api/files/logs";
import { TextField } from "@/ui/fields/field";
import { attempt } from "@/ui/overlays/toasts";
import { useShownRun } from "../shown-run";

interface StepFieldProps {
  readonly selection: LineSelection;
  onLine(position: number): void;
}

export function StepField({ selection, onLine }: StepFieldProps) {
  const { project, run } = useShownRun();
  const [text, setText] = useState("");
  const step = Number(text.replaceAll(",", ""));
  const isWrong = text.trim() !== "" && !Number.isFinite(step);
  const go = async () => {
    if (text.trim() === "" || isWrong) return;
    await attempt("Could not go to the step", async () => {
      const { line, total } = await fetchMoment(project, run.id, selection, { step });
      if (total > 0) onLine(Math.min(line, total - 1));
    });
  };
  return (
    <form
      className="log-step"
      onSubmit={(event) => {
        event.preventDefault();
        void go();
      }}
    >
      <TextField
        label="Go to step"
        isBare
        inputMode="decimal"
        placeholder="Go to step"
        error={isWrong ? "A step is a number" : null}
        value={text}
        onChange={setText}
      />
    </form>
  );
}
