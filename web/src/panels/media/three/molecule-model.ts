/**
 * A molecule as balls and sticks of three.js: a ball for each atom in the colour of its element, a stick for each bond.
 */

import {
  Color,
  CylinderGeometry,
  InstancedMesh,
  Matrix4,
  MeshStandardMaterial,
  Object3D,
  Quaternion,
  SphereGeometry,
  Vector3,
} from "three";
import { type Atom, type Molecule, radiusOf } from "@/data/media/three/molecule";

/** Of elements, as in Jmol, which most viewers follow. */
const COLORS: Readonly<Record<string, number>> = {
  H: 0xffffff,
  B: 0xffb5b5,
  C: 0x909090,
  N: 0x3050f8,
  O: 0xff0d0d,
  F: 0x90e050,
  Na: 0xab5cf2,
  Mg: 0x8aff00,
  Si: 0xf0c8a0,
  P: 0xff8000,
  S: 0xffff30,
  Cl: 0x1ff01f,
  K: 0x8f40d4,
  Ca: 0x3dff00,
  Mn: 0x9c7ac7,
  Fe: 0xe06633,
  Co: 0xf090a0,
  Ni: 0x50d050,
  Cu: 0xc88033,
  Zn: 0x7d80b0,
  Se: 0xffa100,
  Br: 0xa62929,
  I: 0x940094,
};
const OTHER_COLOR = 0xff1493;
/** Of an atom's radius: the sticks between are seen. */
const BALL_SCALE = 0.5;
const STICK_RADIUS = 0.12;
/** Molecules of more atoms have balls with fewer sides. */
const FEW_ATOMS = 3000;
const ACROSS = new Vector3(0, 1, 0);

export function moleculeModel({ atoms, bonds }: Molecule): Object3D {
  const model = new Object3D();
  const isSmall = atoms.length <= FEW_ATOMS;
  const balls = instances(new SphereGeometry(1, isSmall ? 24 : 10, isSmall ? 16 : 6), atoms.length);
  const matrix = new Matrix4();
  atoms.forEach((atom, i) => {
    const radius = BALL_SCALE * radiusOf(atom.element);
    balls.setMatrixAt(i, matrix.makeScale(radius, radius, radius).setPosition(atom.x, atom.y, atom.z));
    balls.setColorAt(i, colorOf(atom));
  });
  model.add(balls);
  // each half has the colour of its atom
  const halves = instances(new CylinderGeometry(1, 1, 1, isSmall ? 12 : 5, 1, true), bonds.length * 2);
  bonds.forEach(([a, b], i) => {
    const ends = [atoms[a]!, atoms[b]!] as const;
    const [from, to] = ends.map(({ x, y, z }) => new Vector3(x, y, z)) as [Vector3, Vector3];
    const way = to.clone().sub(from);
    const turn = new Quaternion().setFromUnitVectors(ACROSS, way.clone().normalize());
    const size = new Vector3(STICK_RADIUS, way.length() / 2, STICK_RADIUS);
    ends.forEach((atom, half) => {
      const middle = from.clone().addScaledVector(way, half === 0 ? 0.25 : 0.75);
      halves.setMatrixAt(2 * i + half, matrix.compose(middle, turn, size));
      halves.setColorAt(2 * i + half, colorOf(atom));
    });
  });
  if (bonds.length > 0) model.add(halves);
  return model;
}

function instances(shape: SphereGeometry | CylinderGeometry, n: number): InstancedMesh {
  return new InstancedMesh(shape, new MeshStandardMaterial({ roughness: 0.6 }), n);
}

const color = new Color();

function colorOf({ element }: Atom): Color {
  return color.setHex(COLORS[element] ?? OTHER_COLOR);
}
