import { Fragment, useState } from "react";
import { KeyHint } from "@/ui/keys/key-hint";
import { Dialog } from "@/ui/overlays/dialog";

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
    "In a project",
    [
      ["Workspace", ["w"]],
      ["Runs table", ["t"]],
      ["Older run, newer run, on a run's page", ["j", "k"]],
    ],
  ],
  [
    "Workspace",
    [
      ["Search panels", ["p"]],
      ["Hide or show the runs list", ["["]],
      ["Panels beside one in full screen", ["left", "right"]],
    ],
  ],
  [
    "On a chart",
    [
      ["Zoom", ["drag", "mod+wheel"]],
      ["Pan", ["shift+drag"]],
      ["Whole range", ["double-click"]],
      ["Menu of a curve", ["click"]],
      ["Pin the values, beside the curves or on one", ["click", "shift+click"]],
    ],
  ],
  [
    "In a chart with the focus",
    [
      ["From point to point", ["left", "right"]],
      ["From curve to curve", ["up", "down"]],
      ["Menu of the curve", ["enter"]],
      ["Pin the values, go to them", ["space"]],
      ["Zoom closer, wider", ["plus", "−"]],
      ["Pan", ["Page Up", "Page Down"]],
      ["Whole range", ["0"]],
    ],
  ],
  [
    "Runs list and runs table",
    [
      ["Search runs", ["/"]],
      ["From the search to the runs", ["down"]],
      ["Filter", ["f"]],
      ["Group", ["g"]],
      ["Move", ["up", "down", "Page Up", "Page Down"]],
      ["Show or hide in charts", ["space"]],
      ["Open, edit a cell", ["enter"]],
      ["Rename", ["F2"]],
      ["Edit the selected runs", ["e"]],
      ["Star", ["s"]],
      ["Open or close a group", ["right", "left"]],
      ["Select, as far as", ["x", "shift+up", "shift+down"]],
      ["Select all", ["mod+a"]],
      ["Copy a cell of the table", ["mod+c"]],
      ["Menu", ["m"]],
    ],
  ],
  ["A run's page", [["Rename", ["F2"]]]],
  [
    "Documents",
    [
      ["Search", ["/"]],
      ["Move in the list", ["up", "down"]],
    ],
  ],
];

export default function ShortcutsSheet({ onClose }: { onClose(): void }) {
  const [isOpen, setOpen] = useState(true);
  return (
    <Dialog isOpen={isOpen} onClose={() => setOpen(false)} onClosed={onClose} title="Shortcuts" width={720}>
      <div className="keys">
        {SHEET.map(([group, rows]) => (
          <section key={group}>
            <h3>{group}</h3>
            {rows.map(([action, keys]) => (
              <div className="key-row" key={action}>
                <span>{action}</span>
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
