// biome-ignore-all lint/suspicious/noTemplateCurlyInString: legend texts are templates of their own
import { describe, expect, it } from "vitest";
import { dashOf } from "@/charts/line/paint/line-look";
import type { SeriesColumns } from "@/data/curves/columns";
import { makePanel } from "@/data/view/panel";
import { cascade, type PanelSettings } from "@/data/view/settings";
import type { PanelRun } from "../../panel-props";
import { curvesOf } from "./curves";
import { fillTemplate, templateColumns } from "./legend-text";
import { endsRequest, lineRequest } from "./line-request";
import { styledOf } from "./styled";

const runs: PanelRun[] = ["a", "b", "c"].map((id, i) => ({
  id,
  name: `run ${id}`,
  color: i + 1,
  isLive: i === 0,
}));
const set = { runs, runIds: ["a", "b", "c", "old"], groupBy: [] as string[], baseline: null };
const asking = { set, matching: [], wrong: new Set<string>(), zoom: null, width: 312 };
const panel = makePanel("p", "line", "val", {
  keys: ["val/loss", "val/acc"],
  expressions: [
    { name: "gap", text: '"val/loss" - "train/loss"' },
    { name: "bad", text: "1 +" },
  ],
  undrawn: ["val/acc"],
});

describe("a panel's question", () => {
  it("leaves out what is switched off and what is no expression", () => {
    const request = lineRequest(panel, cascade(), {
      ...asking,
      matching: ["val/iou"],
      wrong: new Set(["1 +"]),
    });
    expect(request).toMatchObject({
      keys: ["val/loss", "val/iou"],
      runs: ["a", "b", "c", "old"],
      group: null,
    });
    expect(request.expressions?.map(({ name }) => name)).toEqual(["gap"]);
  });

  it("groups as the list or the panel says, but not by writer or wall time", () => {
    const grouped = { ...asking, set: { ...set, groupBy: ["config.lr"] } };
    const ask = (part: Partial<PanelSettings>) => lineRequest(panel, cascade(part), grouped).group;
    expect(ask({ band: "std" })).toEqual({ by: ["config.lr"], center: "mean", band: "std" });
    expect(ask({ groupBy: ["tags"], band: "none" })).toEqual({ by: ["tags"], center: "mean", band: null });
    expect([ask({ groupBy: [] }), ask({ by: "rank" }), ask({ axis: "wall" })]).toEqual([null, null, null]);
  });

  it("for the ends of smoothed curves is the same for all widths of the window", () => {
    const [wide, narrow] = [1400, 330].map((width) => lineRequest(panel, cascade(), { ...asking, width }));
    expect(wide!.nBuckets).not.toBe(narrow!.nBuckets);
    expect(endsRequest(wide!)).toEqual(endsRequest(narrow!));
  });

  it("asks for fewer buckets the more runs there are", () => {
    const buckets = (nRuns: number, groupBy: string[] = []) => {
      const runIds = Array.from({ length: nRuns }, (_, i) => `r${i}`);
      return lineRequest(panel, cascade(), { ...asking, set: { ...set, runIds, groupBy } }).nBuckets;
    };
    expect([buckets(2), buckets(60), buckets(60, ["tags"])]).toEqual([400, 200, 400]);
    expect([buckets(1000), buckets(1000, ["tags"])]).toEqual([100, 400]);
  });

  it("asks for the baseline, too", () => {
    const withBaseline = { ...asking, set: { ...set, runIds: ["a", "b"], baseline: runs[2]! } };
    expect(lineRequest(panel, cascade(), withBaseline)).toMatchObject({
      runs: ["a", "b", "c"],
      baseline: "c",
    });
    expect(lineRequest(panel, cascade({ hasBaseline: false }), withBaseline).runs).toEqual(["a", "b"]);
  });
});

function series(part: Partial<SeriesColumns>): SeriesColumns {
  return { run: "", key: "loss", part: "", group: "", axisMetric: "", nRuns: 1, ...part } as SeriesColumns;
}
const colors = { '["adamw",{"_type":"missing"}]': 7 };

