/** The button that opens the filter builder; the builder is fetched when it is first opened. */

import { lazy } from "react";
import type { ProjectRef } from "@/api/types";
import { Popover } from "@/ui/overlays/popover";
import { Icon } from "@/ui/signs/icons";
import type { Runs } from "../use-runs";
import { useFilterParts } from "./use-filter";
import "../runs.css";

const FilterBuilder = lazy(() => import("./filter-builder"));
const WIDTH = 620;

interface FilterButtonProps {
  readonly project: ProjectRef;
  /** The list, or ids of the runs shown, null while they are not known. */
  readonly runs: Runs | readonly string[] | null;
  /** `icon` in the list's head, `plus` next to chips, `full` in a toolbar. */
  readonly look?: "icon" | "plus" | "full";
  /** With `onOpen`: the page holds whether the builder is open. */
  readonly isOpen?: boolean;
  onOpen?(isOpen: boolean): void;
}

export function FilterButton({ project, runs, look = "icon", isOpen, onOpen }: FilterButtonProps) {
  const { parts, error } = useFilterParts();
  return (
    <Popover
      label="Filter"
      width={WIDTH}
      // where there is no condition yet, the column of the first is typed
      isForTyping={parts.length === 0 && error === null}
      target={targetOf(look, parts.length, error !== null)}
      isOpen={isOpen}
      onOpen={onOpen}
    >
      <FilterBuilder project={project} runs={runs} />
    </Popover>
  );
}

function targetOf(look: FilterButtonProps["look"], n: number, isInvalid: boolean) {
  const isOn = n > 0 || isInvalid;
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
        className={`btn q ico ${isOn ? "on" : ""}`}
        aria-label={isInvalid ? "Filter, invalid" : isOn ? `Filter, ${n} set` : "Filter"}
        title="Filter (f)"
      >
        <Icon name="filter" />
      </button>
    );
  return (
    <button type="button" className={`btn q ${isOn ? "on" : ""}`}>
      <Icon name="filter" isSmall />
      Filter
      {isOn && <span className="tn">{isInvalid ? "invalid" : n}</span>}
    </button>
  );
}
