import { fireEvent, screen, within } from "@testing-library/react";
import { useState } from "react";
import { describe, expect, test, vi } from "vitest";
import { renderControl } from "@/testing/render";
import { Popover } from "../overlays/popover";
import { Combobox } from "./combobox";

const FRUIT = ["apple", "apricot", "banana"];

interface FruitProps {
  readonly initial?: string;
  readonly marksFirst?: boolean;
  readonly isChosen?: boolean;
  readonly isLoading?: boolean;
  readonly isClosedFirst?: boolean;
  readonly nothing?: null;
  onChoose?(value: string): void;
  onEnter?(text: string): void;
  onGiveUp?(): void;
  onLeave?(): void;
}

function Fruit({ initial = "", onChoose = () => {}, ...rest }: FruitProps) {
  const [text, setText] = useState(initial);
  const suggestions = FRUIT.filter((fruit) => fruit.includes(text)).map((value) => ({ value }));
  return (
    <>
      <Combobox
        label="Fruit"
        text={text}
        suggestions={suggestions}
        onText={setText}
        onChoose={(value) => {
          setText(value);
          onChoose(value);
        }}
        {...rest}
      />
      <button type="button">elsewhere</button>
    </>
  );
}

const field = () => screen.getByRole("combobox", { name: "Fruit" });
const options = () => screen.queryAllByRole("option").map((option) => option.textContent);
const marked = () => screen.queryByRole("option", { selected: true })?.textContent;

describe("the list", () => {
  test("stays closed with the focus alone where it would cover something, and opens as one types", async () => {
    const { user } = renderControl(<Fruit isClosedFirst />);
    await user.tab();
    expect(document.activeElement).toBe(field());
    expect(screen.queryByRole("listbox")).toBeNull();
    await user.keyboard("b");
    expect(options()).toEqual(["banana"]);
  });

  test("opens with the focus and has what fits", async () => {
    const { user } = renderControl(<Fruit />);
    expect(screen.queryByRole("listbox")).toBeNull();
    await user.type(field(), "ap");
    expect(options()).toEqual(["apple", "apricot"]);
    expect(field().getAttribute("aria-expanded")).toBe("true");
    await user.click(screen.getByText("elsewhere"));
    expect(screen.queryByRole("listbox")).toBeNull();
    // Enter with nothing marked leaves what is typed
    await user.type(field(), "{Enter}");
    expect(field().getAttribute("aria-expanded")).toBe("false");
  });

  test("says that nothing fits, or that it is looked for", async () => {
    const { user, show } = renderControl(<Fruit />);
    await user.type(field(), "zzz");
    expect(options()).toEqual(["Nothing fits"]);
    show(<Fruit isLoading />);
    expect(options()).toEqual(["Looking…"]);
  });
});

describe("choosing", () => {
  test("arrows mark, stop at the end, and Enter takes what is marked", async () => {
    const onChoose = vi.fn();
    const { user } = renderControl(<Fruit onChoose={onChoose} />);
    await user.type(field(), "ap{ArrowDown}{ArrowDown}{ArrowDown}{ArrowDown}");
    expect(marked()).toBe("apricot");
    expect(field().getAttribute("aria-activedescendant")).toBe(
      screen.getByRole("option", { selected: true }).id,
    );
    await user.keyboard("{ArrowUp}{Enter}");
    expect(onChoose.mock.calls).toEqual([["apple"]]);
    expect(screen.queryByRole("listbox")).toBeNull();
  });

  test("Enter takes nothing while nothing is marked, and hands on the text", async () => {
    const [onChoose, onEnter] = [vi.fn(), vi.fn()];
    const { user } = renderControl(<Fruit onChoose={onChoose} onEnter={onEnter} />);
    await user.type(field(), "ap{Enter}");
    expect(onChoose).not.toHaveBeenCalled();
    expect(onEnter).toHaveBeenCalledExactlyOnceWith("ap");
  });

  test("the first is marked where that is wanted", async () => {
    const onChoose = vi.fn();
    const { user } = renderControl(<Fruit marksFirst onChoose={onChoose} />);
    await user.type(field(), "b{Enter}");
    expect(onChoose).toHaveBeenCalledExactlyOnceWith("banana");
  });

  test("another letter forgets the mark", async () => {
    const { user } = renderControl(<Fruit />);
    await user.type(field(), "a{ArrowDown}{ArrowDown}");
    expect(marked()).toBe("apricot");
    await user.keyboard("p");
    expect(marked()).toBeUndefined();
  });

  test("a click takes an option before the field has lost the focus", async () => {
    const [onChoose, onLeave] = [vi.fn(), vi.fn()];
    const { user } = renderControl(<Fruit onChoose={onChoose} onLeave={onLeave} />);
    await user.click(field());
    await user.click(within(screen.getByRole("listbox")).getByText("banana"));
    expect(onChoose).toHaveBeenCalledExactlyOnceWith("banana");
    expect(onLeave).not.toHaveBeenCalled();
    expect(document.activeElement).toBe(field());
  });
});

test("Escape closes the list and stays in the field; the next one is for what is around it", async () => {
  const [onGiveUp, onKey] = [vi.fn(), vi.fn()];
  const { user } = renderControl(
    // biome-ignore lint/a11y/noStaticElementInteractions: listens as a window around it does
    <div onKeyDown={({ key }) => onKey(key)}>
      <Fruit initial="apple" onGiveUp={onGiveUp} isChosen />
    </div>,
  );
  await user.click(field());
  await user.keyboard("{Escape}");
  expect(screen.queryByRole("listbox")).toBeNull();
  expect(onGiveUp).toHaveBeenCalledTimes(1);
  expect(onKey).not.toHaveBeenCalled();
  await user.keyboard("{Escape}");
  expect(onKey).toHaveBeenCalledExactlyOnceWith("Escape");
});

test("a chosen text is replaced by the next key", async () => {
  const { user } = renderControl(
    <Combobox label="Fruit" text="banana" isChosen suggestions={[]} onText={() => {}} onChoose={() => {}} />,
  );
  await user.click(field());
  const input = field() as HTMLInputElement;
  expect(input.value.slice(input.selectionStart!, input.selectionEnd!)).toBe("banana");
});

test("a finger in a popover scrolls the list, and chooses only by a tap", async () => {
  const onChoose = vi.fn();
  const { user } = renderControl(
    <Popover label="Filter" target={<button type="button">open</button>}>
      <Fruit onChoose={onChoose} />
    </Popover>,
  );
  await user.click(screen.getByText("open"));
  await user.click(field());
  const option = screen.getByRole("option", { name: "apricot" });
  fireEvent.pointerDown(option, { pointerType: "touch" });
  fireEvent.touchStart(option);
  fireEvent.pointerCancel(option, { pointerType: "touch" });
  expect(onChoose).not.toHaveBeenCalled();
  await user.pointer({ keys: "[TouchA]", target: option });
  expect(onChoose).toHaveBeenCalledExactlyOnceWith("apricot");
  expect(screen.getByRole("dialog")).toBeTruthy();
  expect(document.activeElement).toBe(field());
});

test("a list with nothing to say leaves what is below the field in sight", async () => {
  const { user } = renderControl(<Fruit nothing={null} />);
  await user.type(field(), "app");
  expect(options()).toEqual(["apple"]);
  await user.type(field(), "zz");
  expect(screen.queryByRole("listbox")).toBeNull();
  expect(field().getAttribute("aria-expanded")).toBe("false");
});
