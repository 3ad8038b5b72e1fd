/** The tooltip of charts over runs: whose mark it is, and its values, next to the mark. */

import { useLayoutEffect, useRef } from "react";
import { createPortal } from "react-dom";
import { MidName } from "@/ui/text/mid-name";

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

const OFFSET_PX = 14;
const EDGE_PX = 8;

export function FactTip({ name, color, facts, left, top }: FactTipProps) {
  const ref = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const box = ref.current;
    if (!box) return;
    const { offsetWidth: width, offsetHeight: height } = box;
    const turns = left + OFFSET_PX + width > window.innerWidth - EDGE_PX;
    const x = Math.max(EDGE_PX, turns ? left - OFFSET_PX - width : left + OFFSET_PX);
    const y = Math.max(EDGE_PX, Math.min(window.innerHeight - EDGE_PX - height, top - height / 2));
    box.style.transform = `translate(${Math.round(x)}px, ${Math.round(y)}px)`;
  });
  return createPortal(
    <div className="tip" ref={ref} role="tooltip">
      <div className="th">
        <b className="row">
          {color !== null && <span className="sw-dot" style={{ background: `var(--w-run-${color})` }} />}
          <MidName name={name} />
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
