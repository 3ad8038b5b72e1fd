/** The columns that runs are sorted by, the first one first. */

import type { ProjectRef } from "@/api/types";
import { beginsHigh, directionsOf } from "@/data/table/columns";
import { capitalized } from "@/data/view/setting-titles";
import { ColumnField } from "@/panels/settings/column-field";
import { Button } from "@/ui/controls/button";
import { SegmentedControl } from "@/ui/controls/segmented-control";
import { useSetView, useView } from "../../view/view-store";
import { KeyList, moved } from "./key-list";

const MAX_KEYS = 8;
export default function SortKeys({ project }: { project: ProjectRef }) {
  const order = useView((view) => view.order);
  const setView = useSetView();
  const columns = order.map(({ column }) => column);
  return (
    <div className="keys-pop">
      <div className="keys-head">
        <h3>Sort by</h3>
        {order.length > 0 && (
          <Button look="quiet" isSmall onClick={() => setView({ order: [] })}>
            Newest first
          </Button>
        )}
      </div>
      <KeyList
        label="Sort keys, first one first"
        columns={columns}
        onMove={(from, to) => setView({ order: moved(order, from, to) })}
        onRemove={(column) => setView({ order: order.filter((sortKey) => sortKey.column !== column) })}
        end={(column) => (
          <SegmentedControl
            label={`Direction of ${column}`}
            value={order.find((sortKey) => sortKey.column === column)?.descending ? "down" : "up"}
            options={optionsOf(column)}
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
          isClosedFirst={order.length > 0}
          used={columns}
          onChange={(column, { goal }) =>
            setView({ order: [...order, { column, descending: beginsHigh(column, goal) }] })
          }
        />
      )}
    </div>
  );
}

function optionsOf(column: string) {
  const { up, down } = directionsOf(column);
  return [
    { value: "up", label: capitalized(up) },
    { value: "down", label: capitalized(down) },
  ] as const;
}
