/** A person's changes of panels and sections, as changes of the view. Pure: each gives the part to set. */

import { matcherFor } from "../text/text-match";
import { autoHomeOf, autoMetricOf, autoPanel, newPanelId, type Panel } from "../view/panel";
import { change, panelOf, sectionView, type View } from "../view/view";
import { type Board, type BoardSection, namesOf } from "./board";
import { GRID_COLUMNS } from "./layout";

/** Puts a panel before the `index`th of a section, itself still counted; undefined: nothing to do. */
export function movePanel(
  view: View,
  board: Board,
  id: string,
  name: string,
  index: number,
): Partial<View> | undefined {
  const panel = panelOf(view, id);
  const section = board.sections.find((section) => section.name === name);
  if (!panel || !section) return undefined;
  const ids = section.ids();
  const from = panel.section === name ? ids.indexOf(id) : -1;
  const at = from >= 0 && from < index ? index - 1 : index;
  if (from === at) return undefined;
  const order = orderWith(ids, section.view.order, id, at);
  const { sections } = change.section(view, name, { order });
  if (from >= 0) return { sections };
  return { sections, panels: withPanel(view, { ...panel, section: name }) };
}

/** Puts a panel first in a section, which is made, opened or shown if it must be. */
export function movePanelTo(view: View, id: string, name: string): Partial<View> {
  const panel = panelOf(view, id);
  if (!panel) return {};
  const isNew = panel.section !== name;
  const order = [id, ...sectionView(view, name).order.filter((other) => other !== id)];
  return {
    ...change.section(view, name, { order, page: 0, isOpen: true, isHidden: false }),
    ...(isNew && { panels: withPanel(view, { ...panel, section: name }) }),
  };
}

/** The ids that must be kept for `id` to stand at `at`; the others follow by name. */
function orderWith(
  ids: readonly string[],
  before: readonly string[],
  id: string,
  at: number,
): readonly string[] {
  const others = ids.filter((other) => other !== id);
  const remaining = new Set(others);
  const nKept = before.reduce((n, other) => n + (remaining.has(other) ? 1 : 0), 0);
  return [...others.slice(0, at), id, ...others.slice(at)].slice(0, Math.max(nKept, at) + 1);
}

/** The view's panels with one more or changed; a metric's own panel with nothing changed needs no place. */
function withPanel(view: View, panel: Panel): View["panels"] {
  if (JSON.stringify(panel) !== JSON.stringify(autoPanel(panel.id)))
    return { ...view.panels, [panel.id]: panel };
  const { [panel.id]: _, ...others } = view.panels;
  return others;
}

/** Ends a search of panels that new ones would not be seen under. */
export function withoutSearchHiding(view: View, panels: readonly Panel[]): Partial<View> {
  const { test } = matcherFor(view.panelSearch, view.isPanelRegex);
  const areFound = panels.every((panel) => test !== null && namesOf(panel).some(test));
  return areFound ? {} : { panelSearch: "" };
}

/** A panel that a person made, first in its section. */
export function addPanel(view: View, panel: Panel): Partial<View> {
  const { order } = sectionView(view, panel.section);
  return {
    ...change.section(view, panel.section, {
      order: [panel.id, ...order],
      page: 0,
      isOpen: true,
      isHidden: false,
    }),
    panels: { ...view.panels, [panel.id]: panel },
    ...withoutSearchHiding(view, [panel]),
  };
}

/** A panel after all others of a grid in a text. Without a size of its own the first has the whole width, others half of it. */
export function appendPanel(view: View, panel: Panel): Partial<View> {
  const { order } = sectionView(view, panel.section);
  const span = order.length === 0 ? GRID_COLUMNS : GRID_COLUMNS / 2;
  return {
    ...change.section(view, panel.section, { order: [...order, panel.id] }),
    panels: { ...view.panels, [panel.id]: { ...panel, span: panel.span ?? span } },
  };
}

