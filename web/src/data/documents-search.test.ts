import { expect, test } from "vitest";
import { readContents, searchSections, sectionsOf } from "./documents";

const TEXTS = import.meta.glob<string>("../../../docs/**/*.md", {
  query: "?raw",
  import: "default",
  eager: true,
});
const read = (path: string) => TEXTS[`../../../docs/${path}`]!;
const SECTIONS = readContents(read("README.md"))
  .flatMap((group) => group.entries)
  .flatMap((entry) => sectionsOf(entry, read(entry.path)));

/** Searches as people type them, in W&B's terms too, and the page that answers each. */
const CASES: Readonly<Record<string, readonly string[]>> = {
  "log images": ["media"],
  video: ["media"],
  "log table": ["tables"],
  resume: ["client"],
  offline: ["client", "set-ups"],
  sweep: ["sweeps"],
  "early termination": ["sweeps"],
  group: ["client", "line-charts", "find-runs", "charts"],
  tags: ["client", "find-runs"],
  define_metric: ["client", "charts"],
  artifact: ["artifacts"],
  "download artifact": ["artifacts"],
  alert: ["client"],
  config: ["client"],
  summary: ["client"],
  histogram: ["media"],
  "confusion matrix": ["plots"],
  "roc curve": ["plots"],
  gpu: ["system-metrics"],
  docker: ["docker"],
  slurm: ["slurm"],
  "api key": ["people", "settings", "server"],
  login: ["client", "people", "server"],
  "delete run": ["api", "faq", "moving", "server", "find-runs"],
  lightning: ["lightning"],
  huggingface: ["transformers"],
  pandas: ["api"],
  export: ["moving", "api"],
  share: ["sharing"],
  compare: ["find-runs"],
  backup: ["server"],
  security: ["securing"],
  "model registry": ["registry"],
  watch: ["watch"],
  checkpoint: ["checkpoints"],
  tensorboard: ["frameworks"],
  smoothing: ["line-charts"],
  filter: ["filters"],
  upgrade: ["upgrading"],
  distributed: ["client"],
  ddp: ["client", "pytorch"],
};

for (const [typed, pages] of Object.entries(CASES))
  test(`the first answer to "${typed}" is ${pages.join(" or ")}`, () => {
    const names = searchSections(SECTIONS, typed).map(
      (match) => `${match.entry.name}#${match.heading?.text ?? ""}`,
    );
    expect(names.slice(0, 6).map((name) => name.split("#")[0])[0], names.slice(0, 6).join(", ")).toBeOneOf([
      ...pages,
    ]);
  });

test("a heading typed whole that the list names for its page comes before the page", () => {
  const [first] = searchSections(SECTIONS, "who may see it");
  expect(first?.heading?.text).toBe("Who may see it");
});
