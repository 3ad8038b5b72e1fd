import { expect, test } from "vitest";
import { type Happening, sentenceOf } from "./activity-words";

function told(action: string, part: Partial<Happening> = {}): string {
  const entry = { action, n: 1, user: "ada", note: null, objects: [{ id: "X", type: null }], ...part };
  const { before, after, hasObjects } = sentenceOf(entry);
  return `ada${before}${hasObjects && entry.n === 1 ? "X" : ""}${after}`;
}

test("an entry is a sentence", () => {
  expect(told("run.start")).toBe("ada started X");
  expect(told("run.start", { n: 1200 })).toBe("ada started 1,200 runs");
  expect(told("run.crashed")).toBe("ada’s run X crashed");
  expect(told("run.killed", { n: 2 })).toBe("ada’s 2 runs were killed");
  expect(told("run.notes")).toBe("ada edited the notes of X");
  expect(told("view.change")).toBe("ada changed the view X");
  expect(told("artifact.alias", { note: "best" })).toBe("ada changed the alias best of X");
  expect(told("sweep.end", { note: "cancelled" })).toBe("ada cancelled the sweep X");
  expect(told("sweep.end", { note: "finished" })).toBe("ada’s sweep X finished");
  expect(told("share.add", { objects: [{ id: "X", type: "run" }] })).toBe("ada shared the run X by a link");
  expect(told("project.describe", { objects: [] })).toBe("ada edited the description of the project");
});

test("people join and leave by themselves, or are added and removed", () => {
  const self = { objects: [{ id: "ada", type: null }] };
  expect(told("member.add", { ...self, note: "member" })).toBe("ada joined as member");
  expect(told("member.add", { note: "viewer" })).toBe("ada added X as viewer");
  expect(told("member.remove", self)).toBe("ada left the team");
  expect(told("member.remove")).toBe("ada removed X from the team");
});

test("an action of a newer server is still told", () => {
  expect(told("report.publish")).toBe("ada report.publish X");
});
