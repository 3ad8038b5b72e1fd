/** Makes a scene of three.js of a file: points with boxes and arrows, a molecule, or a mesh. */

import {
  AmbientLight,
  Box3,
  BufferAttribute,
  BufferGeometry,
  CanvasTexture,
  Color,
  DirectionalLight,
  DoubleSide,
  InstancedMesh,
  LineBasicMaterial,
  LineSegments,
  Mesh,
  MeshStandardMaterial,
  type Object3D,
  Points,
  PointsMaterial,
  Scene,
  Sphere,
  Sprite,
  SpriteMaterial,
  Vector3,
} from "three";
import { token } from "@/charts/tokens";
import { isReadable, readMolecule } from "@/data/media/three/molecule";
import { type PointScene, readScene } from "@/data/media/three/points";
import { moleculeModel } from "./molecule-model";

export interface Scene3d {
  readonly scene: Scene;
  readonly bounds: Sphere;
  /** Which axis points up. */
  readonly up: Vector3;
}

const POINT_PX = 2.5;
/** A gray that shows its shades on light and dark. */
const MESH_COLOR = 0xa9b0bd;
const NO_BOUNDS = new Sphere(new Vector3(), 1);

/** Throws an `Error` that says what is wrong with the file. */
export async function makeScene(path: string, content: ArrayBuffer): Promise<Scene3d> {
  const object = path.endsWith(".json")
    ? pointsOf(content)
    : isReadable(path)
      ? moleculeModel(readMolecule(path, new TextDecoder().decode(content)))
      : await meshOf(path, content);
  const scene = new Scene();
  scene.add(object, new AmbientLight(0xffffff, 0.8));
  const sun = new DirectionalLight(0xffffff, 2);
  sun.position.set(1, 2, 3);
  scene.add(sun);
  const bounds = new Box3().setFromObject(object).getBoundingSphere(new Sphere());
  const isKnown = Number.isFinite(bounds.radius) && bounds.radius > 0;
  return {
    scene,
    bounds: isKnown ? bounds : NO_BOUNDS,
    up: path.endsWith(".json") ? new Vector3(0, 0, 1) : new Vector3(0, 1, 0),
  };
}

function pointsOf(content: ArrayBuffer): Object3D {
  const read = readScene(JSON.parse(new TextDecoder().decode(content)));
  if (!read) throw new Error("The file has neither points nor boxes");
  const group = new Scene();
  if (read.positions.length > 0) group.add(cloud(read));
  read.boxes.forEach(({ edges, color, text, top }, i) => {
    const shade = new Color().setRGB(...color, "srgb");
    group.add(lines(edges.flat(2), shade));
    if (text !== "" && i < MOST_TEXTS) group.add(textAt(text, top, shade));
  });
  if (read.vectors.length > 0) group.add(lines(read.vectors.flat(2), new Color(token("text"))));
  return group;
}

function cloud({ positions, colors }: PointScene): Points {
  const geometry = new BufferGeometry();
  geometry.setAttribute("position", new BufferAttribute(positions, 3));
  if (colors) {
    const linear = new Color();
    const shades = new Float32Array(colors.length);
    for (let i = 0; i < colors.length; i += 3)
      linear.setRGB(colors[i]!, colors[i + 1]!, colors[i + 2]!, "srgb").toArray(shades, i);
    geometry.setAttribute("color", new BufferAttribute(shades, 3));
  }
  const look = colors ? { vertexColors: true } : { color: token("text-2") };
  return new Points(geometry, new PointsMaterial({ ...look, size: POINT_PX, sizeAttenuation: false }));
}

function lines(parts: readonly number[], color: Color): LineSegments {
  const geometry = new BufferGeometry();
  geometry.setAttribute("position", new BufferAttribute(Float32Array.from(parts), 3));
  return new LineSegments(geometry, new LineBasicMaterial({ color }));
}

const TEXT_PX = 28;
/** Each is a canvas. */
const MOST_TEXTS = 1000;

function textAt(text: string, at: readonly [number, number, number], color: Color): Sprite {
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d")!;
  const font = `600 ${TEXT_PX}px ${token("font")}`;
  context.font = font;
  canvas.width = Math.ceil(context.measureText(text).width) + 16;
  canvas.height = TEXT_PX + 12;
  context.font = font;
  context.fillStyle = `#${color.getHexString()}`;
  context.fillRect(0, 0, canvas.width, canvas.height);
  const { r, g, b } = color;
  context.fillStyle = 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.25 ? "#000" : "#fff";
  context.fillText(text, 8, TEXT_PX);
  const material = new SpriteMaterial({
    map: new CanvasTexture(canvas),
    sizeAttenuation: false,
    depthTest: false,
  });
  const sprite = new Sprite(material);
  const height = 0.045;
  sprite.scale.set((height * canvas.width) / canvas.height, height, 1);
  sprite.center.set(0.5, -0.2);
  sprite.position.set(...at);
  return sprite;
}

async function meshOf(path: string, content: ArrayBuffer): Promise<Object3D> {
  const ending = path.slice(path.lastIndexOf(".") + 1).toLowerCase();
  if (ending === "obj") {
    const { OBJLoader } = await import("three/addons/loaders/OBJLoader.js");
    return withMaterial(new OBJLoader().parse(new TextDecoder().decode(content)));
  }
  if (ending === "stl") {
    const { STLLoader } = await import("three/addons/loaders/STLLoader.js");
    return withMaterial(new Mesh(new STLLoader().parse(content)));
  }
  if (ending === "glb" || ending === "gltf") {
    const { GLTFLoader } = await import("three/addons/loaders/GLTFLoader.js");
    return (await new GLTFLoader().parseAsync(content, "")).scene;
  }
  throw new Error(`a file that ends with .${ending} can't be drawn`);
}

/** With a plain material: these formats have it in files of its own. */
function withMaterial(object: Object3D): Object3D {
  object.traverse((part) => {
    if (!(part instanceof Mesh)) return;
    const flatShading = !part.geometry.getAttribute("normal");
    part.material = new MeshStandardMaterial({
      color: MESH_COLOR,
      roughness: 0.8,
      side: DoubleSide,
      flatShading,
    });
  });
  return object;
}

/** Frees what a scene has on the graphics card. */
export function dropScene({ scene }: Scene3d): void {
  scene.traverse((part) => {
    const { geometry, material } = part as Partial<Mesh>;
    geometry?.dispose();
    if (part instanceof InstancedMesh) part.dispose();
    for (const each of [material ?? []].flat()) {
      (each as { map?: { dispose(): void } | null }).map?.dispose();
      each.dispose();
    }
  });
}
