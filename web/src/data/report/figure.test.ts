import { describe, expect, it } from "vitest";
import {
  coarserRequest,
  type FigureRequest,
  FigureTable,
  joinedContent,
  readFigure,
  requestKey,
  singleRequests,
  storedRequest,
} from "./figure";

const encoder = new TextEncoder();

function packed(head: object, ...contents: readonly string[]): Uint8Array<ArrayBuffer> {
  const text = encoder.encode(JSON.stringify(head));
  const body = encoder.encode(contents.join(""));
  const bytes = new Uint8Array(4 + text.length + body.length);
  new DataView(bytes.buffer).setUint32(0, text.length, true);
  bytes.set(text, 4);
  bytes.set(body, 4 + text.length);
  return bytes;
}

function series(panel: object): FigureRequest {
  return { method: "POST", path: "series", body: { panels: [panel], full: false } };
}

function figureOf(...requests: readonly FigureRequest[]) {
  const contents = requests.map((_, i) => `answer ${i}`);
  const answers = requests.map((single, i) => ({
    ...single,
    status: 200,
    type: "x",
    n_bytes: contents[i]!.length,
  }));
  return readFigure(packed({ captured_micros: 7, answers, run_sets: { all: 0 } }, ...contents));
}

function textOf(content: Uint8Array | string | undefined): string | undefined {
  return content instanceof Uint8Array ? new TextDecoder().decode(content) : content;
}

describe("a figure", () => {
  it("has its answers one after another", () => {
    const names: FigureRequest = { method: "GET", path: "metrics/names?runs=a", body: null };
    const figure = figureOf(series({ keys: ["loss"] }), names);
    expect(figure.capturedMicros).toBe(7);
    expect(figure.answers.map(({ content }) => textOf(content))).toEqual(["answer 0", "answer 1"]);
    expect(figure.runSets.get("all")).toBe(figure.answers[0]);
    expect(textOf(new FigureTable(figure).find(names)?.content)).toBe("answer 1");
  });

  it("has the media of fewer runs, of which others still log", () => {
    const media = (runs: readonly string[], live: readonly string[]): FigureRequest => ({
      method: "POST",
      path: "media/query",
      body: { runs, keys: ["image"], step: null, skip_awaited: live },
    });
    const table = new FigureTable(figureOf(media(["a", "b"], ["b"])));
    expect(textOf(table.find(media(["a"], []))?.content)).toBe("answer 0");
    expect(table.find(media(["a", "c"], []))).toBeUndefined();
  });

  it("is not read when it is cut off", () => {
    const head = { captured_micros: 1, answers: [{ path: "x", n_bytes: 9 }], run_sets: {} };
    expect(() => readFigure(packed(head, "short"))).toThrow("cut off");
  });

  it("answers another width, another order of members, and a part of the x axis", () => {
    const whole = series({ keys: ["loss"], runs: ["a"], lo: null, n_buckets: 1000 });
    const table = new FigureTable(figureOf(series({ keys: ["acc"] }), whole));
    const answerTo = (panel: object) => textOf(table.find(series(panel))?.content);
    expect(answerTo({ n_buckets: 300, runs: ["a"], keys: ["loss"], hi: null })).toBe("answer 1");
    expect(answerTo({ n_buckets: 300, runs: ["a"], keys: ["loss"], lo: 5, hi: 9 })).toBe("answer 1");
    expect(answerTo({ n_buckets: 300, runs: ["a", "b"], keys: ["loss"] })).toBeUndefined();
  });

  it("answers for fewer runs, where they have curves of their own", () => {
    const ofRuns = series({ keys: ["loss"], runs: ["a", "b", "c"] });
    const grouped = series({ keys: ["acc"], runs: ["a", "b"], group: { by: ["config.lr"] } });
    const rows = (ids: string): FigureRequest => ({
      method: "POST",
      path: "runs/query",
      body: { filter: `id in (${ids})`, columns: ["tags"], limit: 1000 },
    });
    const table = new FigureTable(figureOf(ofRuns, grouped, rows('"a", "b"')));
    expect(textOf(table.find(series({ keys: ["loss"], runs: ["c", "a"] }))?.content)).toBe("answer 0");
    expect(table.find(series({ keys: ["loss"], runs: ["a", "d"] }))).toBeUndefined();
    expect(table.find(series({ keys: ["acc"], runs: ["a"], group: { by: ["config.lr"] } }))).toBeUndefined();
    expect(textOf(table.find(rows('"b"'))?.content)).toBe("answer 2");
    expect(table.find(rows('"b", "c"'))).toBeUndefined();
  });

  it("prefers the part that was stored, as of logarithmic axes", () => {
    const begin = series({ keys: ["loss"], lo: 0, hi: 64, n_buckets: 64 });
    const table = new FigureTable(figureOf(begin, series({ keys: ["loss"] })));
    expect(textOf(table.find(begin)?.content)).toBe("answer 0");
    expect(textOf(table.find(series({ keys: ["loss"], lo: 3, hi: 5 }))?.content)).toBe("answer 1");
  });
});

describe("a request for several things", () => {
  it("is one for each of them, whose answers are joined", () => {
    const whole: FigureRequest = {
      method: "POST",
      path: "series",
      body: { panels: [{ keys: ["a"] }, { keys: ["b"] }], full: false },
    };
    const singles = singleRequests(whole);
    expect(singles.map(({ body }) => body)).toEqual([
      { panels: [{ keys: ["a"] }], full: false },
      { panels: [{ keys: ["b"] }], full: false },
    ]);
    const { answers } = figureOf(...singles);
    expect(textOf(joinedContent("series", answers))).toBe("answer 0answer 1");
  });

  it("has a list of answers of tables", () => {
    const tables = { method: "POST", path: "tables/query-many", status: 200, type: "x", body: null } as const;
    const answers = ['{"answers":[1]}', '{"answers":[2]}'].map((text) => ({
      ...tables,
      content: encoder.encode(text),
    }));
    expect(joinedContent("tables/query-many", answers)).toBe('{"answers":[1,2]}');
  });
});

describe("a stored curve", () => {
  const buckets = (request: FigureRequest) => {
    const [panel] = (request.body?.panels ?? []) as readonly { n_buckets: number }[];
    return panel?.n_buckets;
  };

  it("is fine enough for wide windows, and less of many runs", () => {
    const of = (nRuns: number, more = {}) =>
      buckets(storedRequest(series({ runs: Array(nRuns).fill("a"), n_buckets: 300, ...more })));
    expect([of(3), of(100), of(500)]).toEqual([1000, 500, 300]);
    expect(of(100, { group: { by: [] } })).toBe(1000);
    expect(of(3, { lo: 0, hi: 64 })).toBe(300);
  });

  it("keeps the width of whole digits", () => {
    const last = {
      ...series({ runs: ["a"], n_buckets: 64 }),
      body: { panels: [{ n_buckets: 64 }], full: true },
    };
    expect(buckets(storedRequest(last))).toBe(64);
    expect(requestKey(last, true)).not.toBe(requestKey(series({ n_buckets: 64 }), true));
  });

  it("is coarser where the figure is too large", () => {
    expect(buckets(coarserRequest(series({ n_buckets: 1000 }), 2))).toBe(250);
    expect(buckets(coarserRequest(series({ n_buckets: 100 }), 3))).toBe(64);
  });
});
