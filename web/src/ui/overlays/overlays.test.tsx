import { act, screen, waitFor } from "@testing-library/react";
import { lazy, type ReactNode, useEffect, useRef, useState } from "react";
import { afterEach, describe, expect, test, vi } from "vitest";
import { renderControl } from "@/testing/render";
import { IconButton } from "../controls/icon-button";
import { Combobox } from "../fields/combobox";
import { ConfirmDialog } from "./confirm-dialog";
import { Dialog } from "./dialog";
import { Menu, MenuItem, PointMenu, SubMenu } from "./menu";
import { Popover } from "./popover";
import { showDone, showFailed, Toasts } from "./toasts";

afterEach(() => {
  vi.useRealTimers();
});

describe("a menu", () => {
  function Actions({ onChoose }: { onChoose(name: string): void }) {
    return (
      <Menu target={<button type="button">More</button>}>
        <MenuItem onChoose={() => onChoose("rename")}>Rename</MenuItem>
        <MenuItem staysOpen onChoose={() => onChoose("pin")}>
          Pin
        </MenuItem>
        <MenuItem isDisabled onChoose={() => onChoose("stop")}>
          Stop
        </MenuItem>
        <SubMenu label="Move">
          <MenuItem onChoose={() => onChoose("up")}>Up</MenuItem>
        </SubMenu>
      </Menu>
    );
  }
  const item = (name: string) => screen.findByRole("menuitem", { name });

  test("opens by its button, tells what is chosen and closes", async () => {
    const onChoose = vi.fn();
    const { user } = renderControl(<Actions onChoose={onChoose} />);
    const button = screen.getByRole("button", { name: "More" });
    expect(button.getAttribute("aria-expanded")).toBe("false");
    await user.click(button);
    await user.click(await item("Rename"));
    expect(onChoose).toHaveBeenCalledExactlyOnceWith("rename");
    await waitFor(() => expect(screen.queryByRole("menu")).toBeNull());
  });

  test("stays open for what is switched on and off, and does nothing for what is disabled", async () => {
    const onChoose = vi.fn();
    const { user } = renderControl(<Actions onChoose={onChoose} />);
    await user.click(screen.getByRole("button", { name: "More" }));
    await user.click(await item("Pin"));
    await user.click(await item("Stop"));
    expect(onChoose.mock.calls).toEqual([["pin"]]);
    expect(screen.getByRole("menu")).toBeTruthy();
  });

  test("goes by keys: arrows, Enter, and Escape back to its button", async () => {
    const onChoose = vi.fn();
    const { user } = renderControl(<Actions onChoose={onChoose} />);
    const button = screen.getByRole("button", { name: "More" });
    await user.click(button);
    await item("Rename");
    (await item("Rename")).focus();
    await user.keyboard("{ArrowDown}{Enter}");
    expect(onChoose.mock.calls).toEqual([["pin"]]);
    await user.keyboard("{Escape}");
    await waitFor(() => expect(screen.queryByRole("menu")).toBeNull());
    await waitFor(() => expect(document.activeElement).toBe(button));
  });

  test("opens an inner menu by the right arrow", async () => {
    const onChoose = vi.fn();
    const { user } = renderControl(<Actions onChoose={onChoose} />);
    await user.click(screen.getByRole("button", { name: "More" }));
    (await item("Move")).focus();
    await user.keyboard("{ArrowRight}");
    await user.click(await item("Up"));
    expect(onChoose.mock.calls).toEqual([["up"]]);
  });

  test("Escape closes it, and not the settings that it stands in", async () => {
    const onEscape = vi.fn();
    const { user } = renderControl(
      <aside onKeyDown={(event) => event.key === "Escape" && !event.defaultPrevented && onEscape()}>
        <Actions onChoose={() => {}} />
        <Popover label="Filter" target={<button type="button">Filter</button>}>
          <button type="button">Add</button>
        </Popover>
      </aside>,
    );
    await user.click(screen.getByRole("button", { name: "More" }));
    (await item("Rename")).focus();
    await user.keyboard("{Escape}");
    await waitFor(() => expect(screen.queryByRole("menu")).toBeNull());
    await user.click(screen.getByRole("button", { name: "Filter" }));
    (await screen.findByRole("button", { name: "Add" })).focus();
    await user.keyboard("{Escape}");
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(onEscape).not.toHaveBeenCalled();
    await waitFor(() => expect(document.activeElement?.textContent).toBe("Filter"));
    await user.keyboard("{Escape}");
    expect(onEscape).toHaveBeenCalledOnce();
  });

  /** A row with its name, edited in place: leaving the field ends that. */
  function Row({ isAtPoint }: { isAtPoint: boolean }) {
    const [isOpen, setOpen] = useState(false);
    const [isEditing, setEditing] = useState(false);
    const items = <MenuItem onChoose={() => setEditing(true)}>Rename</MenuItem>;
    const button = (
      <button type="button" onClick={() => setOpen(true)}>
        More
      </button>
    );
    return (
      <>
        {isEditing && <NameField onEnd={() => setEditing(false)} />}
        {isAtPoint ? (
          <>
            {button}
            <PointMenu
              label="Row menu"
              anchor={isOpen ? { left: 0, top: 0 } : null}
              onClose={() => setOpen(false)}
            >
              {items}
            </PointMenu>
          </>
        ) : (
          <Menu target={button}>{items}</Menu>
        )}
      </>
    );
  }
  function NameField({ onEnd }: { onEnd(): void }) {
    const field = useRef<HTMLInputElement>(null);
    useEffect(() => field.current?.focus(), []);
    return <input aria-label="Name" ref={field} onBlur={onEnd} />;
  }

  test.each([
    ["at its button", false],
    ["at a point", true],
  ])("%s leaves the focus to the field that an item opens", async (_, isAtPoint) => {
    const { user } = renderControl(<Row isAtPoint={isAtPoint} />);
    const button = screen.getByRole("button", { name: "More" });
    await user.click(button);
    await item("Rename");
    await user.keyboard("{Escape}");
    await waitFor(() => expect(screen.queryByRole("menu")).toBeNull());
    expect(document.activeElement).toBe(button);
    await user.click(button);
    await user.click(await item("Rename"));
    await waitFor(() => expect(screen.queryByRole("menu")).toBeNull());
    // longer than Mantine waits before it moves the focus
    await act(() => new Promise((resolve) => setTimeout(resolve, 30)));
    expect(document.activeElement).toBe(screen.getByRole("textbox", { name: "Name" }));
  });
});

