/** A block that is no text, as its readers see it, with a window for its members. */

import { type NodeViewProps, NodeViewWrapper } from "@tiptap/react";
import { lazy, useMemo } from "react";
import { readReport } from "@/data/report/read";
import { Popover } from "@/ui/overlays/popover";
import { Icon } from "@/ui/signs/icons";
import { BlockList } from "../../blocks/block-list";
import { type Members, useMembers, useSession, writeMembers } from "../session";
import { FIELDS } from "./object-fields";
import { openObject, useIsOpened } from "./opened";

const GridFields = lazy(() => import("./grid-fields"));

export function ObjectView({ node, selected, editor }: NodeViewProps) {
  const kind: string = node.attrs.kind ?? "";
  const id: string = node.attrs.id ?? "";
  const { sync } = useSession();
  const members = useMembers(kind, id);
  const isOpened = useIsOpened(id);
  const blocks = useMemo(
    () => readReport({ blocks: [{ ...members, id: id || "new", kind }] }).blocks,
    [members, id, kind],
  );
  const Fields = FIELDS[kind];
  const change = (part: Members) => writeMembers(sync.doc, kind, id, part);
  const close = (isOpen: boolean) => {
    openObject(isOpen ? id : null);
    if (!isOpen) editor.view.focus();
  };
  const isWithFields = Fields !== undefined || kind === "grid";
  return (
    <NodeViewWrapper
      className={`object ${selected ? "on" : ""} ${isOpened ? "open" : ""}`}
      contentEditable={false}
    >
      {/* a grid reads its panels once */}
      <BlockList key={kind === "grid" ? JSON.stringify(members) : id} blocks={blocks} />
      {isWithFields && (
        <div className="object-acts">
          <Popover
            label={`Edit: ${kind}`}
            width={kind === "grid" ? 460 : 360}
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
            {(end) =>
              Fields ? (
                <Fields members={members ?? {}} onChange={change} onEnd={end} />
              ) : (
                <GridFields members={members ?? {}} onChange={change} />
              )
            }
          </Popover>
        </div>
      )}
    </NodeViewWrapper>
  );
}
