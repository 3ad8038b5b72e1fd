/** A pen that writes SVG instead of pixels: painters draw a chart into a file as they do on the screen. */

import type { Pen } from "../pen";

/** State that `save` keeps. */
interface State {
  fillStyle: string;
  strokeStyle: string;
  lineWidth: number;
  lineJoin: CanvasLineJoin;
  globalAlpha: number;
  font: string;
  textAlign: CanvasTextAlign;
  textBaseline: CanvasTextBaseline;
  dash: readonly number[];
  /** Groups with a clip that were opened. */
  nClips: number;
}

const FIRST: State = {
  fillStyle: "#000",
  strokeStyle: "#000",
  lineWidth: 1,
  lineJoin: "miter",
  globalAlpha: 1,
  font: "10px sans-serif",
  textAlign: "start",
  textBaseline: "alphabetic",
  dash: [],
  nClips: 0,
};

const ANCHORS: Partial<Record<CanvasTextAlign, string>> = { center: "middle", right: "end", end: "end" };

export class SvgPen implements Pen {
  readonly #measure: (text: string, font: string) => number;
  readonly #parts: string[] = [];
  readonly #saved: State[] = [];
  #state: State = { ...FIRST };
  #path: string[] = [];
  #hasPoint = false;
  #nClips = 0;
  /** Groups that are open to the end. */
  #nOpen = 0;

  /** @param measure how wide a text is, px */
  constructor(measure: (text: string, font: string) => number) {
    this.#measure = measure;
  }

  /** The whole file. */
  toText(width: number, height: number): string {
    const size = `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`;
    return `<svg xmlns="http://www.w3.org/2000/svg" ${size}>\n${this.#parts.join("\n")}${"</g>".repeat(this.#nOpen)}\n</svg>\n`;
  }

  get fillStyle(): string {
    return this.#state.fillStyle;
  }
  set fillStyle(value: string | CanvasGradient | CanvasPattern) {
    this.#state.fillStyle = String(value);
  }
  get strokeStyle(): string {
    return this.#state.strokeStyle;
  }
  set strokeStyle(value: string | CanvasGradient | CanvasPattern) {
    this.#state.strokeStyle = String(value);
  }
  get lineWidth(): number {
    return this.#state.lineWidth;
  }
  set lineWidth(value: number) {
    this.#state.lineWidth = value;
  }
  get lineJoin(): CanvasLineJoin {
    return this.#state.lineJoin;
  }
  set lineJoin(value: CanvasLineJoin) {
    this.#state.lineJoin = value;
  }
  get globalAlpha(): number {
    return this.#state.globalAlpha;
  }
  set globalAlpha(value: number) {
    this.#state.globalAlpha = value;
  }
  get font(): string {
    return this.#state.font;
  }
  set font(value: string) {
    this.#state.font = value;
  }
  get textAlign(): CanvasTextAlign {
    return this.#state.textAlign;
  }
  set textAlign(value: CanvasTextAlign) {
    this.#state.textAlign = value;
  }
  get textBaseline(): CanvasTextBaseline {
    return this.#state.textBaseline;
  }
  set textBaseline(value: CanvasTextBaseline) {
    this.#state.textBaseline = value;
  }

  /** Draw the following content so much further down. */
  moveDown(px: number): void {
    this.#parts.push(`<g transform="translate(0 ${px})">`);
    this.#nOpen += 1;
  }

