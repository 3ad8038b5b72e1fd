import { screen, waitFor, within } from "@testing-library/react";
import { useState } from "react";
import { expect, test, vi } from "vitest";
import { renderPage } from "@/testing/render";
import { FakeServer, fakeRun, PROJECT } from "@/testing/server";
import { ColumnPicker } from "./column-picker";

function serve(): FakeServer {
  const values = { "config.lr": 0.1, "config.layers/a": 1, "config.layers/b": 2, "summary.loss": 3 };
  return new FakeServer([fakeRun("a", { values }), fakeRun("b", { values: { "config.lr": 0.2 } })]);
}

function Picker({ bulk }: { readonly bulk?: Parameters<typeof ColumnPicker>[0]["bulk"] }) {
  const [chosen, setChosen] = useState<readonly string[]>(["config.lr", "summary.loss"]);
  return (
    <>
      <ColumnPicker
        project={PROJECT}
        label="Pinned columns"
        isOn={(column) => chosen.includes(column)}
        onToggle={(column, isOn) =>
          setChosen(isOn ? [...chosen, column] : chosen.filter((other) => other !== column))
        }
        chosen={chosen}
        onOrder={setChosen}
        bulk={bulk}
      />
      <output>{chosen.join(" ")}</output>
    </>
  );
}

const chosen = () => document.querySelector("output")!.textContent;
const listed = () =>
  within(screen.getByRole("group", { name: "Pinned columns" }))
    .getAllByRole("checkbox")
    .map((box) => box.closest("label")!.textContent);

test("columns are listed under their scopes with how many runs have them, and chosen", async () => {
  serve();
  const { user } = await renderPage(<Picker />);
  await screen.findByText("Config");
  expect(screen.getByTitle("2 runs have it").textContent).toBe("2");
  await user.click(screen.getByRole("checkbox", { name: "config.layers/a" }));
  expect(chosen()).toBe("config.lr summary.loss config.layers/a");
  await user.click(screen.getByRole("checkbox", { name: "config.lr" }));
  expect(chosen()).toBe("summary.loss config.layers/a");
});

test("part of a name finds its columns, each letter at once", async () => {
  serve();
  const { user } = await renderPage(<Picker />);
  await screen.findByText("Config");
  await user.type(screen.getByRole("textbox", { name: "Find a column" }), "lay");
  expect(listed()).toEqual(["config.layers/a", "config.layers/b"]);
  await user.keyboard("zz");
  expect(screen.getByText("No column is called layzz")).toBeTruthy();
});

test("Enter adds the first that is found, and once only", async () => {
  serve();
  const { user } = await renderPage(<Picker />);
  await screen.findByText("Config");
  await user.type(screen.getByRole("textbox", { name: "Find a column" }), "layers{Enter}{Enter}");
  expect(chosen()).toBe("config.lr summary.loss config.layers/a");
  await user.keyboard("layers/b{Enter}");
  expect(chosen()).toBe("config.lr summary.loss config.layers/a config.layers/b");
});

test("a text lists the likeliest first, whatever their scope, and names what is internal", async () => {
  const values = {
    "writer.process": "main",
    "config.process_seed": 1,
    "summary.roc_auc": 1,
    "summary.roc": 1,
  };
  new FakeServer([fakeRun("a", { values }), fakeRun("b", { values: { "summary.roc_auc": 0.9 } })]);
  const { user } = await renderPage(<Picker />);
  await screen.findByText("Config");
  await user.type(screen.getByRole("textbox", { name: "Find a column" }), "roc");
  expect(listed()).toEqual(["summary.roc", "summary.roc_auc", "config.process_seed", "writer.process"]);
  expect(screen.queryByText("Summary")).toBeNull();
  expect(screen.getByText("internal 1")).toBeTruthy();
});

test("all that match are shown or hidden at once", async () => {
  serve();
  const [onShow, onHide, onOnly] = [vi.fn(), vi.fn(), vi.fn()];
  const bulk = { shown: ["config.lr", "config.layers/b"], onShow, onHide, onOnly };
  const { user } = await renderPage(<Picker bulk={bulk} />);
  await screen.findByText("Config");
  await user.type(screen.getByRole("textbox", { name: "Find a column" }), "layers");
  const all = within(await screen.findByRole("group", { name: "All that match" }));
  await waitFor(() =>
    expect(all.getByRole<HTMLButtonElement>("button", { name: "Show" }).disabled).toBe(false),
  );
  await user.click(all.getByRole("button", { name: "Show" }));
  await user.click(all.getByRole("button", { name: "Hide" }));
  await user.click(all.getByRole("button", { name: "Only these" }));
  expect(onShow).toHaveBeenCalledExactlyOnceWith(["config.layers/a"]);
  expect(onHide).toHaveBeenCalledExactlyOnceWith(["config.layers/b"]);
  expect(onOnly).toHaveBeenCalledExactlyOnceWith(["config.layers/a", "config.layers/b"]);
});

test("a pattern that is wrong says so, and finds nothing to act on", async () => {
  serve();
  const bulk = { shown: [], onShow: vi.fn(), onHide: vi.fn(), onOnly: vi.fn() };
  const { user } = await renderPage(<Picker bulk={bulk} />);
  await screen.findByText("Config");
  await user.click(screen.getByRole("button", { name: "Regular expression" }));
  await user.type(screen.getByRole("textbox", { name: "Find a column" }), "lay(");
  expect(screen.getByRole("alert").textContent).not.toBe("");
  expect(screen.queryByRole("group", { name: "All that match" })).toBeNull();
});