describe("a popover", () => {
  function Settings({ onOpen }: { onOpen?(isOpen: boolean): void }) {
    const [isGone, setGone] = useState(false);
    return (
      <Popover label="Settings" isForTyping target={<button type="button">Set</button>} onOpen={onOpen}>
        {(close) => (
          <>
            {!isGone && (
              <button type="button" onClick={() => setGone(true)}>
                Remove
              </button>
            )}
            <input aria-label="Title" data-autofocus />
            <button type="button" onClick={close}>
              Done
            </button>
          </>
        )}
      </Popover>
    );
  }

  test("gives the focus to its field, and Escape closes it and gives the focus back", async () => {
    const onOpen = vi.fn();
    const { user } = renderControl(<Settings onOpen={onOpen} />);
    await user.click(screen.getByRole("button", { name: "Set" }));
    const field = await screen.findByRole("textbox", { name: "Title" });
    expect(document.activeElement).toBe(field);
    await user.keyboard("{Escape}");
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    await waitFor(() => expect(document.activeElement).toBe(screen.getByRole("button", { name: "Set" })));
    expect(onOpen.mock.calls).toEqual([[true], [false]]);
  });

  test("for typing gives the focus to its field, whatever asks before it, and what was typed too early", async () => {
    let load = () => {};
    const Late = lazy(
      () =>
        new Promise<{ default(): ReactNode }>((resolve) => {
          load = () => resolve({ default: Query });
        }),
    );
    function Query() {
      const [text, setText] = useState("");
      return (
        <div tabIndex={-1} data-autofocus>
          <input aria-label="Column" value={text} onChange={(event) => setText(event.target.value)} />
        </div>
      );
    }
    const { user } = renderControl(
      <Popover label="Filter" isForTyping target={<button type="button">Filter</button>}>
        <Late />
      </Popover>,
    );
    const button = screen.getByRole("button", { name: "Filter" });
    await user.click(button);
    await user.keyboard("hox{Backspace}r");
    await act(async () => load());
    const field = await screen.findByRole<HTMLInputElement>("textbox", { name: "Column" });
    await waitFor(() => expect(document.activeElement).toBe(field));
    await user.keyboard("izon");
    expect(field.value).toBe("horizon");
    await user.click(button);
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    // it is loaded now, so that Mantine looks for the focus after the popover has given it: at the first that asks
    await user.click(button);
    const again = await screen.findByRole("textbox", { name: "Column" });
    expect(document.querySelector("[data-autofocus]")).toBe(again);
    await waitFor(() => expect(document.activeElement).toBe(again));
  });

  test("closes by what is in it, by its button and by a click elsewhere", async () => {
    const { user } = renderControl(<Settings />);
    const button = screen.getByRole("button", { name: "Set" });
    await user.click(button);
    await user.click(await screen.findByRole("button", { name: "Done" }));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    await user.click(button);
    await screen.findByRole("dialog");
    await user.click(document.body);
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  });

  test("takes the focus again when what had it goes, so that Escape still reaches it", async () => {
    const { user } = renderControl(<Settings />);
    await user.click(screen.getByRole("button", { name: "Set" }));
    await user.click(await screen.findByRole("button", { name: "Remove" }));
    await waitFor(() => expect(document.activeElement).toBe(screen.getByRole("textbox", { name: "Title" })));
  });
});

