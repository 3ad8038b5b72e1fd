import { act, fireEvent, render } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import { pin, pinnedTip } from "@/charts/shared-state";
import { PinnedTip } from "./pinned-tip";

afterEach(() => {
  act(() => {
    pin.set(null);
    pinnedTip.set(null);
  });
});

/** A page whose panel's values are pinned, below full screen if it is covered. */
function showPinned({ isCovered }: { isCovered: boolean }): void {
  render(
    <main {...(isCovered && { "data-covered": "" })}>
      <div data-testid="chart" />
      <div className="full">
        <div data-testid="elsewhere" />
      </div>
      <PinnedTip />
    </main>,
  );
  const chart = document.querySelector<HTMLElement>("[data-testid=chart]")!;
  const now = { panel: "p", axis: "step", x: 5, y: 1, isByKey: false };
  const position = () => ({ left: 0, top: 0, ceiling: 0, floor: 0 });
  act(() => {
    pin.set(now);
    pinnedTip.set({
      ...{ title: "loss", at: "step 5", rows: [], marks: [], note: null, nHigher: 0, nLower: 0 },
      ...{ pin: now, chart, position },
    });
  });
}

function tapElsewhere(): void {
  const target = document.querySelector("[data-testid=elsewhere]")!;
  fireEvent(target, new PointerEvent("click", { bubbles: true, pointerType: "touch" }));
}

test("a tap outside of a chart and its pinned values unpins them", () => {
  showPinned({ isCovered: false });
  tapElsewhere();
  expect(pin.get()).toBeNull();
});

test("a tap in full screen keeps what it pins there, though the panel below it has the same pin", () => {
  showPinned({ isCovered: true });
  tapElsewhere();
  expect(pin.get()?.x).toBe(5);
});
