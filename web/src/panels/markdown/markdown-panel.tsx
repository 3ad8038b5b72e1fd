/** A panel of text: Markdown with tables and task lists; what is HTML in it stays text. */

import { memo } from "react";
import { leaveWheelToPage } from "@/ui/browser/page-wheel";
import MarkdownText from "@/ui/text/markdown-text";
import { PanelFrame, type PanelState, usePanelBox } from "../frame/panel-frame";
import type { PanelProps } from "../panel-props";
import { markdownText } from "./options";
import "./markdown.css";

export const MarkdownPanel = memo(function MarkdownPanel(props: PanelProps) {
  const { panel, isFixed, isReadOnly, onEdit } = props;
  const box = usePanelBox(props.isFull);
  const text = markdownText(panel);
  const state: PanelState =
    text.trim() !== ""
      ? { is: "ready" }
      : {
          is: "empty",
          say: "Nothing is written here yet.",
          action: !isFixed && !isReadOnly && (
            <button type="button" className="btn sm" onClick={() => onEdit(panel.id)}>
              Write
            </button>
          ),
        };
  return (
    <PanelFrame of={props} box={box} title={panel.title ?? headingOf(text)} state={state}>
      <div
        ref={leaveWheelToPage}
        className="md md-panel"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled area must be reachable by keyboard
        tabIndex={0}
        role="group"
        aria-label="Text, scrolled"
      >
        <MarkdownText text={panel.title === null ? withoutHeading(text) : text} />
      </div>
    </PanelFrame>
  );
});

const HEADING = /^\s*#{1,3}\s+(.+?)\s*#*\s*(?:\n|$)/;

/** A first heading is the panel's title. */
function headingOf(text: string): string {
  return HEADING.exec(text)?.[1]?.replace(/[*_`]/g, "") ?? "Text";
}

function withoutHeading(text: string): string {
  return text.replace(HEADING, "");
}
