/** Parameter importance and correlation: which parameters a result depends on, over all listed runs. */

import { memo, useEffect, useMemo } from "react";
import { readNumericTexts } from "@/data/statistics/numeric-texts";
import { FEWEST_RUNS } from "@/data/statistics/parameter-values";
import type { Measure, ParameterRank, ParameterRanks } from "@/data/statistics/parameters";
import { columnLabel } from "@/data/table/columns";
import { formatFixed, formatNoun } from "@/data/text/format";
import { leaveWheelToPage } from "@/ui/browser/page-wheel";
import { Select } from "@/ui/controls/select";
import { useStable } from "@/ui/hooks/use-stable";
import { MidName } from "@/ui/text/mid-name";
import { PanelFrame, type PanelState, staleOf, stateOf, usePanelBox } from "../frame/panel-frame";
import { numericTextNote } from "../over-runs/missing-values";
import { useResultColumn } from "../over-runs/use-key-column";
import { useRunRows } from "../over-runs/use-run-rows";
import { sameParametersText, useVariedParameters } from "../over-runs/use-varied-parameters";
import type { PanelProps } from "../panel-props";
import { IMPORTANCE_OPTIONS, type ImportanceOptions, importanceOptions } from "./options";
import { useRanks } from "./use-ranks";
import "./importance.css";

/** So many of the parameters that most runs have are ranked: the values of more would take long to read. */
const MOST_RANKED = 200;

/** The column whose values are to be told. */
export function useTarget({ project, panel }: Pick<PanelProps, "project" | "panel">, isOn: boolean) {
  const { target } = importanceOptions(panel);
  const result = useResultColumn(project, panel.keys[0] ?? null, isOn && target === null);
  return target === null ? result : { column: target, isKnown: true };
}

interface ImportancePanelProps extends PanelProps {
  /** Told of each new ranking. */
  onRanks?(ranks: ParameterRanks): void;
}

export const ImportancePanel = memo(function ImportancePanel(props: ImportancePanelProps) {
  const { panel, project, onChange, onRanks } = props;
  const box = usePanelBox(props.isFull);
  const { isOn } = box;
  const options = useMemo(() => importanceOptions(panel), [panel]);
  const { column: target, isKnown } = useTarget(props, isOn);
  const isAuto = options.parameters.length === 0;
  const varied = useVariedParameters(project, isOn && isAuto);
  const parameters = useMemo(
    () =>
      (isAuto ? (varied ?? []).slice(0, MOST_RANKED).map(({ column }) => column) : options.parameters).filter(
        (column) => column !== target,
      ),
    [isAuto, varied, options.parameters, target],
  );
  const columns = useMemo(() => (target ? [target, ...parameters] : []), [target, parameters]);
  const {
    query,
    rows: runRows,
    nLeftOut,
  } = useRunRows(props, columns, options.scope, isOn && parameters.length > 0);
  const numeric = useMemo(() => readNumericTexts(runRows, columns), [runRows, columns]);
  const { rows } = numeric;
  const question = useMemo(() => {
    const results = rows.map((row) => (target ? row.values[target] : null));
    // old rows may lack a column that was just chosen
    const isWhole = rows.length > 0 && columns.every((column) => column in rows[0]!.values);
    const parameterValues = parameters.map((column) => ({
      column,
      values: rows.map((row) => row.values[column] ?? null),
    }));
    return { parameters: isWhole ? parameterValues : null, results };
  }, [rows, target, parameters, columns]);
  const ranks = useRanks(question.parameters, question.results, target);
  const label = target ? columnLabel(target) : (panel.keys[0] ?? "a result");
  const tell = useStable(onRanks ?? (() => {}));
  useEffect(() => {
    if (ranks) tell(ranks);
  }, [ranks, tell]);
  const set = (part: Partial<Pick<ImportanceOptions, "order" | "measure">>) =>
    onChange(panel.id, { options: { ...panel.options, ...part } });
  return (
    <PanelFrame
      of={props}
      box={box}
      notes={[
        `for ${label}`,
        ranks ? formatNoun(ranks.nRuns, "run") : "",
        numericTextNote(numeric),
        nLeftOut > 0 ? `${formatNoun(nLeftOut, "run")} left out` : "",
      ]}
      state={stateFor()}
      stale={staleOf(query)}
    >
      {ranks && <Ranks ranks={ranks} order={options.order} measure={options.measure} onChoose={set} />}
    </PanelFrame>
  );

  function stateFor(): PanelState {
    if (target === null && isKnown) return { is: "empty", say: "Choose the result in the settings." };
    if (varied?.length === 0 && isAuto) return { is: "empty", say: sameParametersText(project) };
    if (query.data && rows.length === 0) return { is: "empty", say: props.list?.none ?? "No run is listed." };
    if (query.data && !ranks) return { is: "waiting" };
    if (ranks && ranks.nRuns < FEWEST_RUNS)
      return {
        is: "empty",
        say: `${formatNoun(ranks.nRuns, "run")} with a number for ${label}: at least ${FEWEST_RUNS} are needed.`,
      };
    return stateOf(query, ranks?.ranks.length === 0 ? "These runs do not differ in any parameter." : null);
  }
});

