/** Menus, dialogs, messages; rows of runs; empty and loading places. */

import { useState } from "react";
import { RUN_STATES } from "@/data/lists.gen";
import { Button } from "@/ui/controls/button";
import { Dialog } from "@/ui/overlays/dialog";
import { Menu, MenuItem, MenuLabel, MenuLine } from "@/ui/overlays/menu";
import { Popover } from "@/ui/overlays/popover";
import { showDone, showFailed } from "@/ui/overlays/toasts";
import { EmptyState } from "@/ui/signs/empty-state";
import { Icon } from "@/ui/signs/icons";
import { Skeleton, SkeletonRows } from "@/ui/signs/skeleton";
import { StateIcon } from "@/ui/signs/state-icon";
import { Marked } from "@/ui/text/marked";
import { MidName } from "@/ui/text/mid-name";
import { Line, Specimens } from "./specimen";

export function OverlaySpecimens() {
  const [isOpen, setOpen] = useState(false);
  return (
    <Specimens title="Menus, dialogs, messages">
      <Line name="Opens">
        <Menu target={<Button>Menu</Button>}>
          <MenuLabel>Of this run</MenuLabel>
          <MenuItem icon="edit" keys="F2" onChoose={noop}>
            Rename
          </MenuItem>
          <MenuItem icon="eye" staysOpen onChoose={noop}>
            Stays open
          </MenuItem>
          <MenuItem icon="lock" isDisabled onChoose={noop}>
            Not now
          </MenuItem>
          <MenuLine />
          <MenuItem icon="trash" isDanger onChoose={noop}>
            Delete
          </MenuItem>
        </Menu>
        <Popover label="Sort" width={240} target={<Button>Popover</Button>}>
          {(close) => (
            <div className="row">
              <span className="grow">Something with fields</span>
              <Button isSmall onClick={close}>
                Done
              </Button>
            </div>
          )}
        </Popover>
        <Button onClick={() => setOpen(true)}>Dialog</Button>
        <Dialog
          isOpen={isOpen}
          title="Delete 3 runs permanently?"
          onClose={() => setOpen(false)}
          actions={
            <>
              <Button onClick={() => setOpen(false)}>Keep</Button>
              <Button look="doom" onClick={() => setOpen(false)}>
                Delete 3 runs
              </Button>
            </>
          }
        >
          552 MB on disk are freed at once: history, logs, media and files. This cannot be undone.
        </Dialog>
      </Line>
      <Line name="Messages">
        <Button onClick={() => showDone("3 runs are in the trash", { label: "Undo", run: noop })}>
          Done
        </Button>
        <Button
          onClick={() => showFailed("Could not save the view", new Error("the server does not answer"))}
        >
          Failed
        </Button>
      </Line>
    </Specimens>
  );
}

export function RowSpecimens() {
  return (
    <Specimens title="Runs">
      <Line name="States">
        {RUN_STATES.map((state) => (
          <span className="row" key={state}>
            <StateIcon state={state} />
            {state}
          </span>
        ))}
      </Line>
      <Line name="Names">
        <span style={{ width: 180 }}>
          <MidName name="a-very-long-run-name-with-all-hyperparameters-lr3e-4-bs32" />
        </span>
        <span>
          <Marked text="brisk-heron-148" spans={[[6, 11]]} />
        </span>
        <span className="badge">17,514</span>
        <span className="flag dan">NaN ×3</span>
        <span className="flag wrn">no heartbeat</span>
        <span className="flag pos">best</span>
        <span className="flag neu">edited</span>
      </Line>
      <Line name="Colors">
        <span className="palette-row">
          {Array.from({ length: 12 }, (_, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the twelve colours
            <i key={i} style={{ background: `var(--w-run-${i + 1})` }} title={`${i + 1}`} />
          ))}
        </span>
      </Line>
      <Line name="Third quantity">
        <span className="palette-row">
          {Array.from({ length: 6 }, (_, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the six steps
            <i key={i} style={{ background: `var(--w-seq-${i + 1})` }} />
          ))}
        </span>
      </Line>
    </Specimens>
  );
}

export function EmptySpecimens() {
  return (
    <Specimens title="Empty and loading">
      <div className="side-by-side">
        <EmptyState
          icon="eyeoff"
          title="All 13 runs are hidden"
          action={<Button isSmall>Show the newest 10</Button>}
        >
          Show runs with the eye in the list, or change the filter.
        </EmptyState>
        <EmptyState icon="lock" title="This project is private">
          The owner is northlight.
        </EmptyState>
        <div>
          <SkeletonRows n={4} label="An example of loading" />
          <Skeleton width="60%" height={60} />
        </div>
        <div className="say">
          <Icon name="warn" />
          <b>This expression cannot be drawn</b>
          <span className="mono errt">train/loss / val/los</span>
        </div>
      </div>
    </Specimens>
  );
}

function noop(): void {}
