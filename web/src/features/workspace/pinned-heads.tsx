/**
 * The heads of the name and the pinned columns: a click sorts by one, Shift and a click by it, too.
 */

import type { MouseEvent } from "react";
import { Icon } from "@/ui/icons";
import { useSetView, useView } from "../view/view-store";
import type { PinnedColumn } from "./pinned-columns";

interface PinnedHeadsProps {
  readonly columns: readonly PinnedColumn[];
  /** Pinned ones that have no room. */
  readonly cut: readonly string[];
}

export function PinnedHeads({ columns, cut }: PinnedHeadsProps) {
  return (
    <>
      <Head id="name" label="Name" title="name" />
      {columns.map((column) => (
        <Head key={column.id} id={column.id} label={column.label} title={column.title} isNumber />
      ))}
      {cut.length > 0 && (
        <span className="cut tn" title={`${cut.join(", ")}: make the list wider to see more`}>
          +{cut.length}
        </span>
      )}
    </>
  );
}

interface HeadProps {
  readonly id: string;
  readonly label: string;
  readonly title: string;
  readonly isNumber?: boolean;
}

function Head({ id, label, title, isNumber }: HeadProps) {
  const order = useView((view) => view.order);
  const setView = useSetView();
  const place = order.findIndex((one) => one.column === id);
  const own = order[place];
  const sort = (event: MouseEvent) => {
    // numbers and times: the largest and the newest first
    const first = isNumber === true;
    const next =
      own === undefined
        ? { column: id, descending: first }
        : own.descending === first
          ? { column: id, descending: !first }
          : null;
    if (!event.shiftKey) setView({ order: next ? [next] : [] });
    else if (own) setView({ order: order.flatMap((one) => (one !== own ? [one] : next ? [next] : [])) });
    else if (next) setView({ order: [...order, next] });
  };
  const sorted = own ? (own.descending ? ", sorted, high first" : ", sorted, low first") : "";
  return (
    <button
      type="button"
      className={`hd ${isNumber ? "num" : ""} ${own ? "on" : ""}`}
      title={`${title}: click sorts, Shift and click sorts by several`}
      aria-label={`Sort by ${title}${sorted}`}
      onClick={sort}
    >
      <span className="ell">{label}</span>
      {own && <Icon name={own.descending ? "down" : "up"} />}
      {own && order.length > 1 && <span className="ord tn">{place + 1}</span>}
    </button>
  );
}