  /** Draw pixels into a box. @param url a `data:` URL, so that the file needs no other */
  putImage(url: string, x: number, y: number, width: number, height: number): void {
    this.#parts.push(
      `<image href="${escaped(url)}" x="${short(x)}" y="${short(y)}" width="${short(width)}" height="${short(height)}" preserveAspectRatio="none"/>`,
    );
  }

  setLineDash(dash: Iterable<number>): void {
    this.#state.dash = [...dash];
  }

  save(): void {
    this.#saved.push(this.#state);
    this.#state = { ...this.#state, nClips: 0 };
  }

  restore(): void {
    for (let i = 0; i < this.#state.nClips; i++) this.#parts.push("</g>");
    this.#state = this.#saved.pop() ?? { ...FIRST };
  }

  beginPath(): void {
    this.#path = [];
    this.#hasPoint = false;
  }

  closePath(): void {
    this.#path.push("Z");
  }

  moveTo(x: number, y: number): void {
    this.#path.push(`M${short(x)} ${short(y)}`);
    this.#hasPoint = true;
  }

  lineTo(x: number, y: number): void {
    if (this.#hasPoint) this.#path.push(`L${short(x)} ${short(y)}`);
    else this.moveTo(x, y);
  }

  rect(x: number, y: number, width: number, height: number): void {
    this.#path.push(`M${short(x)} ${short(y)}h${short(width)}v${short(height)}h${short(-width)}Z`);
  }

  roundRect(
    x: number,
    y: number,
    width: number,
    height: number,
    radii?: number | DOMPointInit | Iterable<number | DOMPointInit>,
  ): void {
    const r = typeof radii === "number" ? Math.min(radii, width / 2, height / 2) : 0;
    const arc = (dx: number, dy: number) => `a${r} ${r} 0 0 1 ${short(dx)} ${short(dy)}`;
    const [w, h] = [short(width - 2 * r), short(height - 2 * r)];
    this.#path.push(
      `M${short(x + r)} ${short(y)}h${w}${arc(r, r)}v${h}${arc(-r, r)}h-${w}${arc(-r, -r)}v-${h}${arc(r, -r)}Z`,
    );
  }

  /** Whole circles only: painters draw no others. */
  arc(x: number, y: number, radius: number): void {
    const r = short(radius);
    this.#path.push(
      `M${short(x - radius)} ${short(y)}a${r} ${r} 0 1 0 ${short(2 * radius)} 0a${r} ${r} 0 1 0 ${short(-2 * radius)} 0Z`,
    );
  }

  clip(): void {
    const id = `clip${++this.#nClips}`;
    this.#parts.push(`<clipPath id="${id}"><path d="${this.#path.join("")}"/></clipPath>`);
    this.#parts.push(`<g clip-path="url(#${id})">`);
    this.#state.nClips += 1;
  }

  fill(): void {
    this.#parts.push(`<path d="${this.#path.join("")}" ${this.#paint("fill", this.#state.fillStyle)}/>`);
  }

  stroke(): void {
    const { strokeStyle, lineWidth, lineJoin, dash } = this.#state;
    if (this.#path.length === 0) return;
    const dashes = dash.length > 0 ? ` stroke-dasharray="${dash.join(" ")}"` : "";
    this.#parts.push(
      `<path d="${this.#path.join("")}" fill="none" ${this.#paint("stroke", strokeStyle)} stroke-width="${lineWidth}" stroke-linejoin="${lineJoin}"${dashes}/>`,
    );
  }

  fillRect(x: number, y: number, width: number, height: number): void {
    this.#parts.push(
      `<rect x="${short(x)}" y="${short(y)}" width="${short(width)}" height="${short(height)}" ${this.#paint("fill", this.#state.fillStyle)}/>`,
    );
  }

  fillText(text: string, x: number, y: number, most = Number.POSITIVE_INFINITY): void {
    const { font, textAlign, textBaseline, fillStyle } = this.#state;
    const anchor = ANCHORS[textAlign] ?? "start";
    const isWide = most < Number.POSITIVE_INFINITY && this.#measure(text, font) > most;
    const length = isWide ? ` textLength="${short(most)}" lengthAdjust="spacingAndGlyphs"` : "";
    const base = textBaseline === "middle" ? ' dominant-baseline="central"' : "";
    this.#parts.push(
      `<text x="${short(x)}" y="${short(y)}" style="font:${escaped(font)}" text-anchor="${anchor}"${base}${length} ${this.#paint("fill", fillStyle)}>${escaped(text)}</text>`,
    );
  }

  measureText(text: string): TextMetrics {
    return { width: this.#measure(text, this.#state.font) } as TextMetrics;
  }

  /** A colour and its alpha apart, as older programs know no `rgba()`. */
  #paint(attribute: "fill" | "stroke", color: string): string {
    const parts = /^rgba\((\d+), ?(\d+), ?(\d+), ?([\d.e-]+)\)$/.exec(color);
    const alpha = (parts ? Number(parts[4]) : 1) * this.#state.globalAlpha;
    const plain = parts ? `rgb(${parts[1]},${parts[2]},${parts[3]})` : color;
    return `${attribute}="${escaped(plain)}"${alpha < 1 ? ` ${attribute}-opacity="${Number(alpha.toFixed(3))}"` : ""}`;
  }
}

/** Hundredths of a px. */
function short(v: number): string {
  return String(Number(v.toFixed(2)));
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
