/**
 * The tooltip of all charts: one layer over the page, moved by transform.
 */

import { useLayoutEffect, useRef, useSyncExternalStore } from "react";
import { tip } from "@/charts/shared-state";
import { MidName } from "@/ui/mid-name";
import { Swatch } from "./legend";

const OFFSET_PX = 18;
const EDGE_PX = 8;

export function TipLayer() {
  const now = useSyncExternalStore(tip.subscribe, tip.get);
  const ref = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const box = ref.current;
    if (!box || !now) return;
    const { offsetWidth: width, offsetHeight: height } = box;
    const turns = now.left + OFFSET_PX + width > window.innerWidth - EDGE_PX;
    const left = turns ? now.left - OFFSET_PX - width : now.left + OFFSET_PX;
    const floor = Math.min(now.floor, window.innerHeight - EDGE_PX);
    const top = Math.max(EDGE_PX, Math.min(floor - height, now.top - height / 2));
    box.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`;
  });
  if (!now) return null;
  return (
    <div className="tip" ref={ref} role="tooltip">
      <div className="th">
        <b>{now.title}</b>
        <span>{now.at}</span>
      </div>
      <table>
        <tbody>
          {now.nHigher > 0 && (
            <tr>
              <td />
              <td className="muted" colSpan={3}>
                {now.nHigher} higher
              </td>
            </tr>
          )}
          {now.rows.map((row) => (
            <tr key={row.id} className={row.isNear ? "near" : ""}>
              <td>
                <Swatch item={row} />
              </td>
              <td>
                <MidName name={row.name} />
              </td>
              <td className="v">{row.value}</td>
              <td className="d">{row.isBaseline ? "base" : (row.delta ?? row.range)}</td>
            </tr>
          ))}
          {now.nLower > 0 && (
            <tr>
              <td />
              <td className="muted" colSpan={3}>
                {now.nLower} lower
              </td>
            </tr>
          )}
        </tbody>
      </table>
      {now.marks.map((mark) => (
        <div key={`${mark.text} ${mark.name}`} className={`tip-mark ${mark.look}`}>
          {mark.name !== null && <b>{mark.name}</b>} {mark.text}
        </div>
      ))}
    </div>
  );
}
