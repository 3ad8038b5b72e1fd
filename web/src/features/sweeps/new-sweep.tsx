/**
 * A dialog that creates a sweep from YAML: what is written is checked by the server a moment after the last key.
 */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useId, useState } from "react";
import { type CheckedSweep, checkSweepQuery, createSweep } from "@/api/sweeps/sweeps";
import type { ProjectRef } from "@/api/types";
import { toYaml } from "@/data/text/config/yaml";
import { formatNoun } from "@/data/text/format";
import { useSettled } from "@/ui/hooks/use-settled";
import { Dialog } from "@/ui/overlays/dialog";
import { DialogForm, useSending } from "@/ui/overlays/dialog-form";

const EXAMPLE = `name: lr-search
method: bayes            # grid, random or bayes
metric: {name: loss, goal: minimize}
run_cap: 40
parameters:
  lr: {distribution: log_uniform_values, min: 1.0e-4, max: 0.1}
  batch_size: {values: [16, 32, 64]}
  optimizer:
    parameters:
      name: {values: [adam, sgd]}
      momentum: {min: 0.5, max: 0.99, when: {optimizer.name: sgd}}
early_terminate: {type: hyperband, min_iter: 3}
program: train.py        # what weft agent starts
`;

const CHECK_MILLIS = 400;

interface NewSweepProps {
  readonly project: ProjectRef;
  readonly isOpen: boolean;
  onClose(): void;
}

export function NewSweep({ project, isOpen, onClose }: NewSweepProps) {
  return (
    <Dialog title="New sweep" isOpen={isOpen} width={720} hasInput onClose={onClose}>
      <NewSweepForm project={project} onClose={onClose} />
    </Dialog>
  );
}

function NewSweepForm({ project, onClose }: Omit<NewSweepProps, "isOpen">) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const fieldId = useId();
  const [config, setConfig] = useState(EXAMPLE);
  const settled = useSettled(config, CHECK_MILLIS);
  const check = useQuery({ ...checkSweepQuery(project, settled), enabled: settled.trim() !== "" });
  const isBlank = config.trim() === "";
  const isChecked = settled === config && check.isSuccess && !check.isPlaceholderData;
  const isValid = !isBlank && isChecked && check.data.problems.length === 0;
  const sending = useSending(async () => {
    const { id } = await createSweep(client, project, config);
    await navigate({ to: "/$entity/$project/sweeps/$sweep", params: { ...project, sweep: id } });
  });
  const write = sending.edits(setConfig);
  return (
    <DialogForm sending={sending} className="new-sweep" action="Create" isReady={isValid} onCancel={onClose}>
      <div className="fld">
        <label htmlFor={fieldId}>Configuration, YAML or JSON</label>
        <textarea
          id={fieldId}
          className="mono"
          rows={15}
          spellCheck={false}
          data-autofocus
          value={config}
          aria-invalid={isChecked && !isValid ? true : undefined}
          aria-describedby={`${fieldId}-check`}
          onChange={(event) => write(event.target.value)}
        />
      </div>
      <div className="sweep-check" id={`${fieldId}-check`} role="status">
        {sending.fault !== null ? (
          <p className="errt">{sending.fault}</p>
        ) : isBlank ? (
          <p className="muted">Write a configuration: a method, a metric and parameters.</p>
        ) : check.error ? (
          <p className="errt">The configuration could not be checked: {check.error.message}</p>
        ) : check.data ? (
          <Checked checked={check.data} />
        ) : (
          <p className="muted">Checking</p>
        )}
      </div>
    </DialogForm>
  );
}

function Checked({ checked: { problems, n_expected: n, samples } }: { checked: CheckedSweep }) {
  if (problems.length > 0)
    return (
      <ul className="errt" aria-label="Problems">
        {problems.map((problem) => (
          <li key={problem}>{problem}</li>
        ))}
      </ul>
    );
  return (
    <>
      <p className="muted">
        Valid. {n === null ? "Runs until it is stopped." : `${formatNoun(n, "run")}.`}
        {samples.length > 0 && " It may hand out:"}
      </p>
      <ul className="mono samples" aria-label="Sample parameter sets">
        {samples.map((sample) => {
          const line = toYaml(sample).replaceAll("\n", ", ");
          return (
            <li key={line} className="ell" title={line}>
              {line}
            </li>
          );
        })}
      </ul>
    </>
  );
}
