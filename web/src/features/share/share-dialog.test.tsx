import { screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { renderPage } from "@/testing/render";
import { FakeServer, PROJECT } from "@/testing/server";
import ShareDialog from "./share-dialog";

const VIEW = { kind: "view", document: {}, runs: ["a"] } as const;

async function titleOf(name: string): Promise<string> {
  const server = new FakeServer([]);
  server.on("GET", "shares", () => ({ shares: [] }));
  await renderPage(<ShareDialog project={PROJECT} share={{ ...VIEW, runs: [...VIEW.runs], name }} />);
  return (await screen.findByRole<HTMLInputElement>("textbox", { name: "Title" })).value;
}

test("a shared view has its name as the title", async () => {
  expect(await titleOf("By model")).toBe("By model");
});

test("a shared view without a name has the day as the title", async () => {
  expect(await titleOf("")).toMatch(/^View of .*20\d\d/);
});
