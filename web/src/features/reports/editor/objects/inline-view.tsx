/** An object in a line of text, as its readers see it. */

import { type NodeViewProps, NodeViewWrapper } from "@tiptap/react";
import { useMemo } from "react";
import { readReport } from "@/data/report/read";
import { InlineText } from "../../blocks/inline-text";

export function InlineView({ node, selected }: NodeViewProps) {
  const { kind, data } = node.attrs as {
    kind: string | null;
    data: Readonly<Record<string, unknown>> | null;
  };
  const text = useMemo(() => {
    const [block] = readReport({
      blocks: [{ kind: "paragraph", text: [{ ...data, kind: kind ?? "" }] }],
    }).blocks;
    return block?.kind === "paragraph" ? block.text : [];
  }, [kind, data]);
  return (
    <NodeViewWrapper as="span" className={`inline-object ${selected ? "on" : ""}`}>
      <InlineText text={text} />
    </NodeViewWrapper>
  );
}
