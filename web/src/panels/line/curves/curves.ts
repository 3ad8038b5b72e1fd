/**
 * From the answer to curves with name, colour and stroke: a run, a group or a writer, of one metric or several.
 * Pure.
 */

import { type Curve, curveOf } from "@/charts/line/curve";
import type { SeriesColumns } from "@/data/curves/columns";
import { readableText } from "@/data/expression/expression-text";
import { colorOfGroup, type GroupColors, RUN_COLORS } from "@/data/runs/color";
import { groupIdText } from "@/data/runs/group-name";
import type { LineStyle, PanelSettings } from "@/data/view/settings";
import { groupId } from "@/data/view/view";
import type { PanelRun, PanelSet } from "../../panel-props";
import { fillTemplate, type TemplateValues } from "./legend-text";

/** They tell the metrics of one run apart. */
const STROKES: readonly Curve["stroke"][] = [null, "dashed", "dotted"];

/**
 * Curves in the order of the runs list, a curve a run or a group, the baseline run after groups; runs that are hidden
 * have none.
 */
export function curvesOf(
  series: readonly SeriesColumns[],
  set: Pick<PanelSet, "runs" | "baseline" | "groups">,
  settings: PanelSettings,
  values: ReadonlyMap<string, TemplateValues>,
  colors: GroupColors,
): Curve[] {
  const runs = new Map(set.runs.map((run, i) => [run.id, { run, position: i }]));
  const base = settings.hasBaseline ? set.baseline : null;
  if (base && !runs.has(base.id)) runs.set(base.id, { run: base, position: set.runs.length });
  const keys = [...new Set(series.map((columns) => columns.key))];
  const nOwners = new Set(series.map((columns) => columns.group || columns.run)).size;
  const parts = [...new Set(series.map((columns) => columns.part))].sort(byNumber);
  const isGrouped = series.some((columns) => columns.group);
  const listed = new Map(set.groups?.map((id, i) => [id, i]));
  const placed = series.flatMap((columns) => {
    const listedRun = runs.get(columns.run);
    if (!columns.group && !listedRun) return [];
    const ofRun = isGrouped ? Number.POSITIVE_INFINITY : (listedRun?.position ?? 0);
    const path = columns.group ? groupPath(columns.group, listed) : [ofRun];
    return [{ columns, run: listedRun?.run ?? null, path }];
  });
  placed.sort(
    (a, b) =>
      byPath(a.path, b.path) ||
      keys.indexOf(a.columns.key) - keys.indexOf(b.columns.key) ||
      byNumber(a.columns.part, b.columns.part),
  );
  return placed.map(({ columns, run }) => {
    const owner = columns.group ? groupOf(columns, colors) : ownerOf(run!);
    const key = keys.indexOf(columns.key);
    const isAlone = nOwners === 1;
    // of one run alone the colours are free: they tell its metrics, or its writers, apart
    const shift = !isAlone ? 0 : columns.part ? parts.indexOf(columns.part) : key;
    // a group's colour may be one of the darker ones, which are no run's
    const color = shift === 0 ? owner.color : ((owner.color - 1 + shift) % RUN_COLORS) + 1;
    const isBaseline = run !== null && run.id === base?.id;
    const own = styleOf(settings, columns.group ? "group" : "run", owner.highlightId);
    const ofMetric = styleOf(settings, "metric", columns.key);
    const [ownName, metricName] = [own?.name?.trim(), ofMetric?.name?.trim()];
    const says = [
      ownName || owner.name,
      metricName || (keys.length > 1 ? readableText(columns.key) : ""),
      columns.part ? `${settings.by === "writer" ? "" : `${settings.by} `}${columns.part}` : "",
    ];
    const words = says.filter(Boolean);
    const plain = isAlone && !ownName && words.length > 1 ? words.slice(1).join(" ") : words.join(" ");
    // a text about runs says nothing of groups
    const isMeant = !columns.group || /\$\{\s*(group|count)/.test(settings.legendText ?? "");
    const filled =
      settings.legendText && isMeant && !ownName
        ? fillTemplate(settings.legendText, {
            ...values.get(columns.run),
            ...owner.values,
            key: metricName || readableText(columns.key),
            part: columns.part,
            count: String(columns.nRuns),
          })
        : "";
    return curveOf(columns, {
      id: [owner.highlightId, columns.part, columns.key].join("\n"),
      highlightId: isAlone && columns.part ? [owner.highlightId, columns.part].join("\n") : owner.highlightId,
      name: filled || plain,
      color,
      stroke:
        own?.stroke ?? ofMetric?.stroke ?? (isAlone || isBaseline ? null : STROKES[key % STROKES.length]!),
      widthPx: own?.widthPx ?? ofMetric?.widthPx ?? null,
      hasDots: settings.hasDots || (own?.hasDots ?? false) || (ofMetric?.hasDots ?? false),
      isLive: run?.isLive ?? false,
      isBaseline,
    });
  });
}

/** The run, or the group, that a highlight belongs to: a run alone has curves that are highlighted one by one. */
export function ownerOfHighlight(highlightId: string): string {
  return highlightId.split("\n", 1)[0]!;
}

function styleOf({ styles }: PanelSettings, of: LineStyle["of"], id: string): LineStyle | undefined {
  return styles.find((style) => style.of === of && style.id === id);
}

interface Owner {
  readonly highlightId: string;
  readonly name: string;
  readonly color: number;
  readonly values: TemplateValues;
}

function ownerOf(run: PanelRun): Owner {
  return {
    highlightId: run.id,
    name: run.name,
    color: run.color,
    values: { "run.name": run.name, "run.id": run.id },
  };
}

function groupOf(columns: SeriesColumns, colors: GroupColors): Owner {
  const id = columns.group;
  const name = groupIdText(id);
  return { highlightId: id, name, color: colorOfGroup(colors, id), values: { group: name } };
}

/** Where the list has a group, from the outermost around it to itself; what it lacks comes last. */
function groupPath(group: string, listed: ReadonlyMap<string, number>): number[] {
  const values = JSON.parse(group) as unknown[];
  return values.map((_, i) => listed.get(groupId(values.slice(0, i + 1))) ?? listed.size);
}

function byPath(a: readonly number[], b: readonly number[]): number {
  const level = a.findIndex((position, i) => position !== b[i]);
  return level < 0 ? 0 : a[level]! - (b[level] ?? Number.POSITIVE_INFINITY);
}

const NO_GROUPS: readonly string[] = [];

/** The groups that there are curves of, each once. */
export function groupsOf(series: readonly SeriesColumns[]): readonly string[] {
  const groups = new Set(series.flatMap(({ group }) => (group ? [group] : [])));
  return groups.size > 0 ? [...groups] : NO_GROUPS;
}

/** `2` before `10`, words by letter. */
function byNumber(a: string, b: string): number {
  const order = Number(a) - Number(b);
  return Number.isNaN(order) ? (a < b ? -1 : a > b ? 1 : 0) : order;
}
