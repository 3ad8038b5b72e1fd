import { screen, waitFor } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import { renderPage } from "@/testing/render";
import { FakeServer, fakeRun, PROJECT } from "@/testing/server";
import { MetricPicker } from "./metric-picker";

/** A server of more columns than one page has, which finds `summary.final_loss` once the returned function is called. */
function serve(): () => void {
  const server = new FakeServer([fakeRun("a", { values: { "summary.other": 1 } })]);
  let release = () => {};
  const released = new Promise<void>((done) => {
    release = done;
  });
  server.on("GET", "metrics/names", () => ({ numbers: ["acc"], n_runs: [2], objects: [], kinds: [] }));
  server.on("GET", "columns", async ({ query }) => {
    const search = query.get("search") ?? "";
    const kinds = { number: 2 };
    const result = { column: "summary.final_loss", kinds, n_runs: 2, samples: [1], hidden: false };
    const other = { column: "summary.other", kinds, n_runs: 2, samples: [1], hidden: false };
    if (!search.includes("final")) return { columns: [other], total: 900, cursor: "next" };
    await released;
    const columns = search.startsWith("summary.") ? [result] : [];
    return { columns, total: columns.length, cursor: null };
  });
  return () => release();
}

function picker(onActive: (metric: string | null) => void, onEnter: () => void) {
  return (
    <MetricPicker
      project={PROJECT}
      isOne
      objects={null}
      columns="any"
      keys={[]}
      pattern={undefined}
      onKeys={() => {}}
      onPattern={() => {}}
      onActive={onActive}
      onEnter={onEnter}
    />
  );
}

test("nothing is said to be missing while columns are searched, and Enter waits for them", async () => {
  const release = serve();
  const [onActive, onEnter] = [vi.fn(), vi.fn()];
  const { user } = await renderPage(picker(onActive, onEnter));
  await screen.findByText("other");
  await user.type(screen.getByRole("textbox", { name: "Search metrics" }), "final_loss{Enter}");
  expect(await screen.findByText("Looking…")).toBeTruthy();
  expect(onEnter).not.toHaveBeenCalled();
  release();
  await screen.findByText("final_loss");
  await waitFor(() => expect(onEnter).toHaveBeenCalledOnce());
  expect(onActive).toHaveBeenLastCalledWith("final_loss");
  await user.keyboard("zz");
  expect(await screen.findByText("No metric, result or parameter has it in its name.")).toBeTruthy();
});
