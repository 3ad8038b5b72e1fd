import { describe, expect, it } from "vitest";
import { reportLinkOf } from "@/api/shares";
import { runPageOf, TEXT_BLOCK } from "./run-page-link";

const OWN = { entity: "lab", project: "mnist" };
const SHOWN = { entity: "-", project: "2" };

describe("runPageOf", () => {
  it("leads members into the project", () => {
    expect(runPageOf({}, "g", OWN, "ab12")).toEqual({
      to: "/$entity/$project/runs/$run",
      params: { ...OWN, run: "ab12" },
    });
  });

  it("leads readers of a link behind it, if it shows pages", () => {
    const frame = { isShared: true, linkOfPages: "id.code" };
    expect(runPageOf({ isShared: true, linkOfPages: null }, "g", SHOWN, "ab12")).toBeNull();
    expect(runPageOf(frame, "g", SHOWN, "ab.12")?.params).toEqual({ link: "id.code.g.2.ab.12" });
    expect(runPageOf(frame, TEXT_BLOCK, SHOWN, "ab12")?.params).toEqual({ link: "id.code.~.2.ab12" });
    const ofRequests = { entity: "share", project: "id.code.g.2" };
    expect(runPageOf(frame, "g", ofRequests, "ab12")?.params).toEqual({ link: "id.code.g.2.ab12" });
  });
});

describe("reportLinkOf", () => {
  it("is the link of the report whose run a page shows", () => {
    expect(reportLinkOf("id.code.g.2.ab.12")).toBe("id.code");
    expect(reportLinkOf("id.code")).toBeNull();
  });
});
