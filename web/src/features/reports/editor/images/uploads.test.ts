import { afterEach, beforeEach, expect, test, vi } from "vitest";
import * as Y from "yjs";
import { EDIT_ORIGIN } from "@/api/reports/draft-sync";
import { readMembers, writeMembers } from "../members";
import { ImageUploads } from "./uploads";

const REF = { project: { entity: "me", project: "p" }, report: "r1" };
const FILE = new File(["x"], "a.png", { type: "image/png" });

let answers: (() => Response)[] = [];
let requests: string[] = [];

function stored(sha256: string): () => Response {
  return () => Response.json({ sha256 });
}

function refused(status: number, detail: string): () => Response {
  return () => Response.json({ code: "x", detail }, { status });
}

function unreachable(): Response {
  throw new TypeError("no network");
}

beforeEach(() => {
  vi.useFakeTimers();
  answers = [];
  requests = [];
  URL.createObjectURL = () => "blob:preview";
  URL.revokeObjectURL = () => undefined;
  vi.stubGlobal("fetch", async (url: string) => {
    requests.push(url);
    return (answers.shift() ?? unreachable)();
  });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function begin(): { doc: Y.Doc; uploads: ImageUploads; undo: Y.UndoManager } {
  const doc = new Y.Doc();
  const undo = new Y.UndoManager([doc.getMap("blocks")], { trackedOrigins: new Set([EDIT_ORIGIN]) });
  writeMembers(doc, "image", "b", { alt: "", caption: "" });
  return { doc, uploads: new ImageUploads(REF, doc), undo };
}

test("an image is named in its block once it is stored, and one undo takes both away", async () => {
  const { doc, uploads, undo } = begin();
  answers = [stored("ab")];
  uploads.start("b", FILE);
  expect(uploads.of("b")).toMatchObject({ state: { is: "sending" } });
  expect(uploads.nSending()).toBe(1);
  await vi.runAllTimersAsync();
  expect(uploads.nSending()).toBe(0);
  expect(uploads.of("b")?.preview).toBe("blob:preview");
  expect(readMembers(doc, "image", "b")).toEqual({ alt: "", caption: "", sha256: "ab" });
  expect(requests).toEqual(["/api/v1/projects/me/p/reports/r1/images"]);
  expect(undo.undoStack).toHaveLength(1);
  undo.undo();
  expect(readMembers(doc, "image", "b")).toBeNull();
  undo.redo();
  expect(readMembers(doc, "image", "b")).toEqual({ alt: "", caption: "", sha256: "ab" });
});

test("a block that is taken back meanwhile gets its image when it comes again", async () => {
  const { doc, uploads, undo } = begin();
  answers = [stored("ab")];
  uploads.start("b", FILE);
  undo.undo();
  await vi.runAllTimersAsync();
  expect(readMembers(doc, "image", "b")).toBeNull();
  undo.redo();
  uploads.place("b");
  expect(readMembers(doc, "image", "b")?.sha256).toBe("ab");
});

test("a server that does not answer is tried again, and one that refuses is not", async () => {
  const { doc, uploads } = begin();
  answers = [unreachable, refused(503, "busy"), stored("ab")];
  uploads.start("b", FILE);
  await vi.advanceTimersByTimeAsync(100);
  expect(uploads.of("b")?.state).toEqual({ is: "sending", isLate: true });
  await vi.runAllTimersAsync();
  expect(requests).toHaveLength(3);
  expect(readMembers(doc, "image", "b")?.sha256).toBe("ab");

  for (const [status, detail] of [
    [400, "cut off"],
    [413, "too many"],
    [507, "no room"],
  ] as const) {
    answers = [refused(status, detail)];
    uploads.start("c", FILE);
    await vi.runAllTimersAsync();
    expect(uploads.of("c")?.state).toEqual({ is: "failed", reason: detail });
  }
  expect(uploads.nSending()).toBe(0);
  writeMembers(doc, "image", "c", { alt: "" });
  answers = [stored("cd")];
  uploads.retry("c");
  await vi.runAllTimersAsync();
  expect(readMembers(doc, "image", "c")?.sha256).toBe("cd");
});

test("the file that was chosen last counts", async () => {
  const { doc, uploads } = begin();
  answers = [unreachable, stored("new")];
  uploads.start("b", FILE);
  await vi.advanceTimersByTimeAsync(100);
  uploads.start("b", new File(["y"], "b.png", { type: "image/png" }));
  await vi.runAllTimersAsync();
  expect(requests).toHaveLength(2);
  expect(readMembers(doc, "image", "b")?.sha256).toBe("new");
});

test("a copy has the upload of its original, and images of other reports are read there first", async () => {
  const { doc, uploads } = begin();
  answers = [stored("ab"), stored("ab")];
  uploads.start("b", FILE);
  writeMembers(doc, "image", "c", { alt: "" });
  uploads.follow("b", "c");
  await vi.runAllTimersAsync();
  expect(readMembers(doc, "image", "c")?.sha256).toBe("ab");
  writeMembers(doc, "image", "d", { alt: "" });
  requests = [];
  answers = [() => new Response("png", { headers: { "content-type": "image/png" } }), stored("ef")];
  uploads.copy("d", "/projects/me/q/reports/r2/images/ef");
  await vi.runAllTimersAsync();
  expect(requests).toEqual([
    "/api/v1/projects/me/q/reports/r2/images/ef",
    "/api/v1/projects/me/p/reports/r1/images",
  ]);
  expect(readMembers(doc, "image", "d")?.sha256).toBe("ef");
});

test("nothing is sent after the page has left", async () => {
  const { uploads } = begin();
  answers = [unreachable, stored("ab")];
  uploads.start("b", FILE);
  await vi.advanceTimersByTimeAsync(100);
  uploads.close();
  await vi.runAllTimersAsync();
  expect(requests).toHaveLength(1);
});
