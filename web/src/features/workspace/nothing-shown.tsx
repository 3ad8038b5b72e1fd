/** In place of the charts while no run is shown: the reason, and the runs that a person most likely means. */

import { FIRST_SHOWN, type Shown, withRuns } from "@/data/runs/shown-runs";
import { formatCount, formatNoun } from "@/data/text/format";
import { FIRST_VIEW } from "@/data/view/view";
import { Button } from "@/ui/controls/button";
import { EmptyState } from "@/ui/signs/empty-state";
import { isInvalidFilter } from "../runs/filter/use-filter";
import type { Runs } from "../runs/use-runs";
import { useSetView, useView } from "../view/view-store";
import { WaysToMore } from "./no-rows";

/** Without a choice of runs or groups. */
const FIRST: Shown = { selection: FIRST_VIEW.selection, hiddenGroups: [], shownGroups: [] };
const ALL: Shown = { ...FIRST, selection: { base: "all", on: [], off: [] } };

export function NothingShown({ runs }: { runs: Runs }) {
  return (
    <div style={{ paddingTop: 96 }}>
      {runs.total > 0 ? <AllHidden runs={runs} /> : <NoMatch error={runs.error} />}
    </div>
  );
}

function NoMatch({ error }: { error: Error | null }) {
  if (error)
    return (
      <EmptyState icon="warn" title="No curve to draw">
        {isInvalidFilter(error) ? "The filter of the list is invalid." : "The runs could not be read."}
      </EmptyState>
    );
  return (
    <EmptyState icon="search" title="No curve to draw" action={<WaysToMore />}>
      No run matches what the list is searched and filtered for.
    </EmptyState>
  );
}

/** Runs are listed, and all of them hidden: as after a link or a search that leads to one of them. */
function AllHidden({ runs }: { runs: Runs }) {
  const { firstPage, nGroups, total, request } = runs;
  const setView = useSetView();
  const isNarrowed = useView((view) => view.runSearch + view.filter + view.passingFilter !== "");
  const isGrouped = request.by.length > 0;
  const [n, noun] = isGrouped ? [nGroups, "group"] : [total, "run"];
  const areFew = n <= FIRST_SHOWN;
  const first = request.order.length > 0 || isGrouped ? "first" : "newest";
  const showFirst = () =>
    setView((view) =>
      areFew && !isGrouped
        ? // the choice of runs that the list leaves out stays
          {
            selection: withRuns(
              view.selection,
              firstPage.map(({ id }) => id),
              true,
            ),
          }
        : FIRST,
    );
  const only = total === 1 && !isGrouped ? firstPage[0] : undefined;
  const listed = `${formatNoun(total, "run")}${isNarrowed ? " listed" : ""}`;
  return (
    <EmptyState
      icon="eyeoff"
      title={total === 1 ? `${only?.name ?? "The run"} is hidden` : `All ${listed} are hidden`}
      action={
        <span className="row">
          <Button isSmall onClick={showFirst}>
            {!areFew
              ? `Show the ${first} ${FIRST_SHOWN}${isGrouped ? " groups" : ""}`
              : n === 1
                ? `Show this ${noun}`
                : `Show these ${formatNoun(n, noun)}`}
          </Button>
          {!areFew && (
            <Button look="quiet" isSmall onClick={() => setView(ALL)}>
              Show all {formatCount(n)}
            </Button>
          )}
        </span>
      }
    >
      {total === 1 ? "Its eye in the list is closed." : "Their eyes in the list are closed."}
    </EmptyState>
  );
}
