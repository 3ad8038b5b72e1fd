/**
 * A report's draft on this page, in step with the server and the other pages that edit it.
 *
 * What is typed is sent in small batches and is durable once the server has answered; the browser keeps it until then.
 * See docs/report-format.md for the protocol.
 */

import {
  Awareness,
  applyAwarenessUpdate,
  encodeAwarenessUpdate,
  removeAwarenessStates,
} from "y-protocols/awareness";
import * as Y from "yjs";
import { ApiError } from "../client";
import {
  changesPath,
  type DraftRef,
  MOST_UPDATE_BYTES,
  readDraft,
  SCHEMA,
  sendAwareness,
  sendUpdate,
} from "./draft-requests";
import { followChanges, isPassing, sleep } from "./draft-stream";
import { UnsentUpdates } from "./unsent";

/** The origin of changes that a person makes in fields and panels, next to the text. */
export const EDIT_ORIGIN = "weft-edit";

export interface OpenDraft {
  readonly kind: "open";
  readonly isConnected: boolean;
  /** Edits that are not durable yet. */
  readonly nUnsent: number;
  /** The number of answers of the server to edits. */
  readonly nAnswers: number;
}

export type DraftState =
  | { readonly kind: "opening"; readonly error: Error | null }
  | OpenDraft
  /** The document has what this page does not know. */
  | { readonly kind: "outdated" }
  /** The server refused a change; the page has to begin again without it. */
  | { readonly kind: "refused"; readonly reason: string }
  /** The report is gone, or may not be written any more. */
  | { readonly kind: "closed"; readonly error: Error };

const BATCH_MILLIS = 25;
/** Changes that come together are drawn together. */
const RECEIVE_MILLIS = 12;
const AWARENESS_MILLIS = 110;
const RETRY_FIRST_MILLIS = 250;
const RETRY_MAX_MILLIS = 8_000;
/** Edits that are older have a copy in the browser. */
const COPY_MILLIS = 250;
const BATCH_BYTES = MOST_UPDATE_BYTES / 2;

interface Unsent {
  readonly update: Uint8Array;
  readonly nEdits: number;
  /** Its copy in the browser; null: it has none yet. */
  copy: Promise<number | null> | null;
}

export interface DraftSyncOptions {
  readonly ref: DraftRef;
  /** The editing user; null: a server without accounts. */
  readonly account: string | null;
  /** The origin of the editor's own changes of the text. */
  readonly editorOrigin: unknown;
  /** Whether the editor can show all of the document: it deletes what it cannot. */
  canEdit(doc: Y.Doc): boolean;
  /** The same after a change of others, of what the editor does not refuse by itself. */
  hasKnownTop(doc: Y.Doc): boolean;
}

export class DraftSync {
  readonly doc = new Y.Doc();
  readonly awareness = new Awareness(this.doc);
  readonly #options: DraftSyncOptions;
  readonly #client = String(this.doc.clientID);
  readonly #ended = new AbortController();
  readonly #listeners = new Set<() => void>();
  readonly #copies: UnsentUpdates;
  #copyTimer: ReturnType<typeof setTimeout> | undefined;
  #state: DraftState = { kind: "opening", error: null };
  #seq = 0;
  #unsent: Unsent[] = [];
  #received: [seq: number, update: Uint8Array | null][] = [];
  #receiveTimer: ReturnType<typeof setTimeout> | undefined;
  #isReceiving = false;
  #isSending = false;
  #isConnected = false;
  #sendTimer: ReturnType<typeof setTimeout> | undefined;
  #nAnswers = 0;
  #pause = RETRY_FIRST_MILLIS;
  #wake = new AbortController();
  #awarenessTimer: ReturnType<typeof setTimeout> | undefined;
  #awarenessAt = Number.NEGATIVE_INFINITY;

