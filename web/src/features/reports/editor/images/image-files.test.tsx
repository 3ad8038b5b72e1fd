import { expect, test } from "vitest";
import { imageOfAddress, isReportPath } from "@/api/reports/images";
import { fileOfAddress, isOfFiles, refusalOf } from "./image-files";

const HASH = "0f".repeat(32);

function file(type: string, size = 9): File {
  return new File([new Uint8Array(size)], "a", { type });
}

function filesOf(...files: File[]): Pick<DataTransfer, "files"> {
  return { files: files as unknown as FileList };
}

test("files are images of known types within the limit", () => {
  for (const type of ["image/png", "image/jpeg", "image/gif", "image/webp"])
    expect(refusalOf(file(type))).toBeNull();
  for (const type of ["image/svg+xml", "image/bmp", "text/html", ""])
    expect(refusalOf(file(type))).toContain("no PNG");
  expect(refusalOf(file("image/png", 0))).toContain("empty");
  expect(refusalOf(file("image/png", (10 << 20) + 1))).toBe("it has 10.5 MB, and an image at most 10.5 MB");
  expect(refusalOf(file("image/png", 10 << 20))).toBeNull();
});

test("a clipboard with a picture of copied text has no files to add", () => {
  const image = file("image/png");
  expect(isOfFiles(filesOf(), "")).toBe(false);
  expect(isOfFiles(filesOf(image), "")).toBe(true);
  expect(isOfFiles(filesOf(image), '<meta charset="utf-8"><img src="https://x.org/a.png">')).toBe(true);
  expect(isOfFiles(filesOf(image), "<table><tr><td>1</td></tr></table>")).toBe(false);
  expect(isOfFiles(filesOf(image), "<p>A word <img src='a.png'></p>")).toBe(false);
});

test("images in addresses are read", async () => {
  const png = fileOfAddress("data:image/png;base64,AAEC");
  expect(png?.type).toBe("image/png");
  expect(png?.size).toBe(3);
  for (const url of ["data:text/html;base64,AAEC", "data:image/png,AA", "data:image/png;base64,A*", "/a.png"])
    expect(fileOfAddress(url), url).toBeNull();
});

test("addresses of images of reports are told from others", () => {
  const report = "/projects/me/p%20q/reports/ab12";
  expect(imageOfAddress(`/api/v1${report}/images/${HASH}`)).toEqual({ report, sha256: HASH });
  for (const url of [
    `/api/v1${report}/images/x`,
    `https://x.org/api/v1${report}/images/${HASH}`,
    `/api/v1/projects/me/p/runs/ab12/images/${HASH}`,
    `/api/v1${report}/../secret/images/${HASH}`,
  ])
    expect(imageOfAddress(url), url).toBeNull();
  expect(isReportPath(report)).toBe(true);
  for (const path of ["/account", "//x.org/projects/a/b/reports/c", `${report}?x`, `${report}/..`])
    expect(isReportPath(path), path).toBe(false);
});
