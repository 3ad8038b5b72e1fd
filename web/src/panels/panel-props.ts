/** Props of every kind of panel, from the page that shows it; `registry.ts` lists the kinds. */

import type { RunSet } from "@/api/runs/run-requests";
import type { ProjectRef } from "@/api/types";
import type { GroupColors } from "@/data/runs/color";
import type { Shown } from "@/data/runs/shown-runs";
import type { Panel } from "@/data/view/panel";
import type { PanelSettings } from "@/data/view/settings";
import type { Range } from "@/data/view/view";

/** A run as panels draw it. */
export interface PanelRun {
  readonly id: string;
  /** With the id after it where another shown run has the same name. */
  readonly name: string;
  /** 1 … 12. */
  readonly color: number;
  readonly isLive: boolean;
}

/** The page's list of runs, for panels that draw all of its runs, or choose among them. */
export interface PanelList {
  /** The runs that it lists, hidden ones, too. */
  readonly set: RunSet;
  readonly shown: Shown;
  /** Text of panels when the list has no runs; defaults to just that. */
  readonly none?: string;
  /** The columns whose values colour the runs; none: each has its own colour. The same array while they are. */
  readonly colorBy: readonly string[];
  /** Show other runs, and change the panel that chose them: one step back takes back both. Stable. */
  onShown(shown: Shown, id: string, part: Partial<Panel>): void;
}

/** A run, or a group of the list, and where on the page its menu opens, px. */
export interface OwnerAnchor {
  /** The run's id, or `groupId`. */
  readonly owner: string;
  readonly left: number;
  readonly top: number;
  /** Opens the settings of the panel that its curve is in, with a style for it. */
  onStyle(): void;
}

/** The same for all panels of a page. */
export interface PanelSet {
  readonly project: ProjectRef;
  /** Shown runs in the order of the list. */
  readonly runs: readonly PanelRun[];
  /** Ids of `runs` in an order of their own, which another order of the list leaves as it is. */
  readonly runIds: readonly string[];
  /** Number of shown runs, also those that are not drawn; absent where all of them are. */
  readonly nShown?: number;
  /** Number of runs of the list that are not shown; absent where there is no list. */
  readonly nHidden?: number;
  /** Number of runs that match a filter of the panel's own, also those that are not drawn; absent without one. */
  readonly nMatching?: number;
  /** Columns that the runs list is grouped by; empty: not grouped. */
  readonly groupBy: readonly string[];
  /** `groupId` of the groups that are listed, those of each level in the order of the list; absent where a page has no groups. */
  readonly groups?: readonly string[];
  /** Of the list's groups, and of those that a person gave one; absent where a page has no groups. */
  readonly groupColors?: GroupColors;
  readonly baseline: PanelRun | null;
  /** Absent where a page has no list of runs. */
  readonly list?: PanelList;
  /** False where all panels show the same one run. */
  readonly hasLegend?: boolean;
  /** Opens the menu of a run or a group, null closes it; absent where a page has none. Stable. */
  onMenu?(anchor: OwnerAnchor | null): void;
}

export interface PanelProps extends PanelSet {
  /** It can be looked at: zoomed, shown in full screen and saved as a picture. It has no settings to open. */
  readonly isReadOnly?: boolean;
  readonly panel: Panel;
  /** Of all levels. */
  readonly settings: PanelSettings;
  readonly zoom: Range | null;
  /** The step that a media panel shows; null: the last. */
  readonly step: number | null;
  readonly isFull: boolean;
  /** It has no actions at all: neither full screen nor settings. */
  readonly isFixed?: boolean;
  /** In full screen: it is what its page shows, so that nothing lies below it to go back to. */
  readonly isWholePage?: boolean;
  /** Its settings are open. */
  readonly isEdited?: boolean;
  /** All handlers are stable. */
  onZoom(id: string, range: Range | null): void;
  onStep(id: string, step: number | null): void;
  /** Changes of the same `name` in a row are one step of undo: those of a field that is typed in. */
  onChange(id: string, part: Partial<Panel>, name?: string): void;
  /** Full screen; null leaves it. */
  onFull(id: string | null): void;
  /** The settings next to the charts. */
  onEdit(id: string | null): void;
  /** Makes what is set at this panel the setting of its section's panels, or of all; absent where there are no others. */
  onSpread?(id: string, to: "section" | "workspace"): void;
  /** Puts a copy next to it, with these changes; absent where panels cannot be added. */
  onDuplicate?(id: string, changes: Partial<Panel>): void;
  /** The address of a panel, or with null of the page that shows it alone; null: it has none. */
  readonly linkOf?: ((id: string | null) => string) | null;
  /** More entries of the panel's menu: duplicate, hide, move. */
  readonly menu?: React.ReactNode;
  /** In full screen, at the toolbar's left: the ways to the neighbouring panels, and where among them it is. */
  readonly nav?: React.ReactNode;
}

/** Props of the settings of every kind of panel, from the drawer that shows them. */
export interface PanelSettingsProps extends PanelSet {
  /** Where `settings` are kept. Of a section or the workspace only the line panel's settings are shown. */
  readonly level: "panel" | "section" | "workspace";
  /** The panel; of a section or the workspace one of the kind `line` with nothing in it. */
  readonly panel: Panel;
  /** Settings of this level. */
  readonly settings: Partial<PanelSettings>;
  /** Settings of the levels above, which hold where nothing is set. */
  readonly inherited: PanelSettings;
  /** Changes the panel itself: metrics, expressions, marks, title, options. */
  onPanel(part: Partial<Panel>): void;
  /**
   * What Done changes of the panel, null: nothing. It fixes what is listed and was chosen by itself, which later runs would
   * change. Absent in lists of settings without such a button. Stable.
   */
  onAtDone?(part: Partial<Panel> | null): void;
  /** Sets at this level; `undefined` takes a value back. Changes of one setting that follow each other undo as one. */
  onSettings(part: { readonly [K in keyof PanelSettings]?: PanelSettings[K] | undefined }): void;
}
