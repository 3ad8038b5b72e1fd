/** Sets the bytes and runs that an entity or project may have. */

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { setQuota, usageQuery } from "@/api/people/usage";
import { TextField } from "@/ui/fields/field";
import { FormDialog, useSending } from "@/ui/overlays/dialog-form";
import "../../people/people.css";

const GB = 1e9;

interface QuotaDialogProps {
  readonly entity: string;
  /** Null: the quota of the entity. */
  readonly project: string | null;
  readonly quota: { readonly quota_bytes: number | null; readonly quota_runs: number | null };
  onClose(): void;
}

export function QuotaDialog({ entity, project, quota, onClose }: QuotaDialogProps) {
  const client = useQueryClient();
  const [size, setSize] = useState(quota.quota_bytes === null ? "" : String(quota.quota_bytes / GB));
  const [runs, setRuns] = useState(quota.quota_runs === null ? "" : String(quota.quota_runs));
  const bytes = limitOf(size, GB);
  const nRuns = limitOf(runs, 1);
  const sending = useSending(async () => {
    const usage = await setQuota(entity, project, { quota_bytes: bytes, quota_runs: nRuns });
    client.setQueryData(usageQuery(entity).queryKey, usage);
  });
  const unlimited = project === null ? "As other users and teams" : `As much as ${entity} has`;
  return (
    <FormDialog
      title={`Quota of ${project ?? entity}`}
      sending={sending}
      className="dialog-fields"
      action="Set quota"
      isReady={bytes !== undefined && nRuns !== undefined}
      onClosed={onClose}
    >
      <TextField
        label="Stored"
        inputMode="decimal"
        placeholder={unlimited}
        end={<span className="muted">GB</span>}
        value={size}
        error={bytes === undefined ? `Not a size: ${size}` : null}
        onChange={sending.edits(setSize)}
      />
      <TextField
        label="Runs"
        inputMode="numeric"
        placeholder={unlimited}
        hint="Scripts beyond a quota train on; their data waits on their machine until there is room."
        value={runs}
        error={nRuns === undefined ? `Not a number of runs: ${runs}` : sending.fault}
        onChange={sending.edits(setRuns)}
      />
    </FormDialog>
  );
}

/** The whole number that was typed, in units; null: nothing typed, undefined: not a limit. */
function limitOf(text: string, unit: number): number | null | undefined {
  if (text.trim() === "") return null;
  const limit = Number(text) * unit;
  const whole = Math.round(limit);
  const isWhole = unit > 1 || whole === limit;
  return isWhole && whole >= 0 && Number.isSafeInteger(whole) ? whole : undefined;
}
