import { screen, waitFor } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import { renderControl } from "@/testing/render";
import { Menu, MenuItem } from "./menu";
import { Popover } from "./popover";

function renderPage() {
  const onOpen = vi.fn();
  const { user } = renderControl(
    <>
      <Popover label="Order" target={<button type="button">Sort</button>}>
        <button type="button" onClick={() => onOpen("inside")}>
          Add a key
        </button>
        <Menu target={<button type="button">Columns</button>}>
          <MenuItem onChoose={() => onOpen("item")}>loss</MenuItem>
        </Menu>
      </Popover>
      <button type="button" onClick={() => onOpen("button")}>
        Group
      </button>
      <table>
        <tbody>
          <tr onClick={() => onOpen("row")}>
            <td>run-1</td>
          </tr>
        </tbody>
      </table>
    </>,
  );
  const tap = (target: Element) => user.pointer({ keys: "[TouchA]", target });
  return { user, onOpen, tap };
}

async function isClosed(): Promise<void> {
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
}

test("a tap next to an open window closes it and does nothing else, and the next one acts", async () => {
  const { user, onOpen, tap } = renderPage();
  for (const target of [screen.getByText("run-1"), screen.getByText("Group")]) {
    await user.click(screen.getByText("Sort"));
    await screen.findByRole("dialog");
    await tap(target);
    await isClosed();
    expect(onOpen).not.toHaveBeenCalled();
  }
  await tap(screen.getByText("run-1"));
  expect(onOpen.mock.calls).toEqual([["row"]]);
});

test("a click next to an open window opens no row, but a button acts at once", async () => {
  const { user, onOpen } = renderPage();
  await user.click(screen.getByText("Sort"));
  await screen.findByRole("dialog");
  await user.click(screen.getByText("run-1"));
  await isClosed();
  expect(onOpen).not.toHaveBeenCalled();
  await user.click(screen.getByText("Sort"));
  await screen.findByRole("dialog");
  await user.click(screen.getByText("Group"));
  expect(onOpen.mock.calls).toEqual([["button"]]);
});

test("taps in a window and in its menu act, and a key does after a drag", async () => {
  const { user, onOpen, tap } = renderPage();
  await user.click(screen.getByText("Sort"));
  await tap(await screen.findByText("Add a key"));
  await user.click(screen.getByText("Columns"));
  await tap(await screen.findByText("loss"));
  expect(onOpen.mock.calls).toEqual([["inside"], ["item"]]);
  await waitFor(() => expect(screen.queryByRole("menu")).toBeNull());
  // a drag: its click does not come
  await user.pointer([{ keys: "[TouchA>]", target: screen.getByText("run-1") }]);
  screen.getByText("Group").focus();
  await user.keyboard("{Enter}");
  expect(onOpen.mock.lastCall).toEqual(["button"]);
});
