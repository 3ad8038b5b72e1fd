/** In place of the grid: no run matches, or why the runs could not be read. */

import { ApiError } from "@/api/client";
import { Button } from "@/ui/controls/button";
import { EmptyState } from "@/ui/signs/empty-state";
import type { Runs } from "../runs/use-runs";
import { useSetView, useView } from "../view/view-store";

export function NoMatches({ runs: { error, retry } }: { runs: Runs }) {
  const setView = useSetView();
  const hasFilter = useView((view) => view.filter.trim() !== "" || view.passingFilter !== "");
  const hasSearch = useView((view) => view.runSearch !== "");
  const isWrong = error instanceof ApiError && error.status === 400;
  const narrowing = [hasFilter && "filter", hasSearch && "search"].filter(Boolean);
  const clear = narrowing.length > 0 && (
    <Button isSmall onClick={() => setView({ filter: "", passingFilter: "", runSearch: "" })}>
      Clear {narrowing.join(" and ")}
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
        No run of the project fits {narrowing.map((noun) => `the ${noun}`).join(" and ")}.
      </EmptyState>
    );
  return (
    <EmptyState
      icon="warn"
      title={isWrong ? `The ${narrowing.join(" or the ")} is wrong` : "The runs could not be read"}
      action={isWrong ? clear : again}
    >
      {error.message}
    </EmptyState>
  );
}
