/**
 * The settings next to the charts: of a panel, its section or the workspace. What is set shows at once; Cancel
 * takes back what was set since it was opened.
 */

import { Suspense, useCallback, useContext, useEffect, useMemo, useRef, useState } from "react";
import { panelTitle } from "@/data/board/board";
import { GRID_COLUMNS } from "@/data/board/layout";
import { formatNoun } from "@/data/text/format";
import { makePanel, type Panel } from "@/data/view/panel";
import { KIND_NAMES } from "@/data/view/panel-kinds";
import { cascade, countChanges, type PanelSettings } from "@/data/view/settings";
import { change, panelOf, sectionDefaults, sectionView, type View } from "@/data/view/view";
import { useDrawnTitle } from "@/panels/frame/drawn-titles";
import type { PanelSettingsProps } from "@/panels/panel-props";
import { PANEL_KINDS } from "@/panels/registry";
import { SettingRow, SettingsSection } from "@/panels/settings/settings-fields";
import { Button } from "@/ui/controls/button";
import { IconButton } from "@/ui/controls/icon-button";
import { Select } from "@/ui/controls/select";
import { NumberField, TextField } from "@/ui/fields/field";
import { Icon } from "@/ui/signs/icons";
import { FilterButton } from "../../runs/filter/filter-button";
import { FilteredPanel } from "../../runs/filter/use-filter";
import { useReadView, useSetView, useView } from "../../view/view-store";
import { RunsSettledContext, useBoardActions, useBoardMode, usePanelSet } from "../board-set";
import { focusMenu } from "../moving/focus";
import { sectionOfEdited } from "./edited";

type Level = PanelSettingsProps["level"];

/** The panel or section that the drawer was opened for. */
interface Target {
  readonly panel: Panel | null;
  readonly section: string | null;
}

export default function SettingsDrawer({ edited }: { edited: string }) {
  const section = sectionOfEdited(edited);
  const panel = useView((view) => (section === null ? panelOf(view, edited) : null));
  const target: Target = { panel, section: section ?? panel?.section ?? null };
  const setView = useSetView();
  const readView = useReadView();
  const [before] = useState(readView);
  const drawer = useRef<HTMLElement>(null);
  useEffect(() => drawer.current?.focus({ preventScroll: true }), []);
  const atDone = useRef<Partial<Panel> | null>(null);
  const onAtDone = useCallback((part: Partial<Panel> | null) => {
    atDone.current = part;
  }, []);
  const close = () => {
    setView({ edited: null });
    if (panel) focusMenu(panel.id);
  };
  return (
    <aside
      className="drawer"
      ref={drawer}
      aria-label="Settings"
      tabIndex={-1}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || event.defaultPrevented) return;
        event.preventDefault();
        close();
      }}
    >
      <DrawerContent
        target={target}
        onClose={close}
        onAtDone={onAtDone}
        onDone={() => {
          const part = atDone.current;
          if (panel && part) setView((view) => change.panel(view, panel.id, part));
          close();
        }}
        onCancel={() => {
          setView((view) => reverted(view, before, target));
          close();
        }}
      />
    </aside>
  );
}

/** Panel, section and workspace as they were when the drawer was opened. */
function reverted(view: View, before: View, { panel, section }: Target): Partial<View> {
  const put = <T,>(now: Readonly<Record<string, T>>, then: Readonly<Record<string, T>>, key: string) => {
    const { [key]: _, ...others } = now;
    const old = then[key];
    return old === undefined ? others : { ...others, [key]: old };
  };
  // panels that were moved meanwhile stay where they are
  const { order } = (section !== null && view.sections[section]) || {};
  const sections = section !== null && put(view.sections, before.sections, section);
  return {
    settings: before.settings,
    ...(panel && { panels: put(view.panels, before.panels, panel.id) }),
    ...(sections && {
      sections: order === undefined ? sections : { ...sections, [section]: { ...sections[section], order } },
    }),
  };
}

interface DrawerContentProps extends Required<Pick<PanelSettingsProps, "onAtDone">> {
  readonly target: Target;
  onClose(): void;
  onDone(): void;
  onCancel(): void;
}