describe("curves", () => {
  const curves = (all: SeriesColumns[], settings = cascade(), baseline: PanelRun | null = null) =>
    curvesOf(all, { runs, baseline }, settings, new Map([["b", { "config.lr": "0.1" }]]), colors);

  it("stand in the order of the list, a second metric in another stroke", () => {
    const drawn = curves([
      series({ run: "b" }),
      series({ run: "b", key: "acc" }),
      series({ run: "a" }),
      series({ run: "hidden" }),
    ]);
    expect(drawn.map(({ name, color, stroke, highlightId }) => [name, color, stroke, highlightId])).toEqual([
      ["run a loss", 1, null, "a"],
      ["run b loss", 2, null, "b"],
      ["run b acc", 2, "dashed", "b"],
    ]);
    expect(new Set(drawn.map(({ id }) => id)).size).toBe(3);
  });

  it("of one run alone are told apart by color: its metrics, its writers", () => {
    const metrics = curves([series({ run: "b" }), series({ run: "b", key: '"val/x" - y' })]);
    expect(metrics.map(({ name, color }) => [name, color])).toEqual([
      ["loss", 2],
      ["val/x - y", 3],
    ]);
    const ranks = curves(
      ["10", "2", "0"].map((part) => series({ run: "b", part })),
      cascade({ by: "rank" }),
    );
    expect(ranks.map(({ name, color }) => [name, color])).toEqual([
      ["rank 0", 2],
      ["rank 2", 3],
      ["rank 10", 4],
    ]);
  });

  it("of groups are called by their values; the baseline is marked, also where the list does not show it", () => {
    const [group] = curves(
      [series({ group: '["adamw",{"_type":"missing"}]', nRuns: 4 })],
      cascade({ legendText: "${group} (${count})" }),
    );
    expect(group).toMatchObject({
      name: "adamw, not set (4)",
      color: 7,
      highlightId: '["adamw",{"_type":"missing"}]',
    });
    // None that was set is another value than none
    const [none] = curves([series({ group: '["adamw",null]' })]);
    expect(none).toMatchObject({ name: "adamw, null", highlightId: '["adamw",null]' });
    const far = { id: "far", name: "far", color: 5, isLive: false };
    const [, base] = curves([series({ run: "a" }), series({ run: "far" })], cascade(), far);
    expect(base).toMatchObject({ name: "far", isBaseline: true });
  });

  it("of groups have the colors of the list, the darker ones, too", () => {
    const groups = ["[128,64]", "[128,16]", "[512,16]"];
    const ofList = { "[128,64]": 23, "[128,16]": 11, "[512,16]": 14 };
    const drawn = curvesOf(
      groups.map((group) => series({ group })),
      { runs, baseline: null, groups },
      cascade(),
      new Map(),
      ofList,
    );
    expect(drawn.map(({ color }) => color)).toEqual([23, 11, 14]);
    // alone, a group keeps its color, and its other metrics have usual ones
    const alone = ["loss", "acc"].map((key) => series({ group: "[128,64]", key }));
    const ofAlone = curvesOf(alone, { runs, baseline: null, groups }, cascade(), new Map(), ofList);
    expect(ofAlone.map(({ color }) => color)).toEqual([23, 12]);
  });

  it("of groups stand in the order of the list, inner ones that it does not have as they come", () => {
    const named = (groups: string[]) =>
      curvesOf(
        ['["a",1]', '["b",2]', '["b",1]', '[{"_type":"missing"},3]'].map((group) => series({ group })),
        { runs, baseline: null, groups },
        cascade(),
        new Map(),
        {},
      ).map(({ name }) => name);
    expect(named(['[{"_type":"missing"}]', '["b"]', '["a"]'])).toEqual([
      "not set, 3",
      "b, 2",
      "b, 1",
      "a, 1",
    ]);
    expect(named(['["b"]'])).toEqual(["b, 2", "b, 1", "a, 1", "not set, 3"]);
    expect(named(['["a"]', '["b"]', '["b",1]', '["b",2]', '["a",1]'])).toEqual([
      "a, 1",
      "b, 1",
      "b, 2",
      "not set, 3",
    ]);
  });

  it("look and are called as their styles say, the run's before the metric's", () => {
    const usual = { name: null, stroke: null, widthPx: null, hasDots: false };
    const styled = cascade({
      legendText: "${run.name}: ${key}",
      styles: [
        { ...usual, of: "run", id: "a", name: " Best ", stroke: "solid", hasDots: true },
        { ...usual, of: "metric", id: "val", name: "Validation", stroke: "dotted", widthPx: 3 },
        { ...usual, of: "run", id: "gone", name: "gone" },
      ],
    });
    const pair = (run: string) => [series({ run, key: "train" }), series({ run, key: "val" })];
    const looks = curves([...pair("a"), ...pair("b")], styled).map(
      ({ name, stroke, widthPx, hasDots }) => [name, stroke, widthPx, hasDots] as const,
    );
    expect(looks).toEqual([
      ["Best train", "solid", null, true],
      ["Best Validation", "solid", 3, true],
      ["run b: train", null, null, false],
      ["run b: Validation", "dotted", 3, false],
    ]);
  });

  it("of a baseline are dashed unless a style says otherwise", () => {
    const base = runs[0]!;
    const dashes = (part: Partial<PanelSettings>) =>
      curves([series({ run: "a" })], cascade(part), base).map((curve) => dashOf(curve)?.length ?? 0);
    const solid = { of: "run", id: "a", name: null, stroke: "solid", widthPx: null, hasDots: false } as const;
    expect([dashes({}), dashes({ styles: [solid] })]).toEqual([[2], [0]]);
  });

  it("tell what can have a style", () => {
    const drawn = curves(
      [
        series({ run: "b", key: "train" }),
        series({ run: "a", key: "val" }),
        series({ run: "a", key: "train" }),
      ],
      cascade(),
    );
    expect(styledOf(drawn, runs).map(({ of, name, color }) => [of, name, color])).toEqual([
      ["run", "run a", 1],
      ["run", "run b", 2],
      ["metric", "train", null],
      ["metric", "val", 1],
    ]);
    const [group] = curves([series({ group: '["adamw",{"_type":"missing"}]' })], cascade());
    expect(styledOf([group!], runs)[0]).toMatchObject({ of: "group", name: "adamw, not set", color: 7 });
  });

  it("are called as the template says", () => {
    const named = cascade({ legendText: "${run.name} lr ${config.lr}" });
    expect(curves([series({ run: "b" }), series({ run: "a" })], named).map(({ name }) => name)).toEqual([
      "run a lr",
      "run b lr 0.1",
    ]);
    expect(templateColumns("${run.name} ${config.lr} ${ config.lr }")).toEqual(["config.lr"]);
    expect(fillTemplate("${a}", {})).toBe("");
  });
});
