import { describe, expect, it } from "vitest";
import { SvgPen } from "./svg-pen";

const pen = () => new SvgPen((text) => text.length * 6);

describe("a pen that writes SVG", () => {
  it("draws paths with their colors and alphas apart", () => {
    const svg = pen();
    svg.strokeStyle = "rgba(50,87,216,0.5)";
    svg.lineWidth = 1.5;
    svg.setLineDash([3, 3]);
    svg.globalAlpha = 0.5;
    svg.beginPath();
    svg.lineTo(0, 1);
    svg.lineTo(10.123456, 20);
    svg.stroke();
    const text = svg.toText(100, 50);
    expect(text).toContain('viewBox="0 0 100 50"');
    expect(text).toContain('d="M0 1L10.12 20"');
    expect(text).toContain('stroke="rgb(50,87,216)" stroke-opacity="0.25"');
    expect(text).toContain('stroke-dasharray="3 3"');
  });

  it("closes what it opens: clips with their save, shifts with the file", () => {
    const svg = pen();
    svg.moveDown(40);
    svg.save();
    svg.beginPath();
    svg.rect(0, 0, 10, 10);
    svg.clip();
    svg.fillStyle = "#fff";
    svg.restore();
    expect(svg.fillStyle).toBe("#000");
    const text = svg.toText(100, 50);
    expect(text.match(/<g /g)).toHaveLength(2);
    expect(text.match(/<\/g>/g)).toHaveLength(2);
  });

  it("writes names so that they stay names", () => {
    const svg = pen();
    svg.fillText('a<b & "c"', 1, 2);
    expect(svg.toText(10, 10)).toContain(">a&lt;b &amp; &quot;c&quot;</text>");
    expect(svg.measureText("abc").width).toBe(18);
    svg.fillText("narrow", 1, 2, 30);
    svg.fillText("room", 1, 2, 30);
    expect(svg.toText(10, 10).match(/textLength="30"/g)).toHaveLength(1);
  });
});
