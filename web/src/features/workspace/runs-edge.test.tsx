import { fireEvent, screen } from "@testing-library/react";
import { beforeEach, expect, test } from "vitest";
import { renderPage } from "@/testing/render";
import { FakeServer } from "@/testing/server";
import { RunsEdge, useRunsWidth } from "./runs-edge";

function Edge({ pagePx }: { pagePx: number }) {
  const [width, setWidth] = useRunsWidth(pagePx);
  return <RunsEdge width={width} onWidth={setWidth} />;
}

const width = () => Number(screen.getByRole("separator").getAttribute("aria-valuenow"));

async function open(pagePx: number, pinned: readonly string[] = []) {
  new FakeServer([]);
  return renderPage(<Edge pagePx={pagePx} />, { view: { pinned } });
}

beforeEach(() => localStorage.clear());

test.each([
  [1280, 368],
  [1920, 461],
  // not wider than people read
  [3840, 640],
])("on a page of %i px the list has %i px", async (pagePx, px) => {
  await open(pagePx);
  expect(width()).toBe(px);
});

test("pinned columns make a list wider", async () => {
  await open(1600, ["runtime", "tags", "notes"]);
  // a name that can be read, and the three columns
  expect(width()).toBe(528);
});

test("many pinned columns leave the charts two thirds of the page", async () => {
  await open(1280, ["runtime", "tags", "notes", "group"]);
  expect(width()).toBe(435);
});

test("a chosen width stays in the browser until a double click takes it back", async () => {
  const { user } = await open(1280);
  screen.getByRole("separator").focus();
  await user.keyboard("{ArrowRight}{ArrowRight}{ArrowLeft}");
  expect(width()).toBe(384);
  expect(localStorage.getItem("weft-runs-width")).toBe("384");
  fireEvent.doubleClick(screen.getByRole("separator"));
  expect(width()).toBe(368);
  expect(localStorage.getItem("weft-runs-width")).toBeNull();
});
