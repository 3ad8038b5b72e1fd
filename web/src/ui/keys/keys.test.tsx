import { screen } from "@testing-library/react";
import { useRef } from "react";
import { describe, expect, test, vi } from "vitest";
import { renderControl } from "@/testing/render";
import { Menu, MenuItem } from "../overlays/menu";
import { useEarlyMenuKeys } from "./early-menu-keys";
import { KeyHint } from "./key-hint";
import { isOverlayOpen } from "./page-keys";
import { usePageKeys } from "./use-page-keys";
import { useSearchKeys } from "./use-search-keys";

function Page({ act, isCovered }: { act(key: string): boolean; isCovered?: boolean }) {
  usePageKeys(act);
  return (
    <>
      <button type="button">On the page</button>
      <input aria-label="Name" />
      <input type="checkbox" aria-label="Box" />
      <div role="dialog" hidden>
        <button type="button">In a window</button>
      </div>
      {isCovered && <div data-covered="" />}
    </>
  );
}

describe("keys of the page", () => {
  test("are those pressed alone, in no text field", async () => {
    const act = vi.fn((_key: string) => true);
    const { user } = renderControl(<Page act={act} />);
    screen.getByText("On the page").focus();
    await user.keyboard("f{Control>}g{/Control}{Alt>}h{/Alt}");
    screen.getByLabelText("Box").focus();
    await user.keyboard("b");
    screen.getByLabelText("Name").focus();
    await user.keyboard("xyz");
    const keys = act.mock.calls.map(([key]) => key).filter((key) => key.length === 1);
    expect(keys).toEqual(["f", "b"]);
    expect(screen.getByLabelText<HTMLInputElement>("Name").value).toBe("xyz");
  });

  test("are not the page's in what lies over it, nor anywhere while it is covered", async () => {
    const act = vi.fn((_key: string) => true);
    const { user, show } = renderControl(<Page act={act} />);
    const inner = document.querySelector<HTMLElement>("[role=dialog] button")!;
    inner.closest("[role=dialog]")!.removeAttribute("hidden");
    expect(isOverlayOpen()).toBe(true);
    inner.focus();
    await user.keyboard("f");
    inner.blur();
    await user.keyboard("f");
    show(<Page act={act} isCovered />);
    screen.getByText("On the page").focus();
    await user.keyboard("f");
    expect(act).not.toHaveBeenCalled();
  });

  test("that the page does not take keep what they do", async () => {
    const onKey = vi.fn();
    const { user } = renderControl(<Page act={(key) => key === "f"} />);
    const listen = ({ key, defaultPrevented }: KeyboardEvent) => onKey(key, defaultPrevented);
    window.addEventListener("keydown", listen);
    screen.getByText("On the page").focus();
    await user.keyboard("fg");
    window.removeEventListener("keydown", listen);
    expect(onKey.mock.calls).toEqual([
      ["f", true],
      ["g", false],
    ]);
  });
});

test("the key of a search field selects what is in it", async () => {
  function Search() {
    const field = useRef<HTMLInputElement>(null);
    useSearchKeys({ "/": field });
    return <input aria-label="Search" defaultValue="adam" ref={field} />;
  }
  const { user } = renderControl(<Search />);
  await user.keyboard("/sgd");
  expect(screen.getByLabelText<HTMLInputElement>("Search").value).toBe("sgd");
});

test("keys that come before an opened menu has the focus are the menu's", async () => {
  const onChoose = vi.fn();
  function Early() {
    useEarlyMenuKeys();
    return (
      <Menu isOpen target={<button type="button">More</button>}>
        <MenuItem onChoose={onChoose}>Rename</MenuItem>
      </Menu>
    );
  }
  const { user } = renderControl(<Early />);
  await screen.findByRole("menu");
  screen.getByRole("button", { name: "More" }).focus();
  await user.keyboard("{ArrowDown}");
  expect(document.activeElement?.closest("[role=menu]")).not.toBeNull();
});

test("a shortcut is shown by the names of its keys", () => {
  renderControl(<KeyHint keys="mod+shift+k" />);
  expect(screen.getByText("Ctrl ⇧ K")).toBeTruthy();
});
