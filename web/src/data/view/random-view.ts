/** Views of every kind, for property tests: each field is sometimes as at first and sometimes odd. */

import { makePanel, type Panel } from "./panel";
import { KINDS, type PanelKind } from "./panel-kinds";
import { FIRST_SETTINGS, type PanelSettings } from "./settings";
import { FIRST_SECTION, FIRST_VIEW, type Range, type SectionView, type View } from "./view";

export type Random = () => number;

/** Numbers in [0, 1) that a seed repeats (mulberry32). */
export function seeded(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const TEXTS = [
  "",
  "a",
  "val/loss",
  "a,b:c%2c",
  "größe 日本 🙂",
  "-x",
  "__proto__",
  '"q" & <b>?#+',
  "l\n\t\0\u2028",
];

function pick<T>(random: Random, items: readonly T[]): T {
  return items[Math.floor(random() * items.length)]!;
}

function several<T>(random: Random, make: () => T): T[] {
  return Array.from({ length: Math.floor(random() * 4) }, make);
}

function numberOf(random: Random): number {
  return pick(random, [0, 1, -1, 0.1, 1e-9, 12345.678, -3e15, Math.floor(random() * 1000)]);
}

export function randomJson(random: Random, depth: number): unknown {
  if (depth === 0 || random() < 0.4) return pick(random, [null, true, numberOf(random), pick(random, TEXTS)]);
  if (random() < 0.5) return several(random, () => randomJson(random, depth - 1));
  return Object.fromEntries(several(random, () => [pick(random, TEXTS), randomJson(random, depth - 1)]));
}

/** Of all fields some. */
function partly<T extends object>(random: Random, whole: T): Partial<T> {
  return Object.fromEntries(Object.entries(whole).filter(() => random() < 0.4)) as Partial<T>;
}

function settingsOf(random: Random): Partial<PanelSettings> {
  const own: PanelSettings = {
    ...FIRST_SETTINGS,
    axis: pick(random, ["time", "time_wall", "wall", "defined", "metric", "expression"]),
    axisBy: pick(random, [null, ...TEXTS]),
    smoothing: { kind: pick(random, ["none", "ema", "gaussian", "mean"]), amount: random() },
    xEnds: [pick(random, [null, numberOf(random)]), null],
    yEnds: [null, numberOf(random)],
    yScale: pick(random, ["log", "symlog"]),
    groupBy: pick(random, [null, [], ["config.lr"]]),
    fill: pick(random, ["area", "stacked", "percent"]),
    by: pick(random, [null, "writer", "rank"]),
    legendText: pick(random, [null, ...TEXTS]),
    hasSharedX: random() < 0.5,
    hasSharedY: random() < 0.5,
    hasDots: true,
    styles: several(random, () => ({
      of: pick(random, ["run", "group", "metric"] as const),
      id: pick(random, TEXTS),
      name: pick(random, [null, ...TEXTS]),
      stroke: pick(random, [null, "solid", "dotted"] as const),
      widthPx: pick(random, [null, 3]),
      hasDots: random() < 0.5,
    })),
  };
  return partly(random, own);
}

function panelOf(random: Random, id: string): Panel {
  const kind = pick<PanelKind>(random, KINDS);
  return makePanel(id, kind, pick(random, TEXTS), {
    title: pick(random, [null, ...TEXTS]),
    span: pick(random, [null, 3, 12]),
    height: pick(random, [null, 236]),
    keys: several(random, () => pick(random, TEXTS)),
    pattern: pick(random, [null, ".*"]),
    expressions: several(random, () => ({ name: pick(random, TEXTS), text: "`a` - `b`" })),
    marks: several(random, () => ({
      kind: pick(random, ["threshold", "annotation"] as const),
      at: numberOf(random),
      text: pick(random, TEXTS),
      look: pick(random, ["limit", "goal", "plain"] as const),
      run: pick(random, [null, "ab12"]),
    })),
    settings: settingsOf(random),
    runFilter: pick(random, [null, ...TEXTS]),
    options: Object.fromEntries(several(random, () => [pick(random, ["x", "spec"]), randomJson(random, 3)])),
  });
}

function sectionOf(random: Random): Partial<SectionView> {
  return partly<SectionView>(random, {
    ...FIRST_SECTION,
    title: pick(random, TEXTS),
    isOpen: pick(random, [true, false]),
    page: Math.floor(random() * 9),
    order: several(random, () => pick(random, TEXTS)),
    isHidden: true,
    areEmptyShown: true,
    span: 6,
    settings: settingsOf(random),
  });
}

/** Names that a record may have: not `__proto__`, which readers leave out. */
const NAMES = TEXTS.filter((text) => text !== "__proto__");

function recordOf<T>(random: Random, make: (name: string) => T): Record<string, T> {
  return Object.fromEntries(several(random, () => pick(random, NAMES)).map((name) => [name, make(name)]));
}

export function randomView(random: Random): View {
  const list = () => several(random, () => pick(random, TEXTS));
  const view: View = {
    runSearch: pick(random, TEXTS),
    isRunRegex: true,
    filter: pick(random, TEXTS),
    passingFilter: pick(random, TEXTS),
    groupBy: list(),
    order: several(random, () => ({ column: pick(random, TEXTS), descending: random() < 0.5 })),
    selection: { base: pick(random, ["newest", "all", "none"]), on: list(), off: list() },
    hiddenGroups: list(),
    shownGroups: list(),
    openGroups: list(),
    pinned: list(),
    baseline: pick(random, TEXTS),
    colorBy: pick(random, TEXTS),
    groupColors: recordOf(random, () => 1 + Math.floor(random() * 12)),
    table: {
      order: list(),
      isOwn: true,
      hidden: list(),
      shown: list(),
      pinned: list(),
      widths: recordOf(random, () => 120),
      formats: recordOf(random, () => pick(random, [3, "all", "exp"] as const)),
    },
    panelSearch: pick(random, TEXTS),
    isPanelRegex: true,
    settings: settingsOf(random),
    sections: recordOf(random, () => sectionOf(random)),
    sectionOrder: list(),
    panels: recordOf(random, (id) => panelOf(random, id)),
    hiddenPanels: list(),
    zoom: recordOf(random, (): Range => [numberOf(random) - 4e15, numberOf(random)]),
    mediaSteps: recordOf(random, () => numberOf(random)),
    isSynced: false,
    full: pick(random, TEXTS) || null,
    edited: pick(random, TEXTS) || null,
  };
  return { ...FIRST_VIEW, ...partly(random, view) };
}
