/** A list of columns that counts by its order: dragged, or moved by keyboard with the handle. */

import {
  closestCenter,
  DndContext,
  type DragEndEvent,
  KeyboardSensor,
  PointerSensor,
  useSensor,
  useSensors,
} from "@dnd-kit/core";
import {
  arrayMove,
  SortableContext,
  sortableKeyboardCoordinates,
  useSortable,
  verticalListSortingStrategy,
} from "@dnd-kit/sortable";
import { CSS } from "@dnd-kit/utilities";
import type { ReactNode } from "react";
import { labelOf } from "@/data/table/columns";
import { IconButton } from "@/ui/controls/icon-button";
import { Icon } from "@/ui/signs/icons";
import { FittedColumnName } from "@/ui/text/column-name";
import { NamesBeside } from "@/ui/text/mid-name";

interface KeyListProps {
  readonly label: string;
  readonly columns: readonly string[];
  /** Between a column's name and its cross. */
  end?(column: string): ReactNode;
  onMove(from: number, to: number): void;
  onRemove(column: string): void;
}

export function KeyList({ label, columns, end, onMove, onRemove }: KeyListProps) {
  const sensors = useSensors(
    useSensor(PointerSensor, { activationConstraint: { distance: 4 } }),
    useSensor(KeyboardSensor, { coordinateGetter: sortableKeyboardCoordinates }),
  );
  const onDragEnd = ({ active, over }: DragEndEvent) => {
    const from = columns.indexOf(String(active.id));
    const to = columns.indexOf(String(over?.id));
    if (from >= 0 && to >= 0 && from !== to) onMove(from, to);
  };
  return (
    <DndContext sensors={sensors} collisionDetection={closestCenter} onDragEnd={onDragEnd}>
      <SortableContext items={[...columns]} strategy={verticalListSortingStrategy}>
        <NamesBeside names={columns.map((column) => labelOf(column).label)}>
          <ol className="keylist" aria-label={label}>
            {columns.map((column, i) => (
              <KeyRow
                key={column}
                column={column}
                position={columns.length > 1 ? i + 1 : null}
                end={end?.(column)}
                onRemove={onRemove}
              />
            ))}
          </ol>
        </NamesBeside>
      </SortableContext>
    </DndContext>
  );
}

interface KeyRowProps {
  readonly column: string;
  /** Null: it is the only one. */
  readonly position: number | null;
  readonly end: ReactNode;
  onRemove(column: string): void;
}

function KeyRow({ column, position, end, onRemove }: KeyRowProps) {
  const { attributes, listeners, setNodeRef, transform, transition, isDragging } = useSortable({
    id: column,
  });
  return (
    <li
      ref={setNodeRef}
      className={`key-item ${isDragging ? "dragged" : ""}`}
      style={{ transform: CSS.Translate.toString(transform), transition }}
    >
      <button
        type="button"
        className="key-grip"
        disabled={position === null}
        {...attributes}
        {...listeners}
        aria-label={`Move ${column}`}
      >
        <Icon name="grip" isSmall />
      </button>
      {position !== null && <span className="place tn">{position}</span>}
      <span className="grow">
        <FittedColumnName column={column} />
      </span>
      {end}
      <IconButton icon="x" isSmall label={`Remove ${column}`} onClick={() => onRemove(column)} />
    </li>
  );
}

/** The list with one item elsewhere. */
export function moved<T>(items: readonly T[], from: number, to: number): T[] {
  return arrayMove([...items], from, to);
}
