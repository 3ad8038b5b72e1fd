/**
 * A scene on a canvas, turned by dragging.
 *
 * A browser has few WebGL contexts, and a panel may have fifty scenes: one context draws them all, and each canvas
 * gets a copy.
 */

import { PerspectiveCamera, WebGLRenderer } from "three";
import { OrbitControls } from "three/addons/controls/OrbitControls.js";
import type { Scene3d } from "./scene";

let shared: WebGLRenderer | null = null;

/** Throws where the browser has no WebGL. */
function renderer(): WebGLRenderer {
  shared ??= new WebGLRenderer({ antialias: true, alpha: true });
  return shared;
}

const FIELD_DEGREES = 45;
/** Where one looks from at first: above, and from the side. */
const FROM = [1.2, -1.6, 0.9] as const;
/** Of the height, about as much as the scene takes: its sphere touches the edges only where its ends lie far out. */
const FILLED = 1.2;

export class View3d {
  readonly #canvas: HTMLCanvasElement;
  readonly #scene: Scene3d;
  readonly #camera = new PerspectiveCamera(FIELD_DEGREES, 1, 0.01, 1000);
  readonly #controls: OrbitControls;
  readonly #sizes: ResizeObserver;
  #frame = 0;

  constructor(canvas: HTMLCanvasElement, scene: Scene3d) {
    renderer();
    this.#canvas = canvas;
    this.#scene = scene;
    const { bounds, up } = scene;
    const distance = bounds.radius / Math.sin((FIELD_DEGREES / 2) * (Math.PI / 180)) / FILLED;
    this.#camera.up.copy(up);
    this.#camera.near = bounds.radius / 100;
    this.#camera.far = bounds.radius * 100;
    const [right, back, above] = FROM;
    if (up.z === 1) this.#camera.position.set(right, back, above);
    else this.#camera.position.set(right, above, -back);
    this.#camera.position.setLength(distance).add(bounds.center);
    this.#controls = new OrbitControls(this.#camera, canvas);
    this.#controls.target.copy(bounds.center);
    this.#controls.addEventListener("change", this.draw);
    this.#controls.update();
    this.#sizes = new ResizeObserver(this.draw);
    this.#sizes.observe(canvas);
  }

  /** Draws with the next frame. */
  readonly draw = (): void => {
    if (this.#frame === 0) this.#frame = requestAnimationFrame(this.#drawNow);
  };

  readonly #drawNow = (): void => {
    this.#frame = 0;
    const ratio = window.devicePixelRatio;
    const width = Math.round(this.#canvas.clientWidth * ratio);
    const height = Math.round(this.#canvas.clientHeight * ratio);
    if (width === 0 || height === 0) return;
    this.#canvas.width = width;
    this.#canvas.height = height;
    this.#camera.aspect = width / height;
    this.#camera.updateProjectionMatrix();
    const gl = renderer();
    gl.setSize(width, height, false);
    gl.render(this.#scene.scene, this.#camera);
    this.#canvas.getContext("2d")?.drawImage(gl.domElement, 0, 0);
  };

  /** Turns it by an angle, as the arrow keys do. */
  turn(degrees: number): void {
    const { center } = this.#scene.bounds;
    this.#camera.position
      .sub(center)
      .applyAxisAngle(this.#scene.up, (degrees * Math.PI) / 180)
      .add(center);
    this.#controls.update();
  }

  destroy(): void {
    cancelAnimationFrame(this.#frame);
    this.#sizes.disconnect();
    this.#controls.dispose();
  }
}
