/** A sweep's head: its name, state and method, and what can be done with it. */

import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { deleteSweep, editSweep, type Sweep, type SweepEdit } from "@/api/sweeps/sweeps";
import type { ProjectRef } from "@/api/types";
import { formatNoun } from "@/data/text/format";
import { Button } from "@/ui/controls/button";
import { IconButton } from "@/ui/controls/icon-button";
import { ConfirmDialog } from "@/ui/overlays/confirm-dialog";
import { attempt } from "@/ui/overlays/toasts";
import { Ago } from "@/ui/text/ago";
import { MidName } from "@/ui/text/mid-name";
import { Tag } from "@/ui/text/tag";
import { useRights } from "../use-rights";
import { SweepEditDialog } from "./sweep-edit";
import { SweepState } from "./sweep-state";
import { earlyTermination, isWaiting, methodText, nRuns, sweepName } from "./sweep-words";

interface SweepHeadProps {
  readonly project: ProjectRef;
  readonly sweep: Sweep;
}

export function SweepHead({ project, sweep }: SweepHeadProps) {
  const early = earlyTermination(sweep);
  const state = isWaiting(sweep) ? "waiting" : sweep.state;
  const { mayWrite } = useRights(project);
  return (
    <header className="sweep-head">
      <SweepTitle project={project} sweep={sweep} />
      <span className={`sweep-badge ${state}`}>
        <SweepState state={state} label={state === "waiting" ? "Waiting for an agent" : undefined} />
      </span>
      <Tag>{methodText(sweep)}</Tag>
      {early && <Tag>{early}</Tag>}
      <span className="muted tn created">
        created <Ago micros={sweep.created_micros} suffix=" ago" />
        {sweep.user && ` by ${sweep.user}`}
        {sweep.edited_by && sweep.edited_by !== sweep.user && `, changed by ${sweep.edited_by}`}
      </span>
      <span className="grow" />
      {mayWrite && <SweepActions project={project} sweep={sweep} />}
    </header>
  );
}

/** The name; a double click, or the button next to it, edits it in place. */
function SweepTitle({ project, sweep }: SweepHeadProps) {
  const client = useQueryClient();
  const [typed, setTyped] = useState<string | null>(null);
  const { mayWrite } = useRights(project);
  const edit = () => mayWrite && setTyped(sweepName(sweep));
  const take = async () => {
    const name = typed?.trim() ?? "";
    setTyped(null);
    if (name === "" || name === sweep.name) return;
    await attempt(`Could not rename ${sweepName(sweep)}`, async () => {
      await editSweep(client, project, sweep.id, { name });
    });
  };
  if (typed === null)
    return (
      <>
        <h1 onDoubleClick={edit}>
          <MidName name={sweepName(sweep)} />
        </h1>
        {mayWrite && <IconButton icon="edit" label="Rename" isSmall onClick={edit} />}
      </>
    );
  return (
    <input
      className="sweep-name"
      aria-label="Name of the sweep"
      // biome-ignore lint/a11y/noAutofocus: it takes the place of what was clicked
      autoFocus
      value={typed}
      maxLength={1000}
      onChange={(event) => setTyped(event.target.value)}
      onBlur={() => void take()}
      onKeyDown={(event) => {
        if (event.nativeEvent.isComposing) return;
        if (event.key === "Enter") event.currentTarget.blur();
        if (event.key === "Escape") setTyped(null);
      }}
    />
  );
}

type SweepDialog = "edit" | "cancel" | "delete";

function SweepActions({ project, sweep }: SweepHeadProps) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [dialog, setDialog] = useState<SweepDialog | null>(null);
  const [isBusy, setBusy] = useState(false);
  const act = async (action: string, doIt: () => Promise<void>) => {
    setBusy(true);
    setDialog(null);
    await attempt(`Could not ${action} ${sweepName(sweep)}`, async () => {
      await doIt();
    });
    setBusy(false);
  };
  const put = (action: string, state: NonNullable<SweepEdit["state"]>) =>
    void act(action, () => editSweep(client, project, sweep.id, { state }));
  const remove = () =>
    void act("delete", async () => {
      await deleteSweep(client, project, sweep.id);
      void navigate({ to: "/$entity/$project/sweeps", params: project });
    });
  const { state, counts } = sweep;
  const isActive = state === "running" || state === "pending";
  const mayStop = isActive || state === "paused";
  return (
    <>
      <span className="row">
        {isActive ? (
          <Button icon="pause" disabled={isBusy} onClick={() => put("pause", "paused")}>
            Pause
          </Button>
        ) : (
          <Button icon="play" disabled={isBusy} onClick={() => put("resume", "running")}>
            Resume
          </Button>
        )}
        <Button
          icon="stop"
          disabled={isBusy || !mayStop}
          title="No new runs begin; running ones end by themselves"
          onClick={() => put("stop", "stopped")}
        >
          Stop
        </Button>
        <Button
          icon="x"
          look="danger"
          disabled={isBusy || !(mayStop || counts.running > 0)}
          title="No new runs begin, and running ones are stopped"
          onClick={() => setDialog("cancel")}
        >
          Cancel
        </Button>
        <Button icon="edit" disabled={isBusy} onClick={() => setDialog("edit")}>
          Edit
        </Button>
        <IconButton
          icon="trash"
          label="Delete the sweep"
          disabled={isBusy}
          onClick={() => setDialog("delete")}
        />
      </span>
      <SweepEditDialog
        project={project}
        sweep={sweep}
        isOpen={dialog === "edit"}
        onClose={() => setDialog(null)}
      />
      <ConfirmDialog
        title="Cancel the sweep?"
        isOpen={dialog === "cancel"}
        action="Cancel the sweep"
        cancel="Keep it running"
        onClose={() => setDialog(null)}
        onConfirm={() => put("cancel", "cancelled")}
      >
        No new runs begin, and {formatNoun(counts.running, "running run")}{" "}
        {counts.running === 1 ? "is" : "are"} stopped. Stop lets them end by themselves.
      </ConfirmDialog>
      <ConfirmDialog
        title="Delete the sweep?"
        isOpen={dialog === "delete"}
        action="Delete the sweep"
        cancel="Keep it"
        onClose={() => setDialog(null)}
        onConfirm={remove}
      >
        {sweepName(sweep)} is deleted at once, with its search and its agents. Its{" "}
        {formatNoun(nRuns(sweep), "run")} {nRuns(sweep) === 1 ? "stays" : "stay"}.
      </ConfirmDialog>
    </>
  );
}
