/** A list without a row: no run matches, or why the runs could not be read. */

import { Fault } from "@/ui/signs/fault";
import { InvalidFilter } from "../runs/filter/filter-problem";
import { isInvalidFilter } from "../runs/filter/use-filter";
import { useSetView, useView } from "../view/view-store";

interface NoRowsProps {
  readonly error: Error | null;
  onRetry(): void;
  onEditFilter(): void;
}

export function NoRows({ error, onRetry, onEditFilter }: NoRowsProps) {
  const search = useView((view) => view.runSearch);
  const isRegex = useView((view) => view.isRunRegex);
  const passing = useView((view) => view.passingFilter);
  const isFiltered = useView((view) => view.filter + view.passingFilter !== "");
  if (isInvalidFilter(error)) return <InvalidFilter error={error} onEdit={onEditFilter} />;
  if (error) return <Fault title="The runs could not be read" error={error} onRetry={onRetry} />;
  return (
    <div className="say">
      <b>No run matches</b>
      {passing && (
        <span>
          The filter for now, <span className="mono">{passing}</span>, leaves none.
        </span>
      )}
      {search && (
        <span>
          No run{isFiltered ? " that the filter finds" : ""} has {isRegex ? "the expression" : "the words"}{" "}
          <span className="mono">{search}</span> in its name, id, notes, tags, group or job type.
        </span>
      )}
      <WaysToMore />
    </div>
  );
}

/** Buttons that take away what narrows the list, each for itself. */
export function WaysToMore() {
  const search = useView((view) => view.runSearch);
  const passing = useView((view) => view.passingFilter);
  const filter = useView((view) => view.filter);
  const setView = useSetView();
  return (
    <span className="row">
      {search && (
        <button type="button" className="btn sm" onClick={() => setView({ runSearch: "" })}>
          Clear search
        </button>
      )}
      {passing && (
        <button type="button" className="btn sm" onClick={() => setView({ passingFilter: "" })}>
          Remove the filter for now
        </button>
      )}
      {filter && (
        <button type="button" className="btn sm" onClick={() => setView({ filter: "" })}>
          Clear filter
        </button>
      )}
    </span>
  );
}
