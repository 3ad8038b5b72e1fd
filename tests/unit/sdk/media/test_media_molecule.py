"""`weft.Molecule` without RDKit; `tests/frameworks` has the tests with it."""

from __future__ import annotations

from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest

from weft.errors import MissingLibrary
from weft.sdk.media import molecule
from weft.sdk.media.molecule import FILE_TYPES, Molecule

WATER = "3\nwater\nO 0 0 0\nH 0 0 1\nH 0 1 0\n"


@pytest.mark.parametrize("kind", FILE_TYPES)
def test_files_stay_as_they_are(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"water.{kind.upper()}"
    path.write_text(WATER)
    for data in (path, str(path)):
        payload = Molecule(data).payloads()[""]
        assert (payload.folder, payload.extension) == ("molecule", f".{kind}")
        assert payload.source == path
    with path.open() as file:
        payload = Molecule(file).payloads()[""]
        assert (payload.extension, payload.buffers) == (f".{kind}", [WATER.encode()])


@pytest.mark.parametrize("data", [WATER, WATER.encode(), StringIO(WATER), BytesIO(WATER.encode())])
def test_text_needs_a_type(data: Any) -> None:
    with pytest.raises(ValueError, match="file_type is missing: one of pdb,"):
        Molecule(data)
    if hasattr(data, "seek"):
        data.seek(0)
    payload = Molecule(data, file_type="XYZ").payloads()[""]
    assert (payload.extension, payload.buffers) == (".xyz", [WATER.encode()])


def test_what_is_no_molecule_is_refused() -> None:
    with pytest.raises(TypeError, match=r"not int; give RDKit's to Molecule.from_rdkit\(\)"):
        Molecule(3)
    with pytest.raises(ValueError, match=r"is one of pdb, .*, not '\.png'"):
        Molecule("a.png")
    with pytest.raises(FileNotFoundError, match="no such molecule"):
        Molecule("missing.pdb")


def test_a_list_of_molecules() -> None:
    molecule = Molecule(WATER, caption="c", file_type="xyz")
    references = [
        molecule.reference({"": "p"}),
        Molecule(WATER, file_type="xyz").reference({"": "q"}),
    ]
    assert references[0] == {"_type": "molecule-file", "path": "p", "caption": "c"}
    assert Molecule.list_reference(references) == {
        "_type": "molecule", "count": 2, "filenames": ["p", "q"], "captions": ["c", None],
    }  # fmt: skip


def test_rdkit_is_named_where_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    def find_nothing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(molecule, "import_module", find_nothing)
    with pytest.raises(MissingLibrary, match="RDKit is not installed: pip install rdkit"):
        Molecule.from_smiles("CCO")
