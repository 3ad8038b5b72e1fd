import { afterEach, expect, test, vi } from "vitest";
import * as Y from "yjs";
import { DraftSync } from "./draft-sync";

const EDITOR = Symbol("editor");
const REF = { project: { entity: "me", project: "p" }, report: "r1" };

/** A server with a draft; `refusals` are the answers to the next updates. */
class DraftServer {
  readonly doc = new Y.Doc();
  refusals: number[] = [];
  schema = 1;
  nUpdates = 0;
  #streams = new Set<ReadableStreamDefaultController<Uint8Array>>();

  readonly fetch = async (url: string, init: RequestInit = {}): Promise<Response> => {
    const { pathname } = new URL(url, "http://weft");
    if (pathname.endsWith("/sync")) {
      const headers = { "Weft-Report-Seq": "1", "Weft-Report-Schema": String(this.schema) };
      return new Response(Y.encodeStateAsUpdate(this.doc) as BodyInit, { headers });
    }
    if (pathname.endsWith("/updates")) {
      const status = this.refusals.shift();
      if (status === 0) throw new TypeError("no network");
      if (status) return Response.json({ code: "x", detail: "no" }, { status });
      this.nUpdates += 1;
      Y.applyUpdate(this.doc, init.body as Uint8Array);
      return Response.json({ seq: this.nUpdates + 1, client: null, update: null });
    }
    if (pathname.endsWith("/changes")) {
      let own: ReadableStreamDefaultController<Uint8Array> | null = null;
      const body = new ReadableStream<Uint8Array>({
        start: (controller) => {
          own = controller;
          this.#streams.add(controller);
          this.#push(controller, "hello", { seq: 1 });
        },
        cancel: () => {
          if (own) this.#streams.delete(own);
        },
      });
      return new Response(body);
    }
    return new Response(null, { status: 204 });
  };

  /** Someone else's change, told to all pages. */
  change(make: (doc: Y.Doc) => void): void {
    const before = Y.encodeStateVector(this.doc);
    make(this.doc);
    const update = Y.encodeStateAsUpdate(this.doc, before);
    const encoded = btoa(String.fromCharCode(...update));
    for (const stream of this.#streams)
      this.#push(stream, "change", { seq: 9, client: null, update: encoded });
  }

  #push(stream: ReadableStreamDefaultController<Uint8Array>, event: string, data: object): void {
    stream.enqueue(new TextEncoder().encode(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`));
  }
}

const opened: DraftSync[] = [];

async function open(server: DraftServer, hasKnownTop = (_: Y.Doc) => true): Promise<DraftSync> {
  vi.stubGlobal("fetch", server.fetch);
  const sync = new DraftSync({
    ref: REF,
    account: null,
    editorOrigin: EDITOR,
    canEdit: () => true,
    hasKnownTop,
  });
  opened.push(sync);
  await sync.open();
  return sync;
}

function type(sync: DraftSync, text: string): void {
  sync.doc.transact(() => sync.doc.getText("t").insert(0, text), EDITOR);
}

afterEach(async () => {
  for (const sync of opened.splice(0)) await sync.close();
  vi.unstubAllGlobals();
});

async function isSaved(sync: DraftSync): Promise<void> {
  await vi.waitFor(() => expect(sync.state()).toMatchObject({ kind: "open", nUnsent: 0 }), {
    timeout: 10_000,
  });
}

test("edits go together, and count until they are answered", async () => {
  const server = new DraftServer();
  const sync = await open(server);
  type(sync, "a");
  type(sync, "b");
  expect(sync.state()).toMatchObject({ nUnsent: 2 });
  await isSaved(sync);
  expect(server.nUpdates).toBe(1);
  expect(server.doc.getText("t").toString()).toBe("ba");
});

test("a server that does not answer gets the same again", async () => {
  const server = new DraftServer();
  const sync = await open(server);
  server.refusals = [0, 503];
  type(sync, "a");
  await isSaved(sync);
  expect(server.doc.getText("t").toString()).toBe("a");
});

test("a server that lacks something gets all that it lacks", async () => {
  const server = new DraftServer();
  const sync = await open(server);
  type(sync, "one ");
  await isSaved(sync);
  // restored from before
  const stored = server.doc;
  Object.assign(server, { doc: new Y.Doc() });
  server.refusals = [409];
  type(sync, "two ");
  await isSaved(sync);
  expect(server.doc).not.toBe(stored);
  expect(server.doc.getText("t").toString()).toBe("two one ");
});

test("a refused change ends the session with its reason, an old page and a lost right, too", async () => {
  for (const [status, kind] of [
    [400, "refused"],
    [413, "refused"],
    [412, "outdated"],
    [403, "closed"],
  ] as const) {
    const server = new DraftServer();
    const sync = await open(server);
    server.refusals = [status];
    type(sync, "a");
    await vi.waitFor(() => expect(sync.state().kind).toBe(kind));
    type(sync, "b");
    expect(server.nUpdates).toBe(0);
  }
  const server = new DraftServer();
  server.schema = 2;
  const sync = await open(server);
  expect(sync.state().kind).toBe("outdated");
});

test("what the editor removes because of others' changes is not sent", async () => {
  const server = new DraftServer();
  const sync = await open(server);
  sync.doc.getText("t").observe((_, { origin }) => {
    // as the binding does with a node that it does not know
    if (origin === sync) sync.doc.transact(() => sync.doc.getText("t").delete(0, 1), EDITOR);
  });
  server.change((doc) => doc.getText("t").insert(0, "strange"));
  await vi.waitFor(() => expect(sync.state().kind).toBe("outdated"));
  expect(server.nUpdates).toBe(0);
  expect(server.doc.getText("t").toString()).toBe("strange");
});

test("what has no place at the top ends the session", async () => {
  const server = new DraftServer();
  const sync = await open(server, (doc) => doc.getText("t").length === 0);
  server.change((doc) => doc.getText("t").insert(0, "strange"));
  await vi.waitFor(() => expect(sync.state().kind).toBe("outdated"));
  expect(server.nUpdates).toBe(0);
});
