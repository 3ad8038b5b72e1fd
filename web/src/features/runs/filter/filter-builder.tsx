/**
 * Builds a filter: as rows of conditions in nested groups, or as text.
 *
 * Each change that says something holds at once; the number of runs that match stands below.
 */

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { flushSync } from "react-dom";
import { serverQuery } from "@/api/projects";
import { countQuery } from "@/api/runs/run-rows";
import type { ProjectRef } from "@/api/types";
import { type ConditionGroup, groupOfTree, newCondition, newGroup, treeOfNode } from "@/data/filter/builder";
import { type FilterTree, filterText } from "@/data/filter/tree";
import { STARRED } from "@/data/runs/star";
import { formatCount } from "@/data/text/format";
import { Button } from "@/ui/controls/button";
import { SegmentedControl } from "@/ui/controls/segmented-control";
import { useAwaited } from "@/ui/hooks/use-awaited";
import { isLetter } from "@/ui/keys/page-keys";
import { SkeletonRows } from "@/ui/signs/skeleton";
import type { Runs } from "../use-runs";
import { useShownRuns } from "../use-shown-runs";
import { ConditionRows } from "./condition-rows";
import { FilterExpression } from "./filter-expression";
import { isInvalidFilter, useFilter, useFilterParts, useFilterTree, useSetFilter } from "./use-filter";

const WAYS = [
  { value: "builder", label: "Builder" },
  { value: "text", label: "Expression" },
] as const;

/** Filters that are wanted most. */
const QUICK: readonly { readonly label: string; readonly tree: FilterTree }[] = [
  { label: "Hide crashed", tree: { column: "state", op: "!=", value: "crashed" } },
  { label: "Hide failed", tree: { column: "state", op: "!=", value: "failed" } },
  { label: "Running", tree: { column: "state", op: "=", value: "running" } },
  { label: "Starred", tree: STARRED },
  { label: "Last 7 days", tree: { column: "created", op: ">", value: "-7d" } },
];

/** The built filter, and its text. */
interface Draft {
  readonly group: ConditionGroup;
  readonly text: string;
}

interface FilterBuilderProps {
  readonly project: ProjectRef;
  /** The list, or ids of the runs shown, null while they are not known. */
  readonly runs: Runs | readonly string[] | null;
}

export default function FilterBuilder({ project, runs }: FilterBuilderProps) {
  const { tree, isOld, error } = useFilterTree();
  const filter = useFilter();
  const [way, setWay] = useState<"builder" | "text">("builder");
  const [draft, setDraft] = useState<Draft | null>(null);
  const count = useQuery(countQuery(project, { filter, search: "", isRegex: false }));
  const isOwn = draft?.text === filter;
  // the text came from elsewhere: a chip, an undo, the expression, the address
  if (!isOwn && tree && !isOld && !error) setDraft({ group: draftOf(tree), text: filter });
  // what is invalid because it is half typed stays in its rows; they cannot show the text of another
  const isText = way === "text" || (error !== null && !isOwn);
  const fault = isText && error ? null : (error ?? (isInvalidFilter(count.error) ? count.error : null));
  return (
    // of a filter with conditions the focus comes here: a field would cover them with what it offers
    // biome-ignore lint/a11y/noStaticElementInteractions: it only hands keys on
    <div
      className="fb"
      tabIndex={-1}
      data-autofocus={isText ? undefined : true}
      onKeyDown={(event) => {
        if (isOwn && event.target === event.currentTarget && isLetter(event))
          typeCondition(event.currentTarget);
      }}
    >
      <div className="fb-head">
        <h3>Filter</h3>
        <SegmentedControl
          label="How to write the filter"
          value={isText ? "text" : "builder"}
          options={WAYS}
          onChange={setWay}
        />
      </div>
      {/* above the rows, which grow with each that is pressed: the next one is where it was */}
      {runs !== null && "request" in runs ? (
        <QuickOfList project={project} runs={runs} />
      ) : (
        <QuickFilters shown={runs} />
      )}
      {isText ? (
        <FilterExpression project={project} hasFocus={way === "text"} />
      ) : (
        ((draft && (
          // rows of the filter before: a change of one would take back what was pressed since
          <div className="fb-draft" inert={!isOwn}>
            <Conditions project={project} draft={draft} onDraft={setDraft} />
          </div>
        )) ?? <SkeletonRows n={1} height={32} label="Reading the filter" />)
      )}
      {fault && (
        <p className="errt" role="alert">
          {fault.message.replace(/^column \d+: /, "")}
        </p>
      )}
      <Foot project={project} nMatching={count.data} />
    </div>
  );
}