  constructor(options: DraftSyncOptions) {
    this.#options = options;
    this.#copies = new UnsentUpdates(options.account, options.ref);
    this.doc.on("update", this.#noteUpdate);
    this.awareness.on("update", this.#noteAwareness);
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly state = (): DraftState => this.#state;

  /** Reads the draft, with what this browser could not send before, and follows it. */
  async open(): Promise<void> {
    for (
      let pause = RETRY_FIRST_MILLIS;
      !this.#ended.signal.aborted;
      pause = Math.min(2 * pause, RETRY_MAX_MILLIS)
    ) {
      try {
        await this.#readDraft();
        break;
      } catch (error) {
        if (this.#ended.signal.aborted) return;
        if (!isPassing(error)) return this.#stop({ kind: "closed", error: error as Error });
        this.#set({ kind: "opening", error: error as Error });
        await sleep(pause, this.#ended.signal);
      }
    }
    if (this.#ended.signal.aborted) return;
    if (!this.#options.canEdit(this.doc)) return this.#stop({ kind: "outdated" });
    await this.#takeCopies();
    if (this.#ended.signal.aborted) return;
    this.#isConnected = true;
    this.#tell();
    void this.#send();
    void followChanges(
      {
        client: this.#client,
        path: () => changesPath(this.#options.ref, this.#seq),
        onOpen: () => {
          this.#isConnected = true;
          this.#tell();
          this.#wake.abort();
          void this.#send();
          this.#sendAwarenessSoon();
        },
        onChange: this.#noteReceived,
        onAwareness: (_, state) => {
          const isNew = this.awareness.getStates().size;
          applyAwarenessUpdate(this.awareness, state, this);
          // who has just come does not know where the others are
          if (this.awareness.getStates().size > isNew) this.#sendAwarenessSoon();
        },
        onLost: () => {
          this.#isConnected = false;
          this.#tell();
        },
        onRefused: (error) => this.#stop({ kind: "closed", error }),
      },
      this.#ended.signal,
    );
  }

  /** Sends what waits; resolves to whether all of it is durable, at the latest after some seconds. */
  async flush(millis = 5_000): Promise<boolean> {
    const end = performance.now() + millis;
    void this.#send();
    while (this.#unsent.length > 0 && performance.now() < end && this.#state.kind === "open")
      await sleep(20, this.#ended.signal);
    return this.#unsent.length === 0;
  }

  /** Sends what waits while the page is being closed, as far as the browser lets it. */
  readonly sendLast = (): void => {
    if (this.#unsent.length === 0 || this.#state.kind !== "open") return;
    this.#copyUnsent();
    const update = Y.mergeUpdates(this.#unsent.map((unsent) => unsent.update));
    void sendUpdate(this.#options.ref, this.#client, update, true).catch(() => {});
  };

  /** Sends what waits, and that its writer has left, while the page is being closed. */
  readonly leave = (): void => {
    this.sendLast();
    const state = this.awareness.getLocalState();
    this.#sendLeft();
    // the browser may keep the page, and show it again
    const onShow = () => this.awareness.setLocalState(state);
    window.addEventListener("pageshow", onShow, { once: true, signal: this.#ended.signal });
  };

  #sendLeft(): void {
    removeAwarenessStates(this.awareness, [this.doc.clientID], "closed");
    const state = encodeAwarenessUpdate(this.awareness, [this.doc.clientID]);
    if (this.#isConnected) void sendAwareness(this.#options.ref, this.#client, state, true).catch(() => {});
  }

  /** Ends it. What is not durable stays in the browser. */
  async close(): Promise<void> {
    if (this.#state.kind === "open") this.#copyUnsent();
    this.#sendLeft();
    this.#end();
    await Promise.all(this.#unsent.map(({ copy }) => copy));
    this.#copies.close();
    this.awareness.destroy();
    this.doc.destroy();
  }

  #stop(state: DraftState): void {
    if (this.#ended.signal.aborted) return;
    this.#end();
    this.#set(state);
  }

  #end(): void {
    this.#ended.abort();
    this.#wake.abort();
    this.doc.off("update", this.#noteUpdate);
    this.awareness.off("update", this.#noteAwareness);
    clearTimeout(this.#sendTimer);
    clearTimeout(this.#copyTimer);
    clearTimeout(this.#awarenessTimer);
    clearTimeout(this.#receiveTimer);
  }

  #set(state: DraftState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }

  #tell(): void {
    if (this.#ended.signal.aborted) return;
    const nUnsent = this.#unsent.reduce((sum, { nEdits }) => sum + nEdits, 0);
    const before = this.#state;
    const nAnswers = this.#nAnswers;
    const isSame =
      before.kind === "open" &&
      before.isConnected === this.#isConnected &&
      before.nUnsent === nUnsent &&
      before.nAnswers === nAnswers;
    if (!isSame) this.#set({ kind: "open", isConnected: this.#isConnected, nUnsent, nAnswers });
  }

  // What the server has

  /** Gives the whole draft, so that its state is known, too. */
  async #readDraft(): Promise<Uint8Array> {
    const { update, seq, schema } = await readDraft(this.#options.ref, this.#ended.signal);
    if (schema > SCHEMA) this.#stop({ kind: "outdated" });
    else this.#receive([update]);
    this.#seq = Math.max(this.#seq, seq);
    return update;
  }

  /** Sends all that the server lacks, as it lacks something that the next updates need. */
  async #synchronize(): Promise<void> {
    const update = await this.#readDraft();
    const missing = Y.encodeStateAsUpdate(this.doc, Y.encodeStateVectorFromUpdate(update));
    const nEdits = this.#unsent.reduce((sum, unsent) => sum + unsent.nEdits, 0);
    const before = this.#unsent;
    this.#unsent = [{ update: missing, nEdits: Math.max(1, nEdits), copy: null }];
    this.#copyUnsent();
    for (const unsent of before) this.#removeCopy(unsent);
  }

  readonly #noteReceived = (seq: number, update: Uint8Array | null): void => {
    this.#received.push([seq, update]);
    this.#receiveTimer ??= setTimeout(() => {
      this.#receiveTimer = undefined;
      const batch = this.#received;
      this.#received = [];
      const updates = batch.flatMap(([, received]) => received ?? []);
      if (updates.length > 0) this.#receive(updates);
      this.#seq = Math.max(this.#seq, ...batch.map(([number]) => number));
    }, RECEIVE_MILLIS);
  };

  #receive(updates: readonly Uint8Array[]): void {
    this.#isReceiving = true;
    try {
      this.doc.transact(() => {
        for (const update of updates) Y.applyUpdate(this.doc, update, this);
      }, this);
    } finally {
      this.#isReceiving = false;
    }
    if (this.#state.kind === "open" && !this.#options.hasKnownTop(this.doc)) this.#stop({ kind: "outdated" });
  }

  // What this page has

  readonly #noteUpdate = (update: Uint8Array, origin: unknown): void => {
    if (origin === this) return;
    // the editor removes at once what it cannot show: that must reach no one
    if (this.#isReceiving && origin === this.#options.editorOrigin) {
      this.#stop({ kind: "outdated" });
      return;
    }
    this.#unsent.push({ update, nEdits: 1, copy: null });
    this.#copyTimer ??= setTimeout(() => {
      this.#copyTimer = undefined;
      this.#copyUnsent();
    }, COPY_MILLIS);
    this.#tell();
    if (!this.#isSending) this.#sendTimer ??= setTimeout(() => void this.#send(), BATCH_MILLIS);
  };

  async #send(): Promise<void> {
    clearTimeout(this.#sendTimer);
    this.#sendTimer = undefined;
    if (this.#isSending || this.#state.kind !== "open") return;
    this.#isSending = true;
    try {
      while (this.#unsent.length > 0 && !this.#ended.signal.aborted) await this.#sendBatch();
    } finally {
      this.#isSending = false;
    }
  }

  async #sendBatch(): Promise<void> {
    let n = 0;
    let bytes = 0;
    for (const { update } of this.#unsent) {
      if (n > 0 && bytes + update.length > BATCH_BYTES) break;
      n += 1;
      bytes += update.length;
    }
    const batch = this.#unsent.slice(0, n);
    const update =
      batch.length === 1 ? batch[0]!.update : Y.mergeUpdates(batch.map((unsent) => unsent.update));
    try {
      await sendUpdate(this.#options.ref, this.#client, update, false);
      for (const unsent of this.#unsent.splice(0, n)) this.#removeCopy(unsent);
      this.#pause = RETRY_FIRST_MILLIS;
      this.#nAnswers += 1;
      this.#tell();
      // what is typed meanwhile goes together
      if (this.#unsent.length > 0) await sleep(BATCH_MILLIS, this.#ended.signal);
    } catch (error) {
      if (this.#ended.signal.aborted) return;
      await this.#answerFailure(error);
    }
  }

  async #answerFailure(error: unknown): Promise<void> {
    const status = error instanceof ApiError ? error.status : 0;
    if (status === 412) return this.#stop({ kind: "outdated" });
    if (status === 409) return this.#synchronize().catch(() => this.#wait());
    if (isPassing(error)) return this.#wait();
    if (status === 400 || status === 413 || status === 422) {
      for (const unsent of this.#unsent.splice(0)) this.#removeCopy(unsent);
      return this.#stop({ kind: "refused", reason: (error as ApiError).message });
    }
    return this.#stop({ kind: "closed", error: error as Error });
  }

  /** Waits before the next attempt, or until the stream is there again. */
  async #wait(): Promise<void> {
    this.#wake = new AbortController();
    await sleep(this.#pause * (0.75 + Math.random() / 2), this.#wake.signal);
    this.#pause = Math.min(this.#pause * 2, RETRY_MAX_MILLIS);
  }

  // Cursors

  readonly #noteAwareness = (_: unknown, origin: unknown): void => {
    if (origin !== this) this.#sendAwarenessSoon();
  };

  #sendAwarenessSoon(): void {
    if (!this.#isConnected || this.#awarenessTimer !== undefined) return;
    const wait = Math.max(0, this.#awarenessAt + AWARENESS_MILLIS - performance.now());
    this.#awarenessTimer = setTimeout(() => {
      this.#awarenessTimer = undefined;
      this.#awarenessAt = performance.now();
      const state = encodeAwarenessUpdate(this.awareness, [this.doc.clientID]);
      void sendAwareness(this.#options.ref, this.#client, state, false).catch(() => {});
    }, wait);
  }

  // Copies in the browser

  #copyUnsent(): void {
    for (const unsent of this.#unsent) unsent.copy ??= this.#copies.add(unsent.update);
  }

  #removeCopy({ copy }: Unsent): void {
    void copy?.then((key) => this.#copies.remove(key === null ? [] : [key]));
  }

  /** Takes what an earlier page could not send. */
  async #takeCopies(): Promise<void> {
    for (const [key, update] of await this.#copies.read()) {
      Y.applyUpdate(this.doc, update, this);
      this.#unsent.push({ update, nEdits: 1, copy: Promise.resolve(key) });
    }
  }
}
