import { screen } from "@testing-library/react";
import { useState } from "react";
import { expect, test, vi } from "vitest";
import { renderControl } from "@/testing/render";
import { ChoiceField } from "./choice-field";

const COLUMNS = [
  { value: "summary.loss", name: "loss" },
  { value: "summary.loss.min", name: "loss min" },
  { value: "config.lr", name: "lr" },
];

interface ColumnProps {
  readonly isCurrent?: boolean;
  readonly error?: string;
  onChoose(value: string): void;
}

function Column({ isCurrent = true, error, onChoose }: ColumnProps) {
  const [typed, setTyped] = useState<string | null>(null);
  const [chosen, setChosen] = useState<string | null>(null);
  return (
    <>
      <ChoiceField
        label="Sort by"
        noun="column"
        chosen={chosen === null ? null : { name: COLUMNS.find(({ value }) => value === chosen)!.name }}
        typed={typed}
        choices={isCurrent && !error ? COLUMNS.filter(({ name }) => name.includes(typed ?? "")) : []}
        isCurrent={isCurrent}
        error={error}
        onType={setTyped}
        onChoose={(value) => {
          setChosen(value);
          onChoose(value);
        }}
      />
      <button type="button">elsewhere</button>
    </>
  );
}

const field = () => screen.getByRole("combobox") as HTMLInputElement;

test("Enter takes the first that fits, and the field shows what it is called", async () => {
  const onChoose = vi.fn();
  const { user } = renderControl(<Column onChoose={onChoose} />);
  await user.type(field(), "los{Enter}");
  expect(onChoose).toHaveBeenCalledExactlyOnceWith("summary.loss");
  expect(field().value).toBe("loss");
});

test("an Enter that comes before the answer takes the first one of it", async () => {
  const onChoose = vi.fn();
  const { user, show } = renderControl(<Column isCurrent={false} onChoose={onChoose} />);
  await user.type(field(), "lr{Enter}");
  expect(onChoose).not.toHaveBeenCalled();
  show(<Column onChoose={onChoose} />);
  expect(onChoose).toHaveBeenCalledExactlyOnceWith("config.lr");
});

test("a letter typed after that Enter takes it back", async () => {
  const onChoose = vi.fn();
  const { user, show } = renderControl(<Column isCurrent={false} onChoose={onChoose} />);
  await user.type(field(), "l{Enter}r");
  show(<Column onChoose={onChoose} />);
  expect(onChoose).not.toHaveBeenCalled();
});

test("leaving takes what the text says exactly, by its name or as filters have it", async () => {
  const onChoose = vi.fn();
  const { user } = renderControl(<Column onChoose={onChoose} />);
  await user.type(field(), "Loss min");
  await user.click(screen.getByText("elsewhere"));
  expect(onChoose).not.toHaveBeenCalled();
});

test("leaving with another text keeps it, and tells what Enter would take", async () => {
  const onChoose = vi.fn();
  const { user } = renderControl(<Column onChoose={onChoose} />);
  await user.type(field(), "los");
  await user.click(screen.getByText("elsewhere"));
  expect(onChoose).not.toHaveBeenCalled();
  expect(field().value).toBe("los");
  expect(screen.getByRole("alert").textContent).toBe("not a column: Enter takes loss");
  expect(field().getAttribute("aria-invalid")).toBe("true");
  await user.type(field(), "s");
  expect(screen.queryByRole("alert")).toBeNull();
});

test("leaving with a text that nothing fits says so", async () => {
  const { user } = renderControl(<Column onChoose={vi.fn()} />);
  await user.type(field(), "zzz");
  expect(screen.getByRole("option").textContent).toBe("No column is called so");
  await user.click(screen.getByText("elsewhere"));
  expect(screen.getByRole("alert").textContent).toBe("not a column: none is called so");
});

test("leaving before the answer decides when it is here", async () => {
  const onChoose = vi.fn();
  const { user, show } = renderControl(<Column isCurrent={false} onChoose={onChoose} />);
  await user.type(field(), "lr");
  await user.click(screen.getByText("elsewhere"));
  expect(screen.queryByRole("alert")).toBeNull();
  show(<Column onChoose={onChoose} />);
  expect(onChoose).toHaveBeenCalledExactlyOnceWith("config.lr");
});

test("Escape gives up what was typed and shows what was chosen before", async () => {
  const { user } = renderControl(<Column onChoose={vi.fn()} />);
  await user.type(field(), "lr{Enter}");
  await user.type(field(), "zz{Escape}");
  expect(field().value).toBe("lr");
});

test("the list says why there are no choices", async () => {
  const { user } = renderControl(<Column error="The server does not answer" onChoose={vi.fn()} />);
  await user.click(field());
  expect(screen.getByRole("option").textContent).toBe("The server does not answer");
});

test("what is used already is listed last, named so, and not chosen twice", async () => {
  const onChoose = vi.fn();
  const choices = COLUMNS.map((column) => ({ ...column, isUsed: column.name === "loss" }));
  const Field = () => {
    const [typed, setTyped] = useState<string | null>(null);
    return (
      <ChoiceField
        label="Sort by"
        noun="column"
        chosen={null}
        typed={typed}
        choices={choices.filter(({ name }) => name.includes(typed ?? ""))}
        isCurrent
        onType={setTyped}
        onChoose={onChoose}
      />
    );
  };
  const { user } = renderControl(<Field />);
  await user.click(field());
  const used = () => screen.getAllByRole("option").at(-1)!;
  expect(used().textContent).toBe("lossused already");
  expect(used().getAttribute("aria-disabled")).toBe("true");
  await user.click(used());
  expect(onChoose).not.toHaveBeenCalled();
  await user.keyboard("{ArrowDown}{ArrowDown}{ArrowDown}{ArrowDown}");
  expect(document.querySelector("[role=option].hov")!.textContent).toBe("lr");
  await user.type(field(), "loss{Enter}");
  expect(onChoose).toHaveBeenCalledExactlyOnceWith("summary.loss.min");
});
