import { screen, waitFor, within } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import { renderPage } from "@/testing/render";
import { FakeServer, fakeRun, PROJECT, problem } from "@/testing/server";
import { Popover } from "@/ui/overlays/popover";
import FilterBuilder from "./filter-builder";

function serve(): FakeServer {
  return new FakeServer([
    fakeRun("a", { state: "crashed", values: { "config.lr": 0.1 } }),
    fakeRun("b", { values: { "config.lr": 0.2 } }),
    fakeRun("c", { values: { "config.lr": 0.2 } }),
  ]);
}

const builder = <FilterBuilder project={PROJECT} runs={["id-b"]} />;
const quick = (name: string) => screen.findByRole("button", { name });

test("a first condition is filled in, and the filter holds once it says something", async () => {
  serve();
  const { user, view } = await renderPage(builder);
  await user.type(await screen.findByRole("combobox", { name: "Column" }), "config.lr");
  await screen.findByRole("option", { name: /lr/ });
  await user.keyboard("{Enter}");
  expect(view().filter).toBe("");
  await user.keyboard("0.2");
  expect(view().filter).toBe("config.lr = 0.2");
  await screen.findByText("2 of 3 match");
});

test("a value is typed key by key into its row, which keeps the focus", async () => {
  serve();
  const { user, view } = await renderPage(builder, { view: { filter: "config.lr = 1" } });
  const value = await screen.findByRole("combobox", { name: "Value" });
  await user.type(value, "2345");
  expect(document.activeElement).toBe(value);
  expect(screen.getByRole("combobox", { name: "Value" })).toBe(value);
  await waitFor(() => expect(view().filter).toBe("config.lr = 12345"));
});

test("rows are added and removed; a condition that says nothing is left out of the filter", async () => {
  serve();
  const { user, view } = await renderPage(builder, { view: { filter: 'state = "finished"' } });
  await user.click(await screen.findByRole("button", { name: "Condition" }));
  const columns = screen.getAllByRole("combobox", { name: "Column" });
  expect(columns).toHaveLength(2);
  expect(document.activeElement).toBe(columns[1]);
  expect(view().filter).toBe('state = "finished"');
  await user.click(screen.getAllByRole("button", { name: "Remove condition" })[0]!);
  expect(view().filter).toBe("");
});

test("what is typed next to conditions is the column of another one", async () => {
  serve();
  const { user, view } = await renderPage(builder, { view: { filter: 'state = "finished"' } });
  const first = await screen.findByRole("combobox", { name: "Column" });
  first.closest<HTMLElement>(".fb")!.focus();
  await user.keyboard("lr");
  const columns = screen.getAllByRole<HTMLInputElement>("combobox", { name: "Column" });
  expect(columns.map(({ value }) => value)).toEqual(["State", "lr"]);
  await screen.findByRole("option", { name: /lr/ });
  await user.keyboard("{Enter}0.2");
  expect(view().filter).toBe('state = "finished" and config.lr = 0.2');
});

test("another comparison holds at once", async () => {
  serve();
  const { user, view } = await renderPage(builder, { view: { filter: "state = crashed" } });
  await user.click(await screen.findByRole("button", { name: "Comparison: is" }));
  await user.click(await screen.findByRole("menuitemradio", { name: "is not" }));
  expect(view().filter).toBe('state != "crashed"');
});

test("a group of conditions stands in the rows, and goes with its cross", async () => {
  serve();
  const { user } = await renderPage(builder);
  await user.click(await screen.findByRole("button", { name: "Group" }));
  const group = screen.getByRole("group", { name: "Group of conditions" });
  await user.click(within(group).getByRole("button", { name: "Condition" }));
  expect(within(group).getAllByRole("combobox", { name: "Column" })).toHaveLength(2);
  await user.click(within(group).getByRole("button", { name: "Remove group" }));
  expect(screen.queryByRole("group", { name: "Group of conditions" })).toBeNull();
});

test("quick filters are switched on and off, and join what is there", async () => {
  serve();
  const { user, view } = await renderPage(builder, { view: { filter: "config.lr = 0.2" } });
  await user.click(await quick("Hide crashed"));
  await waitFor(() => expect(view().filter).toBe('config.lr = 0.2 and state != "crashed"'));
  await waitFor(async () => expect((await quick("Hide crashed")).getAttribute("aria-pressed")).toBe("true"));
  await user.click(await quick("Hide crashed"));
  await waitFor(() => expect(view().filter).toBe("config.lr = 0.2"));
});

test("only shown keeps the runs that are shown now", async () => {
  serve();
  const { user, view } = await renderPage(builder);
  await user.click(await quick("Only shown"));
  await waitFor(() => expect(view().filter).toBe('id in ("id-b")'));
});

