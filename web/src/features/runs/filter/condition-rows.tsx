/** The rows of a filter: conditions, and groups of them inside each other. */

import { useEffect, useRef, useState } from "react";
import type { ProjectRef } from "@/api/types";
import {
  type Condition,
  type ConditionGroup,
  type ConditionNode,
  type ConditionWord,
  newCondition,
  newGroup,
  takesList,
  takesValue,
  withColumn,
  withWord,
  wordsOf,
} from "@/data/filter/builder";
import { ColumnField } from "@/panels/settings/column-field";
import { Button } from "@/ui/controls/button";
import { IconButton } from "@/ui/controls/icon-button";
import { Select } from "@/ui/controls/select";
import { ValueField, ValuesField } from "./value-field";

const MATCHES = [
  { value: "any", label: "any of these" },
  { value: "all", label: "all of these" },
  { value: "none", label: "none of these" },
  { value: "not all", label: "not all of these" },
] as const;

/** Filters are as often by what runs have of their own as by config and results. */
const AS_LISTED: readonly string[] = [];

/** Deeper groups are there, but have no room. */
const MAX_DEPTH = 4;

interface ConditionRowsProps {
  readonly project: ProjectRef;
  readonly group: ConditionGroup;
  readonly depth?: number;
  onChange(group: ConditionGroup): void;
}

export function ConditionRows({ project, group, depth = 0, onChange }: ConditionRowsProps) {
  const [addedId, setAddedId] = useState<number | null>(null);
  const set = (id: number, next: ConditionNode | null) =>
    onChange({
      ...group,
      of: group.of.flatMap((node) => (node.id !== id ? [node] : next ? [next] : [])),
    });
  const joiner = group.match === "all" || group.match === "not all" ? "and" : "or";
  return (
    <>
      <div className="fb-rows">
        {group.of.map((node, i) => {
          const lead = i > 0 ? joiner : depth === 0 ? "where" : "";
          return node.kind === "condition" ? (
            <ConditionRow
              key={node.id}
              project={project}
              condition={node}
              lead={lead}
              hasFocus={node.id === addedId}
              onChange={(next) => set(node.id, next)}
            />
          ) : (
            <div key={node.id} className="fb-nest-row" role="group" aria-label="Group of conditions">
              <div className="fb-row group">
                <span className="lead">{lead}</span>
                <Select
                  label="Which must hold"
                  value={node.match}
                  options={MATCHES}
                  isQuiet
                  isSmall
                  onChange={(match) => set(node.id, { ...node, match })}
                />
                <span />
                <IconButton icon="x" isSmall label="Remove group" onClick={() => set(node.id, null)} />
              </div>
              <div className="fb-nest">
                <ConditionRows
                  project={project}
                  group={node}
                  depth={depth + 1}
                  onChange={(next) => set(node.id, next)}
                />
              </div>
            </div>
          );
        })}
      </div>
      <div className="fb-add">
        <Button
          look="quiet"
          isSmall
          icon="plus"
          data-adds={depth === 0 ? "condition" : undefined}
          onClick={() => {
            const added = newCondition();
            setAddedId(added.id);
            onChange({ ...group, of: [...group.of, added] });
          }}
        >
          Condition
        </Button>
        {depth < MAX_DEPTH && (
          <Button
            look="quiet"
            isSmall
            icon="plus"
            onClick={() =>
              onChange({
                ...group,
                of: [...group.of, newGroup(joiner === "and" ? "any" : "all", [newCondition()])],
              })
            }
          >
            Group
          </Button>
        )}
      </div>
    </>
  );
}

interface ConditionRowProps {
  readonly project: ProjectRef;
  readonly condition: Condition;
  readonly lead: string;
  /** It was added just now, and its column is typed next. */
  readonly hasFocus: boolean;
  onChange(condition: Condition | null): void;
}

function ConditionRow({ project, condition, lead, hasFocus, onChange }: ConditionRowProps) {
  const { column, word, values } = condition;
  const words = wordsOf(column);
  const options = (words.includes(word) ? words : [word, ...words]).map((value) => ({ value, label: value }));
  const row = useRef<HTMLDivElement>(null);
  const [isChosen, setChosen] = useState(false);
  // chosen with the keys or the pointer in the column's list, the value is typed next; who left it is elsewhere
  useEffect(() => {
    if (!isChosen) return;
    setChosen(false);
    const [field, ...after] = row.current?.querySelectorAll<HTMLElement>("input, button") ?? [];
    const next = after.find((element) => element.matches("input")) ?? after[0];
    if (document.activeElement === field) next?.focus();
  }, [isChosen]);
  return (
    <div className="fb-row" ref={row}>
      <span className="lead">{lead}</span>
      <ColumnField
        project={project}
        label="Column"
        value={column}
        autoFocus={hasFocus}
        first={AS_LISTED}
        isNarrow
        onChange={(next) => {
          onChange(withColumn(condition, next));
          setChosen(true);
        }}
      />
      <Select<ConditionWord>
        label="Comparison"
        value={word}
        options={options}
        isWide
        onChange={(next) => onChange(withWord(condition, next))}
      />
      {!takesValue(word) ? (
        <span />
      ) : takesList(word) ? (
        <ValuesField
          project={project}
          column={column}
          word={word}
          values={values}
          onValues={(next) => onChange({ ...condition, values: next })}
        />
      ) : (
        <ValueField
          project={project}
          column={column}
          word={word}
          value={values[0] ?? ""}
          onValue={(next) => onChange({ ...condition, values: [next] })}
        />
      )}
      <IconButton icon="x" isSmall label="Remove condition" onClick={() => onChange(null)} />
    </div>
  );
}
