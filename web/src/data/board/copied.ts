/**
 * Panels as a text in the clipboard, which can be pasted onto the board of any view, project or server. Pure.
 *
 * A panel alone goes to the section that it comes from, or one of that name; a section is always a new one.
 */

import { makePanel, newPanelId, type Panel } from "../view/panel";
import { panel, sectionPart } from "../view/read";
import { allOf, listOf, oneOf, orNull, type Reader, text } from "../view/reading";
import { change, panelOf, type SectionView, sectionView, type View } from "../view/view";
import type { Board, BoardSection } from "./board";
import { addSection, removePanels, withoutSearchHiding } from "./moves";

/** A section with more panels is not copied: they would all become panels of the other view's document. */
export const MOST_COPIED = 500;

export interface Copied {
  readonly weft: "panels";
  /** The section that they come from, and what it is called. */
  readonly name: string;
  readonly title: string;
  /** Settings of the section; null: it is not copied with its panels. */
  readonly section: Partial<SectionView> | null;
  readonly panels: readonly Panel[];
}

/** One panel as text, with the settings of its section, so that it looks the same in another; null: no such panel. */
export function copyPanel(view: View, id: string): string | null {
  const panel = panelOf(view, id);
  if (!panel) return null;
  const { title, settings } = sectionView(view, panel.section);
  return textOf({
    weft: "panels",
    name: panel.section,
    title: title ?? panel.section,
    section: null,
    panels: [{ ...panel, settings: { ...settings, ...panel.settings } }],
  });
}

/** The text of a section with the panels that it shows, in their order. */
export function copySection(view: View, { name, title, ids }: BoardSection): string {
  const { span, height, rows, settings } = sectionView(view, name);
  const panels = ids().flatMap((id) => panelOf(view, id) ?? []);
  return textOf({ weft: "panels", name, title, section: { span, height, rows, settings }, panels });
}

function textOf(copied: Copied): string {
  return JSON.stringify(copied);
}

const COPIED: Reader<Copied> = allOf<Copied>({
  weft: oneOf("panels"),
  name: text,
  title: text,
  section: orNull(sectionPart),
  panels: listOf((value) => panel(value, "")),
});

/** The copied panels; null: the text is something else. */
export function readCopied(content: string): Copied | null {
  if (!content.startsWith('{"weft":"panels"')) return null;
  try {
    return COPIED(JSON.parse(content)) ?? null;
  } catch {
    return null;
  }
}

export interface Pasted {
  readonly part: Partial<View>;
  readonly ids: readonly string[];
  /** The section that they are in now. */
  readonly section: string;
  /** It was made for them. */
  readonly isMade: boolean;
}

/** Puts what was copied onto a board, as panels of its own. */
export function paste(view: View, board: Board, copied: Copied): Pasted {
  const { all } = board;
  const existing = copied.section
    ? undefined
    : (all.find(({ name }) => name === copied.name) ?? all.find(({ title }) => title === copied.title));
  const section = existing?.name ?? freeTitle(copied.title, all);
  const added = existing ? {} : (addSection(view, board, section) ?? {});
  const panels = copied.panels.map((panel) =>
    makePanel(newPanelId(), panel.kind, section, { ...withoutId(panel), section }),
  );
  const ids = panels.map(({ id }) => id);
  const withSection = { ...view, ...added };
  const { order } = sectionView(withSection, section);
  const part = {
    ...added,
    ...change.section(withSection, section, {
      ...copied.section,
      order: [...ids, ...order],
      page: 0,
      isOpen: true,
      isHidden: false,
    }),
    panels: { ...view.panels, ...Object.fromEntries(panels.map((panel) => [panel.id, panel])) },
    ...withoutSearchHiding(view, panels),
  };
  return { part, ids, section, isMade: !existing };
}

function withoutId({ id: _, ...others }: Panel): Omit<Panel, "id"> {
  return others;
}

/** A title that no section has. */
function freeTitle(title: string, sections: readonly BoardSection[]): string {
  const usedTitles = new Set(sections.flatMap(({ name, title }) => [name, title]));
  let free = title;
  for (let n = 2; usedTitles.has(free); n++) free = `${title} ${n}`;
  return free;
}

/** Takes away what was pasted; what was changed elsewhere since stays. */
export function takeBackPaste(view: View, { ids, section, isMade }: Pasted): Partial<View> {
  const part = removePanels(view, ids);
  const { [section]: before, ...others } = view.sections;
  if (isMade)
    return { ...part, sections: others, sectionOrder: view.sectionOrder.filter((name) => name !== section) };
  const gone = new Set(ids);
  const order = before?.order?.filter((id) => !gone.has(id)) ?? [];
  return { ...part, ...change.section(view, section, { order }) };
}
