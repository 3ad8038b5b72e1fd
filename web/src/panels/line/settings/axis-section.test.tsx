import { screen, waitFor } from "@testing-library/react";
import { useState } from "react";
import { expect, test } from "vitest";
import { type AxisKind, FIRST_SETTINGS, type PanelSettings } from "@/data/view/settings";
import { renderPage } from "@/testing/render";
import { FakeServer, PROJECT } from "@/testing/server";
import { settingsLevel } from "../../settings/settings-fields";
import { AxisSection } from "./axis-section";

function Section({ first }: { readonly first: AxisKind }) {
  const [settings, setSettings] = useState<Partial<PanelSettings>>({ axis: first });
  const props = { level: "panel", settings, inherited: FIRST_SETTINGS, onSettings: setSettings } as const;
  return <AxisSection project={PROJECT} at={settingsLevel(props as never)} />;
}

function serve() {
  const server = new FakeServer([]);
  server.on("GET", "metrics", () => ({ metrics: [], cursor: null }));
}

test.each([
  ["An expression", "Expression of the x axis"],
  ["A metric", "Metric of the x axis"],
])("%s that is chosen as the x axis is typed at once", async (choice, label) => {
  serve();
  const { user } = await renderPage(<Section first="step" />);
  await user.click(screen.getByRole("button", { name: /^X axis:/ }));
  await user.click(await screen.findByRole("menuitemradio", { name: choice }));
  const field = await screen.findByRole("combobox", { name: label });
  await waitFor(() => expect(document.activeElement).toBe(field));
  await user.keyboard("tok");
  expect((field as HTMLInputElement).value).toBe("tok");
});

test("the field of an expression that is there leaves the focus where it is", async () => {
  serve();
  await renderPage(<Section first="expression" />);
  await screen.findByRole("combobox", { name: "Expression of the x axis" });
  expect(document.activeElement).toBe(document.body);
});
