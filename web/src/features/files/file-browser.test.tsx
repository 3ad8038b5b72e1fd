import { screen, waitFor } from "@testing-library/react";
import { expect, test } from "vitest";
import type { FolderPage } from "@/api/files/files";
import { renderPage } from "@/testing/render";
import { FakeServer, PROJECT } from "@/testing/server";
import { FileBrowser } from "./file-browser";
import { type FileSource, FileSourceContext } from "./file-source";

/** Files at the outermost level, next to a folder that weft fills. */
function sourceOf(paths: readonly string[], requested: string[]): FileSource {
  const files = paths.map((path) => ({ path, n_bytes: 1, state: "stored" }));
  const folders = [{ name: "artifacts", n_files: 1, n_bytes: 1 }];
  return {
    project: PROJECT,
    owner: "The run",
    isLive: false,
    totals: { n_files: paths.length + 1, n_bytes: 9 },
    awaited: "",
    run: { id: "a", name: "a", color: 1, isLive: false },
    artifact: null,
    ownFolders: ["artifacts"],
    folder: (folder) => ({
      queryKey: ["folder", folder],
      queryFn: () => ({ folders, files, cursor: null }) as unknown as FolderPage,
    }),
    matches: () => ({ queryKey: ["matches"], queryFn: () => new Promise(() => {}) }),
    file: (path) => ({
      queryKey: ["file", path],
      queryFn: () => {
        requested.push(path);
        return null;
      },
    }),
    zipUrl: () => "",
  };
}

async function open(paths: readonly string[]) {
  new FakeServer([]);
  const requested: string[] = [];
  await renderPage(
    <FileSourceContext value={sourceOf(paths, requested)}>
      <FileBrowser none="No files" />
    </FileSourceContext>,
  );
  return requested;
}

test("the first file is open before one is chosen, and what weft keeps comes last", async () => {
  const requested = await open(["metrics.csv", "weights.pt"]);
  await screen.findByRole("region", { name: "metrics.csv" });
  expect(requested).toEqual(["metrics.csv"]);
  const rows = screen.getAllByRole("treeitem").map(({ textContent }) => textContent);
  expect(rows.map((text) => /metrics|weights|artifacts/.exec(text)?.[0])).toEqual([
    "metrics",
    "weights",
    "artifacts",
  ]);
});

test("without a file at the outermost level none is open", async () => {
  const requested = await open([]);
  await waitFor(() => expect(screen.getAllByRole("treeitem")).toHaveLength(1));
  expect(requested).toEqual([]);
});