/** A button whose question goes off the page as it is answered, and a menu that asks it, too. */
function Asking() {
  const [isAsked, setAsked] = useState(false);
  const ask = () => setAsked(true);
  return (
    <>
      <button type="button" onClick={ask}>
        Delete
      </button>
      <Menu target={<button type="button">More</button>}>
        <MenuItem onChoose={ask}>Delete it</MenuItem>
      </Menu>
      {isAsked && (
        <ConfirmDialog
          title="Delete 3 runs?"
          isOpen
          action="Delete"
          onClose={() => setAsked(false)}
          onConfirm={() => setAsked(false)}
        >
          They go to the trash.
        </ConfirmDialog>
      )}
    </>
  );
}

test("after Cancel the focus is where it was before the question, also where a menu asked it", async () => {
  const { user } = renderControl(<Asking />);
  const cancel = async () => user.click(await screen.findByRole("button", { name: "Cancel" }));
  const button = screen.getByRole("button", { name: "Delete" });
  await user.click(button);
  await cancel();
  await waitFor(() => expect(document.activeElement).toBe(button));
  const more = screen.getByRole("button", { name: "More" });
  await user.click(more);
  await user.click(await screen.findByRole("menuitem", { name: "Delete it" }));
  await cancel();
  await waitFor(() => expect(document.activeElement).toBe(more));
});

test("a dialog has its title and actions, and closes by its cross and Escape", async () => {
  const onClose = vi.fn();
  const { user, show } = renderControl(
    <Dialog title="Delete 3 runs?" isOpen onClose={onClose} actions={<button type="button">Delete</button>}>
      They go to the trash.
    </Dialog>,
  );
  const dialog = await screen.findByRole("dialog", { name: "Delete 3 runs?" });
  expect(dialog.textContent).toContain("They go to the trash.");
  await user.click(screen.getByRole("button", { name: "Close" }));
  await user.keyboard("{Escape}");
  expect(onClose).toHaveBeenCalledTimes(2);
  show(
    <Dialog title="Delete 3 runs?" isOpen={false} onClose={onClose}>
      They go to the trash.
    </Dialog>,
  );
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
});

describe("toasts", () => {
  const texts = () => [...document.querySelectorAll(".toast > span")].map((toast) => toast.textContent);

  test("are at most three, the newest last, and leave when they are closed or have been read", async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    const { user } = renderControl(<Toasts />);
    act(() => {
      for (const n of [1, 2, 3, 4]) showDone(`done ${n}`);
    });
    expect(texts()).toEqual(["done 2", "done 3", "done 4"]);
    await user.click(screen.getAllByRole("button", { name: "Close" })[0]!);
    expect(texts()).toEqual(["done 3", "done 4"]);
    await user.unhover(screen.getByRole("status"));
    act(() => vi.advanceTimersByTime(10_000));
    expect(texts()).toEqual([]);
  });

  test("of the same runs take the place of the earlier one, which says otherwise", () => {
    renderControl(<Toasts />);
    act(() => {
      showDone("a is in the trash", undefined, "trash a");
      showDone("b is in the trash", undefined, "trash b");
      showDone("a is restored", undefined, "trash a");
    });
    const texts = () => [...screen.getByRole("status").children].map(({ textContent }) => textContent);
    expect(texts()).toEqual(["b is in the trash", "a is restored"]);
  });

  test("stay while the pointer is on them", async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    const { user } = renderControl(<Toasts />);
    act(() => showFailed("Could not rename", new Error("no such run")));
    const text = screen.getByText("Could not rename: no such run");
    await user.hover(text);
    act(() => vi.advanceTimersByTime(60_000));
    expect(texts()).toHaveLength(1);
    await user.unhover(text);
    act(() => vi.advanceTimersByTime(10_000));
    expect(texts()).toEqual([]);
  });

  test("have a way back, which is taken once", async () => {
    const undo = vi.fn();
    const { user } = renderControl(<Toasts />);
    act(() => showDone("Renamed", { label: "Undo", run: undo }));
    await user.click(screen.getByRole("button", { name: "Undo" }));
    expect(undo).toHaveBeenCalledTimes(1);
    expect(texts()).toEqual([]);
  });
});

