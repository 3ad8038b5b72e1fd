import { afterEach, expect, test, vi } from "vitest";
import { loadTable } from "./table-loader";

const REF = { entity: "e", project: "p" };

interface Body {
  readonly tables: readonly { readonly path: string }[];
}

/** Answers at most two tables of a request; a path `wrong` has a fault. */
function serve(): Body[] {
  const bodies: Body[] = [];
  vi.stubGlobal("fetch", (_path: string, init: RequestInit) => {
    init.signal?.throwIfAborted();
    const body = JSON.parse(String(init.body)) as Body;
    bodies.push(body);
    const answers = body.tables
      .slice(0, 2)
      .map(({ path }) =>
        path === "wrong"
          ? { window: null, fault: { code: "invalid", detail: "no Parquet" } }
          : { window: { path }, fault: null },
      );
    return Promise.resolve(Response.json({ answers }));
  });
  return bodies;
}

afterEach(() => void vi.unstubAllGlobals());

const load = (path: string, signal = new AbortController().signal) =>
  loadTable(REF, { run: "r", path }, signal).then((window) => window.path);

test("tables asked for together share a request, and what an answer leaves out is asked for again", async () => {
  const bodies = serve();
  expect(await Promise.all(["a", "b", "c"].map((path) => load(path)))).toEqual(["a", "b", "c"]);
  expect(bodies.map(({ tables }) => tables.map(({ path }) => path))).toEqual([["a", "b", "c"], ["c"]]);
});

test("a fault belongs to its table alone", async () => {
  serve();
  const [wrong, right] = await Promise.allSettled([load("wrong"), load("right")]);
  expect(wrong).toMatchObject({ status: "rejected", reason: { message: "no Parquet" } });
  expect(right).toMatchObject({ status: "fulfilled", value: "right" });
});

test("tables that no panel waits for any more are not asked for", async () => {
  const bodies = serve();
  const abort = new AbortController();
  const left = load("left", abort.signal);
  abort.abort();
  await expect(left).rejects.toThrow();
  expect(await load("stays")).toBe("stays");
  expect(bodies.map(({ tables }) => tables.length)).toEqual([1]);
});
