import { expect, test } from "vitest";
import { askWithEdits, editedKey, noteEdited, onTheirWay } from "./run-edits";

const REF = { entity: "local", project: "edits" };

test("an answer that was asked for before an edit is given it, also where the server has answered the edit first", async () => {
  const answer = askWithEdits(REF, async (editOf) => {
    await null;
    return ["a", "b"].map((run) => ({ name: run, ...editOf(run) }));
  });
  noteEdited(REF, "a", { name: "new", state: "running" });
  noteEdited({ ...REF, project: "other" }, "b", { name: "other" });
  expect(await answer).toEqual([{ name: "new" }, { name: "b" }]);
  expect(await askWithEdits(REF, async (editOf) => editOf("a"))).toEqual({});
});

test("an edit on its way holds until it is refused", async () => {
  const key = editedKey(REF, "a");
  onTheirWay.set(key, { stored: {}, edits: [{ notes: "one" }, { notes: "two" }], last: Promise.resolve() });
  expect(await askWithEdits(REF, async (editOf) => editOf("a"))).toEqual({ notes: "two" });
  const answer = askWithEdits(REF, async (editOf) => {
    await null;
    return editOf("a");
  });
  onTheirWay.delete(key);
  noteEdited(REF, "a", { notes: "before" });
  expect(await answer).toEqual({ notes: "before" });
});
