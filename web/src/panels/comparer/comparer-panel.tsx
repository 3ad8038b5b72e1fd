/** The run comparer: what differs between runs first, in config, summary, and the runs themselves. */

import { memo, useDeferredValue, useMemo, useState } from "react";
import { compareRuns } from "@/data/compare/compare-runs";
import { formatCount, formatNoun } from "@/data/text/format";
import { panelNames } from "@/data/view/panel-names";
import { TextField } from "@/ui/fields/field";
import { Icon } from "@/ui/signs/icons";
import { PanelFrame, type PanelState, usePanelBox } from "../frame/panel-frame";
import type { PanelProps } from "../panel-props";
import { AgainstSwitch } from "./against-switch";
import { CompareTable } from "./compare-table";
import { comparedOf } from "./compared-run";
import { type ComparerOptions, comparerOptions } from "./options";
import { useComparedRuns } from "./use-compared-runs";

export const ComparerPanel = memo(function ComparerPanel(props: PanelProps) {
  const { panel, runs, onChange } = props;
  const box = usePanelBox(props.isFull);
  const options = comparerOptions(panel);
  const compared = useComparedRuns(props, options.against, box.isOn);
  const { columns } = compared;
  const [search, setSearch] = useState("");
  const deferredSearch = useDeferredValue(search);
  const rows = useMemo(() => compareRuns(columns.map(({ run }) => comparedOf(run))), [columns]);
  const nDiffer = rows.filter((row) => row.differs).length;
  const set = (part: Partial<ComparerOptions>) =>
    onChange(panel.id, { options: { ...panel.options, ...part } });
  const isGood = options.against === "good";
  return (
    <PanelFrame
      of={props}
      box={box}
      title={panel.title ?? (isGood ? "Changed since the last good run" : panelNames(panel).whole)}
      notes={[
        columns.length > 1
          ? `${formatCount(nDiffer)} of ${formatNoun(rows.length, "row")} ${nDiffer === 1 ? "differs" : "differ"}`
          : "",
        compared.nLeft > 0 ? `${formatNoun(compared.nLeft, "run")} left out` : "",
      ]}
      state={stateFor()}
    >
      <div className="cmp-bar">
        <AgainstSwitch against={options.against} onChange={(against) => set({ against })} />
        <TextField
          label="Search keys and values"
          isBare
          value={search}
          onChange={setSearch}
          placeholder="Search keys and values"
        />
      </div>
      {compared.hasNoGood ? (
        <div className="say">
          <Icon name="swap" />
          <b>No good run came before {runs[0]?.name}</b>
          <span>
            The last good run is the newest finished one of the same user that was created before it.
          </span>
        </div>
      ) : (
        <CompareTable
          columns={columns}
          rows={rows}
          search={deferredSearch}
          hidesEqual={options.hidesEqual && columns.length > 1}
        />
      )}
    </PanelFrame>
  );

  function stateFor(): PanelState {
    if (runs.length === 0) return { is: "empty", say: "No run is shown." };
    if (columns.length > 0 || compared.hasNoGood) return { is: "ready" };
    if (compared.error) return { is: "failed", error: compared.error, onRetry: compared.retry };
    return { is: "waiting" };
  }
});
