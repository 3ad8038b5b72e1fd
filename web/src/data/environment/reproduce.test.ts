import { expect, test } from "vitest";
import { reproduceText } from "./reproduce";

const GIT = { commit: "abc", branch: "main", remote: "https://me:***@example.org/a/b.git", isDirty: true };
const NO_GIT = { commit: null, branch: null, remote: null, isDirty: false };
const of = (git: typeof GIT | typeof NO_GIT, hasCode = true, command: string | null = "python train.py") =>
  reproduceText({ path: "e/p/r1", run: "r1", facts: { git, command }, hasPackages: true, hasCode });

test("a run of a repository is cloned without its secrets, restored and started", () => {
  expect(of(GIT)).toBe(
    [
      "git clone https://example.org/a/b.git r1-code",
      "cd r1-code",
      "weft restore e/p/r1",
      "pip install -r r1/requirements.txt",
      "python train.py",
    ].join("\n"),
  );
  expect(of({ ...GIT, remote: "git@example.org:a/b.git" })).toContain("git clone git@example.org:a/b.git");
});

test("a run without a repository is started in its code", () => {
  expect(of(NO_GIT)).toBe(
    "weft restore e/p/r1\npip install -r r1/requirements.txt\ncd r1/code\npython train.py",
  );
});

test("where too little is known, there are no commands", () => {
  expect(of(NO_GIT, false)).toBeNull();
  expect(of(GIT, true, null)).toBeNull();
});
