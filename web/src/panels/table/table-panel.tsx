/** Logged tables of shown runs at a step: rows in windows, sorted, searched and filtered by the server. */

import { memo, useMemo, useState } from "react";
import type { TableColumn, TableWindow } from "@/api/files/tables";
import { stepText } from "@/data/media/steps";
import { formatNoun } from "@/data/text/format";
import { panelNames } from "@/data/view/panel-names";
import { Button } from "@/ui/controls/button";
import { Select } from "@/ui/controls/select";
import { MidName, NamesBeside } from "@/ui/text/mid-name";
import { PanelFrame, type PanelState, staleOf, stateOf, usePanelBox } from "../frame/panel-frame";
import { FirstRunsFlag } from "../media/first-runs-flag";
import { NoRunHas } from "../media/media-state";
import { StepBar } from "../media/step-bar";
import { useMediaAtStep } from "../media/use-media-at-step";
import type { PanelProps } from "../panel-props";
import { leftNames } from "./joined";
import { type RowOptions, tableOptions } from "./options";
import { ALL_RUNS, chosenEntry, nextEntries, type TableEntry, tableEntries, unionOf } from "./table-choice";
import { TableView } from "./table-view";
import { JoinTools } from "./tools/join-tools";
import { COUNT_INDEX, EndTools, RowSearch } from "./tools/table-tools";

const NO_NAMES: readonly string[] = [];

interface TablePanelProps extends PanelProps {
  /** Of the table of a chart: shows the chart again. Stable. */
  onChart?(): void;
}

