/**
 * The filter for now: of a link on another page, or of the count of running runs in the top bar. It is part of the
 * address, but no view saves it, until a person keeps it.
 */

import { useQuery } from "@tanstack/react-query";
import { filterTreeQuery } from "@/api/runs/filters";
import { allOf, conjuncts, filterText, RUNNING } from "@/data/filter/tree";
import { Button } from "@/ui/controls/button";
import { useStable } from "@/ui/hooks/use-stable";
import { Chip } from "@/ui/text/chip";
import { useReadView, useSetView, useView } from "../../view/view-store";
import { PartWords, partSentence } from "./filter-words";

const NOTE = "For now only: it is not saved in your view, and gone when you load the page again";

/** Its parts as chips, with a button that makes them parts of the view's filter. */
export function PassingFilter() {
  const passing = useView((view) => view.passingFilter);
  const setView = useSetView();
  const { data: tree } = useQuery({ ...filterTreeQuery(passing), enabled: passing !== "" });
  if (passing === "") return null;
  const parts = tree ? conjuncts(tree) : [];
  return (
    <span className="fx-passing" role="group" aria-label="Filter for now" title={NOTE}>
      <Chip
        removeLabel={`Remove the filter for now ${parts.map(partSentence).join(" and ")}`.trim()}
        onRemove={() => setView({ passingFilter: "" })}
      >
        <span className="muted">for now</span>{" "}
        {parts.length === 0
          ? passing
          : parts.map((part, i) => (
              <span key={filterText(part)}>
                {i > 0 && " and "}
                <PartWords part={part} />
              </span>
            ))}
      </Chip>
      <Button
        isSmall
        look="quiet"
        title="Make it a part of the view's filter, which is saved"
        onClick={() =>
          setView((view) => ({ filter: allOf(view.filter, view.passingFilter), passingFilter: "" }))
        }
      >
        Keep
      </Button>
    </span>
  );
}

/** Lists the running runs only, for now; called again, all. Always the same function. */
export function useToggleRunning(): () => void {
  const setView = useSetView();
  const readView = useReadView();
  return useStable(() => {
    const running = filterText(RUNNING);
    setView({ passingFilter: readView().passingFilter === running ? "" : running });
  });
}
