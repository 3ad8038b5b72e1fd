import { screen } from "@testing-library/react";
import { useState } from "react";
import { expect, test, vi } from "vitest";
import { renderControl } from "@/testing/render";
import { TagsField } from "./tags-field";

function Tags({ first, onDone }: { first: readonly string[]; onDone?(tags: readonly string[]): void }) {
  const [tags, setTags] = useState(first);
  return (
    <>
      <TagsField
        label="Tags"
        tags={tags}
        suggestions={["baseline", "sweep"]}
        onChange={setTags}
        onDone={() => onDone?.(tags)}
      />
      <button type="button">elsewhere</button>
      <output>{tags.join(" ")}</output>
    </>
  );
}

function shownTags(): string {
  return document.querySelector("output")!.textContent;
}

test("Enter and a comma end a tag, and a tag is there once", async () => {
  const { user } = renderControl(<Tags first={["old"]} />);
  await user.type(screen.getByRole("combobox"), " new {Enter}next,old,");
  expect(shownTags()).toBe("old new next");
  expect(screen.getByRole("combobox")).toHaveProperty("value", "");
});

test("pasted words become tags of their own", async () => {
  const { user } = renderControl(<Tags first={[]} />);
  await user.click(screen.getByRole("combobox"));
  await user.paste("a, b,a, ");
  await user.keyboard("{Enter}");
  expect(shownTags()).toBe("a b");
});

test("Backspace takes the last tag only when no text is left", async () => {
  const { user } = renderControl(<Tags first={["one", "two"]} />);
  await user.type(screen.getByRole("combobox"), "x{Backspace}");
  expect(shownTags()).toBe("one two");
  await user.keyboard("{Backspace}");
  expect(shownTags()).toBe("one");
});

test("the cross removes its tag", async () => {
  const { user } = renderControl(<Tags first={["one", "two"]} />);
  await user.click(screen.getByRole("button", { name: "Remove tag one" }));
  expect(shownTags()).toBe("two");
});

test("what is typed is kept when the focus leaves, and dropped by Escape", async () => {
  const onDone = vi.fn();
  const { user } = renderControl(<Tags first={[]} onDone={onDone} />);
  await user.type(screen.getByRole("combobox"), "kept");
  await user.click(screen.getByText("elsewhere"));
  expect(shownTags()).toBe("kept");
  expect(onDone).toHaveBeenCalledTimes(1);
  await user.type(screen.getByRole("combobox"), "dropped{Escape}");
  expect(onDone).toHaveBeenCalledTimes(2);
  expect(shownTags()).toBe("kept");
});

test("only tags that the run has not are offered, and one is taken with the arrows", async () => {
  const { user } = renderControl(<Tags first={["sweep"]} />);
  await user.type(screen.getByRole("combobox"), "BASE");
  expect(screen.getAllByRole("option").map(({ textContent }) => textContent)).toEqual(["baseline"]);
  await user.keyboard("{ArrowDown}{Enter}");
  expect(shownTags()).toBe("sweep baseline");
  await user.type(screen.getByRole("combobox"), "new");
  await screen.findByText("Enter adds new");
  await user.keyboard("{Enter}");
  expect(shownTags()).toBe("sweep baseline new");
});