interface RanksProps {
  readonly ranks: ParameterRanks;
  readonly order: ImportanceOptions["order"];
  readonly measure: Measure;
  onChoose(part: Partial<Pick<ImportanceOptions, "order" | "measure">>): void;
}

function Ranks({ ranks, order, measure, onChoose }: RanksProps) {
  const strength = (rank: ParameterRank) =>
    order === "importance" ? rank.importance[measure] : Math.abs(rank.correlation ?? 0);
  const sorted = [...ranks.ranks].sort((a, b) => strength(b) - strength(a));
  const most = Math.max(...ranks.ranks.map((rank) => rank.importance[measure]), 1e-9);
  const onOrder = (next: ImportanceOptions["order"]) => onChoose({ order: next });
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled area must be reachable by keyboard */}
      <div ref={leaveWheelToPage} className="imp" tabIndex={0} role="group" aria-label="Parameters, scrolled">
        <table>
          <colgroup>
            <col className="c1" />
            <col />
            <col className="c3" />
            <col className="c4" />
            <col className="c5" />
          </colgroup>
          <thead>
            <tr>
              <th>parameter</th>
              <Head name="importance" order={order} onOrder={onOrder} />
              <Head name="correlation" order={order} onOrder={onOrder} />
            </tr>
          </thead>
          <tbody>
            {sorted.map((rank) => (
              <tr key={rank.column}>
                <td title={rank.level === null ? rank.column : `${rank.column} = ${rank.level}`}>
                  <span className="row">
                    <MidName name={columnLabel(rank.column)} />
                    {rank.level !== null && <span className="meta ell level">= {rank.level}</span>}
                    {rank.level === null && rank.nRuns < ranks.nRuns && (
                      <span className="meta level">in {formatNoun(rank.nRuns, "run")}</span>
                    )}
                  </span>
                </td>
                <td>
                  <span className="bar" aria-hidden="true">
                    <i style={{ width: `${(rank.importance[measure] / most) * 100}%` }} />
                  </span>
                </td>
                <td className="num">{formatFixed(rank.importance[measure], 2)}</td>
                <td>
                  <Correlation value={rank.correlation} />
                </td>
                <td className="num muted">{signed(rank.correlation)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <div className="imp-foot">
        <Select
          label="Measure"
          value={measure}
          options={IMPORTANCE_OPTIONS.measure.choices}
          isSmall
          isQuiet
          onChange={(next) => onChoose({ measure: next })}
        />
        <span title={`${MEANINGS[measure]} ${commonMeaning(ranks)}`}>{shortMeaning(ranks, measure)}</span>
      </div>
    </>
  );
}

interface HeadProps {
  readonly name: ImportanceOptions["order"];
  readonly order: ImportanceOptions["order"];
  onOrder(order: ImportanceOptions["order"]): void;
}

function Head({ name, order, onOrder }: HeadProps) {
  return (
    <th colSpan={2} aria-sort={order === name ? "descending" : undefined}>
      <button type="button" onClick={() => onOrder(name)}>
        {name}
      </button>
    </th>
  );
}

/** A bar from the middle: to the right where both rise together. */
function Correlation({ value }: { value: number | null }) {
  const width = `${Math.abs(value ?? 0) * 50}%`;
  const isUp = (value ?? 0) >= 0;
  return (
    <span className="cor" aria-hidden="true">
      {value !== null && (
        <i className={isUp ? "up" : "dn"} style={{ width, [isUp ? "left" : "right"]: "50%" }} />
      )}
    </span>
  );
}

function signed(value: number | null): string {
  if (value === null) return "";
  const text = formatFixed(value, 2);
  return Number(text) > 0 ? `+${text}` : text;
}

const MEANINGS: Readonly<Record<Measure, string>> = {
  variance:
    "Importance: the part of the result's variance that a parameter explains by itself, averaged over the values " +
    "that the runs have of all others (fANOVA, Hutter et al. 2014, over 100 regression trees). What is missing from " +
    "1 is explained only by parameters together.",
  permutation:
    "Importance: how much worse 100 regression trees tell the result of runs they have not seen when one parameter " +
    "is shuffled (Breiman 2001), as parts of the sum.",
};

function shortMeaning({ ranks, r2 }: ParameterRanks, measure: Measure): string {
  const fit = `R² ${r2 === null ? "" : formatFixed(r2, 2)} on runs left out`;
  if (measure === "permutation") return `Error when shuffled. ${fit}. Spearman’s ρ.`;
  const together = ranks.reduce((sum, rank) => sum + rank.importance.variance, 0);
  return `Variance explained alone, in all ${formatFixed(together, 2)}. ${fit}. Spearman’s ρ.`;
}

function commonMeaning({ leftOut }: ParameterRanks): string {
  const left = leftOut.length > 0 ? ` Left out, as nearly each run has its own: ${leftOut.join(", ")}.` : "";
  const few = `none where fewer than ${FEWEST_RUNS} runs have the number`;
  return `Correlation: by ranks; of a text, that of having the value shown; ${few}.${left}`;
}
