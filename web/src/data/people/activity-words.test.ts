import { expect, test } from "vitest";
import { type Happening, sentenceOf } from "./activity-words";

function textOf(action: string, part: Partial<Happening> = {}): string {
  const entry = { action, n: 1, user: "ada", note: null, objects: [{ id: "X", type: null }], ...part };
  const { before, after, hasObjects } = sentenceOf(entry);
  return `ada${before}${hasObjects && entry.n === 1 ? "X" : ""}${after}`;
}

test("an entry is a sentence", () => {
  expect(textOf("run.start")).toBe("ada started X");
  expect(textOf("run.start", { n: 1200 })).toBe("ada started 1,200 runs");
  expect(textOf("run.crashed")).toBe("ada’s run X crashed");
  expect(textOf("run.killed", { n: 2 })).toBe("ada’s 2 runs were killed");
  expect(textOf("run.notes")).toBe("ada edited the notes of X");
  expect(textOf("view.change")).toBe("ada changed the view X");
  expect(textOf("report.publish")).toBe("ada published the report X");
  expect(textOf("report.remove", { n: 3 })).toBe("ada deleted 3 reports");
  expect(textOf("artifact.alias", { note: "best" })).toBe("ada changed the alias best of X");
  expect(textOf("sweep.end", { note: "cancelled" })).toBe("ada cancelled the sweep X");
  expect(textOf("sweep.end", { note: "finished" })).toBe("ada’s sweep X finished");
  expect(textOf("share.add", { objects: [{ id: "X", type: "run" }] })).toBe("ada shared the run X by a link");
  expect(textOf("project.describe", { objects: [] })).toBe("ada edited the description of the project");
});

test("people join and leave by themselves, or are added and removed", () => {
  const self = { objects: [{ id: "ada", type: null }] };
  expect(textOf("member.add", { ...self, note: "member" })).toBe("ada joined as member");
  expect(textOf("member.add", { note: "viewer" })).toBe("ada added X as viewer");
  expect(textOf("member.remove", self)).toBe("ada left the team");
  expect(textOf("member.remove")).toBe("ada removed X from the team");
});

test("an action of a newer server is still told", () => {
  expect(textOf("plan.publish")).toBe("ada plan.publish X");
});
