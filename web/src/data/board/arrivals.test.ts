import { describe, expect, it } from "vitest";
import { FIRST_VIEW, type View } from "../view/view";
import { type Arrivals, NO_ARRIVALS, noteArrivals } from "./arrivals";
import { homesOf, makeBoard } from "./board";
import { layoutBoard } from "./layout";

const no = () => false;

/** Boards of the same page after each answer. */
function boardsOf(answers: readonly (readonly string[])[], view: View = FIRST_VIEW) {
  let arrivals: Arrivals = NO_ARRIVALS;
  return answers.map((names) => {
    const homes = homesOf(names);
    arrivals = noteArrivals(arrivals, homes, no, no);
    return makeBoard(homes, view, null, { arrivals });
  });
}

function read({ sections }: ReturnType<typeof makeBoard>): string[] {
  return sections.map(({ name, ids }) => `${name}: ${ids().map((id) => id.replace("auto:", ""))}`);
}

/** Columns of sections, and places of panels in theirs, by name. */
function boxes(board: ReturnType<typeof makeBoard>): Map<string, readonly number[]> {
  return new Map<string, readonly number[]>(
    layoutBoard(board, 1200).sections.flatMap(({ section, box, cells, first }) => [
      [section.name, [box.x, box.width]] as const,
      ...cells.map(({ x, y, width }, i) => [section.ids()[first + i]!, [x, y, width]] as const),
    ]),
  );
}

describe("metrics that appear while a page is open", () => {
  const first = ["loss", "train/loss", "train/z", "val/acc", "system.cpu"];

  it("stand after what is there, in the order in which they came", () => {
    const [, second, third] = boardsOf([
      first,
      [...first, "train/a", "eval/f1"],
      [...first, "train/a", "eval/f1", "abc/x", "eval/acc", "train/b", "acc"],
    ]);
    expect(read(second!)).toEqual([
      "charts: loss",
      "train: train/loss,train/z,train/a",
      "val: val/acc",
      "eval: eval/f1",
      "system: system.cpu",
    ]);
    expect(read(third!)).toEqual([
      "charts: loss,acc",
      "train: train/loss,train/z,train/a,train/b",
      "val: val/acc",
      "eval: eval/f1,eval/acc",
      "abc: abc/x",
      "system: system.cpu",
    ]);
  });

  it("move no panel in its section, and no section in its row", () => {
    const names = ["loss", "train/loss", "val/acc", "val/loss", "z/1", "z/2", "z/3", "z/4", "system.cpu"];
    const more = ["acc", "a/1", "z/0", "z/10", ...Array.from({ length: 120 }, (_, i) => `y/${i}`)];
    const [before, after] = boardsOf([names, [...names, ...more]]).map(boxes);
    expect(before!.size).toBe(13);
    expect(after).toEqual(new Map([...after!, ...before!]));
  });

  it("leave the number of rows of a page and what is closed as they were", () => {
    const names = Array.from({ length: 20 }, (_, i) => `train/${i}`);
    const layers = Array.from({ length: 90 }, (_, i) => `layers/${i}`);
    const more = Array.from({ length: 90 }, (_, i) => `layers/${i + 90}`);
    const [, after] = boardsOf([
      [...names, ...layers],
      [...names, ...layers, ...more, "eval/a", "test/a"],
    ]);
    const placed = layoutBoard(after!, 1200).sections;
    expect(placed.map(({ section, isOpen, cells }) => [section.name, isOpen, cells.length])).toEqual([
      ["layers", true, 9],
      ["train", true, 9],
      ["eval", true, 1],
      ["test", true, 1],
    ]);
  });

  it("take their places by name where nothing was there before, or a person shows another run", () => {
    const [, second] = boardsOf([["system.cpu"], first]);
    expect(read(second!)).toEqual(read(boardsOf([first])[0]!));
    const homes = homesOf(["val/a", "val/b"]);
    const isA = (name: string) => name === "val/a";
    const early = noteArrivals(NO_ARRIVALS, homes, isA, no);
    const chosen = noteArrivals(early, homes, no, isA, true);
    expect(read(makeBoard(homes, FIRST_VIEW, null, { arrivals: chosen }))).toEqual(["val: val/a,val/b"]);
    const logged = noteArrivals(early, homes, no, isA);
    expect(read(makeBoard(homes, FIRST_VIEW, null, { arrivals: logged }))).toEqual(["val: val/b,val/a"]);
    expect(noteArrivals(logged, homes, no, no)).toBe(logged);
    // folded by a person, and logged by a run that is shown
    const again = noteArrivals(chosen, homes, no, isA);
    expect(read(makeBoard(homes, FIRST_VIEW, null, { arrivals: again }))).toEqual(["val: val/b,val/a"]);
  });

  it("stand next to those of a section that has room in its row", () => {
    const [, alone] = boardsOf([["loss"], ["loss", "acc"]]).map(boxes);
    const [, shared] = boardsOf([
      ["loss", "val/a"],
      ["loss", "val/a", "acc"],
    ]).map(boxes);
    expect(alone!.get("auto:acc")![0]).toBeGreaterThan(300);
    expect(shared!.get("auto:acc")![0]).toBe(0);
  });

  it("leave the row to a section that had only a line for what it folds", () => {
    const homes = homesOf(["loss", "val/a"]);
    const early = noteArrivals(NO_ARRIVALS, homes, (name) => name !== "loss", no);
    const fold = makeBoard(homes, FIRST_VIEW, null, { arrivals: early, hasData: (name) => name === "loss" });
    const logged = noteArrivals(early, homes, no, (name) => name !== "loss");
    const board = makeBoard(homes, FIRST_VIEW, null, { arrivals: logged, hasData: () => true });
    expect(boxes(board).get("val")).toEqual(boxes(fold).get("val"));
  });
});
