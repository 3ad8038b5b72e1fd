import { QueryClient } from "@tanstack/react-query";
import { afterEach, describe, expect, it, vi } from "vitest";
import { sharedRef } from "../client";
import { aimedColumnsQuery, namedColumnsQuery, parametersQuery, patternsOf } from "./columns";

describe("patterns of names", () => {
  it("escape what has a meaning in a pattern, and no letter", () => {
    expect(patternsOf(["summary.val/größe", "a(b)", "学習率"])).toEqual([
      "^(summary\\.val/größe|a\\(b\\)|学習率)$",
    ]);
    expect(patternsOf([])).toEqual([]);
  });

  it("are several where one would be too long", () => {
    const names = Array.from({ length: 40 }, (_, i) => `${"x".repeat(60)}${i}`);
    const patterns = patternsOf(names);
    expect(patterns.length).toBeGreaterThan(1);
    for (const pattern of patterns) expect(pattern.length).toBeLessThan(1000);
    const matched = names.filter((name) => patterns.some((pattern) => new RegExp(pattern).test(name)));
    expect(matched).toEqual(names);
  });
});

describe("columns of a share", () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  function serve(status: number, answer: object) {
    const paths: string[] = [];
    vi.stubGlobal("fetch", (input: unknown) => {
      paths.push(String(input));
      return Promise.resolve(Response.json(answer, { status }));
    });
    return paths;
  }

  it("come from its runs, which are read once for all panels", async () => {
    const definitions = [{ name: "loss", summary: [], goal: "minimize" }];
    const runs = [{ config: { lr: 0.1 }, summary: { loss: 1 }, definitions }];
    const paths = serve(200, { runs, cursor: null, total: 1 });
    const client = new QueryClient();
    const ref = sharedRef("a.code");
    const [parameters, aimed, named] = await Promise.all([
      client.fetchQuery(parametersQuery(ref)),
      client.fetchQuery(aimedColumnsQuery(ref)),
      client.fetchQuery(namedColumnsQuery(ref, ["summary.loss", "summary.loss.min"])),
    ]);
    expect(parameters.map(({ column }) => column)).toEqual(["config.lr"]);
    expect(aimed.columns[0]!.column).toBe("summary.loss");
    expect(named.map(({ column }) => column)).toEqual(["summary.loss"]);
    expect(paths).toEqual(["/api/v1/shared/a.code/runs/query"]);
  });

  it("are empty where it shows one panel only", async () => {
    serve(403, { code: "forbidden", detail: "this share shows one panel", status: 403 });
    expect(await new QueryClient().fetchQuery(parametersQuery(sharedRef("a.code")))).toEqual([]);
  });
});
