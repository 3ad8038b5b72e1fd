/**
 * The parts of the view's filter as chips that read as sentences: `tags has none of archived`.
 */

import type { ProjectRef } from "@/api/types";
import { sentenceOf } from "@/data/filter/builder";
import { filterText } from "@/data/filter/tree";
import { labelOf, scopeOf } from "@/data/table/columns";
import { Chip } from "@/ui/text/chip";
import { FilterButton } from "./filter-button";
import { useFilterParts } from "./use-filter";
import type { Runs } from "./use-runs";

export function FilterChips({ project, runs }: { project: ProjectRef; runs: Runs }) {
  const { parts, error, remove } = useFilterParts();
  if (parts.length === 0 && !error) return null;
  return (
    <div className="fx" role="group" aria-label="Filters">
      {parts.map((part) => {
        const { column, word, rest } = sentenceOf(part);
        const name = scopeOf(column) === "run" ? column : labelOf(column).label;
        const text = filterText(part);
        return (
          <Chip
            key={text}
            removeLabel={`Remove the filter ${[name, word, rest].join(" ").trim()}`}
            onRemove={() => remove(part)}
          >
            <span title={text}>
              {name && `${name} `}
              <b>{word}</b> {rest}
            </span>
          </Chip>
        );
      })}
      {error && (
        <span className="flag dan" title={error.message}>
          invalid filter
        </span>
      )}
      <FilterButton project={project} runs={runs} look="plus" />
    </div>
  );
}
