import { expect, test } from "vitest";
import { FIRST_VIEW } from "@/data/view/view";
import { panelGroups, withShownGroups } from "./shown-columns";

test("a shared view keeps the groups and colors of columns that its share shows", () => {
  const shown = withShownGroups({
    ...FIRST_VIEW,
    groupBy: ["config.model.name", "user", "job_type"],
    colorBy: "host",
    settings: { groupBy: ["sweep", "tags"] },
    sections: { eval: { settings: { groupBy: ["host"], center: "median" } }, train: {} },
  });
  expect(shown.groupBy).toEqual(["config.model.name", "job_type"]);
  expect(shown.colorBy).toBeNull();
  expect(shown.settings).toEqual({ groupBy: ["tags"] });
  expect(shown.sections).toEqual({
    eval: { settings: { groupBy: [], center: "median" } },
    train: { settings: undefined },
  });
  expect(withShownGroups({ ...FIRST_VIEW, colorBy: "config.lr" }).colorBy).toBe("config.lr");
});

test("a shared panel is grouped by columns that tell nothing more of its runs", () => {
  expect(panelGroups(["config.lr", "notes", "job_type", "user", "state"])).toEqual(["config.lr", "state"]);
  expect(panelGroups(null)).toEqual([]);
});
