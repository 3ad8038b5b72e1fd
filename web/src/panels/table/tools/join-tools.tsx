/** Joins a table with the one of another run, or of another step of its own run. */

import { Button } from "@/ui/controls/button";
import { Select } from "@/ui/controls/select";
import { NumberField } from "@/ui/fields/field";
import { Popover } from "@/ui/overlays/popover";
import { MidName } from "@/ui/text/mid-name";
import type { JoinOption } from "../joined";
import { type RowOptions, withJoin } from "../options";
import type { TableEntry } from "../table-choice";

interface JoinToolsProps {
  readonly options: RowOptions;
  /** The table that is shown. */
  readonly entry: TableEntry;
  readonly others: readonly TableEntry[];
  /** Of the shown table alone. */
  readonly columns: readonly string[];
  onOptions(part: Partial<RowOptions>, name: string): void;
}

const WIDTH_PX = 280;
const OWN = "";
/** Nothing is joined yet. */
const NONE = "-";

export function JoinTools({ options, entry, others, columns, onOptions }: JoinToolsProps) {
  const { join } = options;
  // none while the rows of another join are on their way
  const names = columns.length > 0 ? columns : join ? [join.on] : [];
  const first = names[0];
  if (first === undefined) return null;
  const set = (next: JoinOption | null) => onOptions(withJoin(options, next, names), "join");
  const change = (part: Partial<JoinOption>) =>
    set({ run: null, step: null, on: join?.on ?? first, ...join, ...part });
  return (
    <Popover
      label="Join"
      width={WIDTH_PX}
      position="bottom-end"
      target={
        <Button isSmall look="quiet" isOn={join !== null} className={join === null ? "tbl-join" : ""}>
          {join === null ? "Join" : "Joined"}
        </Button>
      }
    >
      <div className="tbl-cf">
        <h3>Join with the table of</h3>
        <Select
          label="Run"
          isWide
          value={join === null ? NONE : (join.run ?? OWN)}
          options={[
            ...(join === null ? [{ value: NONE, label: "none yet" }] : []),
            { value: OWN, label: entry.run.name, shown: <MidName name={entry.run.name} />, meta: "this run" },
            ...others.map(({ run }) => ({
              value: run.id,
              label: run.name,
              shown: <MidName name={run.name} />,
            })),
          ]}
          onChange={(run) => run !== NONE && change({ run: run === OWN ? null : run })}
        />
        <NumberField
          label="At step"
          placeholder="the step of the panel"
          value={join?.step ?? null}
          onChange={(step) => change({ step })}
        />
        <h3>Rows with the same</h3>
        <Select
          label="Column"
          isWide
          value={join?.on ?? first}
          options={names.map((name) => ({ value: name, label: name }))}
          onChange={(on) => change({ on })}
        />
        <div className="dialog-end">
          <Button isSmall disabled={join === null} onClick={() => set(null)}>
            Remove the join
          </Button>
        </div>
      </div>
    </Popover>
  );
}
