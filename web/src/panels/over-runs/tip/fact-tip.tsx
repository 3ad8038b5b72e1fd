/** The tooltip of charts over runs: whose mark it is, and its values, next to the mark. */

import { useLayoutEffect, useRef } from "react";
import { createPortal } from "react-dom";
import { MidName } from "@/ui/text/mid-name";
import { tipCorner } from "./tip-corner";

/** Of a name: more than one only where it is wider than the page. */
const MOST_LINES = 4;

export interface FactTipProps {
  readonly name: string;
  /** The run's colour; null: none. */
  readonly color: number | null;
  /** Its facts, in order. */
  readonly facts: readonly (readonly [label: string, value: string])[];
  /** The mark, px of the viewport. */
  readonly left: number;
  readonly top: number;
}

export function FactTip({ name, color, facts, left, top }: FactTipProps) {
  const ref = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const box = ref.current;
    if (!box) return;
    const { x, y } = tipCorner({ left, top }, box, window);
    box.style.transform = `translate(${Math.round(x)}px, ${Math.round(y)}px)`;
  });
  return createPortal(
    <div className="tip facts" ref={ref} role="tooltip">
      <div className="th">
        <b className="row">
          {color !== null && <span className="sw-dot" style={{ background: `var(--w-run-${color})` }} />}
          <MidName name={name} nLines={MOST_LINES} />
        </b>
      </div>
      <table>
        <tbody>
          {facts.map(([label, value]) => (
            <tr key={label}>
              <td className="muted" colSpan={2}>
                {label}
              </td>
              <td className="value" colSpan={2}>
                {value}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>,
    document.body,
  );
}
