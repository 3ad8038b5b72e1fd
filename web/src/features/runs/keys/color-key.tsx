/**
 * The column whose values runs are coloured by; else a way to give runs that are shown together colours apart.
 */

import type { ProjectRef } from "@/api/types";
import { GROUP_COLORS } from "@/data/runs/color";
import { formatNoun } from "@/data/text/format";
import { useVariedParameters } from "@/panels/over-runs/use-varied-parameters";
import { ColumnField } from "@/panels/settings/column-field";
import { Button } from "@/ui/controls/button";
import { useSetView, useView } from "../../view/view-store";
import type { Runs } from "../use-runs";
import { TellApart } from "./tell-apart";
import { useAlikeColors } from "./use-alike-colors";

export default function ColorKey({ project, runs }: { project: ProjectRef; runs: Runs }) {
  const colorBy = useView((view) => view.colorBy);
  const setView = useSetView();
  const varied = useVariedParameters(project, true);
  const isGrouped = useView((view) => view.groupBy.length > 0);
  const own = isGrouped ? "Each group its own color" : "Each run its own color";
  return (
    <div className="keys-pop">
      <SameColors project={project} runs={runs} />
      <h3>Color by</h3>
      <ColumnField
        project={project}
        value={colorBy}
        label="Color by"
        placeholder={own}
        autoFocus
        first={varied?.map(({ column }) => column)}
        onChange={(column) => setView({ colorBy: column })}
      />
      {colorBy !== null && (
        <div className="keys-end">
          <Button look="quiet" isSmall onClick={() => setView({ colorBy: null })}>
            {own}
          </Button>
        </div>
      )}
    </div>
  );
}

/** Runs, or groups, that are shown together and have one colour, and a way to tell them apart as far as there are colours. */
function SameColors({ project, runs }: { project: ProjectRef; runs: Runs }) {
  const alike = useAlikeColors(project, runs);
  const nGroups = runs.drawnGroups.length;
  if (nGroups > GROUP_COLORS)
    return (
      <p className="same-colors muted">
        {nGroups} groups are shown, and there are {GROUP_COLORS} colors: some have the same.
      </p>
    );
  if (!alike) return null;
  const n = alike.colors.size;
  const noun = alike.isGrouped ? "group" : "run";
  return (
    <div className="same-colors">
      <span className="muted">
        {formatNoun(n, noun)} of the {alike.isGrouped ? nGroups : alike.runs.length} shown{" "}
        {n === 1 ? "has" : "have"} the color of another.
      </span>
      <TellApart project={project} alike={alike} />
    </div>
  );
}
