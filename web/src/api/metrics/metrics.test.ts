import { expect, test } from "vitest";
import { metricNamesQuery } from "./metrics";

test("the metrics of no run are not those of the project", () => {
  const ref = { entity: "local", project: "p" };
  const keys = [null, [], ["a"], ["a", "b"]].map((runs) =>
    JSON.stringify(metricNamesQuery(ref, runs).queryKey),
  );
  expect(new Set(keys).size).toBe(keys.length);
});
