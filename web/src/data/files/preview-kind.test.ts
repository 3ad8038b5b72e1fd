import { describe, expect, test } from "vitest";
import { MEDIA_KINDS } from "../lists.gen";
import { isText, KINDS_BY_ENDING, OTHER_KINDS, previewKind } from "./preview-kind";

describe("previewKind", () => {
  test.each([
    ["media/plotly/fig_0_ab.plotly.json", "application/json", "plotly"],
    ["config.json", "application/json", "json"],
    ["a/b.CSV", "text/csv", "table"],
    ["media/table/t.table.parquet", "application/octet-stream", "table"],
    ["notes.MD", "text/markdown", "markdown"],
    ["scene.glb", "model/gltf-binary", "object3d"],
    ["scan", "image/tiff", "image"],
    ["train.py", "text/x-python", "text"],
    ["Makefile", "application/octet-stream", "unknown"],
    ["model.safetensors", "application/octet-stream", "none"],
    [".json", "application/json", "json"],
    ["folder.png/plain", "text/plain", "text"],
  ] as const)("%s of %s is shown as %s", (path, type, kind) => {
    expect(previewKind(path, type)).toBe(kind);
  });

  test("no kind of files has the name or an ending of a media kind", () => {
    expect(Object.keys(OTHER_KINDS).filter((kind) => kind in MEDIA_KINDS)).toEqual([]);
    const endings = KINDS_BY_ENDING.map(([ending]) => ending);
    expect(endings.filter((ending, i) => endings.indexOf(ending) !== i)).toEqual([]);
  });
});

describe("isText", () => {
  const bytes = (text: string) => new TextEncoder().encode(text);
  test("a text is one, also when its last character is cut", () => {
    expect(isText(bytes("one\n"))).toBe(true);
    expect(isText(bytes("né").slice(0, 2))).toBe(true);
    expect(isText(new Uint8Array())).toBe(true);
  });
  test("bytes are not text", () => {
    expect(isText(new Uint8Array([80, 75, 0, 4]))).toBe(false);
    expect(isText(new Uint8Array([0xff, 0xfe, 65]))).toBe(false);
  });
});
