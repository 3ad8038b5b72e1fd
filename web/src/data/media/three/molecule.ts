/**
 * Atoms and bonds of molecules, as files of chemistry have them. Pure.
 *
 * The formats: XYZ; MDL Molfile V2000 and V3000, which SDF contains (Dassault Systèmes, CTfile Formats, 2020); PDB
 * (wwPDB, Atomic Coordinate Entry Format 3.3). Of a file with several molecules or models, the first is read.
 */

export interface Atom {
  /** Its symbol, such as `C` or `Cl`. */
  readonly element: string;
  /** Ångström. */
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

export interface Molecule {
  readonly atoms: readonly Atom[];
  /** Places of two atoms each, the lower one first. */
  readonly bonds: readonly (readonly [number, number])[];
}

const READERS: Readonly<Record<string, (lines: readonly string[]) => Molecule>> = {
  xyz: readXyz,
  pdb: readPdb,
  mol: readMolfile,
  sdf: readMolfile,
  sd: readMolfile,
};

/** More take a browser seconds to draw. */
const MOST_ATOMS = 50_000;

/** Whether the format of a molecule's file can be read. */
export function isReadable(path: string): boolean {
  return endingOf(path) in READERS;
}

/** Throws an `Error` that says what is wrong with the file. */
export function readMolecule(path: string, text: string): Molecule {
  const read = READERS[endingOf(path)];
  if (!read) throw new Error(`molecules of the format ${endingOf(path)} can't be drawn`);
  const molecule = read(text.split(/\r?\n/));
  if (molecule.atoms.length === 0) throw new Error("The file has no atoms");
  if (molecule.atoms.length > MOST_ATOMS) throw new Error(`it has more than ${MOST_ATOMS} atoms`);
  return molecule;
}

function endingOf(path: string): string {
  return path.slice(path.lastIndexOf(".") + 1).toLowerCase();
}

function readXyz(lines: readonly string[]): Molecule {
  const n = Number.parseInt(lines[0] ?? "", 10) || 0;
  const atoms = lines.slice(2, 2 + n).flatMap((line) => {
    const [symbol, ...coordinates] = line.trim().split(/\s+/);
    return atomOf(symbol, coordinates) ?? [];
  });
  return { atoms, bonds: nearBonds(atoms) };
}

function readMolfile(lines: readonly string[]): Molecule {
  const counts = lines[3] ?? "";
  return counts.includes("V3000") ? readV3000(lines) : readV2000(lines, counts);
}

function readV2000(lines: readonly string[], counts: string): Molecule {
  const nAtoms = Number(counts.slice(0, 3)) || 0;
  const nBonds = Number(counts.slice(3, 6)) || 0;
  const atoms = lines.slice(4, 4 + nAtoms).flatMap((line) => {
    const coordinates = [line.slice(0, 10), line.slice(10, 20), line.slice(20, 30)];
    return atomOf(line.slice(31, 34), coordinates) ?? [];
  });
  const bonds = lines
    .slice(4 + nAtoms, 4 + nAtoms + nBonds)
    .map((line) => [Number(line.slice(0, 3)) - 1, Number(line.slice(3, 6)) - 1] as const);
  return { atoms, bonds: knownBonds(bonds, atoms.length) };
}

function readV3000(lines: readonly string[]): Molecule {
  const atoms: Atom[] = [];
  const bonds: (readonly [number, number])[] = [];
  const indexes = new Map<string, number>();
  let block = "";
  for (const line of lines) {
    if (line.startsWith("M  END")) break;
    const [mark, v30, word, ...rest] = line.trim().split(/\s+/);
    if (mark !== "M" || v30 !== "V30" || word === undefined) continue;
    if (word === "BEGIN") block = rest[0] ?? "";
    else if (word === "END") block = "";
    else if (block === "ATOM") {
      const atom = atomOf(rest[0], rest.slice(1));
      if (atom) indexes.set(word, atoms.push(atom) - 1);
    } else if (block === "BOND")
      bonds.push([indexes.get(rest[1] ?? "") ?? -1, indexes.get(rest[2] ?? "") ?? -1]);
  }
  return { atoms, bonds: knownBonds(bonds, atoms.length) };
}

function readPdb(lines: readonly string[]): Molecule {
  const atoms: Atom[] = [];
  const bonds: (readonly [number, number])[] = [];
  const indexes = new Map<string, number>();
  let isFirstModel = true;
  for (const line of lines) {
    const record = line.slice(0, 6).trim();
    if (record === "ENDMDL") isFirstModel = false;
    if (isFirstModel && (record === "ATOM" || record === "HETATM")) {
      const coordinates = [line.slice(30, 38), line.slice(38, 46), line.slice(46, 54)];
      const atom = atomOf(pdbElement(line), coordinates);
      if (atom) indexes.set(line.slice(6, 11).trim(), atoms.push(atom) - 1);
    }
    if (record === "CONECT") {
      const [from, ...others] = [6, 11, 16, 21, 26].map(
        (at) => indexes.get(line.slice(at, at + 5).trim()) ?? -1,
      );
      for (const to of others) bonds.push([from!, to]);
    }
  }
  // only bonds of what is not a residue are written down
  return { atoms, bonds: knownBonds([...bonds, ...nearBonds(atoms)], atoms.length) };
}

/** Older files name the element in the name of the atom only: ` CA ` is carbon, `CA  ` calcium. */
function pdbElement(line: string): string {
  const named = line.slice(76, 78).trim();
  if (named !== "") return named;
  const name = line.slice(12, 16);
  const letters = name.replace(/[^A-Za-z]/g, "");
  return name[0] === " " || /\d/.test(name[0] ?? "") || name.trim().length === 4
    ? letters.slice(0, 1)
    : letters.slice(0, 2);
}

function atomOf(symbol: string | undefined, coordinates: readonly string[]): Atom | null {
  const [x, y, z] = coordinates.slice(0, 3).map((text) => (text.trim() === "" ? Number.NaN : Number(text)));
  const element = (symbol ?? "").trim();
  if (element === "" || ![x, y, z].every(Number.isFinite)) return null;
  return { element: element[0]!.toUpperCase() + element.slice(1).toLowerCase(), x: x!, y: y!, z: z! };
}

/** Each once, between atoms that there are. */
function knownBonds(bonds: readonly (readonly [number, number])[], nAtoms: number): [number, number][] {
  const bondOf = new Map<number, [number, number]>();
  for (const [a, b] of bonds) {
    const [low, high] = a < b ? [a, b] : [b, a];
    if (low >= 0 && high < nAtoms && low !== high) bondOf.set(low * nAtoms + high, [low, high]);
  }
  return [...bondOf.values()];
}

/** Covalent radii, Å: Cordero et al., Dalton Transactions 2008. */
const RADII: Readonly<Record<string, number>> = {
  H: 0.31,
  B: 0.84,
  C: 0.76,
  N: 0.71,
  O: 0.66,
  F: 0.57,
  Na: 1.66,
  Mg: 1.41,
  Si: 1.11,
  P: 1.07,
  S: 1.05,
  Cl: 1.02,
  K: 2.03,
  Ca: 1.76,
  Mn: 1.39,
  Fe: 1.32,
  Co: 1.26,
  Ni: 1.24,
  Cu: 1.32,
  Zn: 1.22,
  Se: 1.2,
  Br: 1.2,
  I: 1.39,
};
const OTHER_RADIUS = 1.3;
/** Atoms this much farther apart than their radii are still bonded, Å; as in Open Babel. */
const TOLERANCE = 0.45;
/** Of atoms in a cell, ten times those of any crystal. More of them, or of bonds, would stop the page. */
const MOST_IN_CELL = 200;
const MOST_BONDS = 12 * MOST_ATOMS;
/** Nearer ones are two places of one atom. */
const LEAST = 0.4;
/** No bond is longer, Å. */
const CELL = 2 * 2.03 + TOLERANCE;

export function radiusOf(element: string): number {
  return RADII[element] ?? OTHER_RADIUS;
}

/** Bonds by distance, where a file has none. Atoms are looked up in cells, as wide as a bond can be long. */
function nearBonds(atoms: readonly Atom[]): [number, number][] {
  const cells = new Map<string, number[]>();
  const bonds: [number, number][] = [];
  if (atoms.length > MOST_ATOMS) return bonds; // refused
  const cellOf = ({ x, y, z }: Atom) =>
    [x, y, z].map((at) => Math.floor(at / CELL)) as [number, number, number];
  atoms.forEach((atom, i) => {
    const [cx, cy, cz] = cellOf(atom);
    for (let dx = -1; dx <= 1; dx++)
      for (let dy = -1; dy <= 1; dy++)
        for (let dz = -1; dz <= 1; dz++)
          for (const j of cells.get(`${cx + dx} ${cy + dy} ${cz + dz}`) ?? [])
            if (areBonded(atoms[j]!, atom)) bonds.push([j, i]);
    const key = `${cx} ${cy} ${cz}`;
    const cell = cells.get(key);
    if (cell) cell.push(i);
    else cells.set(key, [i]);
    if ((cell?.length ?? 0) > MOST_IN_CELL || bonds.length > MOST_BONDS)
      throw new Error("too many of its atoms are in one place");
  });
  return bonds;
}

function areBonded(a: Atom, b: Atom): boolean {
  const distance = Math.hypot(a.x - b.x, a.y - b.y, a.z - b.z);
  return distance > LEAST && distance < radiusOf(a.element) + radiusOf(b.element) + TOLERANCE;
}
