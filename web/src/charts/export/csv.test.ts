import { describe, expect, it } from "vitest";
import type { SeriesColumns } from "@/data/curves/columns";
import { seriesOf } from "@/testing/series";
import { curveOf } from "../line/curve";
import { csvOf } from "./csv";

function columns(part: Partial<SeriesColumns>): SeriesColumns {
  const [min, max] = [Float32Array.of(0.1, 3), Float32Array.of(0.1, 4)];
  return seriesOf([0.1, 3.5], { run: "ab12", min, max, ...part });
}

const curve = (part: Partial<SeriesColumns>, name = "calm-harbor") =>
  curveOf(columns(part), { id: "a", name, color: 1 });

describe("CSV of a chart", () => {
  it("has a row for each point, with the digits that it was logged with", () => {
    expect(csvOf([curve({ firstBucket: 7 })])).toBe(
      "name,run,metric,step,mean,min,max\r\ncalm-harbor,ab12,loss,7,0.1,0.1,0.1\r\ncalm-harbor,ab12,loss,8,3.5,3,4\r\n",
    );
    const exact = { min: Float64Array.of(0.1 + 0.2), max: Float64Array.of(0.3), mean: Float64Array.of(0.3) };
    expect(csvOf([curve({ ...exact, bucket: Uint16Array.of(0) })])).toContain(
      ",0.3,0.30000000000000004,0.3\r\n",
    );
  });

  it("has no formula for a spreadsheet where that is asked for", () => {
    const risky = [curve({ key: "=1+1", axisMetric: "@x" }, "-calm,harbor")];
    expect(csvOf(risky).split("\r\n").slice(0, 2)).toEqual([
      "name,run,metric,@x,mean,min,max",
      '"-calm,harbor",ab12,=1+1,0,0.1,0.1,0.1',
    ]);
    expect(csvOf(risky, true).split("\r\n").slice(0, 2)).toEqual([
      "name,run,metric,'@x,mean,min,max",
      "\"'-calm,harbor\",ab12,'=1+1,0,0.1,0.1,0.1",
    ]);
  });

  it("says from where to where a row is, where it is of several steps or of a time", () => {
    const wide = csvOf([curve({ level: 3, firstBucket: 2 })]).split("\r\n");
    expect(wide[0]).toBe("name,run,metric,step_from,step_to,mean,min,max");
    expect(wide[1]).toBe("calm-harbor,ab12,loss,16,24,0.1,0.1,0.1");
    const time = csvOf([curve({ axis: "time", level: 20 })]).split("\r\n");
    expect(time[0]).toContain("seconds_from,seconds_to");
    expect(time[2]).toContain(",1.048576,2.097152,");
    const wall = csvOf([curve({ axis: "wall", level: 20, originMicros: 1e15 })]).split("\r\n");
    expect(wall[1]).toContain(",2001-09-09T01:46:40.000Z,2001-09-09T01:46:41.048Z,");
  });

  it("counts what is not finite, and leaves a value that is not there empty", () => {
    const withNonfinite = {
      mean: Float32Array.of(Number.NaN, 3.5),
      min: Float32Array.of(Number.NaN, 3),
      max: Float32Array.of(Number.NaN, 4),
      nonfinite: Uint16Array.of(0),
      nan: Uint32Array.of(2),
      posInf: Uint32Array.of(1),
      negInf: Uint32Array.of(0),
    };
    const rows = csvOf([curve(withNonfinite)]).split("\r\n");
    expect(rows[0]).toBe("name,run,metric,step,mean,min,max,nan,inf,minus_inf");
    expect(rows[1]).toBe("calm-harbor,ab12,loss,0,,,,2,1,0");
    expect(rows[2]).toBe("calm-harbor,ab12,loss,1,3.5,3,4,0,0,0");
  });

  it("quotes names, and has a group's band and runs", () => {
    const group = {
      run: "",
      group: '["a,b"]',
      low: Float32Array.of(0.05, 3),
      high: Float32Array.of(0.15, 4),
      runs: Uint32Array.of(3, 2),
    };
    const rows = csvOf([curve(group, 'the "a,b"')]).split("\r\n");
    expect(rows[0]).toBe("name,group,metric,step,center,low,high,min,max,n_runs");
    expect(rows[1]).toBe('"the ""a,b""","[""a,b""]",loss,0,0.1,0.05,0.15,0.1,0.1,3');
  });
});
