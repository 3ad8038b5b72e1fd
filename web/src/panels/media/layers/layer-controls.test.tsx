import { screen, waitFor } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import type { MediaItem } from "@/api/files/media";
import { makePanel } from "@/data/view/panel";
import { renderPage } from "@/testing/render";
import { mediaOptions } from "../options";
import { LayersSide } from "./layer-controls";

const box = (id: number, score: number) => ({
  position: { minX: 0, maxX: 1, minY: 0, maxY: 1 },
  class_id: id,
  scores: { score },
});
const CLASSES = { 1: "cat", 2: "dog", 3: "cow" };
const FILES: Record<string, unknown> = {
  "/first": { box_data: [box(1, 0.14), box(1, 0.9), box(2, 0.5)], class_labels: CLASSES },
  "/truth": { box_data: [box(1, 1)], class_labels: CLASSES },
  "/second": { box_data: [box(2, 0.7), box(3, 0.2)], class_labels: CLASSES },
};

function image(...urls: string[]): MediaItem {
  const layers = urls.map((url) => ({
    kind: "boxes",
    name: url === "/truth" ? "truth" : "pred",
    class_labels: CLASSES,
    file: { url, path: url, n_bytes: 10, state: "stored" },
  }));
  return { kind: "image", layers } as unknown as MediaItem;
}

const IMAGES = [image("/first", "/truth"), image("/second")];

async function show(inSight: readonly MediaItem[] | undefined, options: Readonly<Record<string, unknown>>) {
  globalThis.fetch = async (url) => Response.json(FILES[String(url)]);
  const run = { id: "r", name: "r", color: 1, isLive: false };
  const onOptions = vi.fn();
  const { user } = await renderPage(
    <LayersSide
      groups={[{ run, key: "img", step: 1, items: IMAGES, nItems: 2 }]}
      {...(inSight && { inSight })}
      options={mediaOptions(makePanel("p", "media", "s", { options }))}
      onOptions={onOptions}
    />,
  );
  return { user, onOptions };
}

const counts = () =>
  screen.getAllByRole("button", { name: /cat|dog|cow/ }).map(({ textContent }) => textContent);

test.each([
  ["all images", undefined, {}, ["cat3", "dog2", "cow1"], "boxes in 2 images"],
  ["the image in sight", [IMAGES[1]!], {}, ["cat0", "dog1", "cow1"], "boxes in this image"],
  [
    "layers that are drawn",
    [IMAGES[0]!],
    { offLayers: ["truth"] },
    ["cat2", "dog1", "cow0"],
    "boxes in this",
  ],
  [
    "scores that are high enough",
    [IMAGES[0]!],
    { minScores: { score: 0.5 } },
    ["cat2", "dog1", "cow0"],
    "boxes",
  ],
])("classes have the number of boxes of %s", async (_, inSight, options, expected, note) => {
  await show(inSight, options);
  await waitFor(() => expect(counts()).toEqual(expected));
  expect(screen.getByRole("heading", { name: /Classes/ }).textContent).toContain(note);
});

test("a class has the color in which it is drawn, where boxes and masks number it otherwise", async () => {
  const [own, other] = [image("/first"), image("/second")].map((item) => ({
    ...item,
    layers: [
      ...item.layers,
      { ...item.layers[0]!, kind: "mask" as const, class_labels: { 4: "cat", 5: "dog" } },
    ],
  }));
  await show([own!, other!], {});
  const colorsOf = (name: string) =>
    [...screen.getByRole("button", { name: new RegExp(name) }).querySelectorAll("i")].map(
      ({ style }) => style.background,
    );
  await waitFor(() => expect(counts()).toHaveLength(3));
  // images without a mask draw the class in the color of its id in boxes
  expect(colorsOf("cat")).toEqual(["var(--w-run-5)", "var(--w-run-2)"]);
  expect(colorsOf("dog")).toContain("var(--w-run-6)");
});

test("the least score is any until one is chosen", async () => {
  await show(undefined, {});
  const slider = await screen.findByRole("slider", { name: "Least score of boxes" });
  expect(slider.getAttribute("aria-valuetext")).toBe("any");
});

test("a least score that was chosen is named", async () => {
  await show(undefined, { minScores: { score: 0.5 } });
  const slider = await screen.findByRole("slider", { name: "Least score of boxes" });
  expect(slider.getAttribute("aria-valuetext")).toBe("0.50");
});
