/**
 * The sheet of keyboard shortcuts.
 */

import { Fragment, useState } from "react";
import { Dialog } from "@/ui/dialog";
import { KeyHint } from "@/ui/key-hint";

const SHEET: readonly (readonly [string, readonly (readonly [string, readonly string[]])[]])[] = [
  [
    "Everywhere",
    [
      ["Search or jump to", ["mod+k"]],
      ["Take back, do again", ["mod+z", "mod+shift+z"]],
      ["This sheet", ["?"]],
      ["Close", ["esc"]],
    ],
  ],
  [
    "Workspace",
    [
      ["Search runs", ["/"]],
      ["Search panels", ["p"]],
      ["Panels beside one in full screen", ["left", "right"]],
    ],
  ],
  [
    "Runs list and runs table",
    [
      ["Move", ["up", "down", "Page Up", "Page Down"]],
      ["Show or hide in charts", ["space"]],
      ["Open, edit a cell", ["enter"]],
      ["Rename", ["F2"]],
      ["Open or close a group", ["right", "left"]],
      ["Select, as far as", ["x", "shift+up", "shift+down"]],
      ["Select all", ["mod+a"]],
      ["Copy a cell of the table", ["mod+c"]],
      ["Menu", ["m"]],
    ],
  ],
  [
    "On a chart",
    [
      ["Zoom", ["drag", "mod+wheel"]],
      ["Pan", ["shift+drag"]],
      ["Whole range", ["double-click"]],
    ],
  ],
  [
    "In a chart with the focus",
    [
      ["From point to point", ["left", "right"]],
      ["From curve to curve", ["up", "down"]],
      ["Zoom closer, wider", ["plus", "−"]],
      ["Pan", ["Page Up", "Page Down"]],
      ["Whole range", ["0"]],
    ],
  ],
];

export function ShortcutsSheet({ onClose }: { onClose(): void }) {
  const [isOpen, setOpen] = useState(true);
  return (
    <Dialog isOpen={isOpen} onClose={() => setOpen(false)} onClosed={onClose} title="Shortcuts" width={720}>
      <div className="keys">
        {SHEET.map(([group, rows]) => (
          <section key={group}>
            <h3>{group}</h3>
            {rows.map(([what, keys]) => (
              <div className="key-row" key={what}>
                <span>{what}</span>
                <span className="on">
                  {keys.map((key) => (
                    <Fragment key={key}>
                      <KeyHint keys={key} />
                    </Fragment>
                  ))}
                </span>
              </div>
            ))}
          </section>
        ))}
      </div>
    </Dialog>
  );
}