test("clear takes all away, and is off without a filter", async () => {
  serve();
  const { user, view } = await renderPage(builder, { view: { filter: "state = crashed" } });
  await user.click(await screen.findByRole("button", { name: "Clear" }));
  expect(view().filter).toBe("");
  expect(screen.getByRole<HTMLButtonElement>("button", { name: "Clear" }).disabled).toBe(true);
});

test("a text that is wrong changes nothing, and says where it is wrong", async () => {
  const server = serve();
  server.on("POST", "/filters/parse", ({ body }) =>
    body.filter === "state = crashed"
      ? { tree: { column: "state", op: "=", value: "crashed" } }
      : problem(400, "bad_filter", "column 7: a comparison is expected", { column: 7 }),
  );
  const { user, view } = await renderPage(builder);
  await user.click(await screen.findByRole("radio", { name: "Expression" }));
  const field = await screen.findByRole("textbox", { name: "Filter expression" });
  await user.type(field, "state ~ x");
  expect((await screen.findByRole("alert")).textContent).toBe("Character 7: a comparison is expected");
  expect(field.getAttribute("aria-invalid")).toBe("true");
  expect(view().filter).toBe("");
  await user.clear(field);
  await user.type(field, "state = crashed");
  await waitFor(() => expect(view().filter).toBe("state = crashed"));
  expect(document.activeElement).toBe(field);
  expect(screen.queryByRole("alert")).toBeNull();
});

test("a half-typed filter is not sent to the server, and what comes next is said", async () => {
  const server = serve();
  const { user, view } = await renderPage(builder);
  await user.click(await screen.findByRole("radio", { name: "Expression" }));
  const field = await screen.findByRole("textbox", { name: "Filter expression" });
  await user.type(field, "state");
  await screen.findByText("an operator such as = > in contains exists comes next");
  await user.type(field, " =");
  await screen.findByText("a value comes next");
  expect(server.bodies("POST", "/filters/parse")).toEqual([]);
  await user.type(field, " crashed");
  await waitFor(() => expect(view().filter).toBe("state = crashed"));
});

test("a proposed column replaces all of the name, and the caret stays behind what was typed", async () => {
  const server = new FakeServer([fakeRun("a", { values: { "summary.val/coverage %": 60 } })]);
  server.on("POST", "/filters/parse", ({ body }) =>
    String(body.filter).startsWith('"')
      ? { tree: { column: "summary.val/coverage %", op: ">", value: 55 } }
      : problem(400, "bad_filter", "column 1: no column is called 'val/coverage'", { column: 1 }),
  );
  const { user, view } = await renderPage(builder);
  await user.click(await screen.findByRole("radio", { name: "Expression" }));
  const field = await screen.findByRole<HTMLTextAreaElement>("textbox", { name: "Filter expression" });
  await user.type(field, "val/coverage % > 5");
  await user.click(await screen.findByRole("button", { name: "summary.val/coverage %" }));
  await user.keyboard("5");
  expect(field.value).toBe('"summary.val/coverage %" > 55');
  await waitFor(() => expect(view().filter).toBe('"summary.val/coverage %" > 55'));
});

test("a server that can't read filters now is asked a few times, and what it said stays", async () => {
  const server = serve();
  server.on("POST", "/filters/parse", () => problem(500, "internal", "out of order"));
  await renderPage(builder, { view: { filter: "state = crashed" } });
  expect((await screen.findByRole("alert")).textContent).toContain("out of order");
  const nRequests = () => server.requests.filter(({ path }) => path === "/filters/parse").length;
  const first = nRequests();
  await screen.findByRole("textbox", { name: "Filter expression" });
  for (let n = 0; n < 20; n++) await new Promise((resolve) => setTimeout(resolve));
  expect(nRequests()).toBe(first);
  expect(screen.getByRole("alert").textContent).toContain("out of order");
});

test("the completions of an expression begin with the likeliest column", async () => {
  const values = { "config.base_lr": 1, "config.lr": 0.1, "config.color": 2 };
  new FakeServer([fakeRun("a", { values }), fakeRun("b", { values: { "config.base_lr": 2 } })]);
  const { user } = await renderPage(builder);
  await user.click(await screen.findByRole("radio", { name: "Expression" }));
  await user.type(await screen.findByRole("textbox", { name: "Filter expression" }), "lr");
  await screen.findByRole("option", { name: "config.lr" });
  expect(screen.getAllByRole("option").map(({ textContent }) => textContent)).toEqual([
    "config.lr",
    "config.base_lr",
  ]);
});

