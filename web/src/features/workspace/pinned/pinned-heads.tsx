/** The heads of the name and the pinned columns: a click sorts by one, Shift and a click by it, too. */

import { useQuery } from "@tanstack/react-query";
import { useRef } from "react";
import { aimedColumnsQuery } from "@/api/runs/columns";
import type { ProjectRef } from "@/api/types";
import { beginsHigh, directionsOf } from "@/data/table/columns";
import { useAwaited } from "@/ui/hooks/use-awaited";
import { Icon } from "@/ui/signs/icons";
import { MidName, NamesBeside } from "@/ui/text/mid-name";
import { useSetView, useView } from "../../view/view-store";
import type { PinnedColumn } from "./pinned-columns";

interface PinnedHeadsProps {
  readonly project: ProjectRef;
  readonly columns: readonly PinnedColumn[];
  /** Pinned ones that have no room. */
  readonly cut: readonly string[];
}

export function PinnedHeads({ project, columns, cut }: PinnedHeadsProps) {
  const isAsked = columns.some(({ id }) => id.startsWith("summary."));
  const { data: aimed = [], isLoading } = useQuery({ ...aimedColumnsQuery(project), enabled: isAsked });
  const labels = columns.map(({ label }) => label);
  return (
    <>
      <span className="head-name">
        <Head id="name" label="Name" title="name" isKnown beginsHigh={false} />
        {cut.length > 0 && (
          <span className="cut tn" title={`${cut.join(", ")}: make the list wider to see more`}>
            +{cut.length}
          </span>
        )}
      </span>
      <NamesBeside names={labels}>
        {columns.map((column) => (
          <Head
            key={column.id}
            {...column}
            isNumber
            isLikeOthers={labels.filter((other) => startOf(other) === startOf(column.label)).length > 1}
            isKnown={!isLoading || !column.id.startsWith("summary.")}
            beginsHigh={beginsHigh(column.id, aimed.find((entry) => entry.column === column.id)?.goal)}
          />
        ))}
      </NamesBeside>
    </>
  );
}

/** Letters that a cut label has at least. */
function startOf(label: string): string {
  return label.slice(0, 4);
}

interface HeadProps {
  readonly id: string;
  readonly label: string;
  readonly aggregate?: string | null;
  readonly title: string;
  readonly isNumber?: boolean;
  /** Other labels begin in the same way: where it is cut, what differs stays. */
  readonly isLikeOthers?: boolean;
  readonly headPx?: number;
  /** The direction of the first click is known. */
  readonly isKnown: boolean;
  /** The first click sorts high first. */
  readonly beginsHigh: boolean;
}

function Head(props: HeadProps) {
  const { id, label, aggregate, title, isNumber, isLikeOthers, headPx, isKnown, beginsHigh: first } = props;
  const order = useView((view) => view.order);
  const setView = useSetView();
  const index = order.findIndex((sortKey) => sortKey.column === id);
  const own = order[index];
  const isAdded = useRef(false);
  const sort = useAwaited(isKnown, () => {
    const next =
      own === undefined
        ? { column: id, descending: first }
        : own.descending === first
          ? { column: id, descending: !first }
          : null;
    if (!isAdded.current) setView({ order: next ? [next] : [] });
    else if (own)
      setView({ order: order.flatMap((sortKey) => (sortKey !== own ? [sortKey] : next ? [next] : [])) });
    else if (next) setView({ order: [...order, next] });
  });
  const hint = `${title}: click sorts, Shift and click sorts by several`;
  const sorted = own ? `, sorted, ${directionsOf(id)[own.descending ? "down" : "up"]}` : "";
  return (
    <button
      type="button"
      className={`hd ${isNumber ? "num" : ""} ${own ? "on" : ""}`}
      style={{ width: headPx }}
      title={hint}
      aria-label={`Sort by ${title}${sorted}`}
      onClick={({ shiftKey }) => {
        isAdded.current = shiftKey;
        sort();
      }}
    >
      {isLikeOthers ? <MidName name={label} title={hint} /> : <span className="ell">{label}</span>}
      {aggregate && <span className="of"> {aggregate}</span>}
      {own && <Icon name={own.descending ? "down" : "up"} />}
      {own && order.length > 1 && <span className="ord tn">{index + 1}</span>}
    </button>
  );
}
