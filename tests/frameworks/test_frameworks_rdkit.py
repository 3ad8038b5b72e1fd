"""`weft.Molecule` of the real RDKit's molecules."""

from __future__ import annotations

from pathlib import Path

import pytest
from rdkit import Chem, RDLogger

from weft.sdk.media.molecule import Molecule

RDLogger.DisableLog("rdApp.*")


def read_back(drawn_molecule: Molecule) -> Chem.Mol:
    payload = drawn_molecule.payloads()[""]
    assert payload.extension == ".sdf"
    (content,) = payload.buffers
    supplier = Chem.SDMolSupplier()
    supplier.SetData(content.decode(), removeHs=False)
    (molecule,) = supplier
    return molecule


@pytest.mark.parametrize("smiles", ["CCO", "C1CCCCC1", "CC(=O)Oc1ccccc1C(=O)O"])
def test_a_molecule_keeps_its_bonds_and_is_in_space(smiles: str) -> None:
    built = Molecule.from_smiles(smiles, caption="c")
    molecule = read_back(built)
    assert Chem.MolToSmiles(Chem.RemoveHs(molecule)) == Chem.CanonSmiles(smiles)
    assert any(abs(z) > 0.1 for _, _, z in molecule.GetConformer().GetPositions())
    assert built.reference({"": "p"}) == {
        "_type": "molecule-file", "path": "p", "caption": "c",
        "smiles": Chem.CanonSmiles(smiles),
    }  # fmt: skip


def test_the_same_molecule_is_the_same_file() -> None:
    first, second = (Molecule.from_smiles("CCOCC") for _ in range(2))
    assert first.payloads() == second.payloads()


def test_a_flat_molecule_has_places() -> None:
    built = Molecule.from_smiles("CCO", convert_to_3d_and_optimize=False)
    positions = read_back(built).GetConformer().GetPositions()
    assert len({tuple(position) for position in positions.tolist()}) == 3


@pytest.mark.parametrize("kind", ["mol", "sdf"])
def test_files_that_rdkit_reads(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"ethanol.{kind}"
    path.write_text(Chem.MolToMolBlock(Chem.MolFromSmiles("CCO")) + "$$$$\n" * (kind == "sdf"))
    for data in (path, str(path)):
        assert Molecule.from_rdkit(data).reference({"": ""})["smiles"] == "CCO"


def test_wrong_molecules_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="invalid SMILES: 'no such'"):
        Molecule.from_smiles("no such")
    with pytest.raises(TypeError, match="not int"):
        Molecule.from_rdkit(3)
    with pytest.raises(ValueError, match=r"RDKit reads \.mol and \.sdf files"):
        Molecule.from_rdkit(tmp_path / "a.pdb")
    with pytest.raises(FileNotFoundError):
        Molecule.from_rdkit(tmp_path / "a.mol")
    damaged = tmp_path / "b.sdf"
    damaged.write_text("what\n")
    with pytest.raises(ValueError, match="RDKit can't read the molecule"):
        Molecule.from_rdkit(damaged)
