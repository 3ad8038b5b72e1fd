/**
 * The tooltip of all charts: one layer over the page that is moved. `pinned-tip.tsx` has the one that stays.
 */

import { useLayoutEffect, useRef, useSyncExternalStore } from "react";
import { moveElement } from "@/charts/moved";
import { pinnedTip, type TipContent, type TipPosition, tip, tipContent } from "@/charts/shared-state";
import { pageBottom } from "@/ui/browser/page-bottom";
import { MidName, NamesBeside } from "@/ui/text/mid-name";
import { highlightOnHover } from "./highlight";
import { Swatch } from "./legend";

const OFFSET_PX = 18;
const EDGE_PX = 8;
/** A tooltip has room for so many rows more than it shows, at most. */
const SPARE_ROWS = 2;
/** From the lowest y that a tooltip may cover to below the texts of the axis. */
const AXIS_PX = 34;

export function TipLayer() {
  const content = useSyncExternalStore(tipContent.subscribe, tipContent.get);
  return content && <MovedTip of={content} />;
}

function MovedTip({ of }: { of: TipContent }) {
  const ref = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const move = () => {
      const position = tip.get();
      if (ref.current && position) positionTip(ref.current, position);
    };
    move();
    return tip.subscribe(move);
  }, []);
  const tallest = useRef(0);
  useLayoutEffect(() => {
    // over one chart it becomes hardly smaller: another size makes the browser re-sort all layers of the page
    const box = ref.current;
    if (!box) return;
    const nRows = of.rows.length + of.marks.length;
    if (nRows < tallest.current - SPARE_ROWS) {
      tallest.current = nRows;
      tipSizes.delete(box);
      box.style.minWidth = box.style.minHeight = "";
    }
    tallest.current = Math.max(tallest.current, nRows);
    const size = tipSizes.get(box);
    if (!size) return;
    box.style.minWidth = `${size.width}px`;
    box.style.minHeight = `${size.height}px`;
  });
  return (
    <div className="tip" ref={ref} role="tooltip">
      <div className="th">
        <b>{of.title}</b>
        <span>{of.at}</span>
      </div>
      <TipRows of={of} />
    </div>
  );
}

/** Where tooltips stand. */
const positions = new WeakMap<Element, TipPosition>();
/** Their sizes, px. Measured at each move, they would make the page lay itself out once more. */
const tipSizes = new WeakMap<Element, { readonly width: number; readonly height: number }>();
const sizes = new ResizeObserver((entries) => {
  for (const { target, borderBoxSize } of entries) {
    const [border] = borderBoxSize;
    const position = positions.get(target);
    if (!border || !position || !target.isConnected) continue;
    tipSizes.set(target, { width: border.inlineSize, height: border.blockSize });
    positionTip(target as HTMLElement, position);
  }
});

/** Of the pinned tooltip, where it was last: px of the page. */
let pinnedX = 0;

/** Moves a tooltip next to a place, within the page; again when its size changes. The pinned one is not covered. */
export function positionTip(box: HTMLElement, position: TipPosition): void {
  if (!positions.has(box)) sizes.observe(box);
  positions.set(box, position);
  const { left, top, ceiling, floor } = position;
  const { width, height } = tipSizes.get(box) ?? { width: box.offsetWidth, height: box.offsetHeight };
  const [leftOf, rightOf] = [Math.max(EDGE_PX, left - OFFSET_PX - width), left + OFFSET_PX];
  const turns = rightOf + width > window.innerWidth - EDGE_PX;
  const beside = turns ? leftOf : rightOf;
  const lowest = Math.min(floor, window.innerHeight - EDGE_PX);
  const y = isOverCharts(width)
    ? besidePlot(height, ceiling, floor)
    : Math.max(EDGE_PX, Math.min(lowest - height, top - height / 2));
  const isPinned = box.classList.contains("pinned");
  const isInWay = pinnedTip.get() !== null && Math.abs(rightOf - pinnedX) < width;
  const x = !isPinned && isInWay && leftOf > EDGE_PX ? leftOf : beside;
  if (isPinned) pinnedX = beside;
  moveElement(box, Math.round(x), Math.round(y));
}

/** Whether a tooltip next to the pointer would cover most of a chart, as on a phone. */
function isOverCharts(width: number): boolean {
  return width > window.innerWidth / 2;
}

/** The upper edge of a tooltip above the plot; where there is no room, below its axis. */
function besidePlot(height: number, ceiling: number, floor: number): number {
  const above = ceiling - height;
  if (above >= EDGE_PX) return above;
  return Math.max(EDGE_PX, Math.min(floor + AXIS_PX, pageBottom() - EDGE_PX - height));
}

/** The third column of a row: how far the value reaches, or how far it is from the baseline; and where it is of. */
export function besideValue(row: TipContent["rows"][number]): string {
  const { isBaseline, delta, range, percent, part, position } = row;
  const at = position && `at ${position}`;
  return [isBaseline ? "base" : (delta ?? range), percent, part, at].filter(Boolean).join(" · ");
}

/** @param isReachable the pointer can be over them, and lights their runs */
export function TipRows({ of, isReachable = false }: { of: TipContent; isReachable?: boolean }) {
  const inPlace = of.marks.filter(({ curve }) => curve !== null);
  const names = [...of.rows, ...inPlace].map(({ name }) => name ?? "");
  return (
    <>
      <table>
        <tbody>
          {of.nHigher > 0 && (
            <tr>
              <td />
              <td className="muted" colSpan={3}>
                {of.nHigher} higher
              </td>
            </tr>
          )}
          <NamesBeside names={names}>
            {of.rows.map((row, i) => (
              <tr
                // biome-ignore lint/suspicious/noArrayIndexKey: with each move of the pointer rows get other texts, and no row is made
                key={i}
                className={row.isNear ? "near" : ""}
                {...(isReachable && highlightOnHover(row.highlightId))}
              >
                <td>
                  <Swatch item={row} />
                </td>
                <td>
                  <MidName name={row.name} />
                </td>
                <td className="value">{row.value}</td>
                <td className="d">{besideValue(row)}</td>
              </tr>
            ))}
            {inPlace.map(({ curve, name, text, look }) => (
              <tr key={`${name} ${text}`}>
                <td>{curve && <Swatch item={curve} />}</td>
                <td>
                  <MidName name={name ?? ""} />
                </td>
                <td className={`value ${look}`}>{text}</td>
                <td />
              </tr>
            ))}
          </NamesBeside>
          {of.nLower > 0 && (
            <tr>
              <td />
              <td className="muted" colSpan={3}>
                {of.nLower} lower
              </td>
            </tr>
          )}
        </tbody>
      </table>
      {of.note && <div className="tip-note">{of.note}</div>}
      {of.marks
        .filter(({ curve }) => curve === null)
        .map((mark) => (
          <div key={`${mark.text} ${mark.name}`} className={`tip-mark ${mark.look}`}>
            {mark.name !== null && <b>{mark.name}</b>} {mark.text}
          </div>
        ))}
    </>
  );
}
