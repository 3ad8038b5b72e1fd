/** In place of runs, where the view's filter cannot be read: what is wrong with it, and two ways out. */

import { Button } from "@/ui/controls/button";
import { EmptyState } from "@/ui/signs/empty-state";
import { useSetView } from "../../view/view-store";

interface InvalidFilterProps {
  readonly error: Error;
  /** Open the filter, where the place of the mistake is marked. */
  onEdit(): void;
}

export function InvalidFilter({ error, onEdit }: InvalidFilterProps) {
  const setView = useSetView();
  return (
    <EmptyState
      icon="warn"
      title="The filter is invalid"
      action={
        <span className="row">
          <Button isSmall onClick={onEdit}>
            Edit filter
          </Button>
          <Button isSmall onClick={() => setView({ filter: "", passingFilter: "" })}>
            Clear filter
          </Button>
        </span>
      }
    >
      {error.message}
    </EmptyState>
  );
}
