/** A dialog that queues a trial: parameters by hand, those left out are drawn. The server checks them. */

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { Sweep } from "@/api/sweeps/sweeps";
import { enqueueTrial } from "@/api/sweeps/trials";
import type { ProjectRef } from "@/api/types";
import { formatNoun } from "@/data/text/format";
import { CardSearch } from "@/ui/cards/card-search";
import { Button } from "@/ui/controls/button";
import { TextField } from "@/ui/fields/field";
import { Dialog } from "@/ui/overlays/dialog";
import { DialogForm, useSending } from "@/ui/overlays/dialog-form";
import { parameterHint, parameterValue } from "./typed-parameters";

/** More are matches by their names. */
const MOST_FIELDS = 50;

interface QueueTrialProps {
  readonly project: ProjectRef;
  readonly sweep: Sweep;
  onClose(): void;
}

export function QueueTrial({ isOpen, ...props }: QueueTrialProps & { readonly isOpen: boolean }) {
  return (
    <Dialog title="Queue a trial" isOpen={isOpen} width={520} hasInput onClose={props.onClose}>
      <QueueTrialForm {...props} />
    </Dialog>
  );
}

type Typed = Readonly<Record<string, string>>;

function QueueTrialForm({ project, sweep, onClose }: QueueTrialProps) {
  const client = useQueryClient();
  const [typed, setTyped] = useState<Typed>({});
  const [find, setFind] = useState("");
  const { parameters, config, best, state } = sweep;
  const sending = useSending(async () => {
    const entries = Object.entries(typed).filter(([, text]) => text.trim() !== "");
    const values = entries.map(([name, text]) => [name, parameterValue(config, name, text.trim())]);
    await enqueueTrial(client, project, sweep.id, Object.fromEntries(values));
    onClose();
  });
  const write = sending.edits((part: Typed) => setTyped({ ...typed, ...part }));
  const takeBest = () => {
    const chosen = parameters.filter((name) => best && name in best.parameters);
    write(Object.fromEntries(chosen.map((name) => [name, textOf(best?.parameters[name])])));
  };
  const matches = parameters.filter((name) => name.toLowerCase().includes(find.trim().toLowerCase()));
  const isWaiting = state !== "running" && state !== "pending" && state !== "finished";
  return (
    <DialogForm sending={sending} className="queue-trial" action="Queue the trial" isReady onCancel={onClose}>
      <p className="muted">
        The next agent gets these parameters. Those that you leave empty are drawn from their distributions.
        {isWaiting && ` The sweep is ${state}: the trial waits until it is resumed.`}
      </p>
      {best && (
        <div>
          <Button isSmall onClick={takeBest}>
            Take the values of the best trial
          </Button>
        </div>
      )}
      {parameters.length > MOST_FIELDS && (
        <CardSearch label="Search parameters" value={find} onChange={setFind} />
      )}
      <div className="queue-fields">
        {matches.slice(0, MOST_FIELDS).map((name) => (
          <TextField
            key={name}
            label={name}
            value={typed[name] ?? ""}
            placeholder={parameterHint(config, name)}
            onChange={(text) => write({ [name]: text })}
          />
        ))}
      </div>
      {matches.length > MOST_FIELDS && (
        <p className="muted">and {formatNoun(matches.length - MOST_FIELDS, "parameter")} more</p>
      )}
      {sending.fault !== null && (
        <p className="errt" role="alert">
          {sending.fault}
        </p>
      )}
    </DialogForm>
  );
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
