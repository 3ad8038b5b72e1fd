/**
 * Builds the view's filter: as rows of conditions in nested groups, or as text.
 *
 * Each change that says something holds at once; the number of runs that match stands below.
 */

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { countQuery } from "@/api/run-rows";
import type { ProjectRef } from "@/api/types";
import { type ConditionGroup, groupOfTree, newCondition, newGroup, treeOfNode } from "@/data/filter/builder";
import { type FilterTree, filterText } from "@/data/filter/tree";
import { formatCount } from "@/data/format";
import { Button } from "@/ui/button";
import { SegmentedControl } from "@/ui/segmented-control";
import { useSetView, useView } from "../view/view-store";
import { ConditionRows } from "./condition-rows";
import { FilterExpression } from "./filter-expression";
import { useFilterParts, useFilterTree } from "./use-filter";

const WAYS = [
  { value: "builder", label: "Builder" },
  { value: "text", label: "Expression" },
] as const;

/** Filters that are wanted most. */
const QUICK: readonly { readonly label: string; readonly tree: FilterTree }[] = [
  { label: "Hide crashed", tree: { column: "state", op: "!=", value: "crashed" } },
  { label: "Hide failed", tree: { column: "state", op: "!=", value: "failed" } },
  { label: "Running", tree: { column: "state", op: "=", value: "running" } },
  { label: "Last 7 days", tree: { column: "created", op: ">", value: "-7d" } },
];

export default function FilterBuilder({ project }: { project: ProjectRef }) {
  const { tree, isOld, error } = useFilterTree();
  const [way, setWay] = useState<"builder" | "text">("builder");
  const isText = way === "text" || error !== null;
  return (
    <div className="fb">
      <div className="fb-head">
        <h3>Filter</h3>
        <SegmentedControl
          label="How to write the filter"
          value={isText ? "text" : "builder"}
          options={WAYS}
          onChange={setWay}
        />
      </div>
      {isText ? (
        <FilterExpression project={project} />
      ) : (
        tree && <Conditions project={project} tree={tree} isOld={isOld} />
      )}
      <QuickFilters />
      <Foot project={project} />
    </div>
  );
}

interface ConditionsProps {
  readonly project: ProjectRef;
  readonly tree: FilterTree;
  /** It is the one before: of the filter's text the tree is on its way. */
  readonly isOld: boolean;
}

function Conditions({ project, tree, isOld }: ConditionsProps) {
  const filter = useView((view) => view.filter);
  const setView = useSetView();
  const [draft, setDraft] = useState(() => draftOf(tree));
  const [written, setWritten] = useState(filter);
  // another hand changed the filter: a chip, an undo, the expression
  if (filter !== written && !isOld) {
    setWritten(filter);
    setDraft(draftOf(tree));
  }
  const change = (next: ConditionGroup) => {
    const said = treeOfNode(next);
    const text = said ? filterText(said) : "";
    setDraft(next);
    setWritten(text);
    if (text !== filter) setView({ filter: text }, { coalesce: "filter" });
  };
  return (
    <>
      <ConditionRows project={project} group={draft} onChange={change} />
      <div className="fb-add">
        <Button
          look="quiet"
          isSmall
          icon="plus"
          onClick={() => change({ ...draft, of: [...draft.of, newCondition()] })}
        >
          Condition
        </Button>
        <Button
          look="quiet"
          isSmall
          icon="plus"
          onClick={() => change({ ...draft, of: [...draft.of, newGroup("any", [newCondition()])] })}
        >
          Group
        </Button>
      </div>
    </>
  );
}

/** The rows of a filter; of none the first row, to be filled in. */
function draftOf(tree: FilterTree): ConditionGroup {
  const group = groupOfTree(tree);
  return group.of.length === 0 ? newGroup("all", [newCondition()]) : group;
}

function QuickFilters() {
  const { has, toggle } = useFilterParts();
  return (
    <div className="fb-quick" role="group" aria-label="Quick filters">
      {QUICK.map(({ label, tree }) => (
        <Button key={label} isSmall isOn={has(tree)} onClick={() => toggle(tree)}>
          {label}
        </Button>
      ))}
    </div>
  );
}

function Foot({ project }: { project: ProjectRef }) {
  const filter = useView((view) => view.filter);
  const setView = useSetView();
  const found = useQuery(countQuery(project, { filter, search: "", isRegex: false }));
  const all = useQuery(countQuery(project, { filter: "", search: "", isRegex: false }));
  return (
    <div className="fb-foot">
      <span className="muted tn" role="status">
        {found.data !== undefined &&
          all.data !== undefined &&
          `${formatCount(found.data)} of ${formatCount(all.data)} match`}
      </span>
      <Button look="quiet" isSmall disabled={filter === ""} onClick={() => setView({ filter: "" })}>
        Clear
      </Button>
    </div>
  );
}
