import { expect, test } from "vitest";
import { tokensOf } from "@/data/expression/expression-text";
import { faultOf } from "./expression-fault";

const NAMES = ["val/recall#10", "loss"];
const KNOWN = {
  names: NAMES,
  has: (name: string) => NAMES.includes(name),
  config: [],
  mayHaveConfig: () => true,
};

test.each(["val/recall#10 / loss", "recall#10 / loss"])(
  "%s is told to need quotes, whatever the server says",
  (text) => {
    const problem = { column: 11, reason: "an operator or the end is expected, at column 11" };
    expect(faultOf(text, tokensOf(text, KNOWN.has), KNOWN, problem)).toMatchObject({
      says: "A name with “#” needs quotes.",
      from: 0,
      to: text.indexOf(" "),
      instead: '"val/recall#10"',
    });
  },
);