/** Begin another condition, whose column takes the letter that is being typed. */
function typeCondition(builder: Element): void {
  const add = builder.querySelector<HTMLElement>("[data-adds=condition]");
  flushSync(() => add?.click());
}

interface ConditionsProps {
  readonly project: ProjectRef;
  readonly draft: Draft;
  onDraft(draft: Draft): void;
}

function Conditions({ project, draft: { group }, onDraft }: ConditionsProps) {
  const filter = useFilter();
  const setFilter = useSetFilter();
  const change = (next: ConditionGroup) => {
    const nextTree = treeOfNode(next);
    const text = nextTree ? filterText(nextTree) : "";
    onDraft({ group: next, text });
    if (text !== filter) setFilter(text, true);
  };
  return <ConditionRows project={project} group={group} onChange={change} />;
}

/** The rows of a filter; of none the first row, to be filled in. */
function draftOf(tree: FilterTree): ConditionGroup {
  const group = groupOfTree(tree);
  return group.of.length === 0 ? newGroup("all", [newCondition()]) : group;
}

function QuickOfList({ project, runs }: { project: ProjectRef; runs: Runs }) {
  const { drawn, isSettled } = useShownRuns(project, runs);
  return <QuickFilters shown={isSettled ? drawn.map(({ id }) => id) : null} />;
}

interface QuickFiltersProps {
  /** Ids; null: not known yet. */
  readonly shown: readonly string[] | null;
}

function QuickFilters({ shown }: QuickFiltersProps) {
  const { parts, has, toggle, change } = useFilterParts();
  const user = useQuery(serverQuery).data?.user ?? null;
  const ownRuns: FilterTree | null = user === null ? null : { column: "user", op: "=", value: user };
  const isReady = shown !== null;
  const isOnlyShown = parts.some(isIdList);
  const onlyShown = useAwaited(isReady, () =>
    change((all) => {
      // in the filter as it is read by then: `parts` may still be those of the one before
      const rest = all.filter((part) => !isIdList(part));
      if (rest.length < all.length || !shown?.length) return rest;
      // of the runs shown when it was pressed: with the runs shown now, hiding one would take it off the list
      return [...all, { column: "id", op: "in", value: shown }];
    }),
  );
  return (
    <div className="fb-quick" role="group" aria-label="Quick filters">
      {QUICK.map(({ label, tree }) => (
        <Button key={label} isSmall isOn={has(tree)} onClick={() => toggle(tree)}>
          {label}
        </Button>
      ))}
      {ownRuns && (
        <Button isSmall isOn={has(ownRuns)} onClick={() => toggle(ownRuns)}>
          Only mine
        </Button>
      )}
      <Button
        isSmall
        isOn={isOnlyShown}
        // it keeps the focus while it waits for what is shown
        disabled={isReady && !isOnlyShown && shown.length === 0}
        onClick={onlyShown}
      >
        Only shown
      </Button>
    </div>
  );
}

function isIdList(part: FilterTree): boolean {
  return "column" in part && part.column === "id" && part.op === "in";
}

interface FootProps {
  readonly project: ProjectRef;
  /** Undefined: not counted yet. */
  readonly nMatching: number | undefined;
}

function Foot({ project, nMatching: nFound }: FootProps) {
  const filter = useFilter();
  const setFilter = useSetFilter();
  const all = useQuery(countQuery(project, { filter: "", search: "", isRegex: false }));
  return (
    <div className="fb-foot">
      <span className="muted tn" role="status">
        {nFound !== undefined &&
          all.data !== undefined &&
          `${formatCount(nFound)} of ${formatCount(all.data)} match`}
      </span>
      <Button look="quiet" isSmall disabled={filter === ""} onClick={() => setFilter("")}>
        Clear
      </Button>
    </div>
  );
}
