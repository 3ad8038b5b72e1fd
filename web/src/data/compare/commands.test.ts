import { expect, test } from "vitest";
import { distinctArguments } from "./commands";

test("commands show the arguments that not all of them have", () => {
  const base = "python train.py --lr 0.1 --seed 1 --tags a b";
  expect(
    distinctArguments([base, base.replace("--seed 1", "--seed 2"), `${base.replace("0.1", "-3")} --fast`]),
  ).toEqual(["… --lr 0.1 --seed 1", "… --lr 0.1 --seed 2", "… --lr -3 --seed 1 --fast"]);
  // an option that only one has
  expect(distinctArguments([base, `${base} --fast`])).toEqual(["…", "… --fast"]);
  expect(distinctArguments(["python a.py", "torchrun b.py"])).toEqual(["python a.py", "torchrun b.py"]);
});

test("quoted words are one, and a missing command has no arguments", () => {
  expect(distinctArguments(["run --name 'a b'", "run --name 'a c'", undefined])).toEqual([
    "… --name 'a b'",
    "… --name 'a c'",
    null,
  ]);
  expect(distinctArguments(["run", null])).toEqual([null, null]);
});
