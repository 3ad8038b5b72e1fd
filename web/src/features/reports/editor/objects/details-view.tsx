/** A collapsible section being written. Whether it is open is how readers see it first. */

import { NodeViewContent, type NodeViewProps, NodeViewWrapper } from "@tiptap/react";
import { Icon } from "@/ui/signs/icons";

export function DetailsView({ node, updateAttributes }: NodeViewProps) {
  const isOpen = node.attrs.open === true;
  return (
    <NodeViewWrapper className={`details ${isOpen ? "open" : ""}`}>
      <button
        type="button"
        className="fold"
        contentEditable={false}
        aria-label={isOpen ? "Close the section" : "Open the section"}
        aria-expanded={isOpen}
        onClick={() => updateAttributes({ open: isOpen ? null : true })}
      >
        <Icon name={isOpen ? "down" : "right"} isSmall />
      </button>
      <NodeViewContent />
    </NodeViewWrapper>
  );
}
