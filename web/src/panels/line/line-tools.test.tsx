import { fireEvent, screen } from "@testing-library/react";
import { useState } from "react";
import { expect, test } from "vitest";
import { makePanel } from "@/data/view/panel";
import { FIRST_SETTINGS, type PanelSettings } from "@/data/view/settings";
import { renderPage } from "@/testing/render";
import { FakeServer, PROJECT } from "@/testing/server";
import type { PanelProps } from "../panel-props";
import LineTools from "./line-tools";

const NOT_CALLED = () => {};

/** The tools of a panel that keeps what is set; `settings` has it. */
function showTools() {
  const settings: { now: Partial<PanelSettings> } = { now: {} };
  /** Of the changes, as far as those of the same name in a row are one step of undo. */
  const names: (string | undefined)[] = [];
  function Tools() {
    const [own, setOwn] = useState<Partial<PanelSettings>>({});
    settings.now = own;
    const of: PanelProps = {
      project: PROJECT,
      runs: [],
      runIds: [],
      groupBy: [],
      baseline: null,
      panel: makePanel("loss", "line", "train", { keys: ["loss"], settings: own }),
      settings: { ...FIRST_SETTINGS, ...own },
      zoom: null,
      step: null,
      isFull: true,
      onChange: (_, part, name) => {
        names.push(name);
        setOwn(part.settings ?? {});
      },
      onZoom: NOT_CALLED,
      onStep: NOT_CALLED,
      onFull: NOT_CALLED,
      onEdit: NOT_CALLED,
    };
    return <LineTools of={of} onExport={null} />;
  }
  return renderPage(<Tools />).then(({ user }) => ({ user, settings, names }));
}

test("the x axis of a panel in full screen is a listed one, a metric or an expression", async () => {
  new FakeServer([]).on("GET", "metrics", () => ({
    metrics: [{ key: "epoch", kinds: ["float"], n_runs: 1, n_points: 9 }],
    cursor: null,
    total: 1,
  }));
  const { user, settings } = await showTools();
  await user.click(await screen.findByRole("button", { name: "X axis As defined" }));
  await user.click(await screen.findByRole("radio", { name: /^Wall time/ }));
  expect(settings.now).toEqual({ axis: "wall", axisBy: null });

  await user.click(screen.getByRole("button", { name: "X axis Wall time" }));
  await user.type(await screen.findByRole("combobox", { name: "Metric of the x axis" }), "epo");
  await user.click(await screen.findByRole("option", { name: /epoch/ }));
  expect(settings.now).toEqual({ axis: "metric", axisBy: "epoch" });

  await user.click(screen.getByRole("button", { name: "X axis epoch" }));
  await user.type(await screen.findByLabelText("Expression of the x axis"), "_step * 2{Enter}");
  expect(await screen.findByRole("button", { name: "X axis _step * 2" })).toBeDefined();
  expect(settings.now).toEqual({ axis: "expression", axisBy: "_step * 2" });
});

test("a drag of the smoothing in full screen is one step of undo", async () => {
  const { settings, names } = await showTools();
  const slider = await screen.findByRole("slider", { name: "Smoothing" });
  for (const value of ["0.2", "0.4", "0.6"]) fireEvent.change(slider, { target: { value } });
  expect(settings.now.smoothing).toEqual({ kind: "ema", amount: 0.6 });
  expect(names).toEqual(["smoothing", "smoothing", "smoothing"]);
});
