/**
 * The menu of a run and its colours: one of each for a whole list.
 */

import { Menu, Popover } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import type { ProjectRef } from "@/api/types";
import { RUN_COLORS } from "@/data/runs/color";
import { onlyRuns } from "@/data/runs/shown-runs";
import { isStarred } from "@/data/runs/star";
import { showDone } from "@/ui/overlays/toasts";
import { Icon } from "@/ui/signs/icons";
import { useTheme } from "@/ui/theme";
import { useSetView, useView } from "../../view/view-store";
import { type NamedRun, type RunActions, useRunActions } from "./run-actions";
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
  /** Absent at a curve, which has no row whose keys the menu could tell. */
  onRename?(run: NamedRun): void;
  /** At the curve of a run that is shown. */
  onHide?: (() => void) | undefined;
  /** At a curve: sets how it looks in its panel. */
  onStyle?: (() => void) | undefined;
}

export function RunMenu({ project, anchor, actions, onClose, onRename, onHide, onStyle }: RunMenuProps) {
  const navigate = useNavigate();
  const baseline = useView((view) => view.baseline);
  const setView = useSetView();
  const run = anchor?.run;
  const isInList = onRename !== undefined;
  return (
    <Menu opened={anchor !== null} onClose={onClose} returnFocus>
      <Menu.Target>
        <button type="button" aria-label="Run menu" tabIndex={-1} style={placed(anchor)} />
      </Menu.Target>
      <Menu.Dropdown>
        {run && (
          <>
            {!isInList && <Menu.Label className="menu-of">{run.name}</Menu.Label>}
            <Menu.Item
              leftSection={<Icon name="chart" isSmall />}
              rightSection={isInList && "Enter"}
              onClick={() =>
                navigate({ to: "/$entity/$project/runs/$run", params: { ...project, run: run.id } })
              }
            >
              Open
            </Menu.Item>
            <Menu.Item leftSection={<Icon name="eye" isSmall />} onClick={() => setView(onlyRuns([run.id]))}>
              Show only this run
            </Menu.Item>
            {onHide && (
              <Menu.Item leftSection={<Icon name="eyeoff" isSmall />} onClick={onHide}>
                Hide
              </Menu.Item>
            )}
            {onStyle && (
              <Menu.Item leftSection={<Icon name="edit" isSmall />} onClick={onStyle}>
                Style in this panel
              </Menu.Item>
            )}
            <Menu.Item
              leftSection={<Icon name="flag" isSmall />}
              onClick={() => setView({ baseline: baseline === run.id ? null : run.id })}
            >
              {baseline === run.id ? "No baseline" : "Set as baseline"}
            </Menu.Item>
            <Menu.Item
              leftSection={<Icon name="star" isSmall />}
              rightSection={isInList && "s"}
              onClick={() => void actions.turnStar(run)}
            >
              {isStarred(run) ? "Remove star" : "Star"}
            </Menu.Item>
            <Menu.Item
              leftSection={<Icon name="check" isSmall />}
              rightSection={isInList && "x"}
              onClick={() => toggleRun(project, run.id, null)}
            >
              Select
            </Menu.Item>
            <Menu.Divider />
            {isInList && (
              <Menu.Item
                leftSection={<Icon name="edit" isSmall />}
                rightSection="F2"
                onClick={() => onRename(run)}
              >
                Rename
              </Menu.Item>
            )}
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

interface PaletteProps {
  /** Name of the coloured item; null: none, the palette is closed. */
  readonly name: string | null;
  readonly color: number;
  readonly anchor: { readonly left: number; readonly top: number } | null;
  onChoose(color: number): void;
  onClose(): void;
}

export function Palette({ name, color, anchor, onChoose, onClose }: PaletteProps) {
  const palette = useTheme((state) => state.palette);
  const setPalette = useTheme((state) => state.setPalette);
  return (
    <Popover
      opened={name !== null}
      onChange={(isOpen) => !isOpen && onClose()}
      position="bottom-start"
      trapFocus
    >
      <Popover.Target>
        <button type="button" aria-label="Run colors" tabIndex={-1} style={placed(anchor)} />
      </Popover.Target>
      <Popover.Dropdown>
        <div className="swatches" role="radiogroup" aria-label={`Color of ${name}`}>
          {COLORS.map((choice) => (
            <button
              key={choice}
              type="button"
              role="radio"
              aria-checked={choice === color}
              aria-label={`Color ${choice}`}
              onClick={() => {
                onChoose(choice);
                onClose();
              }}
            >
              <span className="sw-dot" style={{ background: `var(--w-run-${choice})` }} />
            </button>
          ))}
        </div>
        <button
          type="button"
          className="btn q sm"
          onClick={() => setPalette(palette === "safe" ? "std" : "safe")}
        >
          {palette === "safe" ? "Standard colors" : "Color-blind-safe colors"}
        </button>
      </Popover.Dropdown>
    </Popover>
  );
}

interface RunPaletteProps {
  readonly project: ProjectRef;
  readonly anchor: RunAnchor | null;
  onClose(): void;
}

/** The colours that a run may have, for everybody. */
export function RunPalette({ project, anchor, onClose }: RunPaletteProps) {
  const { recolor } = useRunActions(project);
  return (
    <Palette
      name={anchor?.run.name ?? null}
      color={anchor?.run.color ?? 0}
      anchor={anchor}
      onChoose={(color) => anchor && void recolor(anchor.run, color)}
      onClose={onClose}
    />
  );
}
