/** The menu of a run and its colours: one of each for a whole list. */

import { Popover } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import type { ProjectRef } from "@/api/types";
import { RUN_COLORS } from "@/data/runs/color";
import { onlyRuns } from "@/data/runs/shown-runs";
import { isStarred } from "@/data/runs/star";
import { formatNoun } from "@/data/text/format";
import { copyText } from "@/ui/browser/copy-text";
import { MenuItem, MenuLabel, MenuLine, PointMenu } from "@/ui/overlays/menu";
import { PointTarget } from "@/ui/overlays/point-target";
import { useFirstOpen } from "@/ui/overlays/use-first-open";
import { useTheme } from "@/ui/theme";
import { DeleteItem } from "../../delete-item";
import { useRights } from "../../use-rights";
import { useSetView, useView } from "../../view/view-store";
import { type NamedRun, type RunActions, useRunActions } from "./run-actions";
import type { RunAnchor } from "./run-anchor";
import { setEditing, toggleRun, useSelectedIds } from "./run-selection";

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
  const { mayWrite } = useRights(project);
  const isInList = onRename !== undefined;
  const selected = useSelectedIds(project);
  const nSelected = run && selected.has(run.id) ? selected.size : 0;
  return (
    <PointMenu label="Run menu" anchor={anchor} onClose={onClose}>
      {run && (
        <>
          {!isInList && <MenuLabel className="menu-of">{run.name}</MenuLabel>}
          <MenuItem
            icon="chart"
            keys={isInList ? "Enter" : undefined}
            onChoose={() =>
              navigate({ to: "/$entity/$project/runs/$run", params: { ...project, run: run.id } })
            }
          >
            Open
          </MenuItem>
          <MenuItem icon="eye" onChoose={() => setView(onlyRuns([run.id]))}>
            Show only this run
          </MenuItem>
          {onHide && (
            <MenuItem icon="eyeoff" onChoose={onHide}>
              Hide
            </MenuItem>
          )}
          {onStyle && (
            <MenuItem icon="edit" onChoose={onStyle}>
              Style in this panel
            </MenuItem>
          )}
          <MenuItem icon="flag" onChoose={() => setView({ baseline: baseline === run.id ? null : run.id })}>
            {baseline === run.id ? "No baseline" : "Set as baseline"}
          </MenuItem>
          {mayWrite && (
            <MenuItem
              icon="star"
              keys={isInList ? "s" : undefined}
              onChoose={() => void actions.turnStar(run)}
            >
              {isStarred(run) ? "Remove star" : "Star"}
            </MenuItem>
          )}
          <MenuItem
            icon="check"
            keys={isInList ? "x" : undefined}
            onChoose={() => toggleRun(project, run.id, null)}
          >
            {selected.has(run.id) ? "Deselect" : "Select"}
          </MenuItem>
          <MenuLine />
          {isInList && mayWrite && (
            <MenuItem icon="edit" keys="F2" onChoose={() => onRename(run)}>
              Rename
            </MenuItem>
          )}
          {isInList && mayWrite && nSelected > 1 && (
            <MenuItem icon="sliders" keys="e" onChoose={() => setEditing(true)}>
              Edit the {formatNoun(nSelected, "selected run")}
            </MenuItem>
          )}
          <MenuItem icon="copy" onChoose={() => void copyText(run.id, run.id)}>
            Copy id
          </MenuItem>
          {mayWrite && run.locked_by !== undefined && (
            <MenuItem icon="lock" onChoose={() => void actions.setLock(run, !run.locked_by)}>
              {run.locked_by ? "Unlock" : "Lock"}
            </MenuItem>
          )}
          {mayWrite && (
            <>
              <MenuLine />
              {run.state === "running" && (
                <MenuItem icon="stop" onChoose={() => actions.stop(run)}>
                  Stop
                </MenuItem>
              )}
              <DeleteItem lockedBy={run.locked_by} onChoose={() => void actions.remove(run)} />
            </>
          )}
        </>
      )}
    </PointMenu>
  );
}

const COLORS = Array.from({ length: RUN_COLORS }, (_, i) => i + 1);

interface SwatchesProps {
  /** Name of the coloured item. */
  readonly name: string;
  readonly color: number;
  onChoose(color: number): void;
}

/** The colours that a run may have. */
export function Swatches({ name, color, onChoose }: SwatchesProps) {
  return (
    <div className="swatches" role="radiogroup" aria-label={`Color of ${name}`}>
      {COLORS.map((choice) => (
        <button
          key={choice}
          type="button"
          role="radio"
          aria-checked={choice === color}
          aria-label={`Color ${choice}`}
          onClick={() => onChoose(choice)}
        >
          <span className="sw-dot" style={{ background: `var(--w-run-${choice})` }} />
        </button>
      ))}
    </div>
  );
}

interface PaletteProps {
  /** Name of the coloured item; null: none, the palette is closed. */
  readonly name: string | null;
  readonly color: number;
  readonly anchor: { readonly left: number; readonly top: number } | null;
  /** Absent: the color may not be changed, only the look of all colors. */
  onChoose: ((color: number) => void) | undefined;
  onClose(): void;
}

export function Palette({ name, color, anchor, onChoose, onClose }: PaletteProps) {
  const palette = useTheme((state) => state.palette);
  const setPalette = useTheme((state) => state.setPalette);
  const { isMounted, isOpened } = useFirstOpen(name !== null);
  if (!isMounted) return null;
  return (
    <Popover opened={isOpened} onChange={(isOpen) => !isOpen && onClose()} position="bottom-start" trapFocus>
      <Popover.Target>
        <PointTarget label="Run colors" anchor={anchor} />
      </Popover.Target>
      <Popover.Dropdown>
        {onChoose && (
          <Swatches
            name={name ?? ""}
            color={color}
            onChoose={(choice) => {
              onChoose(choice);
              onClose();
            }}
          />
        )}
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
  const { mayWrite } = useRights(project);
  return (
    <Palette
      name={anchor?.run.name ?? null}
      color={anchor?.run.color ?? 0}
      anchor={anchor}
      onChoose={mayWrite ? (color) => anchor && void recolor(anchor.run, color) : undefined}
      onClose={onClose}
    />
  );
}
