/** A block that is no text, as its readers see it. */

import { type NodeViewProps, NodeViewWrapper } from "@tiptap/react";
import { useMemo } from "react";
import { readReport } from "@/data/report/read";
import { BlockList } from "../../blocks/block-list";
import { useMembers } from "../session";

export function ObjectView({ node, selected }: NodeViewProps) {
  const { kind, id } = node.attrs as { kind: string | null; id: string | null };
  const members = useMembers(kind ?? "", id ?? "");
  const blocks = useMemo(
    () => readReport({ blocks: [{ ...members, id: id ?? "new", kind: kind ?? "" }] }).blocks,
    [members, id, kind],
  );
  return (
    <NodeViewWrapper className={`object ${selected ? "on" : ""}`} contentEditable={false}>
      <BlockList blocks={blocks} />
    </NodeViewWrapper>
  );
}
