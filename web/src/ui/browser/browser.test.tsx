import { act, screen } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import { renderControl } from "@/testing/render";
import { Toasts } from "../overlays/toasts";
import { useTheme } from "../theme";
import { copyText } from "./copy-text";
import { fileName } from "./save-file";
import { readStored, writeStored } from "./stored";

test("what is stored is read again, and forgotten by null", () => {
  expect(readStored("width")).toBeNull();
  writeStored("width", "240");
  expect(readStored("width")).toBe("240");
  expect(localStorage.getItem("weft-width")).toBe("240");
  writeStored("width", null);
  expect(readStored("width")).toBeNull();
});

test("a browser that stores nothing is no error", () => {
  vi.spyOn(Storage.prototype, "setItem").mockImplementation(() => {
    throw new DOMException("full", "QuotaExceededError");
  });
  vi.spyOn(Storage.prototype, "getItem").mockImplementation(() => {
    throw new DOMException("off", "SecurityError");
  });
  writeStored("width", "240");
  expect(readStored("width")).toBeNull();
});

test("the theme is stored, and set on the page", () => {
  renderControl(null);
  act(() => useTheme.getState().setChoice("dark"));
  expect(document.documentElement.dataset.theme).toBe("dark");
  expect(readStored("theme")).toBe("dark");
  act(() => useTheme.getState().setPalette("safe"));
  expect(document.documentElement.dataset.palette).toBe("safe");
  act(() => useTheme.getState().setChoice("system"));
  expect(document.documentElement.dataset.theme).toBe("light");
});

test("a message tells what was copied, or why nothing was", async () => {
  renderControl(<Toasts />);
  await act(() => copyText("a/b", "the path"));
  expect(screen.getByText("Copied the path")).toBeTruthy();
  expect(await navigator.clipboard.readText()).toBe("a/b");
  vi.spyOn(navigator.clipboard, "writeText").mockRejectedValue(new Error("not allowed"));
  await act(() => copyText("a/b", "the path"));
  expect(screen.getByText("Could not copy: not allowed")).toBeTruthy();
});

test("a page over plain HTTP, which has no clipboard of its own, copies all the same", async () => {
  renderControl(<Toasts />);
  vi.stubGlobal("navigator", { ...navigator, clipboard: undefined });
  const copied = vi.fn(() => getSelectedText());
  document.execCommand = copied as never;
  screen.getByRole("status").tabIndex = -1;
  screen.getByRole("status").focus();
  await act(() => copyText("http://gpu-box:8080/a/b", "the link"));
  expect(copied).toHaveReturnedWith("http://gpu-box:8080/a/b");
  expect(screen.getByText("Copied the link")).toBeTruthy();
  expect(document.activeElement).toBe(screen.getByRole("status"));
  document.execCommand = () => false;
  await act(() => copyText("a/b", "the path"));
  expect(screen.getByText("Could not copy: the browser allows it only over HTTPS")).toBeTruthy();
  expect(document.querySelector("textarea")).toBeNull();
  vi.unstubAllGlobals();
});

function getSelectedText(): string {
  const field = document.activeElement as HTMLTextAreaElement;
  return field.value.slice(field.selectionStart, field.selectionEnd);
}

test.each([
  ["val/loss · 3 runs", "val-loss-3-runs"],
  ["größe 日本", "größe-日本"],
  ["../..", "..-.."],
  ["???", "chart"],
])("a chart of %s is saved as %s", (title, name) => {
  expect(fileName(title)).toBe(name);
});