function DrawerContent({ target, onClose, onDone, onCancel, onAtDone }: DrawerContentProps) {
  const { panel, section } = target;
  const first: Level = panel ? "panel" : section !== null ? "section" : "workspace";
  const [level, setLevel] = useState<Level>(first);
  const set = usePanelSet();
  const { onFull } = useBoardActions();
  const hasSections = useBoardMode().gridId === null;
  const setView = useSetView();
  const sectionTitle = useView((view) =>
    section === null ? "" : (sectionView(view, section).title ?? section),
  );
  const ofWorkspace = useView((view) => view.settings);
  const ofSection = useView((view) => (section === null ? NONE : (view.sections[section]?.settings ?? NONE)));
  const defaults = sectionDefaults(ofWorkspace, section ?? "");
  const own = level === "panel" ? (panel?.settings ?? NONE) : level === "section" ? ofSection : ofWorkspace;
  const inherited =
    level === "panel"
      ? cascade(ofWorkspace, defaults, ofSection)
      : level === "section"
        ? cascade(ofWorkspace, defaults)
        : cascade();
  const kind = level === "panel" && panel ? panel.kind : "line";
  const entry = PANEL_KINDS[kind];
  const nChanges = countChanges(own);

  const onSettings: PanelSettingsProps["onSettings"] = (part) =>
    setView((view) => settingsPart(view, level, target, merged(own, part)), {
      coalesce: `set ${level} ${Object.keys(part).join()}`,
    });
  const levels = (hasSections ? LEVELS : GRID_LEVELS)
    .slice(LEVELS.findIndex(({ value }) => value === first))
    .map((option) => (option.value === "section" ? { ...option, label: `section ${sectionTitle}` } : option));
  const outermost = hasSections ? "Workspace" : "All panels of this grid";
  const title =
    level === "panel" ? `${KIND_NAMES[kind].title} panel` : level === "section" ? "Section" : outermost;

  return (
    <>
      <header className="drawer-head">
        <Icon name={level === "panel" ? entry.icon : "sliders"} />
        <h2>{title}</h2>
        <span className="muted ell">
          {!hasSections
            ? ""
            : level === "panel"
              ? `in ${sectionTitle}`
              : level === "section"
                ? sectionTitle
                : ""}
        </span>
        <span className="grow" />
        {nChanges > 0 && (
          <Button
            look="quiet"
            isSmall
            onClick={() => setView((view) => settingsPart(view, level, target, {}))}
          >
            Reset {formatNoun(nChanges, "change")}
          </Button>
        )}
        {panel && <IconButton icon="full" label="Full screen" isSmall onClick={() => onFull(panel.id)} />}
        <IconButton icon="x" label="Close (Esc)" onClick={onClose} />
      </header>
      <div className="drawer-body">
        {level === "panel" && panel && (
          <div className="ds" key={panel.id}>
            <TitleRow panel={panel} />
            {set.list && panel.kind !== "markdown" && <RunsRow panel={panel} />}
          </div>
        )}
        {level === "section" && section !== null && <SectionLayout name={section} />}
        <Suspense fallback={<div className="drawer-wait late" role="status" aria-label="Loading" />}>
          {entry.Settings && (
            <entry.Settings
              // another level's or panel's fields start over
              key={`${level} ${panel?.id}`}
              {...set}
              level={level}
              panel={level === "panel" && panel ? panel : makePanel("", "line", section ?? "")}
              settings={own}
              inherited={inherited}
              onPanel={(part) =>
                panel &&
                setView((view) => change.panel(view, panel.id, part), {
                  coalesce: `panel ${panel.id} ${Object.keys(part).join()}`,
                })
              }
              onSettings={onSettings}
              onAtDone={onAtDone}
            />
          )}
        </Suspense>
      </div>
      <footer className="drawer-foot">
        <span className="muted">For</span>
        <Select label="For" value={level} options={levels} onChange={setLevel} />
        <span className="grow" />
        <Button onClick={onCancel}>Cancel</Button>
        <Button look="ink" onClick={onDone}>
          Done
        </Button>
      </footer>
    </>
  );
}

const NONE: Partial<PanelSettings> = {};

const LEVELS: readonly { readonly value: Level; readonly label: string }[] = [
  { value: "panel", label: "this panel" },
  { value: "section", label: "section" },
  { value: "workspace", label: "workspace" },
];

/** Of a grid in a text. */
const GRID_LEVELS: typeof LEVELS = [
  { value: "panel", label: "this panel" },
  { value: "workspace", label: "all panels of this grid" },
];

