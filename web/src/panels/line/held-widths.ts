import { type RefObject, useLayoutEffect, useRef } from "react";

/**
 * Lets the columns of numbers become no narrower while the pointer moves: with each width, all names would be cut otherwise.
 *
 * @param key another one begins with the widths of its own texts; null: there are no rows yet, and heads fill the table
 */
export function useHeldWidths(table: RefObject<HTMLTableElement | null>, key: string | null): void {
  const held = useRef<{ key: string | null; widths: number[] }>({ key: null, widths: [] });
  useLayoutEffect(() => {
    const heads = [...(table.current?.querySelectorAll<HTMLElement>("th.num") ?? [])];
    if (held.current.key !== key) {
      held.current = { key, widths: [] };
      for (const head of heads) head.style.minWidth = "";
    }
    if (key === null) return;
    const { widths } = held.current;
    const measured = heads.map((head) => head.getBoundingClientRect().width);
    for (const [i, head] of heads.entries()) {
      if (measured[i]! <= (widths[i] ?? 0)) continue;
      widths[i] = measured[i]!;
      head.style.minWidth = `${widths[i]}px`;
    }
  });
}
