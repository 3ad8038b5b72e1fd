/** The extensions of the editor: the schema, what binds it to the draft, and what helps to write. */

import { Collaboration } from "./collaboration";
import { Dropcursor, Gapcursor, Placeholder } from "./helpers";
import { ImageDrop } from "./images/image-drop";
import { copyMembers } from "./members";
import { BlockKeys } from "./menus/block-keys";
import { TypedTrigger } from "./menus/typed-trigger";
import { Paste } from "./paste/paste";
import { Fill } from "./schema/fill";
import { SCHEMA_EXTENSIONS } from "./schema/schema";
import type { Session } from "./session";

export function extensionsOf(session: Session) {
  const { sync, undo, uploads } = session;
  return [
    ...SCHEMA_EXTENSIONS,
    Fill.configure({
      onCopy: (kind, from, to) => {
        copyMembers(sync.doc, kind, from, to);
        if (kind === "image") uploads.follow(from, to);
      },
    }),
    Collaboration.configure({ sync, undo }),
    Placeholder,
    Dropcursor,
    Gapcursor,
    TypedTrigger,
    BlockKeys,
    ImageDrop.configure({ session }),
    Paste.configure({ session }),
  ];
}
