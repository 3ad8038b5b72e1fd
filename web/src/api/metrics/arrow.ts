/**
 * Arrow IPC off the wire: cuts a byte stream into messages as they arrive, and reads series from a batch.
 *
 * Step of the data's way: after `POST …/series`, before `data/curves/columns.ts`. A whole answer is never waited
 * for: the first panel is drawn while the server still computes the second.
 */

import { type Table, tableFromIPC } from "@uwdata/flechette";
import type { Floats, MissingSeries, PanelSeries, SeriesColumns } from "@/data/curves/columns";
import type { AxisKind } from "@/data/view/settings";
import { groupId } from "@/data/view/view";

const CONTINUATION = 0xffffffff;
const SCHEMA = 1;
const RECORD_BATCH = 3;

/** Collects bytes and gives back whole Arrow messages, each with a copy of its own (so aligned) bytes. */
class MessageCutter {
  #pending: Uint8Array[] = [];
  #nPending = 0;
  /** Bytes of the first message, as far as known. */
  #nNeeded = 8;

  /** Add bytes; returns the messages that are complete now, in order. */
  push(bytes: Uint8Array): Uint8Array<ArrayBuffer>[] {
    this.#pending.push(bytes);
    this.#nPending += bytes.length;
    // a message of megabytes comes in many parts: they are joined once
    if (this.#nPending < this.#nNeeded) return [];
    const joined = new Uint8Array(this.#nPending);
    let end = 0;
    for (const part of this.#pending) {
      joined.set(part, end);
      end += part.length;
    }
    const messages: Uint8Array<ArrayBuffer>[] = [];
    let at = 0;
    for (;;) {
      const size = messageSize(joined, at);
      if (size === null || at + size > joined.length) {
        this.#nNeeded = size ?? joined.length - at + 1;
        break;
      }
      if (size > 8) messages.push(joined.slice(at, at + size));
      at += size;
    }
    this.#pending = [joined.subarray(at)];
    this.#nPending = joined.length - at;
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

/** The kind of a whole message: a schema, a dictionary or a record batch. */
function kindOf(message: Uint8Array): number {
  const view = new DataView(message.buffer, message.byteOffset);
  const type = messageField(view, 8, 1);
  return type === 0 ? 0 : view.getUint8(type);
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

/** Reads record batches one by one, each with the schema before it: stored answers are streams after each other. */
export class BatchReader {
  readonly #cutter = new MessageCutter();
  readonly #axes: readonly AxisKind[];
  #prefix: Uint8Array<ArrayBuffer>[] = [];
  #nBatches = 0;

  /** @param axes what the panels asked for, in order: the answer does not say */
  constructor(axes: readonly AxisKind[]) {
    this.#axes = axes;
  }

  /** Add bytes; returns the answer of each batch that is complete now. */
  push(bytes: Uint8Array): PanelSeries[] {
    const batches: PanelSeries[] = [];
    for (const message of this.#cutter.push(bytes)) {
      const kind = kindOf(message);
      if (kind !== RECORD_BATCH) {
        this.#prefix = kind === SCHEMA ? [message] : [...this.#prefix, message];
        continue;
      }
      const axis = this.#axes[this.#nBatches++] ?? "step";
      const table = tableFromIPC([...this.#prefix, message]);
      batches.push({ ...panelFromTable(table, axis), nBytes: message.length });
    }
    return batches;
  }
}

/** The rows of a table: series in the order sent, and those without points. */
function panelFromTable(table: Table, axis: AxisKind): Omit<PanelSeries, "nBytes"> {
  const column = (name: string) => {
    const child = table.getChild(name);
    if (!child) throw new Error(`the answer has no column ${name}`);
    return child;
  };
  const text = (name: string) => {
    const values = column(name);
    return (i: number) => String(values.at(i));
  };
  const number = (name: string) => {
    const values = column(name);
    return (i: number) => Number(values.at(i));
  };
  const list = <T>(name: string) => {
    const values = column(name);
    return (i: number) => values.at(i) as T;
  };
  const [run, key, part, group, axisMetric] = [
    text("run"),
    text("key"),
    text("part"),
    text("group"),
    text("axis_metric"),
  ];
  const [level, first, origin] = [number("level"), number("first_bucket"), number("origin_micros")];
  const [nPoints, nEndPoints, nRuns] = [number("n_points"), number("n_end_points"), number("n_runs")];
  const [base, scale] = [number("base"), number("scale")];
  const [bucket, nonfinite] = [list<Uint16Array>("bucket"), list<Uint16Array>("nonfinite")];
  const offset = list<Float32Array>("offset");
  // whole digits where they were asked for; they have neither base nor scale
  const isExact = Boolean(table.getChild("mean64"));
  const floats = (name: string) => list<Floats>(isExact ? `${name}64` : name);
  const [min, max, mean, low, high] = [
    floats("min"),
    floats("max"),
    floats("mean"),
    floats("low"),
    floats("high"),
  ];
  const exact = isExact
    ? { last: list<Floats>("last"), firstNonfinite: number("first_nonfinite_step") }
    : null;
  const runs = list<Uint32Array>("runs");
  const [nan, posInf, negInf] = [
    list<Uint32Array>("nan"),
    list<Uint32Array>("pos_inf"),
    list<Uint32Array>("neg_inf"),
  ];
  const reason = text("reason");
  const series: SeriesColumns[] = [];
  const missing: MissingSeries[] = [];
  for (let i = 0; i < table.numRows; i++) {
    const name = { run: run(i), key: key(i), part: part(i), group: groupName(group(i)) };
    const why = reason(i);
    if (why) {
      missing.push({ ...name, axisMetric: axisMetric(i), reason: why });
      continue;
    }
    const isScaled = !isExact && scale(i) !== 1;
    const whole = (values: Floats) => (isScaled ? unscaled(values, scale(i), base(i)) : values);
    series.push({
      ...name,
      axis,
      axisMetric: axisMetric(i),
      level: level(i),
      firstBucket: first(i),
      originMicros: origin(i),
      nPoints: nPoints(i),
      nEndPoints: nEndPoints(i),
      nRuns: nRuns(i),
      base: isExact || isScaled ? 0 : base(i),
      bucket: bucket(i),
      offset: offset(i),
      min: whole(min(i)),
      max: whole(max(i)),
      mean: whole(mean(i)),
      low: whole(low(i)),
      high: whole(high(i)),
      runs: runs(i),
      nonfinite: nonfinite(i),
      nan: nan(i),
      posInf: posInf(i),
      negInf: negInf(i),
      ...(exact && { last: exact.last(i), firstNonfinite: exact.firstNonfinite(i) }),
    });
  }
  const bounds = table.numRows > 0 ? ([number("bound_lo")(0), number("bound_hi")(0)] as const) : null;
  return { series, missing, bounds: bounds && Number.isFinite(bounds[0]) ? bounds : null };
}

/** Values too small or too large for float32, as they were logged to seven digits. */
function unscaled(values: Floats, scale: number, base: number): Float64Array {
  return Float64Array.from(values, (value) => value * scale + base);
}

/** The server writes `1.0`, `groupId` of the same values `1`. */
function groupName(text: string): string {
  return text && groupId(JSON.parse(text) as unknown[]);
}
