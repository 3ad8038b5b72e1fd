/** A block that is no text, as its readers see it, with a window for its members. */

import { replaceEqualDeep } from "@tanstack/react-query";
import { type NodeViewProps, NodeViewWrapper } from "@tiptap/react";
import { type KeyboardEvent, useMemo, useState } from "react";
import type { Block } from "@/data/report/document";
import { readReport } from "@/data/report/read";
import { Popover } from "@/ui/overlays/popover";
import { Icon } from "@/ui/signs/icons";
import { BlockList } from "../../blocks/block-list";
import { GridBlock } from "../../grid/grid-block";
import { WrittenGrid } from "../grid/written-grid";
import { WrittenImage } from "../images/written-image";
import { type Members, writeMembers } from "../members";
import { useMembers, useSession } from "../session";
import { FIELDS } from "./object-fields";
import { openObject, useIsOpened } from "./opened";

export function ObjectView({ node, selected, editor, deleteNode }: NodeViewProps) {
  const kind: string = node.attrs.kind ?? "";
  const id: string = node.attrs.id ?? "";
  const { sync } = useSession();
  const members = useMembers(kind, id);
  const isOpened = useIsOpened(id);
  const blocks = useBlocks(members, id, kind);
  const Fields = FIELDS[kind];
  const change = (part: Members) => writeMembers(sync.doc, kind, id, part);
  const close = (isOpen: boolean) => {
    openObject(isOpen ? id : null);
    if (!isOpen) editor.view.focus();
  };
  const [block] = blocks;
  const onKeyDown = (event: KeyboardEvent) => {
    // out of a grid's controls; windows over the page have the key first
    const isInside = event.currentTarget.contains(event.target as Node);
    if (event.key === "Escape" && isInside && !event.defaultPrevented) editor.view.focus();
  };
  return (
    <NodeViewWrapper
      className={`object ${selected ? "on" : ""} ${isOpened ? "open" : ""}`}
      contentEditable={false}
      onKeyDown={onKeyDown}
    >
      {block?.kind === "grid" ? (
        <div className="block" data-kind="grid">
          <GridBlock id={block.id} grid={block} Content={WrittenGrid} />
        </div>
      ) : block?.kind === "image" ? (
        <div className="block" data-kind="image">
          <WrittenImage id={id} image={block} onRemove={deleteNode} />
        </div>
      ) : (
        <BlockList key={id} blocks={blocks} />
      )}
      {Fields && (
        <div className="object-acts">
          <Popover
            label={`Edit: ${kind}`}
            width={360}
            position="bottom-end"
            isForTyping
            isOpen={isOpened}
            onOpen={close}
            target={
              <button type="button" className="btn sm">
                <Icon name="edit" isSmall /> Edit
              </button>
            }
          >
            {(end) => <Fields id={id} members={members ?? {}} onChange={change} onEnd={end} />}
          </Popover>
        </div>
      )}
    </NodeViewWrapper>
  );
}

/** The object as readers see it; parts that did not change are the same ones, as grids read runs for them. */
function useBlocks(members: Members | null, id: string, kind: string): readonly Block[] {
  const read = useMemo(
    () => readReport({ blocks: [{ ...members, id: id || "new", kind }] }).blocks,
    [members, id, kind],
  );
  const [blocks, setBlocks] = useState(read);
  const next: readonly Block[] = replaceEqualDeep(blocks, read);
  if (next !== blocks) setBlocks(next);
  return next;
}
