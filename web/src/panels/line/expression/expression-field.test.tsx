import { screen, waitFor } from "@testing-library/react";
import { useState } from "react";
import { expect, test } from "vitest";
import { renderPage } from "@/testing/render";
import { FakeServer, PROJECT, problem } from "@/testing/server";
import { ExpressionField } from "./expression-field";

const KEYS = ["loss", "val/loss", "val/accuracy"];

function serve(): FakeServer {
  const server = new FakeServer([]);
  server.on("GET", "metrics", ({ query }) => {
    const matches = KEYS.filter((key) => key.includes(query.get("search") ?? ""));
    return { metrics: matches.map((key) => ({ key, n_runs: 2, kinds: ["number"] })), cursor: null };
  });
  server.on("POST", "series", ({ body }) =>
    body.panels[0].expressions[0].text.endsWith("-")
      ? problem(400, "bad_expression", "column 8: a value is expected", { column: 8 })
      : {},
  );
  return server;
}

function Field({ first = "" }: { readonly first?: string }) {
  const [text, setText] = useState(first);
  return (
    <>
      <ExpressionField project={PROJECT} label="Expression" text={text} onText={setText} />
      <output>{text}</output>
      <button type="button">elsewhere</button>
    </>
  );
}

const field = () => screen.getByRole<HTMLInputElement>("combobox", { name: "Expression" });
const handedOn = () => document.querySelector("output")!.textContent;

test("what is typed key by key keeps the focus and is handed on once it is right", async () => {
  serve();
  const { user } = await renderPage(<Field />);
  const before = field();
  await user.type(before, "val/loss*2");
  await waitFor(() => expect(handedOn()).toBe('"val/loss"*2'));
  await user.keyboard(" + 1");
  expect(field()).toBe(before);
  expect(document.activeElement).toBe(before);
  expect(before.value).toBe("val/loss*2 + 1");
});

test("metrics are offered for a part of their name, and taken by Tab", async () => {
  serve();
  const { user } = await renderPage(<Field />);
  await user.type(field(), "accu");
  const offer = await screen.findByRole("option", { name: /val\/accuracy/ });
  expect(offer.getAttribute("aria-selected")).toBe("true");
  await user.keyboard("{Tab}");
  await waitFor(() => expect(field().value).toBe("val/accuracy"));
  expect(document.activeElement).toBe(field());
  expect(screen.queryByRole("listbox")).toBeNull();
});

test("a click takes an offer and leaves the focus in the field", async () => {
  serve();
  const { user } = await renderPage(<Field />);
  await user.type(field(), "val/l");
  await user.click(await screen.findByRole("option", { name: /val\/loss/ }));
  expect(field().value).toBe("val/loss");
  expect(document.activeElement).toBe(field());
});

test("a name that no run has is told once the list is closed, and put right by a click", async () => {
  serve();
  const { user } = await renderPage(<Field />);
  await user.type(field(), "val/los");
  await user.click(screen.getByText("elsewhere"));
  expect((await screen.findByRole("alert")).textContent).toContain("No run has “val/los”.");
  expect(field().getAttribute("aria-invalid")).toBe("true");
  await user.click(screen.getByRole("button", { name: "val/loss" }));
  expect(field().value).toBe("val/loss");
  expect(handedOn()).toBe('"val/loss"');
  await waitFor(() => expect(screen.queryByRole("alert")).toBeNull());
});

test("the server's objection is told, and the text is kept as it was handed on before", async () => {
  serve();
  const { user } = await renderPage(<Field first="loss" />);
  await user.click(field());
  await user.keyboard("{End} -");
  await screen.findByRole("alert");
  expect(handedOn()).toBe("loss");
});

test("what is half typed is told without a question to the server", async () => {
  const server = serve();
  const { user } = await renderPage(<Field />);
  await user.type(field(), '"val/l{Escape}');
  expect((await screen.findByRole("alert")).textContent).toContain("The quoted name has no end.");
  expect(server.requests.filter(({ path }) => path.endsWith("series"))).toEqual([]);
});

test("F1 lists the functions, Escape closes the list and then leaves it to the window", async () => {
  serve();
  const { user } = await renderPage(<Field />);
  await user.click(field());
  await user.keyboard("{F1}");
  await screen.findByRole("option", { name: /rolling_mean/ });
  await user.keyboard("{Escape}");
  expect(screen.queryByRole("listbox")).toBeNull();
});