test("the name of an icon button is shown where keys lead the focus, not where the page puts it back", async () => {
  const { user } = renderControl(
    <>
      <input aria-label="Notes" />
      <IconButton icon="edit" label="Edit notes" />
    </>,
  );
  await user.type(screen.getByRole("textbox"), "a");
  act(() => screen.getByRole("button", { name: "Edit notes" }).focus());
  expect(document.querySelector(".hover-tip")).toBeNull();
});

test("Escape closes the list of a field first, and then the dialog around it", async () => {
  const onClose = vi.fn();
  const { user } = renderControl(
    <Dialog title="Add panel" isOpen onClose={onClose}>
      <Combobox
        label="Section"
        text="val"
        suggestions={[{ value: "val" }]}
        onText={() => {}}
        onChoose={() => {}}
      />
    </Dialog>,
  );
  await user.click(await screen.findByRole("combobox", { name: "Section" }));
  await screen.findByRole("option", { name: "val" });
  await user.keyboard("{Escape}");
  expect(screen.queryByRole("option")).toBeNull();
  expect(onClose).not.toHaveBeenCalled();
  await user.keyboard("{Escape}");
  expect(onClose).toHaveBeenCalledTimes(1);
});

/** A control on a page whose tips have come. */
async function renderTipped(control: ReactNode) {
  const { user } = renderControl(control);
  await act(() => vi.dynamicImportSettled());
  vi.useFakeTimers({ shouldAdvanceTime: true });
  return { user };
}

const tipText = () => document.querySelector(".hover-tip")?.textContent;

test("a name that is cut is shown whole when the pointer rests on it, in place of the browser's own tip", async () => {
  const { user } = await renderTipped(
    <>
      <span title="two-tower-sasrec" data-cut="">
        cut
      </span>
      <span title="whole">whole</span>
    </>,
  );
  const name = screen.getByText("cut");
  await user.hover(name);
  act(() => vi.advanceTimersByTime(350));
  expect(tipText()).toBe("two-tower-sasrec");
  expect(name.title).toBe("");
  await user.hover(screen.getByText("whole"));
  act(() => vi.advanceTimersByTime(350));
  expect(tipText()).toBeUndefined();
  expect(name.title).toBe("two-tower-sasrec");
});

test("in a list that keeps the focus, the cut name of the row that keys have moved to is shown whole", async () => {
  const { user } = await renderTipped(
    <>
      <div tabIndex={0} role="grid" aria-activedescendant="row-1" aria-label="Runs" />
      <div id="row-1">
        <span title="two-tower-gru4rec" data-cut="" />
      </div>
    </>,
  );
  screen.getByRole("grid").focus();
  await user.keyboard("x");
  act(() => vi.advanceTimersByTime(350));
  expect(tipText()).toBeUndefined();
  await user.keyboard("{ArrowDown}");
  act(() => vi.advanceTimersByTime(350));
  expect(tipText()).toBe("two-tower-gru4rec");
  await user.keyboard("x");
  expect(tipText()).toBeUndefined();
});

test("the name of an icon button is shown when the pointer rests on it, and not once it is pressed", async () => {
  const { user } = await renderTipped(<IconButton icon="edit" label="Edit notes" />);
  await user.hover(screen.getByRole("button", { name: "Edit notes" }));
  expect(document.querySelector(".hover-tip")).toBeNull();
  act(() => vi.advanceTimersByTime(350));
  expect(document.querySelector(".hover-tip")?.textContent).toBe("Edit notes");
  await user.click(screen.getByRole("button", { name: "Edit notes" }));
  expect(document.querySelector(".hover-tip")).toBeNull();
});
