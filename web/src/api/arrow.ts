/**
 * Arrow IPC off the wire: cuts a byte stream into messages as they arrive, and reads series from a batch.
 *
 * Step of the data's way: after `POST …/series`, before `data/columns.ts`. A whole answer is never waited
 * for: the first panel is drawn while the server still computes the second.
 */

import { type Table, tableFromIPC } from "@uwdata/flechette";
import type { SeriesColumns } from "@/data/columns";

const CONTINUATION = 0xffffffff;
const RECORD_BATCH = 3;

/** Collects bytes and gives back whole Arrow messages, each with a copy of its own (so aligned) bytes. */
class MessageCutter {
  #pending = new Uint8Array(0);

  /** Add bytes; returns the messages that are complete now, in order. */
  push(bytes: Uint8Array): Uint8Array<ArrayBuffer>[] {
    const joined = new Uint8Array(this.#pending.length + bytes.length);
    joined.set(this.#pending);
    joined.set(bytes, this.#pending.length);
    const messages: Uint8Array<ArrayBuffer>[] = [];
    let at = 0;
    for (;;) {
      const size = messageSize(joined, at);
      if (size === null || at + size > joined.length) break;
      if (size > 8) messages.push(joined.slice(at, at + size));
      at += size;
    }
    this.#pending = joined.slice(at);
    return messages;
  }
}

/** Bytes of the message that starts at `at`, or null when too little of it is here. */
function messageSize(bytes: Uint8Array, at: number): number | null {
  if (bytes.length - at < 8) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  if (view.getUint32(at, true) !== CONTINUATION) throw new Error("the answer is no Arrow stream");
  const metadata = view.getInt32(at + 4, true);
  if (metadata === 0) return 8; // end of stream
  if (bytes.length - at < 8 + metadata) return null;
  const body = messageField(view, at + 8, 3);
  return 8 + metadata + (body === 0 ? 0 : Number(view.getBigInt64(body, true)));
}

/** Whether a whole message is a record batch (else a schema or a dictionary). */
function isRecordBatch(message: Uint8Array): boolean {
  const view = new DataView(message.buffer, message.byteOffset);
  const type = messageField(view, 8, 1);
  return type !== 0 && view.getUint8(type) === RECORD_BATCH;
}

/** Where field `id` of the flatbuffer table `Message` at `at` lies; 0 when it holds its default. */
function messageField(view: DataView, at: number, id: number): number {
  const table = at + view.getUint32(at, true);
  const vtable = table - view.getInt32(table, true);
  const slot = 4 + 2 * id;
  if (slot >= view.getUint16(vtable, true)) return 0;
  const offset = view.getUint16(vtable + slot, true);
  return offset === 0 ? 0 : table + offset;
}

/** Reads record batches one by one, keeping the schema that came first. */
export class BatchReader {
  readonly #cutter = new MessageCutter();
  #prefix: Uint8Array<ArrayBuffer>[] = [];

  /** Add bytes; returns the series of each batch that is complete now. */
  push(bytes: Uint8Array): SeriesColumns[][] {
    const batches: SeriesColumns[][] = [];
    for (const message of this.#cutter.push(bytes)) {
      if (isRecordBatch(message)) batches.push(seriesFromTable(tableFromIPC([...this.#prefix, message])));
      else this.#prefix.push(message);
    }
    return batches;
  }
}

/** The rows of a table of series, in the order sent. */
function seriesFromTable(table: Table): SeriesColumns[] {
  const column = (name: string) => {
    const found = table.getChild(name);
    if (!found) throw new Error(`the answer has no column ${name}`);
    return found;
  };
  const [run, key, bucket] = [column("run"), column("key"), column("bucket")];
  const [level, first, origin] = [column("level"), column("first_bucket"), column("origin_micros")];
  const [points, base, odd] = [column("n_points"), column("base"), column("odd")];
  const [min, max, mean] = [column("min"), column("max"), column("mean")];
  const [nan, posInf, negInf] = [column("nan"), column("pos_inf"), column("neg_inf")];
  return Array.from({ length: table.numRows }, (_, i) => ({
    run: String(run.at(i)),
    key: String(key.at(i)),
    level: Number(level.at(i)),
    firstBucket: Number(first.at(i)),
    originMicros: Number(origin.at(i)),
    nPoints: Number(points.at(i)),
    base: Number(base.at(i)),
    bucket: Uint16Array.from(bucket.at(i)),
    min: Float32Array.from(min.at(i)),
    max: Float32Array.from(max.at(i)),
    mean: Float32Array.from(mean.at(i)),
    odd: Uint16Array.from(odd.at(i)),
    nan: Uint32Array.from(nan.at(i)),
    posInf: Uint32Array.from(posInf.at(i)),
    negInf: Uint32Array.from(negInf.at(i)),
  }));
}
