/**
 * The button that opens the filter builder; the builder is fetched when it is first opened.
 */

import { lazy, Suspense } from "react";
import type { ProjectRef } from "@/api/types";
import { Icon } from "@/ui/icons";
import { Popover } from "@/ui/popover";
import { useFilterParts } from "./use-filter";
import "./runs.css";

const FilterBuilder = lazy(() => import("./filter-builder"));
const WIDTH = 620;

interface FilterButtonProps {
  readonly project: ProjectRef;
  /** `icon` in the list's head, `plus` beside chips, `full` in a toolbar. */
  readonly look?: "icon" | "plus" | "full";
}

export function FilterButton({ project, look = "icon" }: FilterButtonProps) {
  const { parts } = useFilterParts();
  const n = parts.length;
  return (
    <Popover label="Filter" width={WIDTH} target={targetOf(look, n)}>
      {() => (
        <Suspense fallback={<div style={{ height: 120 }} />}>
          <FilterBuilder project={project} />
        </Suspense>
      )}
    </Popover>
  );
}

function targetOf(look: FilterButtonProps["look"], n: number) {
  if (look === "plus")
    return (
      <button type="button" className="btn q sm ico" aria-label="Add filter" title="Add filter">
        <Icon name="plus" isSmall />
      </button>
    );
  if (look === "icon")
    return (
      <button
        type="button"
        className={`btn q ico ${n > 0 ? "on" : ""}`}
        aria-label={n > 0 ? `Filter, ${n} set` : "Filter"}
        title="Filter"
      >
        <Icon name="filter" />
      </button>
    );
  return (
    <button type="button" className={`btn q ${n > 0 ? "on" : ""}`}>
      <Icon name="filter" isSmall />
      Filter
      {n > 0 && <span className="tn">{n}</span>}
    </button>
  );
}
