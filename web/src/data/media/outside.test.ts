import { describe, expect, it } from "vitest";
import { framedUrl, outsideHost, withHost } from "./outside";

describe("hosts of a logged page", () => {
  it("names the hosts of addresses of the web", () => {
    expect(outsideHost("https://cdn.example:8080/a.js", "weft.example")).toBe("cdn.example:8080");
    expect(outsideHost("wss://live.example", "weft.example")).toBe("live.example");
  });

  it("names nothing else", () => {
    for (const text of [
      "inline",
      "eval",
      "data",
      "blob:x",
      "",
      null,
      7,
      "javascript:alert(1)",
      "http://weft.example/x",
    ])
      expect(outsideHost(text, "weft.example")).toBeNull();
    expect(outsideHost("http://[::1]/", "weft.example")).toBeNull();
    expect(outsideHost("ftp://a.example", "weft.example")).toBeNull();
    expect(outsideHost("https://", "weft.example")).toBeNull();
  });

  it("bounds how many there are", () => {
    let hosts: readonly string[] = [];
    for (let i = 0; i < 99; i++) hosts = withHost(hosts, `h${i}.example`);
    expect(hosts.length).toBe(20);
    expect(withHost(["a"], "a")).toEqual(["a"]);
  });

  it("writes them into the address", () => {
    expect(framedUrl("/f?sha256=1", ["a:1", "b"])).toBe("/f?sha256=1&framed=true&outside=a%3A1%2Cb");
    expect(framedUrl("/f", [])).toBe("/f?framed=true");
    expect(framedUrl("", [])).toBe("");
  });
});
