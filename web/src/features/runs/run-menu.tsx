/**
 * The menu of a run and its colours: one of each for a whole list.
 */

import { Menu, Popover } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import type { ProjectRef } from "@/api/types";
import { RUN_COLORS } from "@/data/color";
import { Icon } from "@/ui/icons";
import { ownColor, useRunColors } from "@/ui/run-color";
import { useTheme } from "@/ui/theme";
import { showDone } from "@/ui/toasts";
import { useSetView, useView } from "../view/view-store";
import type { NamedRun, RunActions } from "./run-actions";
import { toggleRun } from "./run-selection";

/** A run and where on the page its menu or palette opens. */
export interface RunAnchor {
  readonly run: NamedRun;
  readonly left: number;
  readonly top: number;
}

/** The anchor below an element. */
export function anchorAt(run: NamedRun, element: Element): RunAnchor {
  const box = element.getBoundingClientRect();
  return { run, left: box.left, top: box.bottom };
}

/** An unseen target for what opens at a row. */
export function placed(anchor: { left: number; top: number } | null): React.CSSProperties {
  const { left = 0, top = 0 } = anchor ?? {};
  return {
    position: "fixed",
    left,
    top,
    width: 1,
    height: 1,
    padding: 0,
    border: 0,
    opacity: 0,
    pointerEvents: "none",
  };
}

interface RunMenuProps {
  readonly project: ProjectRef;
  readonly anchor: RunAnchor | null;
  readonly actions: RunActions;
  onClose(): void;
  onRename(run: NamedRun): void;
  onShowOnly(run: NamedRun): void;
}

export function RunMenu({ project, anchor, actions, onClose, onRename, onShowOnly }: RunMenuProps) {
  const navigate = useNavigate();
  const baseline = useView((view) => view.baseline);
  const setView = useSetView();
  const run = anchor?.run;
  return (
    <Menu opened={anchor !== null} onClose={onClose} returnFocus>
      <Menu.Target>
        <button type="button" aria-label="Run menu" tabIndex={-1} style={placed(anchor)} />
      </Menu.Target>
      <Menu.Dropdown>
        {run && (
          <>
            <Menu.Item
              leftSection={<Icon name="chart" isSmall />}
              rightSection="Enter"
              onClick={() =>
                navigate({ to: "/$entity/$project/runs/$run", params: { ...project, run: run.id } })
              }
            >
              Open
            </Menu.Item>
            <Menu.Item leftSection={<Icon name="eye" isSmall />} onClick={() => onShowOnly(run)}>
              Show only this run
            </Menu.Item>
            <Menu.Item
              leftSection={<Icon name="flag" isSmall />}
              onClick={() => setView({ baseline: baseline === run.id ? null : run.id })}
            >
              {baseline === run.id ? "No baseline" : "Set as baseline"}
            </Menu.Item>
            <Menu.Item
              leftSection={<Icon name="check" isSmall />}
              rightSection="x"
              onClick={() => toggleRun(project, run.id, null)}
            >
              Select
            </Menu.Item>
            <Menu.Divider />
            <Menu.Item
              leftSection={<Icon name="edit" isSmall />}
              rightSection="F2"
              onClick={() => onRename(run)}
            >
              Rename
            </Menu.Item>
            <Menu.Item
              leftSection={<Icon name="copy" isSmall />}
              onClick={async () => {
                await navigator.clipboard.writeText(run.id);
                showDone(`Copied ${run.id}`);
              }}
            >
              Copy id
            </Menu.Item>
            <Menu.Divider />
            {run.state === "running" && (
              <Menu.Item leftSection={<Icon name="stop" isSmall />} onClick={() => actions.stop(run)}>
                Stop
              </Menu.Item>
            )}
            <Menu.Item
              className="danger"
              leftSection={<Icon name="trash" isSmall />}
              onClick={() => actions.remove(run)}
            >
              Delete
            </Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}

const COLORS = Array.from({ length: RUN_COLORS }, (_, i) => i + 1);

export function RunPalette({ anchor, onClose }: { anchor: RunAnchor | null; onClose(): void }) {
  const chosen = useRunColors((state) => (anchor ? state.chosen[anchor.run.id] : undefined));
  const choose = useRunColors((state) => state.choose);
  const palette = useTheme((state) => state.palette);
  const setPalette = useTheme((state) => state.setPalette);
  const run = anchor?.run;
  const own = useRunColors((state) => (run ? ownColor(run.id, state.spread) : 0));
  return (
    <Popover
      opened={anchor !== null}
      onChange={(isOpen) => !isOpen && onClose()}
      position="bottom-start"
      trapFocus
    >
      <Popover.Target>
        <button type="button" aria-label="Run colours" tabIndex={-1} style={placed(anchor)} />
      </Popover.Target>
      <Popover.Dropdown>
        <div className="swatches" role="radiogroup" aria-label={`Colour of ${run?.name}`}>
          {COLORS.map((color) => (
            <button
              key={color}
              type="button"
              role="radio"
              aria-checked={color === (chosen ?? own)}
              aria-label={`Colour ${color}`}
              onClick={() => {
                if (run) choose(run.id, color === own ? null : color);
                onClose();
              }}
            >
              <span className="sw-dot" style={{ background: `var(--w-run-${color})` }} />
            </button>
          ))}
        </div>
        <button
          type="button"
          className="btn q sm"
          onClick={() => setPalette(palette === "safe" ? "std" : "safe")}
        >
          {palette === "safe" ? "Standard colours" : "Colour-blind-safe colours"}
        </button>
      </Popover.Dropdown>
    </Popover>
  );
}
