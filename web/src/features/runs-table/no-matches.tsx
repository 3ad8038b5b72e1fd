/** In place of the grid: no run matches, or why the runs could not be read. */

import { ApiError } from "@/api/client";
import { Button } from "@/ui/controls/button";
import { EmptyState } from "@/ui/signs/empty-state";
import type { Runs } from "../runs/use-runs";
import { useSetView } from "../view/view-store";

export function NoMatches({ runs: { error, retry } }: { runs: Runs }) {
  const setView = useSetView();
  const isWrong = error instanceof ApiError && error.status === 400;
  const clear = (
    <Button isSmall onClick={() => setView({ filter: "", passingFilter: "", runSearch: "" })}>
      Clear filter and search
    </Button>
  );
  const again = (
    <Button isSmall onClick={retry}>
      Try again
    </Button>
  );
  if (!error)
    return (
      <EmptyState icon="search" title="No run matches" action={clear}>
        No run of the project fits the filter and the search.
      </EmptyState>
    );
  return (
    <EmptyState
      icon="warn"
      title={isWrong ? "The filter or the search is wrong" : "The runs could not be read"}
      action={isWrong ? clear : again}
    >
      {error.message}
    </EmptyState>
  );
}
