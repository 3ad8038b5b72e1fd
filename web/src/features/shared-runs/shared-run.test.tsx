import { screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { sharedRef } from "@/api/client";
import type { Run } from "@/api/types";
import { renderPage } from "@/testing/render";
import { FakeServer } from "@/testing/server";
import { SharedRun } from "./shared-run";

/** The names and the texts of a card. */
async function textsOf(card: string): Promise<(string | null)[][]> {
  const lines = (await screen.findByRole("region", { name: card })).querySelectorAll("dl > div");
  return [...lines].map((line) => [...line.children].map(({ textContent }) => textContent));
}

async function render(whole: object): Promise<void> {
  const listed = { id: "r", notes: null, config: {}, summary: {}, definitions: [] };
  new FakeServer([]).on("GET", "/shared/a.b/runs/r", () => ({ ...listed, ...whole }));
  await renderPage(<SharedRun project={sharedRef("a.b")} run={listed as unknown as Run} />);
}

test("a shared run has all of its config, not only what its list has of it", async () => {
  await render({
    config: {
      data: { countries: ["de", "us"], max_seq_len: null, weights: [], sampler: {} },
      optim: { betas: [0.9, 0.98], lr: 3e-4, schedule: { warmup: 200 } },
      tied: true,
      stages: [{ epochs: 2, lr: { _type: "float", value: "inf" } }],
      _target_: "lib.Trainer",
      prompt: "long ".repeat(400),
    },
  });
  expect(await textsOf("Config")).toEqual([
    ["data.countries", '["de", "us"]'],
    ["data.max_seq_len", "null"],
    ["data.weights", "[]"],
    ["data.sampler", "{}"],
    ["optim.betas", "[0.9, 0.98]"],
    ["optim.lr", "3e−4"],
    ["optim.schedule.warmup", "200"],
    ["tied", "true"],
    ["stages", '[{"epochs": 2, "lr": inf}]'],
    ["_target_", "lib.Trainer"],
    ["prompt", "long ".repeat(400)],
  ]);
});

test("the summary of a shared run has the order and the texts of the run's own page", async () => {
  await render({
    summary: {
      best: 1_245_332,
      epoch: 3,
      grad_norm: { a: 2.5 },
      "val/wer": { min: 0.05 },
      gone: { _type: "float", value: "nan" },
      hist: { _type: "histogram", bins: [0, 1, 2], values: [3, 4] },
      image: { _type: "image-file", path: "a.png", caption: "a cat" },
      sound: { _type: "audio-file", path: "a.wav" },
      table: { _type: "table-file", path: "t.parquet", nrows: 40 },
    },
    definitions: [{ name: "val/wer", summary: ["min"], goal: "minimize" }],
  });
  expect(await textsOf("Summary")).toEqual([
    ["val/wer min", "0.05000"],
    ["best", "1,245,332"],
    ["epoch", "3"],
    ["gone", "NaN"],
    ["grad_norm.a", "2.5000"],
    ["hist", "histogram: 0 to 2"],
    ["image", "image: a cat"],
    ["sound", "audio"],
    ["table", "table: 40 rows"],
  ]);
});
