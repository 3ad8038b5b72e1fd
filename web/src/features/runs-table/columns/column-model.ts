/**
 * Actions on the columns of the table, from a head, its menu or the keyboard; and the open menu.
 *
 * Its methods are handlers of memoised heads: they never change, and read what the page shows by then.
 */

import { createStore } from "zustand";
import { type ColumnLayout, changeTable } from "@/data/table/columns";
import type { NumberLook, TableView, View } from "@/data/view/view";
import type { SetView } from "../../view/held-view";

/** A column, of which `name` is one, too, and where on the page its menu opens. */
export interface ColumnAnchor {
  readonly column: string;
  readonly left: number;
  readonly top: number;
}

interface OpenWindows {
  readonly menu: ColumnAnchor | null;
  readonly filter: ColumnAnchor | null;
  /** A column that was just added, to be scrolled into sight. */
  readonly added: string | null;
}

interface ColumnsSeen {
  readonly layout: ColumnLayout;
  readonly setView: SetView;
}

export class ColumnModel {
  readonly windows = createStore<OpenWindows>(() => ({ menu: null, filter: null, added: null }));
  #seen: ColumnsSeen;

  constructor(seen: ColumnsSeen) {
    this.#seen = seen;
  }

  see(seen: ColumnsSeen): void {
    this.#seen = seen;
  }

  /** @param element its head */
  readonly onMenu = (column: string, element: Element): void => {
    const { left, bottom } = element.getBoundingClientRect();
    this.windows.setState({ menu: { column, left, top: bottom } });
  };

  readonly onAdded = (added: string | null): void => this.windows.setState({ added });

  readonly close = (): void => this.windows.setState({ menu: null });

  readonly closeFilter = (): void => this.windows.setState({ filter: null });

  /** The filter of a column opens where its menu was. */
  readonly onFilter = (): void => this.windows.setState(({ menu }) => ({ filter: menu }));

  readonly onSort = (column: string, descending: boolean, isAdded: boolean): void =>
    this.#seen.setView(({ order }) => ({
      order: [
        ...(isAdded ? order.filter((sortKey) => sortKey.column !== column) : []),
        { column, descending },
      ],
    }));

  readonly onUnsort = (column: string): void =>
    this.#seen.setView(({ order }) => ({ order: order.filter((sortKey) => sortKey.column !== column) }));

  readonly onGroup = (column: string): void =>
    this.#seen.setView(({ groupBy }) => ({ groupBy: [...groupBy, column] }));

  readonly onPin = (column: string, isPinned: boolean): void =>
    this.#change(({ table }) => changeTable.pin(table, column, isPinned));

  readonly onHide = (column: string): void => this.hideAll([column]);

  readonly hideAll = (columns: readonly string[]): void =>
    this.#seen.setView(({ table, order }) => ({
      table: { ...table, ...changeTable.hideAll(table, columns) },
      // what runs are sorted by is always shown
      order: order.filter(({ column }) => !columns.includes(column)),
    }));

  readonly onInstead = (column: string, other: string): void =>
    this.#seen.setView(({ table, order }) => ({
      table: { ...table, ...changeTable.exchange(this.#seen.layout, table, column, other) },
      order: order.map((sortKey) => (sortKey.column === column ? { ...sortKey, column: other } : sortKey)),
    }));

  readonly onFormat = (column: string, look: NumberLook | null): void =>
    this.#change(({ table: { formats } }) => {
      const { [column]: _, ...others } = formats;
      return { formats: look === null ? others : { ...others, [column]: look } };
    });

  /** Puts a column before another one; null: behind the last. `isPinned`: of the pinned ones. */
  readonly onMove = (column: string, before: string | null, isPinned: boolean): void =>
    this.#change(({ table }) =>
      isPinned
        ? changeTable.movePinned(table, column, before)
        : changeTable.move(this.#seen.layout, column, before),
    );

  readonly onShift = (column: string, by: 1 | -1): void =>
    this.#change(({ table }) => {
      const isPinned = table.pinned.includes(column);
      const names = isPinned
        ? table.pinned
        : this.#seen.layout.scrolled.map((scrolledColumn) => scrolledColumn.id);
      const at = names.indexOf(column);
      if (at < 0 || (by < 0 && at === 0)) return null;
      const before = names[by > 0 ? at + 2 : at - 1] ?? null;
      return isPinned
        ? changeTable.movePinned(table, column, before)
        : changeTable.move(this.#seen.layout, column, before);
    });

  /** @param widthPx NaN: as wide as at first */
  readonly onResize = (column: string, widthPx: number): void =>
    this.#change(
      ({ table }) => {
        const { [column]: _, ...others } = table.widths;
        return Number.isNaN(widthPx) ? { widths: others } : changeTable.resize(table, column, widthPx);
      },
      Number.isNaN(widthPx) ? undefined : { coalesce: `width ${column}` },
    );

  readonly setTable = (part: Partial<TableView>): void => this.#change(() => part);

  #change(partOf: (view: View) => Partial<TableView> | null, options?: { readonly coalesce: string }): void {
    this.#seen.setView((view) => {
      const part = partOf(view);
      return part ? { table: { ...view.table, ...part } } : {};
    }, options);
  }
}
