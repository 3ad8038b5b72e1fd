/** The pen of painters: the part of a canvas' context that they use, so that an SVG can take its place. */

export type Pen = Pick<
  CanvasRenderingContext2D,
  | "save"
  | "restore"
  | "beginPath"
  | "closePath"
  | "moveTo"
  | "lineTo"
  | "rect"
  | "roundRect"
  | "arc"
  | "clip"
  | "fill"
  | "stroke"
  | "fillRect"
  | "fillText"
  | "measureText"
  | "setLineDash"
  | "fillStyle"
  | "strokeStyle"
  | "lineWidth"
  | "lineJoin"
  | "globalAlpha"
  | "font"
  | "textAlign"
  | "textBaseline"
>;

/** Size the canvas to its box in device pixels, or in finer ones, clear it, and give its context in CSS px. */
export function clearedPen(
  canvas: HTMLCanvasElement,
  width: number,
  height: number,
  leastRatio = 1,
): CanvasRenderingContext2D {
  const ratio = Math.max(window.devicePixelRatio || 1, leastRatio);
  const w = Math.round(width * ratio);
  const h = Math.round(height * ratio);
  const pen = canvas.getContext("2d")!;
  if (canvas.width !== w || canvas.height !== h) {
    canvas.width = w;
    canvas.height = h;
  } else {
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.clearRect(0, 0, w, h);
  }
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  return pen;
}

/** Stroke a straight line, in the pen's own look. */
export function strokeLine(pen: Pen, fromX: number, fromY: number, toX: number, toY: number): void {
  pen.beginPath();
  pen.moveTo(fromX, fromY);
  pen.lineTo(toX, toY);
  pen.stroke();
}

/** Fill a circle, in the pen's own look. */
export function fillCircle(pen: Pen, x: number, y: number, radius: number): void {
  pen.beginPath();
  pen.arc(x, y, radius, 0, 2 * Math.PI);
  pen.fill();
}