/** A copy of a panel, after it. `changes` make it another one. */
export function duplicatePanel(
  view: View,
  board: Board,
  id: string,
  changes: Partial<Panel> = {},
): { readonly id: string; readonly part: Partial<View> } | undefined {
  const panel = panelOf(view, id);
  const section = board.sections.find((section) => section.name === panel?.section);
  if (!panel || !section) return undefined;
  const copy: Panel = { ...panel, ...changes, id: newPanelId() };
  const ids = section.ids();
  const order = orderWith(ids, section.view.order, copy.id, ids.indexOf(id) + 1);
  return {
    id: copy.id,
    part: {
      ...change.section(view, section.name, { order }),
      panels: { ...view.panels, [copy.id]: copy },
    },
  };
}

export function resizePanel(
  view: View,
  id: string,
  size: Partial<Pick<Panel, "span" | "height">>,
): Partial<View> {
  const panel = panelOf(view, id);
  return panel ? { panels: withPanel(view, { ...panel, ...size }) } : {};
}

/** Hidden panels leave full screen and settings. */
export function hidePanels(view: View, ids: readonly string[]): Partial<View> {
  return {
    hiddenPanels: [...new Set([...view.hiddenPanels, ...ids])],
    ...left(view, ids),
  };
}

export function showPanels(view: View, ids: readonly string[]): Partial<View> {
  return { hiddenPanels: view.hiddenPanels.filter((id) => !ids.includes(id)) };
}

/** All that is hidden, panels and sections. */
export function showAll(view: View): Partial<View> {
  const shown = Object.entries(view.sections).map(([name, section]) => [
    name,
    { ...section, isHidden: false },
  ]);
  return { hiddenPanels: [], sections: Object.fromEntries(shown) };
}

/** Takes panels that a person made away; of a metric's own panel, what was changed of it. */
export function removePanels(view: View, ids: readonly string[]): Partial<View> {
  const gone = new Set(ids);
  return {
    panels: Object.fromEntries(Object.entries(view.panels).filter(([id]) => !gone.has(id))),
    hiddenPanels: view.hiddenPanels.filter((id) => !gone.has(id)),
    ...left(view, ids),
  };
}

function left(view: View, ids: readonly string[]): Partial<View> {
  return {
    full: view.full !== null && ids.includes(view.full) ? null : view.full,
    edited: view.edited !== null && ids.includes(view.edited) ? null : view.edited,
  };
}

/** A new empty section before the others; `null` when there is one of that name. */
export function addSection(view: View, board: Board, title: string): Partial<View> | null {
  const names = board.all.flatMap(({ name, title }) => [name, title]);
  if (names.includes(title)) return null;
  return {
    ...change.section(view, title, { isMade: true }),
    sectionOrder: [title, ...view.sectionOrder],
  };
}

/** Takes a section that a person made away, with their panels; metrics' own panels go back to where they were. */
export function removeSection(view: View, section: BoardSection): Partial<View> {
  const { [section.name]: _, ...sections } = view.sections;
  const sectionPanels = Object.values(view.panels).filter((panel) => panel.section === section.name);
  const own = sectionPanels.filter((panel) => autoMetricOf(panel.id) !== null);
  const part = removePanels(
    view,
    sectionPanels.map((panel) => panel.id),
  );
  let panels = part.panels ?? {};
  for (const panel of own) {
    const home = autoHomeOf(panel.id) ?? panel.section;
    panels = withPanel({ ...view, panels }, { ...panel, section: home });
  }
  return {
    ...part,
    panels,
    sections,
    sectionOrder: view.sectionOrder.filter((name) => name !== section.name),
  };
}

/** Puts a section before the `index`th, itself still counted. */
export function moveSection(view: View, board: Board, name: string, index: number): Partial<View> {
  const names = board.sections.map((section) => section.name);
  const from = names.indexOf(name);
  const at = from < index ? index - 1 : index;
  if (from === at) return {};
  return { sectionOrder: orderWith(names, view.sectionOrder, name, at) };
}
