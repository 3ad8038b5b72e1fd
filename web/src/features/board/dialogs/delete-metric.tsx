/** Asks before a metric's values are deleted, because nothing brings them back. */

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { deleteMetric, metricsKey } from "@/api/metrics/metrics";
import { seriesKey } from "@/api/metrics/series";
import { runsKey } from "@/api/runs/run-rows";
import { formatCount, formatNoun } from "@/data/text/format";
import { ConfirmDialog } from "@/ui/overlays/confirm-dialog";
import { showDone, showFailed } from "@/ui/overlays/toasts";
import { usePanelSet } from "../board-set";
import { closeDialog } from "./open-dialog";

/** More runs are counted, not named. */
const NAMED_AT_MOST = 5;

export default function DeleteMetric({ metric }: { metric: string }) {
  const { project, runs: shown } = usePanelSet();
  const client = useQueryClient();
  // what is deleted is what the dialog says, also when other runs are shown meanwhile
  const [runs] = useState(shown);
  const [isBusy, setBusy] = useState(false);
  const [only] = runs.length === 1 ? runs : [];
  const remove = async () => {
    setBusy(true);
    try {
      const ids = runs.map(({ id }) => id);
      const { n_runs: nRuns } = await deleteMetric(project, ids, metric);
      closeDialog();
      showDone(
        nRuns > 0 ? `Deleted ${metric} from ${formatNoun(nRuns, "run")}` : `No run shown has ${metric}`,
      );
      for (const keyOf of [metricsKey, seriesKey, runsKey])
        void client.invalidateQueries({ queryKey: keyOf(project) });
      void client.invalidateQueries({
        predicate: ({ queryKey: [kind, , , id] }) => kind === "run" && ids.includes(id as string),
      });
    } catch (error) {
      setBusy(false);
      showFailed(`Could not delete ${metric}`, error);
    }
  };
  return (
    <ConfirmDialog
      title={`Delete the metric ${metric}?`}
      isOpen
      action={only ? "Delete from this run" : `Delete from ${formatNoun(runs.length, "run")}`}
      isBusy={isBusy}
      onClose={closeDialog}
      onConfirm={() => void remove()}
    >
      <p className="dialog-text">
        Its values in {only ? "this run" : `the ${formatNoun(runs.length, "run")} shown`} are deleted from the
        server permanently. They cannot be restored.
        {runs.some(({ isLive }) => isLive) && " What running scripts log from now on is kept."}
      </p>
      <ul className="dialog-list">
        {runs.slice(0, NAMED_AT_MOST).map(({ id, name }) => (
          <li key={id} className="ell" title={name}>
            {name}
          </li>
        ))}
        {runs.length > NAMED_AT_MOST && <li>and {formatCount(runs.length - NAMED_AT_MOST)} more</li>}
      </ul>
    </ConfirmDialog>
  );
}
