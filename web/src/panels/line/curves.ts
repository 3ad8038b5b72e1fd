/**
 * From the answer to curves with name, colour and stroke: a run, a group or a writer, of one metric or several.
 * Pure.
 */

import { type Curve, curveOf } from "@/charts/line/curve";
import { RUN_COLORS } from "@/data/color";
import type { SeriesColumns } from "@/data/columns";
import { readableText } from "@/data/expression/expression-text";
import { groupName } from "@/data/group-name";
import type { PanelSettings } from "@/data/view/settings";
import { groupId } from "@/data/view/view";
import type { PanelRun, PanelSet } from "../panel-props";
import { fillTemplate, type TemplateValues } from "./legend-text";

const STROKES: readonly Curve["stroke"][] = ["solid", "dashed", "dotted"];

/** Curves in the order of the list; of runs that are not shown now there are none. */
export function curvesOf(
  series: readonly SeriesColumns[],
  set: Pick<PanelSet, "runs" | "baseline">,
  settings: PanelSettings,
  values: ReadonlyMap<string, TemplateValues>,
  colorOfGroup: (id: string) => number,
): Curve[] {
  const runs = new Map(set.runs.map((run, i) => [run.id, { run, place: i }]));
  const base = settings.hasBaseline ? set.baseline : null;
  if (base && !runs.has(base.id)) runs.set(base.id, { run: base, place: set.runs.length });
  const keys = [...new Set(series.map((columns) => columns.key))];
  const nOwners = new Set(series.map((columns) => columns.group || columns.run)).size;
  const parts = [...new Set(series.map((columns) => columns.part))].sort(byNumber);
  const placed = series.flatMap((columns) => {
    const known = runs.get(columns.run);
    if (!columns.group && !known) return [];
    return [{ columns, run: known?.run ?? null, place: known?.place ?? 0 }];
  });
  placed.sort(
    (a, b) =>
      a.place - b.place ||
      keys.indexOf(a.columns.key) - keys.indexOf(b.columns.key) ||
      byNumber(a.columns.part, b.columns.part),
  );
  const made = placed.map(({ columns, run }) => {
    const owner = columns.group ? groupOf(columns, colorOfGroup) : ownerOf(run!);
    const key = keys.indexOf(columns.key);
    const isAlone = nOwners === 1;
    // of one run alone the colours are free: they tell its metrics, or its writers, apart
    const shift = !isAlone ? 0 : columns.part ? parts.indexOf(columns.part) : key;
    const says = [
      owner.name,
      keys.length > 1 ? readableText(columns.key) : "",
      columns.part ? `${settings.by === "writer" ? "" : `${settings.by} `}${columns.part}` : "",
    ];
    const words = says.filter(Boolean);
    const plain = isAlone && words.length > 1 ? words.slice(1).join(" ") : words.join(" ");
    // a text about runs says nothing of groups
    const isMeant = !columns.group || /\$\{\s*(group|count)/.test(settings.legendText ?? "");
    const filled =
      settings.legendText && isMeant
        ? fillTemplate(settings.legendText, {
            ...values.get(columns.run),
            ...owner.values,
            key: readableText(columns.key),
            part: columns.part,
            count: String(columns.nRuns),
          })
        : "";
    return curveOf(columns, {
      id: [owner.lit, columns.part, columns.key].join("\n"),
      lit: isAlone && columns.part ? [owner.lit, columns.part].join("\n") : owner.lit,
      name: filled || plain,
      color: ((owner.color - 1 + shift) % RUN_COLORS) + 1,
      stroke: isAlone ? "solid" : STROKES[key % STROKES.length],
      isLive: run?.isLive ?? false,
      isBaseline: run !== null && run.id === base?.id,
    });
  });
  return made.slice(0, Math.max(1, settings.maxCurves) * Math.max(1, keys.length) + (base ? keys.length : 0));
}

interface Owner {
  readonly lit: string;
  readonly name: string;
  readonly color: number;
  readonly values: TemplateValues;
}

function ownerOf(run: PanelRun): Owner {
  return {
    lit: run.id,
    name: run.name,
    color: run.color,
    values: { "run.name": run.name, "run.id": run.id },
  };
}

function groupOf(columns: SeriesColumns, colorOfGroup: (id: string) => number): Owner {
  const id = listedId(columns.group);
  const name = (JSON.parse(id) as unknown[]).map((value) => groupName([value])).join(", ");
  return { lit: id, name, color: colorOfGroup(id), values: { group: name } };
}

/** How lists of groups write the value of runs that lack it. */
const MISSING = { _type: "missing" };

/** The group's name in lists: what its runs lack is `null` in curves, and a value of its own there. */
function listedId(group: string): string {
  const values = JSON.parse(group) as unknown[];
  return groupId(values.map((value) => value ?? MISSING));
}

const NO_GROUPS: readonly string[] = [];

/** The groups that there are curves of, each once. */
export function groupsOf(series: readonly SeriesColumns[]): readonly string[] {
  const groups = new Set(series.flatMap(({ group }) => (group ? [listedId(group)] : [])));
  return groups.size > 0 ? [...groups] : NO_GROUPS;
}

/** `2` before `10`, words by letter. */
function byNumber(a: string, b: string): number {
  const order = Number(a) - Number(b);
  return Number.isNaN(order) ? (a < b ? -1 : a > b ? 1 : 0) : order;
}
