import { fireEvent, render, screen } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import { FIRST_LINE_VIEW } from "@/charts/line/curve";
import { exampleCurve } from "@/testing/curves";
import { renderControl } from "@/testing/render";
import { Toasts } from "@/ui/overlays/toasts";
import type { PanelProps } from "../../panel-props";
import type { LineData } from "../curves/use-line-data";
import { LineFlags } from "./line-flags";

/** The mean of a group of so many runs, whose points reach far around it. */
function group(name: string, mean: number, nRuns: number) {
  return exampleCurve(
    {
      run: "",
      group: name,
      bucket: Uint16Array.of(0, 1, 2),
      mean: Float32Array.of(mean, mean, mean),
      min: new Float32Array(3).fill(mean - 90),
      max: new Float32Array(3).fill(mean + 90),
      low: new Float32Array(3).fill(mean - 10),
      high: new Float32Array(3).fill(mean + 10),
      runs: new Uint32Array(3).fill(nRuns),
      nRuns,
    },
    name,
  );
}

test.each([
  ["stderr", 3],
  ["minmax", 1],
])("a click on hidden bands draws those that are hidden: %s", (band, nRuns) => {
  const onChange = vi.fn();
  const of = { panel: { id: "p", settings: {} }, settings: FIRST_LINE_VIEW, zoom: null, onChange };
  const data = {
    curves: [group("a", 1, nRuns), group("b", 9, nRuns)],
    missing: [],
    cut: null,
    wrong: new Map(),
  };
  render(
    <LineFlags
      of={of as unknown as PanelProps}
      data={data as unknown as LineData}
      straggler={null}
      hasFadedBands
      nAway={0}
    />,
  );
  fireEvent.click(screen.getByText("bands hidden: they overlap"));
  expect(onChange).toHaveBeenCalledWith("p", { settings: { band } });
});

test("runs over another x axis than most are left out with a flag, whose click draws all by step", async () => {
  const onChange = vi.fn();
  const of = {
    panel: { id: "p", kind: "line", title: "loss", keys: ["loss"], settings: { axis: "defined" } },
    settings: FIRST_LINE_VIEW,
    zoom: null,
    onChange,
  };
  const curves = [exampleCurve({ axisMetric: "tokens" }, "new")];
  const allCurves = [
    ...curves,
    exampleCurve({ axisMetric: "" }, "old"),
    exampleCurve({ axisMetric: "" }, "older"),
  ];
  const data = { curves, allCurves, missing: [], cut: null, wrong: new Map() };
  renderControl(
    <>
      <LineFlags
        of={of as unknown as PanelProps}
        data={data as unknown as LineData}
        straggler={null}
        hasFadedBands={false}
        nAway={2}
      />
      <Toasts />
    </>,
  );
  const flag = await screen.findByText("2 runs by step");
  expect(flag.title).toContain("defined as step, that of the others as tokens");
  expect(flag.title).toContain("older");
  fireEvent.click(flag);
  expect(onChange).toHaveBeenCalledWith("p", { settings: { axis: "step", axisBy: null } });
  await screen.findByText("loss is drawn by step");
  fireEvent.click(screen.getByRole("button", { name: "Undo" }));
  expect(onChange).toHaveBeenLastCalledWith("p", { settings: { axis: "defined" } });
});

test.each([
  [
    "3 runs left out",
    "expression",
    [
      "the run has no number config.n_params",
      "the run has no metric 'tokens' with numbers",
      "the run has no metric 'loss' with numbers",
      "no points in the range",
      "its metrics have no x in common",
    ],
  ],
  [
    "2 runs without x",
    "expression",
    ["the run has no number config.n", "the run has no metric 'x' with numbers"],
  ],
  ["1 run without x", "metric", ["the run has no metric 'x' to be the x axis"]],
  ["2 runs left out", "time", Array(2).fill("its metrics have no step in common")],
  ["1 run left out", "metric", ["its metrics have no x in common"]],
  ["1 run left out", "expression", ["its metrics have no step in common, or no x there is a finite number"]],
] as const)("runs that have the metric are left out with a flag: %s", async (words, axis, reasons) => {
  const of = {
    panel: { id: "p", keys: ["loss"], settings: {} },
    settings: { ...FIRST_LINE_VIEW, axis, axisBy: "tokens * config.n_params" },
    zoom: null,
  };
  const missing = reasons.map((reason, i) => ({
    run: `r${i}`,
    key: "loss",
    part: "",
    group: "",
    axisMetric: "",
    reason,
  }));
  const data = { curves: [], allCurves: [], missing, cut: null, wrong: new Map() };
  const { user } = renderControl(
    <LineFlags
      of={of as unknown as PanelProps}
      data={data as unknown as LineData}
      straggler={null}
      hasFadedBands={false}
      nAway={0}
    />,
  );
  const flag = await screen.findByText(words);
  expect(flag.title).toContain(reasons[0]);
  // a finger has no hover
  await user.click(flag);
  const listed = await screen.findByRole("dialog");
  expect(listed.textContent).toContain(reasons[0]);
});
