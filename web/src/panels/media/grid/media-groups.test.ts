import { describe, expect, it } from "vitest";
import type { MediaSeries } from "@/api/files/media";
import { followingItems, mediaGroups, nextItem, nextRun } from "./media-groups";

const RUNS = ["a", "b", "c", "d"].map((id) => ({ id, name: id, color: 1, isLive: false }));

function series(run: string, n: number, step = 10): MediaSeries {
  const items = Array.from({ length: n }, () => ({}) as MediaSeries["items"][number]);
  return {
    run,
    key: "img",
    step,
    x: null,
    axis_metric: "",
    newer_step: null,
    time_micros: 0,
    items,
    n_items: n,
  };
}

const LAST = [series("b", 3, 90), series("d", 2, 90), series("a", 1, 90)];
const GROUPS = mediaGroups(RUNS, ["img", "other"], LAST, [series("a", 1), series("d", 2)]);

describe("groups of media", () => {
  it("are those of runs that have any, in the order of the runs", () => {
    expect(GROUPS.map(({ run, key, step, items }) => [run.id, key, step, items.length])).toEqual([
      ["a", "img", 10, 1],
      ["b", "img", null, 0],
      ["d", "img", 10, 2],
    ]);
  });

  it("are gone through item by item and run by run, past those with nothing at this step", () => {
    expect(nextItem(GROUPS, { group: 0, item: 0 }, 1)).toEqual({ group: 2, item: 0 });
    expect(nextItem(GROUPS, { group: 2, item: 0 }, 1)).toEqual({ group: 2, item: 1 });
    expect(nextItem(GROUPS, { group: 2, item: 1 }, 1)).toBeNull();
    expect(nextItem(GROUPS, { group: 2, item: 0 }, -1)).toEqual({ group: 0, item: 0 });
    expect(nextRun(GROUPS, { group: 2, item: 1 }, -1)).toEqual({ group: 0, item: 0 });
    expect(nextRun(GROUPS, { group: 0, item: 0 }, -1)).toBeNull();
  });

  it("lead to the same metric of the next run", () => {
    const other = (run: string) => ({ ...series(run, 1), key: "other" });
    const own = [series("a", 2), other("a"), other("b"), series("d", 2)];
    const groups = mediaGroups(RUNS, ["img", "other"], own, own);
    expect(groups.map(({ run, key }) => `${run.id} ${key}`)).toEqual([
      "a img",
      "a other",
      "b other",
      "d img",
    ]);
    expect(nextRun(groups, { group: 0, item: 1 }, 1)).toEqual({ group: 3, item: 1 });
    expect(nextRun(groups, { group: 1, item: 0 }, 1)).toEqual({ group: 2, item: 0 });
    expect(nextRun(groups, { group: 2, item: 0 }, 1)).toBeNull();
  });

  it("has the other runs next to an item, else the others of its list, each once", () => {
    const names = (spot: { group: number; item: number }, most = 3) =>
      followingItems(GROUPS, spot, most).map(({ group }) => group.run.id);
    expect(names({ group: 2, item: 1 })).toEqual(["a"]);
    expect(names({ group: 0, item: 0 })).toEqual(["d"]);
    const alone = GROUPS.slice(2);
    const others = followingItems(alone, { group: 0, item: 1 }, 3);
    expect(others.map(({ item }) => alone[0]!.items.indexOf(item))).toEqual([0]);
    expect(followingItems(GROUPS, { group: 2, item: 1 }, 0)).toEqual([]);
  });
});
