import { expect, test } from "vitest";
import { cutName, familiesOf, tellingPart, textOfParts } from "./name-cut";

/** Letters are as wide as one another, and as the dots. */
function cut(name: string, room: number, names: readonly string[] = []): string {
  const parts = cutName(name, tellingPart(name, familiesOf(names)), (spans) => {
    return textOfParts(name, spans).length <= room;
  });
  return textOfParts(name, parts);
}

test("a name that has room is whole, another one loses its middle and fills its room", () => {
  expect(cut("warmup-then-cosine", 18)).toBe("warmup-then-cosine");
  expect(cut("warmup-then-cosine", 17)).toBe("warmup-…en-cosine");
  expect(cut("warmup-then-cosine", 17)).toHaveLength(17);
  expect(cut("warmup", 3)).toBe("…up");
  // a letter of two units is not cut in two
  expect(cut("日本語🎉日本語日本語日本語", 12)).toBe("日本語…語日本語日本語");
});

test("names of a family are cut where they are the same", () => {
  const seeds = ["vit_b16-adamw-cosine-lr0.001-s1", "vit_b16-adamw-cosine-lr0.003-s2"];
  expect(cut(seeds[0]!, 20, seeds)).toBe("vit_b16-a…lr0.001-s1");
  const middle = [
    "resnet50-imagenet-lr1e-3-warmup-then-cosine",
    "resnet50-imagenet-lr3e-4-warmup-then-cosine",
  ];
  expect(cut(middle[1]!, 20, middle)).toBe("res…lr3e-4-warmup-t…");
  expect(cut("another", 5, seeds)).toBe("a…her");
});
