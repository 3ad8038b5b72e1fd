import { describe, expect, it } from "vitest";
import { isReadable, readMolecule } from "./molecule";

const XYZ = "3\nwater\nO 0.0 0.0 0.0\nH 0.76 0.59 0.0\nh -0.76 0.59 0.0\n";
const V2000 = `methanol
  tool

  2  1  0  0  0  0            999 V2000
    0.0000    0.0000    0.0000 C   0  0
    1.4000    0.0000    0.0000 O   0  0
  1  2  1  0
M  END
$$$$
`;
const V3000 = `


  0  0  0     0  0            999 V3000
M  V30 BEGIN CTAB
M  V30 COUNTS 2 1 0 0 0
M  V30 BEGIN ATOM
M  V30 7 Cl 0 0 0 0
M  V30 9 C 1.7 0 0 0
M  V30 END ATOM
M  V30 BEGIN BOND
M  V30 1 1 9 7
M  V30 END BOND
M  V30 END CTAB
M  END
`;
const PDB = `HEADER
MODEL        1
ATOM      1  CA  GLY A   1       0.000   0.000   0.000  1.00  0.00           C
HETATM    2 CA    CA A   2      10.000   0.000   0.000  1.00  0.00
ATOM      3  N   GLY A   1       1.450   0.000   0.000  1.00  0.00           N
CONECT    1    2
ENDMDL
MODEL        2
ATOM      1  CA  GLY A   1       5.000   0.000   0.000  1.00  0.00           C
ENDMDL
`;

describe("a molecule", () => {
  it("is read from XYZ, with the bonds that distances tell", () => {
    const { atoms, bonds } = readMolecule("a.xyz", XYZ);
    expect(atoms.map(({ element }) => element)).toEqual(["O", "H", "H"]);
    expect(atoms[2]).toEqual({ element: "H", x: -0.76, y: 0.59, z: 0 });
    expect(bonds).toEqual([
      [0, 1],
      [0, 2],
    ]);
  });

  it("is read from molfiles of both versions, with their bonds", () => {
    for (const ending of ["mol", "sdf", "SD"]) {
      const { atoms, bonds } = readMolecule(`a.${ending}`, V2000.replaceAll("\n", "\r\n"));
      expect([atoms.map(({ element }) => element), bonds]).toEqual([["C", "O"], [[0, 1]]]);
    }
    const { atoms, bonds } = readMolecule("a.mol", V3000);
    expect([atoms.map(({ element }) => element), bonds]).toEqual([["Cl", "C"], [[0, 1]]]);
  });

  it("is read from the first model of a PDB file, with written and near bonds", () => {
    const { atoms, bonds } = readMolecule("a.pdb", PDB);
    expect(atoms.map(({ element }) => element)).toEqual(["C", "Ca", "N"]);
    expect(bonds).toEqual([
      [0, 1],
      [0, 2],
    ]);
  });

  it("says what is wrong with a file", () => {
    expect(isReadable("a/b.PDB")).toBe(true);
    expect(isReadable("a/b.cif")).toBe(false);
    expect(() => readMolecule("a.cif", "")).toThrow("format cif");
    for (const ending of ["xyz", "pdb", "mol"])
      expect(() => readMolecule(`a.${ending}`, "nothing\nof\nthis\nkind")).toThrow("no atoms");
    const many = Array.from({ length: 50_001 }, (_, i) => `H ${i} 0 0`).join("\n");
    expect(() => readMolecule("a.xyz", `50001\n\n${many}`)).toThrow("more than 50000");
  });

  it("is refused where so many atoms are in one place that the page would stop", () => {
    for (const step of [0, 1e-5]) {
      const heap = Array.from({ length: 50_000 }, (_, i) => `C ${i * step} 0 0`).join("\n");
      expect(() => readMolecule("a.xyz", `50000\n\n${heap}`)).toThrow("in one place");
    }
  });

  it("has the bonds of atoms in neighbouring cells, and none far away", () => {
    const chain = Array.from({ length: 200 }, (_, i) => `C ${(i - 100) * 1.5} 0 0`).join("\n");
    expect(readMolecule("a.xyz", `200\n\n${chain}`).bonds).toHaveLength(199);
  });
});
