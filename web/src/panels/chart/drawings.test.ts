// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders of presets
import { describe, expect, it } from "vitest";
import type { MediaItem } from "@/api/files/media";
import type { ChartPreset, TableWindow } from "@/api/files/tables";
import type { MediaGroup } from "../media/grid/media-groups";
import { chartEntries, commonTitle, drawingsOf, drawnColumns, lackingFields, rowsText } from "./drawings";
import { chartFaults } from "./faults";

const PRESETS: readonly ChartPreset[] = [
  {
    name: "weft/scatter/v0",
    aliases: [],
    default_columns: { x: "the x", y: "the y" },
    spec: {
      title: "${string:title}",
      encoding: { x: { field: "${field:x}" }, y: { field: "${field:y}" }, color: { field: "color" } },
    },
  },
  {
    name: "weft/cells/v0",
    aliases: [],
    default_columns: {},
    spec: { encoding: { x: { field: "${field:x}" } } },
  },
];

const MAPPING = { x: "the x", y: "the y", unused: "far" };

function group(
  id: string,
  presets: readonly string[],
  name = id,
  state = "stored",
  fields: Readonly<Record<string, string>> = MAPPING,
): MediaGroup {
  const items = presets.map((preset, index) => ({
    kind: "chart",
    file: { path: `${id}-${index}`, state },
    chart: { preset, fields, strings: { title: "T" } },
  }));
  const run = { id, name, color: 1, isLive: false };
  return { run, key: "c", step: 5, items: items as unknown as MediaItem[], nItems: items.length };
}

function tableOf(rows: readonly (readonly unknown[])[], n = rows.length): TableWindow {
  const columns = ["the x", "the y"].map((title) => ({ name: title, title, type: "number" }));
  return { state: "stored", columns, rows, n_rows: n } as unknown as TableWindow;
}

const NO_ERRORS: readonly null[] = [];

describe("charts of several runs", () => {
  const groups = [group("a", ["weft/scatter/v0"]), group("b", ["weft/scatter/v0", "me/mine"])];
  const { entries, unknown } = chartEntries(groups, PRESETS);

  it("are in one drawing, with the rows of each run", () => {
    const windows = [tableOf([[1, 2]]), tableOf([[3, "NaN"]])];
    const [drawing, ...others] = drawingsOf(entries, windows, "automatic");
    expect(others).toEqual([]);
    expect(drawing!.of.map(({ name, rows }) => [name, rows])).toEqual([
      ["a", [{ field_x: 1, field_y: 2 }]],
      ["b", [{ field_x: 3, field_y: null }]],
    ]);
    expect(drawing).toMatchObject({ run: null, isByRun: true, title: "T" });
    expect(drawing!.spec.title).toBeUndefined();
    expect(commonTitle([drawing!])).toBe("T");
    expect(commonTitle([drawing!, { ...drawing!, title: null }])).toBeNull();
  });

  it("take the columns of their preset where they map none", () => {
    const { entries } = chartEntries([group("a", ["weft/scatter/v0"], "a", "stored", {})], PRESETS);
    expect(lackingFields(entries[0]!)).toEqual([]);
    const [drawing] = drawingsOf(entries, [tableOf([[1, 2]])], "automatic");
    expect(drawing!.of[0]!.rows).toEqual([{ field_x: 1, field_y: 2 }]);
  });

  it("are one drawing each where the preset does not tell runs apart", () => {
    const alone = chartEntries([group("a", ["weft/cells/v0"]), group("b", ["weft/cells/v0"])], PRESETS);
    const drawings = drawingsOf(alone.entries, [tableOf([[1, 2]]), tableOf([[1, 2]])], "automatic");
    expect(drawings.map(({ run, isByRun }) => [run?.id, isByRun])).toEqual([
      ["a", false],
      ["b", false],
    ]);
  });

  it("of a list are drawn place by place", () => {
    const twice = ["weft/scatter/v0", "weft/scatter/v0"];
    const lists = chartEntries([group("a", twice), group("b", twice)], PRESETS).entries;
    const windows = lists.map(() => tableOf([[1, 2]]));
    const drawings = drawingsOf(lists, windows, "automatic");
    expect(drawings.map(({ of }) => of.map(({ name }) => name))).toEqual([
      ["a", "b"],
      ["a", "b"],
    ]);
  });

  it("ask for the columns that they draw", () => {
    expect(drawnColumns(entries[0]!)).toEqual(["the x", "the y"]);
    const chart = { ...entries[0]!.chart, fields: { x: "the x" } };
    expect(lackingFields({ ...entries[0]!, chart })).toEqual(["y"]);
  });

  it("tell why some are not drawn", () => {
    const all = [
      ...groups,
      group("c", ["weft/scatter/v0"], "c", "awaited"),
      { ...group("d", []), step: null },
    ];
    const charts = chartEntries(all, PRESETS);
    const windows = [tableOf([[1, 2]], 10), tableOf([]), null];
    const errors = [null, null, null];
    const rows = { windows, errors };
    const faults = chartFaults({ groups: all, step: 5, ...charts, rows });
    expect(faults.map(({ run, say, isDrawn }) => [run.id, say, isDrawn])).toEqual([
      ["d", "nothing up to step 5", false],
      ["b", "its table has no rows", false],
      ["c", "its table was not sent: run `weft sync` on its machine", false],
      ["b", "unknown preset me/mine", false],
    ]);
    expect(unknown.map(({ preset }) => preset)).toEqual(["me/mine"]);
    const refused = { windows: [null, null], errors: [new Error("no column 'x'"), null] };
    expect(chartFaults({ groups, step: 5, entries, unknown: [], rows: refused })[0]!.say).toBe(
      "no column 'x'",
    );
    expect(
      chartFaults({ groups, step: 5, entries, unknown: [], rows: { windows: [], errors: NO_ERRORS } }),
    ).toEqual([]);
  });

  it("tell how many of their rows are drawn", () => {
    expect(rowsText([tableOf([[1, 2]]), null])).toBeNull();
    expect(rowsText([tableOf([[1, 2]], 1500), tableOf([[1, 2]])])).toBe("first 2 of 1,501 rows");
  });
});