test("columns and values complete an expression", async () => {
  serve();
  const { user } = await renderPage(builder);
  await user.click(await screen.findByRole("radio", { name: "Expression" }));
  const field = await screen.findByRole<HTMLTextAreaElement>("textbox", { name: "Filter expression" });
  await user.type(field, "conf");
  await screen.findByRole("option", { name: "config.lr" });
  await user.keyboard("{ArrowDown}{Enter}");
  expect(field.value).toBe("config.lr ");
});

test("columns with spaces are completed in quotes, also after an opening one", async () => {
  new FakeServer([fakeRun("a", { values: { "config.coverage %": 1 } })]);
  const { user } = await renderPage(builder);
  await user.click(await screen.findByRole("radio", { name: "Expression" }));
  const field = await screen.findByRole<HTMLTextAreaElement>("textbox", { name: "Filter expression" });
  for (const typed of ["cover", '"config.cov']) {
    await user.clear(field);
    await user.type(field, typed);
    await screen.findByRole("option", { name: '"config.coverage %"' });
    await user.keyboard("{ArrowDown}{Enter}");
    expect(field.value).toBe('"config.coverage %" ');
  }
});

test("of a value that is typed the filter waits until it is one that runs have", async () => {
  new FakeServer([
    fakeRun("a", { values: { "config.arch": "conformer" } }),
    fakeRun("b", { values: { "config.arch": "zipformer" } }),
    fakeRun("c", { values: { "config.arch": "zipformer" } }),
  ]);
  const { user, view } = await renderPage(builder);
  await user.type(await screen.findByRole("combobox", { name: "Column" }), "config.arch");
  await screen.findByRole("option", { name: /arch/ });
  await user.keyboard("{Enter}");
  await screen.findByRole("option", { name: /zipformer/ });
  await user.keyboard("former");
  expect(view().filter).toBe("");
  await user.keyboard("{Escape}");
  expect(view().filter).toBe("");
  expect(screen.getByRole<HTMLInputElement>("combobox", { name: "Value" }).value).toBe("");
  await user.keyboard("con");
  expect(view().filter).toBe("");
  await user.keyboard("{Enter}");
  expect(view().filter).toBe('config.arch = "conformer"');
  expect(screen.getByRole<HTMLInputElement>("combobox", { name: "Value" }).value).toBe("conformer");
});

test("what is typed and equals no value holds where its field is left", async () => {
  new FakeServer([fakeRun("a", { values: { "config.arch": "conformer" } })]);
  const { user, view } = await renderPage(builder, { view: { filter: 'config.arch = "conformer"' } });
  const value = await screen.findByRole("combobox", { name: "Value" });
  await user.clear(value);
  await screen.findByRole("option", { name: /conformer/ });
  await user.keyboard("conf");
  expect(view().filter).toBe("");
  await user.tab();
  expect(view().filter).toBe('config.arch = "conf"');
});

test.each([
  { before: "config.lr = 0.1", typed: "0.2" },
  { before: "config.lr > 0.1", typed: "7" },
])("Escape takes back what was typed for $before, also what held at once", async ({ before, typed }) => {
  serve();
  const { user, view } = await renderPage(builder, { view: { filter: before } });
  const value = await screen.findByRole<HTMLInputElement>("combobox", { name: "Value" });
  const textBefore = value.value;
  await user.clear(value);
  await user.keyboard(typed);
  await waitFor(() => expect(view().filter).not.toBe(before));
  await user.keyboard("{Escape}");
  expect(view().filter).toBe(before);
  expect(value.value).toBe(textBefore);
  // Enter ends the edit
  await user.clear(value);
  await user.keyboard(`${typed}{Enter}{Escape}`);
  expect(view().filter).toContain(typed);
});

test("Escape drops the half-typed one of several values, and closes the window next", async () => {
  serve();
  const { user, view } = await renderPage(
    <Popover label="Filter" target={<button type="button">open</button>}>
      {builder}
    </Popover>,
    { view: { filter: "config.lr in (0.1, 0.2)" } },
  );
  await user.click(screen.getByText("open"));
  await user.type(await screen.findByRole("combobox", { name: "Values" }), "0.3{Escape}");
  expect(view().filter).toBe("config.lr in (0.1, 0.2)");
  expect(screen.getByRole("dialog")).toBeTruthy();
  await user.keyboard("{Escape}");
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(view().filter).toBe("config.lr in (0.1, 0.2)");
});