export const TablePanel = memo(function TablePanel(props: TablePanelProps) {
  const { onChart, panel, project, runs, step, onStep, onChange } = props;
  const box = usePanelBox(props.isFull);
  const { keys } = panel;
  const options = useMemo(() => tableOptions(panel), [panel]);
  const media = useMediaAtStep(props, box);
  const { steps, at, last, query } = media;
  const entries = useMemo(() => tableEntries(media.groups), [media.groups]);
  const entry = useMemo(() => chosenEntry(entries, options.entry), [entries, options.entry]);
  const others = entry && !entry.union ? nextEntries(entries, entry, options.nTables - 1) : [];
  const setOptions = (part: object, name?: string) =>
    onChange(panel.id, { options: { ...panel.options, ...part } }, name);
  const [head, setHead] = useState<TableWindow | null>(null);
  const columns = head?.columns ?? [];
  const isSeveral = others.length > 0;
  const { join } = options.rows;
  const joinedRun = join?.run == null ? entry : entries.find(({ run }) => run.id === join.run);
  const joined =
    join &&
    [
      join.run !== null && (joinedRun?.run.name ?? join.run),
      join.step !== null && `step ${stepText(join.step)}`,
    ]
      .filter(Boolean)
      .join(", ");
  const ownStep = `step ${stepText(entry?.step ?? steps[at] ?? 0)}`;
  const endTools = entry && (
    <EndTools
      columns={columns}
      options={options.rows}
      hasRuns={entry.union !== undefined}
      join={
        entry.key !== null &&
        !entry.union &&
        entry.item?.join === null && (
          <JoinTools
            options={options.rows}
            entry={entry}
            others={entries.filter(({ run, item }) => item !== null && run.id !== entry.run.id)}
            columns={baseNames(columns, options.rows)}
            onOptions={setOptions}
          />
        )
      }
      onOptions={setOptions}
    />
  );
  const back = onChart && (
    <Button isSmall onClick={onChart}>
      Show the chart
    </Button>
  );
  const choice = entry && entries.length > 1 && (
    <Choice
      entries={entries}
      union={unionOf(entries)}
      chosen={entry}
      onChoose={(id) => setOptions({ entry: id })}
    />
  );
  const stepNote = steps.length > 0 ? ownStep : "";
  return (
    <PanelFrame
      of={props}
      box={box}
      metric={keys[0]}
      notes={[head === null ? "" : formatNoun(head.n_rows, "row"), stepNote]}
      flags={<FirstRunsFlag nAsked={media.ids.length} nShown={runs.length} />}
      state={stateFor()}
      stale={staleOf(query)}
    >
      {entry && (
        <>
          {isSeveral && (
            <div className="tbl-tools">
              {back}
              <RowSearch options={options.rows} onOptions={setOptions} />
              {endTools}
            </div>
          )}
          <NamesBeside names={entry.union?.map(({ label }) => label) ?? NO_NAMES}>
            <div className="tbl-tables">
              <div className="tbl-table" key={entry.id}>
                <TableView
                  project={project}
                  entry={entry}
                  step={steps[at] ?? null}
                  own={join?.run == null ? ownStep : entry.label}
                  joined={joined}
                  name={panelNames(panel).whole}
                  options={options.rows}
                  before={
                    isSeveral ? (
                      choice
                    ) : (
                      <>
                        {back}
                        {choice}
                        <RowSearch options={options.rows} onOptions={setOptions} />
                      </>
                    )
                  }
                  after={!isSeveral && endTools}
                  onOptions={setOptions}
                  onHead={setHead}
                />
              </div>
              {others.map((other) => (
                <div className="tbl-table" key={other.id}>
                  <TableView
                    project={project}
                    entry={other}
                    step={steps[at] ?? null}
                    own={join?.run == null ? ownStep : other.label}
                    joined={joined}
                    name={`${panelNames(panel).whole} of ${other.label}`}
                    options={options.rows}
                    before={
                      <>
                        <span className="sw-dot" style={{ background: `var(--w-run-${other.run.color})` }} />
                        <MidName name={other.label} />
                      </>
                    }
                    onOptions={setOptions}
                  />
                </div>
              ))}
            </div>
          </NamesBeside>
        </>
      )}
      <StepBar
        steps={steps}
        total={media.nSteps}
        at={at}
        isLate={query.isPlaceholderData}
        isInStep={options.isInStep}
        onPlace={media.onPlace}
        onInStep={(isInStep) => {
          // both keep the step that is seen
          setOptions({ isInStep });
          onStep(panel.id, step);
        }}
      />
    </PanelFrame>
  );

  function stateFor(): PanelState {
    if (keys.length === 0) return { is: "empty", say: "Choose a metric with tables." };
    if (runs.length === 0) return { is: "empty", say: "No run is shown." };
    const empty = (
      <NoRunHas of={props} what={`a table called ${keys.join(", ")}`}>
        A <span className="mono">weft.Table</span> given to <span className="mono">run.log()</span> appears
        here.
      </NoRunHas>
    );
    if (!last.data) return stateOf(last, null);
    return stateOf(query, entry ? null : empty);
  }
});

/** The names of the columns of the shown table, whether or not its rows are joined or grouped. */
function baseNames(columns: readonly TableColumn[], { join, group }: RowOptions): string[] {
  const own = group === null ? columns : columns.filter((_, index) => index !== COUNT_INDEX);
  return leftNames(own, join !== null);
}

interface ChoiceProps {
  readonly entries: readonly TableEntry[];
  /** All of them as one; null: there are not several. */
  readonly union: TableEntry | null;
  readonly chosen: TableEntry;
  onChoose(id: string): void;
}

function Choice({ entries, union, chosen, onChoose }: ChoiceProps) {
  return (
    <>
      {chosen.id !== ALL_RUNS && (
        <span className="sw-dot" style={{ background: `var(--w-run-${chosen.run.color})` }} />
      )}
      <Select
        label="Run"
        value={chosen.id}
        options={[
          ...(union ? [{ value: union.id, label: union.label }] : []),
          ...entries.map(({ id, label, item }) => ({
            value: id,
            label,
            shown: <MidName name={label} />,
            ...(item === null && { meta: "no table yet" }),
          })),
        ]}
        isSmall
        isQuiet
        onChange={onChoose}
      />
    </>
  );
}
