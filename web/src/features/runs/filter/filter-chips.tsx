/** The parts of the view's filter as chips that read as sentences: `tags has none of archived`. */

import type { ProjectRef } from "@/api/types";
import { filterText } from "@/data/filter/tree";
import { Chip } from "@/ui/text/chip";
import { useView } from "../../view/view-store";
import type { Runs } from "../use-runs";
import { FilterButton } from "./filter-button";
import { PartWords, partSentence } from "./filter-words";
import { PassingFilter } from "./passing-filter";
import { useFilterParts } from "./use-filter";

export function FilterChips({ project, runs }: { project: ProjectRef; runs: Runs }) {
  const { parts, error, remove } = useFilterParts();
  const passing = useView((view) => view.passingFilter);
  if (parts.length === 0 && !error && passing === "") return null;
  return (
    <div className="fx" role="group" aria-label="Filters">
      {parts.map((part) => {
        const text = filterText(part);
        return (
          <Chip
            key={text}
            removeLabel={`Remove the filter ${partSentence(part)}`}
            onRemove={() => remove(part)}
          >
            <PartWords part={part} />
          </Chip>
        );
      })}
      {error && (
        <span className="flag dan" title={error.message}>
          invalid filter
        </span>
      )}
      <PassingFilter />
      <FilterButton project={project} runs={runs} look="plus" />
    </div>
  );
}