test("Escape takes back a typed expression, and Enter ends it", async () => {
  serve();
  const { user, view } = await renderPage(builder, { view: { filter: "config.lr > 0.1" } });
  await user.click(await screen.findByRole("radio", { name: "Expression" }));
  const field = await screen.findByRole<HTMLTextAreaElement>("textbox", { name: "Filter expression" });
  await user.type(field, "5");
  await waitFor(() => expect(view().filter).toBe("config.lr > 0.15"));
  await user.keyboard("{Escape}");
  expect(view().filter).toBe("config.lr > 0.1");
  expect(field.value).toBe("config.lr > 0.1");
  await user.type(field, "7{Enter}");
  await waitFor(() => expect(view().filter).toBe("config.lr > 0.17"));
  await user.keyboard("{Escape}");
  expect(field.value).toBe("config.lr > 0.17");
});

test("a text that reads as a number is offered as a text, and chosen as one", async () => {
  new FakeServer([
    fakeRun("a", { values: { "config.lr": 6e-4 } }),
    fakeRun("b", { values: { "config.lr": 6e-4 } }),
    fakeRun("c", { values: { "config.lr": "6e-4" } }),
  ]);
  const { user, view } = await renderPage(builder, { view: { filter: "config.lr = 1" } });
  const value = await screen.findByRole("combobox", { name: "Value" });
  await user.clear(value);
  const text = await screen.findByRole("option", { name: /"6e-4"/ });
  expect(text.textContent).toBe('"6e-4"text, 1');
  await user.click(text);
  await waitFor(() => expect(view().filter).toBe('config.lr = "6e-4"'));
  // typed, it is the number that other runs have
  await user.clear(value);
  // the number is offered as it is shown, too, and before the text
  await user.type(value, "6e");
  const options = await screen.findAllByRole("option");
  expect(options.map(({ textContent }) => textContent)).toEqual([
    expect.stringContaining("6e−4"),
    '"6e-4"text, 1',
  ]);
  await user.clear(value);
  await user.type(value, "6e-4{Enter}");
  await waitFor(() => expect(view().filter).toBe("config.lr = 0.0006"));
  // copied from a page
  await user.clear(value);
  await user.type(value, "1{Enter}");
  await waitFor(() => expect(view().filter).toBe("config.lr = 1"));
  await user.clear(value);
  await user.type(value, "6e−4{Enter}");
  await waitFor(() => expect(view().filter).toBe("config.lr = 0.0006"));
});

test("the expression's field has the focus once it is chosen", async () => {
  serve();
  const { user } = await renderPage(builder, { view: { filter: "state = crashed" } });
  await user.click(await screen.findByRole("radio", { name: "Expression" }));
  const field = await screen.findByRole<HTMLTextAreaElement>("textbox", { name: "Filter expression" });
  await waitFor(() => expect(document.activeElement).toBe(field));
  // where one types on
  expect(field.selectionStart).toBe("state = crashed".length);
});

test("a column's short name is answered with the columns of the project that end in it", async () => {
  const server = new FakeServer([
    fakeRun("a", { values: { "config.optim.lr": 1 } }),
    fakeRun("b", { values: { "config.optim.lr": 2 } }),
  ]);
  server.on("POST", "/filters/parse", ({ body }) =>
    body.filter === "config.optim.lr < 3"
      ? { tree: { column: "config.optim.lr", op: "<", value: 3 } }
      : problem(400, "bad_filter", "column 1: no column is called 'lr'; there are id, name", { column: 1 }),
  );
  const { user, view } = await renderPage(builder);
  await user.click(await screen.findByRole("radio", { name: "Expression" }));
  await user.type(await screen.findByRole("textbox", { name: "Filter expression" }), "lr < 3");
  await user.click(await screen.findByRole("button", { name: "config.optim.lr" }));
  await waitFor(() => expect(view().filter).toBe("config.optim.lr < 3"));
});

test("keys that follow the choice of a suggested column at once are typed after it", async () => {
  const server = new FakeServer([fakeRun("a", { values: { "config.optim.lr": 1 } })]);
  server.on("POST", "/filters/parse", () =>
    problem(400, "bad_filter", "column 5: no column is called 'lr'; there are id, name", { column: 5 }),
  );
  const { user } = await renderPage(builder);
  await user.click(await screen.findByRole("radio", { name: "Expression" }));
  const field = await screen.findByRole<HTMLTextAreaElement>("textbox", { name: "Filter expression" });
  await user.type(field, "not lr exists");
  const suggestion = await screen.findByRole("button", { name: "config.optim.lr" });
  // a frame is late where charts are drawn
  const late: FrameRequestCallback[] = [];
  vi.stubGlobal("requestAnimationFrame", (paint: FrameRequestCallback) => late.push(paint));
  suggestion.focus();
  await user.keyboard(" ");
  expect(document.activeElement).toBe(field);
  await user.keyboard(" and");
  vi.unstubAllGlobals();
  for (const paint of late) paint(0);
  await user.keyboard(" a = 1");
  expect(field.value).toBe("not config.optim.lr exists and a = 1");
});
