/** An object in a line of text, as its readers see it; a click opens its fields. */

import { type NodeViewProps, NodeViewWrapper } from "@tiptap/react";
import { useMemo } from "react";
import { readReport } from "@/data/report/read";
import { Popover } from "@/ui/overlays/popover";
import { InlineText } from "../../blocks/inline-text";
import type { Members } from "../members";
import { INLINE_FIELDS } from "./object-fields";
import { inlineId, openObject, useIsOpened } from "./opened";

export function InlineView({ node, selected, editor, getPos, updateAttributes }: NodeViewProps) {
  const kind: string = node.attrs.kind ?? "";
  const data = node.attrs.data as Members | null;
  const id = inlineId(getPos());
  const isOpened = useIsOpened(id);
  const text = useMemo(() => {
    const [block] = readReport({ blocks: [{ kind: "paragraph", text: [{ ...data, kind }] }] }).blocks;
    return block?.kind === "paragraph" ? block.text : [];
  }, [kind, data]);
  const Fields = INLINE_FIELDS[kind];
  const isEmpty = kind === "math" ? !data?.latex : kind === "value" && (!data?.run || !data.key);
  const shown = isEmpty ? (
    <span className="flag neu">{kind === "math" ? "formula" : "value"}</span>
  ) : (
    <InlineText text={text} />
  );
  if (!Fields)
    return (
      <NodeViewWrapper as="span" className={`inline-object ${selected ? "on" : ""}`}>
        {shown}
      </NodeViewWrapper>
    );
  return (
    <NodeViewWrapper as="span" className={`inline-object ${selected || isOpened ? "on" : ""}`}>
      <Popover
        label={`Edit: ${kind}`}
        width={340}
        isForTyping
        isOpen={isOpened}
        onOpen={(isOpen) => {
          openObject(isOpen ? id : null);
          if (!isOpen) editor.commands.focus((getPos() ?? 0) + 1);
        }}
        target={
          <button
            type="button"
            className="inline-target"
            title="Edit"
            onClickCapture={(event) => event.preventDefault()}
          >
            {shown}
          </button>
        }
      >
        {(end) => (
          <Fields
            id={id}
            members={data ?? {}}
            onChange={(part) => {
              const next = Object.entries({ ...data, ...part }).filter(([, value]) => value !== undefined);
              updateAttributes({ data: Object.fromEntries(next) });
            }}
            onEnd={end}
          />
        )}
      </Popover>
    </NodeViewWrapper>
  );
}
