/**
 * The column whose values runs are coloured by; else a way to give runs that are shown together colours apart.
 */

import type { ProjectRef } from "@/api/types";
import { colorsApart, GROUP_COLORS } from "@/data/runs/color";
import { formatNoun } from "@/data/text/format";
import { useVariedParameters } from "@/panels/over-runs/use-varied-parameters";
import { ColumnField } from "@/panels/settings/column-field";
import { Button } from "@/ui/controls/button";
import { useRights } from "../../use-rights";
import { useSetView, useView } from "../../view/view-store";
import { useRunActions } from "../actions/run-actions";
import type { Runs } from "../use-runs";
import { useShownRuns } from "../use-shown-runs";

export default function ColorKey({ project, runs }: { project: ProjectRef; runs: Runs }) {
  const colorBy = useView((view) => view.colorBy);
  const setView = useSetView();
  const varied = useVariedParameters(project, true);
  const isGrouped = useView((view) => view.groupBy.length > 0);
  const { mayWrite } = useRights(project);
  return (
    <div className="keys-pop">
      {isGrouped && <SameGroupColors groups={runs.drawnGroups} />}
      {!isGrouped && colorBy === null && mayWrite && <SameColors project={project} runs={runs} />}
      <h3>Color by</h3>
      <ColumnField
        project={project}
        value={colorBy}
        label="Color by"
        placeholder="Each run its own color"
        autoFocus
        first={varied?.map(({ column }) => column)}
        onChange={(column) => setView({ colorBy: column })}
      />
      {colorBy !== null && (
        <div className="keys-end">
          <Button look="quiet" isSmall onClick={() => setView({ colorBy: null })}>
            Each run its own color
          </Button>
        </div>
      )}
    </div>
  );
}

/** Groups that are shown together and have one colour, and a way to tell them apart as far as there are colours. */
function SameGroupColors({ groups }: { groups: Runs["drawnGroups"] }) {
  const setView = useSetView();
  const colors = colorsApart(groups, GROUP_COLORS);
  if (groups.length > GROUP_COLORS)
    return (
      <p className="same-colors muted">
        {groups.length} groups are shown, and there are {GROUP_COLORS} colors: some have the same.
      </p>
    );
  if (colors.size === 0) return null;
  return (
    <div className="same-colors">
      <span className="muted">
        {formatNoun(colors.size, "group")} of the {groups.length} shown {colors.size === 1 ? "has" : "have"}{" "}
        the color of another.
      </span>
      <Button
        isSmall
        onClick={() =>
          setView((view) => ({ groupColors: { ...view.groupColors, ...Object.fromEntries(colors) } }))
        }
      >
        Tell them apart
      </Button>
    </div>
  );
}

/** Runs that are shown together and have one colour, and a way to tell them apart. */
function SameColors({ project, runs }: { project: ProjectRef; runs: Runs }) {
  const { drawn } = useShownRuns(project, runs);
  const actions = useRunActions(project);
  const colors = colorsApart(drawn);
  if (colors.size === 0) return null;
  return (
    <div className="same-colors">
      <span className="muted">
        {formatNoun(colors.size, "run")} of the {drawn.length} shown {colors.size === 1 ? "has" : "have"} the
        color of another.
      </span>
      <Button isSmall onClick={() => void actions.recolorAll(drawn, colors)}>
        Tell them apart
      </Button>
    </div>
  );
}
