import { screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { documentOf } from "@/data/view/document";
import { renderPage } from "@/testing/render";
import { FakeServer, PROJECT } from "@/testing/server";
import { AxisSelect } from "./axis-select";
import { BandsSwitch } from "./bands-switch";

test("bands and long runs are switched for all panels, and the view keeps it only while it differs", async () => {
  new FakeServer([]);
  const { user, view } = await renderPage(
    <>
      <AxisSelect project={PROJECT} />
      <BandsSwitch />
    </>,
  );
  const bands = await screen.findByRole("button", { name: "Bands", pressed: true });
  await user.click(bands);
  expect(documentOf(view()).settings).toEqual({ band: "none" });
  await user.click(screen.getByRole("button", { name: "Bands", pressed: false }));
  expect(view().settings).toEqual({});

  await user.click(screen.getByRole("button", { name: /^X axis/ }));
  await user.click(await screen.findByRole("switch", { name: "To the end of most runs" }));
  expect(documentOf(view()).settings).toEqual({ hasLongRuns: false });
  expect(screen.getByText("As defined, most runs")).toBeDefined();
  await user.click(screen.getByRole("switch", { name: "To the end of most runs" }));
  expect(view().settings).toEqual({});
});

test("what is typed in the menu of the x axis goes into the field of its metric", async () => {
  new FakeServer([]);
  const { user } = await renderPage(<AxisSelect project={PROJECT} />);
  await user.click(await screen.findByRole("button", { name: /^X axis/ }));
  const field = await screen.findByRole<HTMLInputElement>("combobox", { name: "Metric of the x axis" });
  screen.getByRole("radio", { name: /^As defined/ }).focus();
  await user.keyboard("{ArrowDown}");
  expect(document.activeElement).toBe(screen.getByRole("radio", { name: /^Step/ }));
  await user.keyboard("epoch");
  expect(document.activeElement).toBe(field);
  expect(field.value).toBe("epoch");
});
