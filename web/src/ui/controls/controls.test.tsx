import { fireEvent, screen, within } from "@testing-library/react";
import { useState } from "react";
import { describe, expect, test, vi } from "vitest";
import { renderControl } from "@/testing/render";
import { Toasts } from "../overlays/toasts";
import { Checkbox } from "./checkbox";
import { CopyButton } from "./copy-button";
import { SegmentedControl } from "./segmented-control";
import { Select } from "./select";
import { Slider } from "./slider";
import { Switch } from "./switch";
import { Tabs } from "./tabs";

describe("a checkbox", () => {
  test("tells its new state, and whether Shift was held", async () => {
    const onChange = vi.fn();
    const { user } = renderControl(<Checkbox label="Select a" isOn={false} onChange={onChange} />);
    await user.keyboard("{Shift>}");
    await user.click(screen.getByRole("checkbox", { name: "Select a" }));
    const [isOn, event] = onChange.mock.calls[0]!;
    expect([isOn, event.shiftKey]).toEqual([true, true]);
  });

  test("may be mixed, and is not any more once all is on", () => {
    const { show } = renderControl(<Checkbox label="All" isOn={false} isMixed onChange={() => {}} />);
    const box = screen.getByRole<HTMLInputElement>("checkbox");
    expect(box.indeterminate).toBe(true);
    show(<Checkbox label="All" isOn onChange={() => {}} />);
    expect([box.indeterminate, box.checked]).toEqual([false, true]);
  });

  test("is also clicked at the words next to it", async () => {
    const onChange = vi.fn();
    const { user } = renderControl(
      <Checkbox label="All" isOn onChange={onChange}>
        All of them
      </Checkbox>,
    );
    await user.click(screen.getByText("All of them"));
    expect(onChange.mock.calls.map(([isOn]) => isOn)).toEqual([false]);
  });
});

test("a switch turns over with a click and with space, unless it is disabled", async () => {
  const onChange = vi.fn();
  const { user, show } = renderControl(<Switch label="Sync" isOn={false} onChange={onChange} />);
  await user.click(screen.getByRole("switch", { name: "Sync", checked: false }));
  await user.keyboard(" ");
  expect(onChange.mock.calls).toEqual([[true], [true]]);
  show(<Switch label="Sync" isOn isDisabled onChange={onChange} />);
  await user.click(screen.getByRole("switch", { checked: true }));
  expect(onChange).toHaveBeenCalledTimes(2);
});

test("a slider shows its value and tells a number", () => {
  const onChange = vi.fn();
  renderControl(
    <Slider
      label="Smoothing"
      value={0.5}
      min={0}
      max={1}
      step={0.1}
      format={(n) => `${n * 100} %`}
      onChange={onChange}
    />,
  );
  const slider = screen.getByRole("slider", { name: "Smoothing" });
  expect(slider.getAttribute("aria-valuetext")).toBe("50 %");
  expect(slider.style.getPropertyValue("--p")).toBe("50%");
  fireEvent.change(slider, { target: { value: "0.7" } });
  expect(onChange).toHaveBeenCalledExactlyOnceWith(0.7);
});

const SIZES = [
  { value: "s", label: "Small" },
  { value: "m", label: "Medium" },
  { value: "l", label: "Large" },
] as const;
type Size = (typeof SIZES)[number]["value"];

describe("tabs", () => {
  function Sizes() {
    const [value, setValue] = useState<Size>("s");
    return <Tabs label="Size" tabs={SIZES} value={value} onChange={setValue} />;
  }
  const shown = () => screen.getByRole("tab", { selected: true }).textContent;

  test("are one stop of Tab; arrows go round, Home and End to the ends, with the focus", async () => {
    const { user } = renderControl(<Sizes />);
    await user.tab();
    for (const [key, label] of [
      ["{ArrowLeft}", "Large"],
      ["{ArrowRight}", "Small"],
      ["{End}", "Large"],
      ["{Home}", "Small"],
      ["{ArrowDown}", "Medium"],
    ] as const) {
      await user.keyboard(key);
      expect(shown()).toBe(label);
      expect(document.activeElement?.textContent).toBe(label);
    }
    await user.tab();
    expect(document.activeElement).toBe(document.body);
  });

  test("are clicked", async () => {
    const { user } = renderControl(<Sizes />);
    await user.click(screen.getByRole("tab", { name: "Large" }));
    expect(shown()).toBe("Large");
  });
});

test("arrows skip no further than a disabled segment, which is not taken", async () => {
  const onChange = vi.fn();
  const options = SIZES.map((size) => ({ ...size, isDisabled: size.value === "m" }));
  const { user } = renderControl(
    <SegmentedControl label="Size" value="s" options={options} onChange={onChange} />,
  );
  await user.tab();
  await user.keyboard("{ArrowRight}");
  expect(onChange).not.toHaveBeenCalled();
  await user.keyboard("{End}");
  expect(onChange).toHaveBeenCalledExactlyOnceWith("l");
});

test("a select shows what is chosen, marks it in its menu, and tells another", async () => {
  const onChange = vi.fn();
  const { user } = renderControl(<Select label="Size" value="m" options={SIZES} onChange={onChange} />);
  await user.click(screen.getByRole("button", { name: "Size: Medium" }));
  const menu = await screen.findByRole("menu");
  expect(within(menu).getByRole("menuitemradio", { checked: true }).textContent).toBe("Medium");
  await user.click(within(menu).getByRole("menuitemradio", { name: "Large" }));
  expect(onChange).toHaveBeenCalledExactlyOnceWith("l");
  expect(screen.queryByRole("menu")).toBeNull();
});

describe("a copy button", () => {
  test("copies, and says so in its own place for a moment", async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    const { user } = renderControl(<CopyButton text="me/vision/r1" />);
    await user.click(screen.getByRole("button", { name: "Copy" }));
    expect(await navigator.clipboard.readText()).toBe("me/vision/r1");
    await screen.findByRole("button", { name: "Copied" });
    vi.advanceTimersByTime(1600);
    await screen.findByRole("button", { name: "Copy" });
    vi.useRealTimers();
  });

  test("says why nothing was copied", async () => {
    const { user } = renderControl(
      <>
        <CopyButton text="x" isIcon label="Copy id" />
        <Toasts />
      </>,
    );
    vi.spyOn(navigator.clipboard, "writeText").mockRejectedValue(new Error("not allowed"));
    await user.click(screen.getByRole("button", { name: "Copy id" }));
    await screen.findByText("Could not copy: not allowed");
    expect(screen.queryByRole("button", { name: "Copied" })).toBeNull();
  });
});
