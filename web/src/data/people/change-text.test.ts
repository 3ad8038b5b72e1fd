import { expect, test } from "vitest";
import { changeText } from "./change-text";

test.each([
  [{ role: "viewer" }, { role: "admin" }, "role: viewer → admin"],
  [null, { scope: "log", project: "vision" }, "scope: log, project: vision"],
  [{ role: "member" }, null, "role: member → none"],
  [{ name: "a", closed: false }, { name: "a", closed: true }, "closed: false → true"],
  ['{"role":"viewer"}', '{"role":"member"}', "role: viewer → member"],
  ["private", "open", "private → open"],
  [{ user: "bob", role: "viewer" }, { user: "bob", role: "admin" }, "user: bob, role: viewer → admin"],
  [null, null, ""],
])("%j to %j is %s", (before, after, text) => {
  expect(changeText(before, after)).toBe(text);
});
