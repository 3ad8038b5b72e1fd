/** The pinned tooltip's box: next to its chart, over other panels, with its values to read and to copy. */

import { type KeyboardEvent, useEffect, useEffectEvent, useLayoutEffect, useRef } from "react";
import type { PinnedTip } from "@/charts/shared-state";
import { programText } from "@/data/text/program-text";
import { CopyButton } from "@/ui/controls/copy-button";
import { IconButton } from "@/ui/controls/icon-button";
import { besideValue, positionTip, TipRows } from "./tip-layer";

interface PinnedBoxProps {
  readonly of: PinnedTip;
  onUnpin(): void;
}

export default function PinnedBox({ of, onUnpin }: PinnedBoxProps) {
  const { chart, pin: at } = of;
  const box = useRef<HTMLElement>(null);
  const rows = useRef<HTMLDivElement>(null);
  const reposition = useEffectEvent(() => {
    if (box.current) positionTip(box.current, of.position());
  });
  useLayoutEffect(() => reposition());
  useEffect(() => followElement(chart, box.current!, reposition), [chart]);
  // scroll to the nearest row once
  useLayoutEffect(() => {
    const area = rows.current;
    const near = area?.querySelector<HTMLElement>("tr.near");
    if (area && near) area.scrollTop = near.offsetTop - (area.clientHeight - near.offsetHeight) / 2;
    if (at.isByKey) area?.focus({ preventScroll: true });
  }, [at]);
  const name = `${of.title}, ${of.at}`;
  return (
    <section
      className="tip pinned"
      ref={box}
      aria-label={`Pinned values of ${name}`}
      onKeyDown={(event) => leaveByTab(event, chart)}
    >
      <div className="th">
        <b>{of.title}</b>
        <span>{of.at}</span>
        <span className="acts">
          <CopyButton text={textOf(of)} label="Copy values" isIcon />
          <IconButton icon="x" label="Unpin (Esc)" isSmall onClick={onUnpin} />
        </span>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled area must be reachable by keyboard */}
      <div className="rows" ref={rows} tabIndex={0} role="group" aria-label={name}>
        <TipRows of={of} isReachable />
      </div>
    </section>
  );
}

/** Tab from its last control, and Shift Tab from its first, return to the chart. */
function leaveByTab(event: KeyboardEvent<HTMLElement>, chart: HTMLElement): void {
  if (event.key !== "Tab") return;
  const controls = [...event.currentTarget.querySelectorAll<HTMLElement>("button, [tabindex]")];
  if (event.target !== controls.at(event.shiftKey ? 0 : -1)) return;
  event.preventDefault();
  chart.focus();
}

/** Keeps a tooltip next to an element that scrolls, moves and changes its size, and hides it while that is out of view. */
function followElement(element: HTMLElement, box: HTMLElement, reposition: () => void): () => void {
  const unbind = new AbortController();
  const { signal } = unbind;
  document.addEventListener("scroll", reposition, { signal, capture: true, passive: true });
  window.addEventListener("resize", reposition, { signal });
  const sizes = new ResizeObserver(reposition);
  sizes.observe(element);
  const views = new IntersectionObserver(([entry]) => {
    box.hidden = entry?.isIntersecting === false;
  });
  views.observe(element);
  // panels and sections are positioned by their styles
  const moves = new MutationObserver(reposition);
  for (let up = element.parentElement; up; up = up.parentElement)
    if (up.style.top !== "") moves.observe(up, { attributes: true, attributeFilter: ["style"] });
  return () => {
    unbind.abort();
    for (const watcher of [sizes, views, moves]) watcher.disconnect();
  };
}

/** Text for a spreadsheet or a message: a line for each curve. */
function textOf(of: PinnedTip): string {
  const rows = of.rows.map((row) => [row.name, row.value, besideValue(row)].join("\t").trimEnd());
  return programText([`${of.title}, ${of.at}`, ...rows].join("\n"));
}
