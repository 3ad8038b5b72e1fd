/** The name of a panel: the title that a person gave it, else what it draws. Pure. */

import { readableText } from "../expression/expression-text";
import { sectionOf, titleOf } from "../metrics/sections";
import type { Panel } from "./panel";
import { kindNames } from "./panel-kinds";

export interface PanelNames {
  /** In its section: `loss`, where the section's name says the rest. */
  readonly short: string;
  /** Anywhere: `val/loss`. */
  readonly whole: string;
}

const SHOWN = 2;

export function panelNames(panel: Panel): PanelNames {
  const { title, isTitleOfPanels = false } = kindNames(panel.kind);
  const name = panel.title ?? (isTitleOfPanels ? title : undefined);
  if (name !== undefined) return { short: name, whole: name };
  const off = new Set(panel.undrawn);
  const keys = panel.keys.filter((key) => !off.has(key));
  const formulas = panel.expressions
    .filter(({ name }) => !off.has(name))
    .map(({ name, text }) => (name === text ? minus(readableText(text)) : name));
  const patterns = panel.pattern ? [`/${panel.pattern}/`] : [];
  const localNames = keys.map((key) => (sectionOf(key) === panel.section ? titleOf(key) : key));
  return {
    short: joined([...localNames, ...formulas, ...patterns]) ?? panel.kind,
    whole: joined([...keys, ...formulas, ...patterns]) ?? panel.kind,
  };
}

/** A formula in a title has the minus that numbers have. */
function minus(text: string): string {
  return text.replaceAll(" - ", " \u2212 ");
}

function joined(names: readonly string[]): string | null {
  if (names.length === 0) return null;
  const shown = names.slice(0, SHOWN).join(", ");
  return names.length > SHOWN ? `${shown} +${names.length - SHOWN}` : shown;
}
