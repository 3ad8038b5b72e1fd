import { screen } from "@testing-library/react";
import { useState } from "react";
import { expect, test, vi } from "vitest";
import { renderControl } from "@/testing/render";
import { SearchField } from "./search-field";

function Search({ error, onDown }: { readonly error?: string; onDown?(): void }) {
  const [value, setValue] = useState("");
  const [isRegex, setRegex] = useState(false);
  return (
    <SearchField
      label="Search runs"
      value={value}
      isRegex={isRegex}
      error={error}
      onChange={setValue}
      onRegex={setRegex}
      onDown={onDown}
    />
  );
}

const field = () => screen.getByRole("textbox", { name: "Search runs" }) as HTMLInputElement;

test("the cross clears the text, and is there only with one", async () => {
  const { user } = renderControl(<Search />);
  expect(screen.queryByRole("button", { name: "Clear search" })).toBeNull();
  await user.type(field(), "adam");
  await user.click(screen.getByRole("button", { name: "Clear search" }));
  expect(field().value).toBe("");
  expect(document.activeElement).toBe(field());
});

test("Escape clears the text first, then leaves the field", async () => {
  const { user } = renderControl(<Search />);
  await user.type(field(), "adam{Escape}");
  expect(field().value).toBe("");
  expect(document.activeElement).toBe(field());
  await user.keyboard("{Escape}");
  expect(document.activeElement).toBe(document.body);
});

test("the switch for patterns says whether it is on", async () => {
  const { user } = renderControl(<Search />);
  const pattern = screen.getByRole("button", { name: "Regular expression" });
  expect(pattern.getAttribute("aria-pressed")).toBe("false");
  await user.click(pattern);
  expect(pattern.getAttribute("aria-pressed")).toBe("true");
  expect(document.activeElement).toBe(field());
  await user.keyboard("{Tab}{Enter}");
  expect(pattern.getAttribute("aria-pressed")).toBe("false");
  expect(document.activeElement).toBe(pattern);
});

test("the arrow down leads into what was found", async () => {
  const onDown = vi.fn();
  const { user } = renderControl(<Search onDown={onDown} />);
  await user.type(field(), "a{ArrowDown}");
  expect(onDown).toHaveBeenCalledTimes(1);
});

test("the page follows a key, and the field the page", async () => {
  const onChange = vi.fn();
  const fieldOf = (value: string) => (
    <SearchField label="Search runs" value={value} isRegex={false} onChange={onChange} onRegex={() => {}} />
  );
  const { user, show } = renderControl(fieldOf(""));
  await user.type(field(), "ad");
  expect(onChange.mock.calls.map(([text]) => text)).toEqual(["a", "ad"]);
  show(fieldOf("ad"));
  expect(field().value).toBe("ad");
  show(fieldOf("sgd"));
  expect(field().value).toBe("sgd");
  expect(onChange).toHaveBeenCalledTimes(2);
});

test("a page that follows late takes no key away", async () => {
  const fieldOf = (value: string) => (
    <SearchField label="Search runs" value={value} isRegex={false} onChange={() => {}} onRegex={() => {}} />
  );
  const { user, show } = renderControl(fieldOf(""));
  await user.type(field(), "adam");
  for (const late of ["a", "ad", "adam"]) {
    show(fieldOf(late));
    expect(field().value).toBe("adam");
  }
  show(fieldOf("ad"));
  expect(field().value).toBe("ad");
});

test("what is wrong with a pattern is told of the field", () => {
  renderControl(<Search error="missing )" />);
  expect(screen.getByRole("alert").textContent).toBe("missing )");
  expect(field().getAttribute("aria-describedby")).toBe(screen.getByRole("alert").id);
});
