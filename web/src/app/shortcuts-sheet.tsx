/**
 * The sheet of keyboard shortcuts.
 */

import { Modal } from "@mantine/core";
import { Fragment } from "react";

const SHEET: readonly (readonly [string, readonly (readonly [string, readonly string[]])[]])[] = [
  [
    "Everywhere",
    [
      ["This sheet", ["?"]],
      ["Close, or take back", ["Esc"]],
    ],
  ],
  [
    "Workspace",
    [
      ["Search runs", ["/"]],
      ["Search panels", ["p"]],
    ],
  ],
  [
    "Runs list",
    [
      ["Move", ["↑", "↓", "Home", "End"]],
      ["Show or hide in charts", ["Space"]],
      ["Open", ["Enter"]],
      ["Rename", ["F2"]],
      ["Menu", ["m"]],
    ],
  ],
  [
    "Charts",
    [
      ["Zoom", ["drag"]],
      ["Whole range", ["double-click"]],
      ["Neighbours in full screen", ["←", "→"]],
    ],
  ],
];

export function ShortcutsSheet({ isOpen, onClose }: { isOpen: boolean; onClose(): void }) {
  return (
    <Modal opened={isOpen} onClose={onClose} title="Shortcuts" size={400}>
      <div className="keys">
        {SHEET.map(([group, rows]) => (
          <Fragment key={group}>
            <h3>{group}</h3>
            {rows.map(([what, keys]) => (
              <Fragment key={what}>
                <span>{what}</span>
                <span className="on">
                  {keys.map((key) => (
                    <kbd key={key}>{key}</kbd>
                  ))}
                </span>
              </Fragment>
            ))}
          </Fragment>
        ))}
      </div>
    </Modal>
  );
}
