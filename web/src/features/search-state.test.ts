import { describe, expect, test } from "vitest";
import { VERSIONS_URL } from "./artifacts/versions/versions-url";
import { COMPARE_URL } from "./compare/compare-url";
import { CODE_URL } from "./run-page/code/code-url";
import { LOG_URL } from "./run-page/logs/log-url";
import { changedSearch, readState } from "./search-state";

describe("the state of a page in its address", () => {
  test("of the Logs tab survives a link, and the address has only what differs from the first state", () => {
    const state = {
      find: "loss=",
      level: "error",
      isRegex: true,
      onlyMatches: true,
      source: "rank 3",
      stream: "stderr",
      times: "since",
      wraps: true,
      line: 0,
    } as const;
    const search = changedSearch(LOG_URL, { full: "p1" }, state);
    expect(search).toEqual({
      full: "p1",
      find: "loss=",
      regex: "1",
      only: "1",
      source: "rank 3",
      stream: "stderr",
      times: "since",
      wrap: "1",
      line: "1",
      level: "error",
    });
    expect(readState(LOG_URL, search)).toEqual(state);
    expect(changedSearch(LOG_URL, search, readState(LOG_URL, {}))).toEqual({ full: "p1" });
  });

  test("leaves out values that are not among the choices, and lines that do not exist", () => {
    const first = readState(LOG_URL, {});
    for (const line of ["0", "-3", "1.5", "x", " 2"])
      expect(readState(LOG_URL, { stream: "stdin", times: "utc", regex: "yes", line })).toEqual(first);
  });

  test("of a comparison names each run once, and shows charts unless they are off", () => {
    expect(readState(COMPARE_URL, { ids: "b,a,,b" })).toMatchObject({ ids: ["b", "a"], hasCharts: true });
    expect(changedSearch(COMPARE_URL, { ids: "b,a" }, { hasCharts: false, ids: ["a"] })).toEqual({
      ids: "a",
      charts: "0",
    });
    expect(changedSearch(COMPARE_URL, { ids: "a", charts: "0" }, { ids: [], hasCharts: true })).toEqual({});
  });

  test("of the Code tab is split at first", () => {
    expect(readState(CODE_URL, {})).toEqual({ file: "", against: "", isSplit: true });
    expect(changedSearch(CODE_URL, {}, { isSplit: false, file: "a b/c&d.py" })).toEqual({
      file: "a b/c&d.py",
      columns: "1",
    });
  });

  test("of a table of versions holds names of metadata with any characters", () => {
    const columns = ['a,"b"', "ä&=?"];
    const search = changedSearch(VERSIONS_URL, {}, { columns, drawn: "x/y" });
    expect(readState(VERSIONS_URL, search)).toMatchObject({ columns, drawn: "x/y" });
    expect(readState(VERSIONS_URL, { columns: '{"a": 1}' }).columns).toBeNull();
    expect(readState(VERSIONS_URL, { columns: "[" }).columns).toBeNull();
    // none is another choice than those of the first state
    expect(readState(VERSIONS_URL, changedSearch(VERSIONS_URL, {}, { columns: [] })).columns).toEqual([]);
  });
});
