/**
 * Uploads of images, each for a block that is in the text already.
 *
 * What fails because the server does not answer is tried again until it does.
 */

import type * as Y from "yjs";
import { ApiError, request } from "@/api/client";
import type { DraftRef } from "@/api/reports/draft-requests";
import { isPassing, sleep } from "@/api/reports/draft-stream";
import { addImage } from "@/api/reports/images";
import { readMembers, writeMembers } from "../members";

/** The origin of what an upload writes: no step of undo, which takes the whole block away. */
const UPLOAD_ORIGIN = "weft-upload";

const RETRY_FIRST_MILLIS = 500;
const RETRY_MAX_MILLIS = 8_000;
const LOOK_MILLIS = 50;

export interface Upload {
  /** What is sent; null: it is still being read from another report. */
  readonly image: Blob | null;
  /** An address of the image on this page; null: it is not here yet. */
  readonly preview: string | null;
  readonly state:
    | { readonly is: "sending"; readonly isLate: boolean }
    | { readonly is: "failed"; readonly reason: string }
    | { readonly is: "stored"; readonly sha256: string };
}

/** Gives the content of an image. */
type Source = (signal: AbortSignal) => Promise<Blob>;

export class ImageUploads {
  readonly #ref: DraftRef;
  readonly #doc: Y.Doc;
  readonly #uploads = new Map<string, Upload>();
  readonly #sources = new Map<string, Source>();
  readonly #listeners = new Set<() => void>();
  readonly #ended = new AbortController();

  constructor(ref: DraftRef, doc: Y.Doc) {
    this.#ref = ref;
    this.#doc = doc;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** The upload of a block; null: it has none. */
  of(id: string): Upload | null {
    return this.#uploads.get(id) ?? null;
  }

  /** The number of images that are not stored yet and may still be. */
  readonly nSending = (): number => {
    let n = 0;
    for (const { state } of this.#uploads.values()) if (state.is === "sending") n += 1;
    return n;
  };

  /** Sends a file for a block. */
  start(id: string, file: Blob): void {
    this.#begin(id, () => Promise.resolve(file), file);
  }

  /** Adds an image of another report for a block. @param path below the API */
  copy(id: string, path: string): void {
    this.#begin(id, async (signal) => (await request(path, { signal })).blob(), null);
  }

  /** Gives a copy of a block the upload of its original, if that is not stored yet. */
  follow(from: string, to: string): void {
    const source = this.#sources.get(from);
    const upload = this.of(from);
    if (source && upload && upload.state.is !== "stored") this.#begin(to, source, upload.image);
  }

  retry(id: string): void {
    const source = this.#sources.get(id);
    if (source) this.#begin(id, source, this.of(id)?.image ?? null);
  }

  /** Gives a block the image that was stored for it: it may have been taken back, and brought again. */
  place(id: string): void {
    const state = this.of(id)?.state;
    const members = readMembers(this.#doc, "image", id);
    if (state?.is !== "stored" || !members || members.sha256 || members.url) return;
    writeMembers(this.#doc, "image", id, { sha256: state.sha256, url: undefined }, UPLOAD_ORIGIN);
  }

  /** Waits until nothing is being sent. @returns false: something still is */
  async settle(millis: number): Promise<boolean> {
    const end = performance.now() + millis;
    while (this.nSending() > 0 && performance.now() < end) await sleep(LOOK_MILLIS, this.#ended.signal);
    return this.nSending() === 0;
  }

  close(): void {
    this.#ended.abort();
    for (const { preview } of this.#uploads.values()) if (preview) URL.revokeObjectURL(preview);
    this.#uploads.clear();
    this.#sources.clear();
  }

  #begin(id: string, source: Source, image: Blob | null): void {
    this.#sources.set(id, source);
    this.#set(id, { image, state: { is: "sending", isLate: false } });
    void this.#send(id, source);
  }

  async #send(id: string, source: Source): Promise<void> {
    const { signal } = this.#ended;
    const { project, report } = this.#ref;
    // another file may have been chosen for the block meanwhile
    const isCurrent = () => !signal.aborted && this.#sources.get(id) === source;
    for (let pause = RETRY_FIRST_MILLIS; isCurrent(); pause = Math.min(2 * pause, RETRY_MAX_MILLIS)) {
      try {
        const image = await source(signal);
        if (!isCurrent()) return;
        this.#set(id, { image });
        const { sha256 } = await addImage(project, report, image, signal);
        if (!isCurrent()) return;
        this.#set(id, { state: { is: "stored", sha256 } });
        this.place(id);
        return;
      } catch (error) {
        if (!isCurrent()) return;
        if (!isPassing(error) || isFull(error)) {
          const reason = error instanceof Error ? error.message : String(error);
          this.#set(id, { state: { is: "failed", reason } });
          return;
        }
        this.#set(id, { state: { is: "sending", isLate: true } });
        await sleep(pause, signal);
      }
    }
  }

  #set(id: string, part: Partial<Upload>): void {
    const before = this.of(id);
    const next = {
      image: null,
      preview: null,
      state: { is: "sending", isLate: false },
      ...before,
      ...part,
    } as const;
    if (next.image !== before?.image) {
      if (before?.preview) URL.revokeObjectURL(before.preview);
      this.#uploads.set(id, { ...next, preview: next.image && URL.createObjectURL(next.image) });
    } else this.#uploads.set(id, next);
    for (const listener of this.#listeners) listener();
  }
}

/** A quota or a disk is full: only people can change that. */
function isFull(error: unknown): boolean {
  return error instanceof ApiError && error.status === 507;
}
