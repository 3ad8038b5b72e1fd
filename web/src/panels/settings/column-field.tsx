/** Chooses a column that runs have: wherever one sorts, groups, filters, or draws by a column. */

import { useState } from "react";
import type { Column } from "@/api/runs/columns";
import type { ProjectRef } from "@/api/types";
import { isConstant } from "@/data/table/column-facts";
import { columnLabel, columnLead } from "@/data/table/columns";
import { isHelperColumn } from "@/data/table/find-columns";
import { firstConfig, firstSummary } from "@/data/table/first-columns";
import { formatNoun } from "@/data/text/format";
import { IconButton } from "@/ui/controls/icon-button";
import { ChoiceField } from "@/ui/fields/choice-field";
import { ColumnName } from "@/ui/text/column-name";
import { useColumnSearch } from "./use-column-search";

const OFFERED = 60;
/** Letters that a narrow field has room for. */
const NARROW_LETTERS = 25;

interface ColumnFieldProps {
  readonly project: ProjectRef;
  readonly label: string;
  /** Null or empty: none is chosen. */
  readonly value: string | null;
  readonly placeholder?: string;
  readonly autoFocus?: boolean;
  /** The focus alone does not open the list of columns. */
  readonly isClosedFirst?: boolean;
  /** Only columns with numbers. */
  readonly needsNumbers?: boolean;
  /** In little room a long name comes without its scope. */
  readonly isNarrow?: boolean;
  /** Listed last, as used. */
  readonly used?: readonly string[];
  /** Results are not offered as parameters either. */
  readonly withoutSummaries?: boolean;
  /** Offered before the others while nothing is typed. Defaults to the columns that the table suggests. */
  readonly first?: readonly string[];
  onChange(column: string, facts: Column): void;
  /** A button takes the choice back. */
  onClear?(): void;
}

export function ColumnField(props: ColumnFieldProps) {
  const { project, label, value, placeholder = "Column", needsNumbers, onChange } = props;
  const { used = [], withoutSummaries } = props;
  const [typed, setTyped] = useState<string | null>(null);
  const matches = useColumnSearch(project, typed ?? "");
  const fitting = matches.columns.filter(
    (facts) =>
      (!needsNumbers || hasNumbers(facts)) && !(withoutSummaries && facts.column.startsWith("summary.")),
  );
  if (!typed) {
    const first = props.first ?? [...firstSummary(matches.columns), ...firstConfig(matches.columns)];
    const positions = new Map(first.map((column, at) => [column, at]));
    const positionOf = ({ column }: Column) => positions.get(column) ?? first.length;
    fitting.sort((a, b) => positionOf(a) - positionOf(b));
  }
  return (
    <span className="row grow">
      <ChoiceField
        label={label}
        noun="column"
        chosen={value ? chosenOf(value, props.isNarrow === true) : null}
        typed={typed}
        isCurrent={matches.isCurrent}
        error={matches.error}
        placeholder={placeholder}
        autoFocus={props.autoFocus}
        isClosedFirst={props.isClosedFirst}
        choices={fitting.slice(0, OFFERED).map((facts) => ({
          value: facts.column,
          name: columnLabel(facts.column),
          label: <ColumnName column={facts.column} />,
          meta: metaOf(facts),
          isUsed: used.includes(facts.column),
        }))}
        onType={setTyped}
        onChoose={(column) => {
          const facts = fitting.find((candidate) => candidate.column === column);
          if (facts) onChange(column, facts);
        }}
      />
      {props.onClear && value && (
        <IconButton icon="x" label={`Clear ${label}`} isSmall onClick={props.onClear} />
      )}
    </span>
  );
}

function chosenOf(column: string, isNarrow: boolean) {
  const name = columnLabel(column);
  const lead = columnLead(column);
  return { name, lead: isNarrow && lead.length + name.length > NARROW_LETTERS ? undefined : lead };
}

function metaOf(facts: Column): string {
  const runs = formatNoun(facts.n_runs, "run");
  if (isHelperColumn(facts.column)) return `internal, ${runs}`;
  return isConstant(facts) ? `same in ${runs}` : runs;
}

function hasNumbers({ kinds }: Column): boolean {
  return ((kinds as Record<string, number>).number ?? 0) > 0;
}
