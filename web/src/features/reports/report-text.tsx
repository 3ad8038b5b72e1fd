/** The text of a report next to its outline, in an area that scrolls by itself. */

import { type ReactNode, useEffect, useState } from "react";
import type { ReportDocument } from "@/data/report/document";
import { ScrollRoot, WholeInView } from "@/panels/frame/use-in-view";
import { keepScroll } from "@/ui/browser/kept-scroll";
import { BlockList, OutlineList } from "./blocks/block-list";
import { useReport } from "./report-context";
import { useHashTarget } from "./use-hash-target";

interface ReportTextProps {
  readonly document: ReportDocument;
  /** Title, author and dates. */
  readonly head: ReactNode;
  /** Next to the text: its comments. */
  readonly margin?: ReactNode;
  /** Panels out of view are drawn, too. */
  readonly isWhole: boolean;
}

export function ReportText({ document, head, margin, isWhole }: ReportTextProps) {
  const { outline } = useReport();
  const [scroll, setScroll] = useState<HTMLElement | null>(null);
  useEffect(() => (scroll ? keepScroll(scroll, "report") : undefined), [scroll]);
  useHashTarget(scroll);
  return (
    <div
      className="report-scroll"
      ref={setScroll}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled area must be reachable by keyboard
      tabIndex={0}
      role="group"
      aria-label="Report, scrolled"
    >
      {scroll && (
        <ScrollRoot value={scroll}>
          <WholeInView value={isWhole}>
            <div className={`report-page of-${document.width}`}>
              {outline.length > 1 && (
                <nav className="report-outline" aria-label="In this report">
                  <h2>In this report</h2>
                  <OutlineList />
                </nav>
              )}
              <article>
                {head}
                <BlockList blocks={document.blocks} />
                {document.blocks.length === 0 && <p className="muted">Nothing is written here yet.</p>}
              </article>
              {margin}
            </div>
          </WholeInView>
        </ScrollRoot>
      )}
    </div>
  );
}