function merged(own: Partial<PanelSettings>, part: Parameters<PanelSettingsProps["onSettings"]>[0]) {
  const entries = Object.entries({ ...own, ...part }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Partial<PanelSettings>;
}

function settingsPart(
  view: View,
  level: Level,
  { panel, section }: Target,
  settings: Partial<PanelSettings>,
) {
  if (level === "workspace") return { settings };
  if (level === "section") return section === null ? {} : change.section(view, section, { settings });
  return panel ? change.panel(view, panel.id, { settings }) : {};
}

function TitleRow({ panel }: { panel: Panel }) {
  const drawn = useDrawnTitle(panel.id);
  const setView = useSetView();
  return (
    <SettingRow
      label="Title"
      isOwn={panel.title === null ? null : true}
      from="that its content gives"
      onReset={() => setView((view) => change.panel(view, panel.id, { title: null }))}
    >
      <span className="grow">
        <TextField
          label="Title"
          isBare
          value={panel.title ?? ""}
          placeholder={drawn ?? panelTitle({ ...panel, title: null })}
          maxLength={200}
          onChange={(text) =>
            setView((view) => change.panel(view, panel.id, { title: text === "" ? null : text }), {
              coalesce: `title ${panel.id}`,
            })
          }
        />
      </span>
    </SettingRow>
  );
}

const RUNS_OF: readonly { readonly value: "shown" | "own"; readonly label: string }[] = [
  { value: "shown", label: "Shown in the list" },
  { value: "own", label: "By a filter" },
];

const RUNS_OF_GRID: typeof RUNS_OF = [
  { value: "shown", label: "Of the run sets" },
  { value: "own", label: "By a filter" },
];

/** The runs of the panel: those shown, or those that match a filter of its own. */
function RunsRow({ panel: { id, runFilter } }: { panel: Panel }) {
  const setView = useSetView();
  const readView = useReadView();
  const { project, runs } = usePanelSet();
  const { gridId } = useBoardMode();
  const isSettled = useContext(RunsSettledContext);
  const [isBuilding, setBuilding] = useState(false);
  const shown = useMemo(() => runs.map((run) => run.id), [runs]);
  const set = (filter: string | null) => setView((view) => change.panel(view, id, { runFilter: filter }));
  return (
    <SettingRow
      label="Runs"
      isOwn={runFilter === null ? null : true}
      from={gridId === null ? "that the list shows" : "of the run sets"}
      onReset={() => set(null)}
    >
      <Select
        label="Runs"
        value={runFilter === null ? "shown" : "own"}
        options={gridId === null ? RUNS_OF : RUNS_OF_GRID}
        onChange={(of) => set(of === "shown" ? null : readView().filter)}
      />
      {runFilter !== null && (
        // Escape in the builder closes it, and not the settings
        <fieldset
          className="bare"
          aria-label="Filter of its runs"
          onKeyDown={(event) => isBuilding && event.key === "Escape" && event.preventDefault()}
        >
          <FilteredPanel value={id}>
            <FilterButton
              project={project}
              runs={isSettled ? shown : null}
              look="full"
              isOpen={isBuilding}
              onOpen={setBuilding}
            />
          </FilteredPanel>
        </fieldset>
      )}
    </SettingRow>
  );
}

const MOST_ROWS = 100;
const HEIGHTS = { least: 120, most: 1200 } as const;

const PER_ROW = [1, 2, 3, 4, 6] as const;

function SectionLayout({ name }: { name: string }) {
  const { span, height, rows } = useView((view) => sectionView(view, name));
  const setView = useSetView();
  const setSection = (part: Parameters<typeof change.section>[2]) =>
    setView((view) => change.section(view, name, { ...part, page: 0 }));
  return (
    <SettingsSection title="Layout">
      <SettingRow
        label="Per row"
        isOwn={span !== null}
        from="by the width of the page"
        onReset={() => setSection({ span: null })}
      >
        <Select
          label="Panels in a row"
          value={span === null ? "auto" : String(GRID_COLUMNS / span)}
          options={[
            { value: "auto", label: "By width" },
            ...PER_ROW.map((n) => ({ value: String(n), label: String(n) })),
          ]}
          onChange={(value) => setSection({ span: value === "auto" ? null : GRID_COLUMNS / Number(value) })}
        />
        <span className="muted">panels</span>
      </SettingRow>
      <SettingRow
        label="Rows"
        isOwn={rows !== null}
        from="by how many sections there are"
        onReset={() => setSection({ rows: null })}
      >
        <span className="num sm">
          <NumberField
            label="Rows on a page"
            value={rows}
            placeholder="auto"
            isBare
            isWhole
            min={1}
            max={MOST_ROWS}
            onChange={(next) => setSection({ rows: next })}
          />
        </span>
        <span className="muted">on a page</span>
      </SettingRow>
      <SettingRow
        label="Height"
        isOwn={height !== null}
        from="that all sections begin with"
        onReset={() => setSection({ height: null })}
      >
        <span className="num sm">
          <NumberField
            label="Height of panels"
            value={height}
            placeholder="236"
            isBare
            isWhole
            min={HEIGHTS.least}
            max={HEIGHTS.most}
            onChange={(next) => setSection({ height: next })}
          />
        </span>
        <span className="muted">px</span>
      </SettingRow>
    </SettingsSection>
  );
}
