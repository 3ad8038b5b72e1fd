import { expect, test } from "vitest";
import { formatExact } from "../text/format";
import { changeText } from "./change-text";

test("a time is not told in microseconds", () => {
  const micros = 1_764_000_000_000_000;
  expect(changeText(null, { name: "laptop", expires_micros: micros })).toBe(
    `name: laptop, expires: ${formatExact(micros)}`,
  );
});

test.each([
  [{ role: "viewer" }, { role: "admin" }, "role: viewer → admin"],
  [null, { scope: "log", project: "vision" }, "scope: log, project: vision"],
  [{ role: "member" }, null, "role: member → none"],
  [{ name: "a", closed: false }, { name: "a", closed: true }, "closed: no → yes"],
  ['{"role":"viewer"}', '{"role":"member"}', "role: viewer → member"],
  ["private", "open", "private → open"],
  [{ user: "bob", role: "viewer" }, { user: "bob", role: "admin" }, "user: bob, role: viewer → admin"],
  [{ n_bytes: 5e9, n_runs: null }, { n_bytes: 25e9, n_runs: 1200 }, "bytes: 5.0 GB → 25.0 GB, runs: 1,200"],
  [{ media_days: 30 }, { media_days: 1 }, "media: 30 days → 1 day"],
  [null, { is_admin: false, scope: "log" }, "admin: no, scope: log"],
  [null, null, ""],
])("%j to %j is %s", (before, after, text) => {
  expect(changeText(before, after)).toBe(text);
});
