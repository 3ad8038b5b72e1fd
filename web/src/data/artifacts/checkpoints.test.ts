import { describe, expect, it } from "vitest";
import { checkpointsOf } from "./checkpoints";

function version(name: string, at: number, aliases: readonly string[] = [], type = "model") {
  return { type, version: name, aliases, created_micros: at };
}

function read(versions: Parameters<typeof checkpointsOf>[0]) {
  return checkpointsOf(versions).map(({ title, artifact }) => [title, artifact.version]);
}

describe("the checkpoints of a run", () => {
  it("are the version called best, and the one logged last", () => {
    const versions = [version("v0", 1), version("v1", 2, ["best-val"]), version("v2", 3, ["latest"])];
    expect(read([...versions, version("v9", 9, ["best"], "dataset")])).toEqual([
      ["Best model", "v1"],
      ["Last model", "v2"],
    ]);
    // the alias may have moved to the version of another run
    expect(read([version("v0", 1), version("v1", 2)])).toEqual([["Last model", "v1"]]);
  });

  it("are one where the last is the best, and none before one is stored", () => {
    expect(read([version("v0", 1), version("v1", 2, ["latest", "best"])])).toEqual([["Best model", "v1"]]);
    expect(checkpointsOf([{ ...version("", 1, ["best"]), version: null }])).toEqual([]);
    expect(read([version("v0", 1, ["bestiary"])])).toEqual([["Last model", "v0"]]);
  });
});
