/** The names at the left of a tab, of which one is chosen; arrows go through them. */

import type { KeyboardEvent, ReactNode } from "react";
import { usePhone } from "@/ui/hooks/use-phone";
import { useChosenInSight, useVirtualRows } from "@/ui/hooks/use-virtual-rows";
import { Icon, type IconName } from "@/ui/signs/icons";
import { MidName } from "@/ui/text/mid-name";

const ROW_PX = 28;
const PADDING_PX = 12;

interface SideRow {
  readonly name: string;
  readonly icon: IconName;
  /** Grey, at the right. */
  readonly note?: ReactNode;
}

interface SideListProps {
  readonly label: string;
  readonly rows: readonly SideRow[];
  /** The name of the chosen one. */
  readonly chosen: string | null;
  onChoose(name: string): void;
}

/** On a phone a field with the browser's own list, as there is no room at the left. */
export function SideList(props: SideListProps) {
  return usePhone() ? <NarrowList {...props} /> : <WideList {...props} />;
}

function NarrowList({ label, rows, chosen, onChoose }: SideListProps) {
  const isThere = rows.some(({ name }) => name === chosen);
  return (
    <select
      className="btn side-select"
      aria-label={label}
      value={isThere ? chosen! : ""}
      onChange={(event) => onChoose(event.target.value)}
    >
      {!isThere && (
        <option value="" disabled>
          {rows.length === 0 ? "none" : "choose"}
        </option>
      )}
      {rows.map(({ name }) => (
        <option key={name}>{name}</option>
      ))}
    </select>
  );
}

function WideList({ label, rows, chosen, onChoose }: SideListProps) {
  const { scroll, list } = useVirtualRows(rows.length, ROW_PX);
  const at = rows.findIndex(({ name }) => name === chosen);
  useChosenInSight(list, at, chosen);
  const onKeyDown = (event: KeyboardEvent) => {
    const by = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    const next = rows[Math.max(0, Math.min(rows.length - 1, at + by))];
    if (by === 0 || !next) return;
    event.preventDefault();
    onChoose(next.name);
  };
  return (
    <div
      className="part-rows"
      role="listbox"
      aria-label={label}
      tabIndex={0}
      ref={scroll}
      aria-activedescendant={at >= 0 ? `side-row-${at}` : undefined}
      onKeyDown={onKeyDown}
    >
      <div style={{ height: list.getTotalSize(), position: "relative" }}>
        {list.getVirtualItems().map(({ index, start }) => {
          const { name, icon, note } = rows[index]!;
          return (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the list has the focus and the keys
            <div
              key={name}
              id={`side-row-${index}`}
              role="option"
              tabIndex={-1}
              className="part-row"
              style={{ transform: `translateY(${start}px)`, paddingLeft: PADDING_PX }}
              aria-selected={name === chosen}
              onClick={() => onChoose(name)}
            >
              <Icon name={icon} isSmall />
              <MidName name={name} />
              {note && <span className="late muted">{note}</span>}
            </div>
          );
        })}
      </div>
    </div>
  );
}
