/**
 * The columns that runs are sorted by, the first one first.
 */

import type { ProjectRef } from "@/api/types";
import { beginsHigh, isTextColumn, isTimeColumn } from "@/data/table/columns";
import { ColumnField } from "@/panels/settings/column-field";
import { Button } from "@/ui/controls/button";
import { SegmentedControl } from "@/ui/controls/segmented-control";
import { useSetView, useView } from "../../view/view-store";
import { KeyList, moved } from "./key-list";

const MAX_KEYS = 8;
const DIRECTIONS = [
  { value: "up", label: "Low first" },
  { value: "down", label: "High first" },
] as const;
/** Of texts and times other words say which comes first. */
const OF_TIMES = [
  { value: "up", label: "Oldest" },
  { value: "down", label: "Newest" },
] as const;
const OF_TEXTS = [
  { value: "up", label: "A to Z" },
  { value: "down", label: "Z to A" },
] as const;

function directionsOf(column: string) {
  return isTimeColumn(column) ? OF_TIMES : isTextColumn(column) ? OF_TEXTS : DIRECTIONS;
}

export default function SortKeys({ project }: { project: ProjectRef }) {
  const order = useView((view) => view.order);
  const setView = useSetView();
  const columns = order.map(({ column }) => column);
  return (
    <div className="keys-pop">
      <h3>Sort by</h3>
      <KeyList
        label="Sort keys, first one first"
        columns={columns}
        onMove={(from, to) => setView({ order: moved(order, from, to) })}
        onRemove={(column) => setView({ order: order.filter((sortKey) => sortKey.column !== column) })}
        end={(column) => (
          <SegmentedControl
            label={`Direction of ${column}`}
            value={order.find((sortKey) => sortKey.column === column)?.descending ? "down" : "up"}
            options={directionsOf(column)}
            onChange={(direction) =>
              setView({
                order: order.map((sortKey) =>
                  sortKey.column === column ? { column, descending: direction === "down" } : sortKey,
                ),
              })
            }
          />
        )}
      />
      {order.length === 0 && <p className="muted">The newest first, unless a column is chosen.</p>}
      {order.length < MAX_KEYS && (
        <ColumnField
          project={project}
          value={null}
          label="Add a sort key"
          placeholder={order.length > 0 ? "then by" : "Find a column"}
          autoFocus
          without={columns}
          onChange={(column, { goal }) =>
            setView({ order: [...order, { column, descending: beginsHigh(column, goal) }] })
          }
        />
      )}
      {order.length > 0 && (
        <div className="keys-end">
          <Button look="quiet" isSmall onClick={() => setView({ order: [] })}>
            Newest first
          </Button>
        </div>
      )}
    </div>
  );
}
