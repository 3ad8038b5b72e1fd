"""Molecules: files, text, and molecules of RDKit. Reads given files."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar, Final, cast

from weft.errors import MissingLibrary
from weft.sdk.media.media import Media, Origin, Payload

FILE_TYPES: Final = (
    "pdb", "pqr", "mmcif", "mcif", "cif", "sdf", "sd", "mol", "gro", "mol2", "mmtf", "xyz",
)  # fmt: skip

_RDKIT_TYPES: Final = ("mol", "sdf")
_SEED: Final = 0x5EED
"""RDKit's search for coordinates is random: the same molecule must become the same file."""


class Molecule(Media):
    r"""A molecule to log.

    Args:
        data_or_path: the path of a file, an open file, or a file's text or bytes. A text counts as
            a path unless it has several lines.
        caption: text below the molecule.
        file_type: the type of a text or open file, such as "pdb"; `FILE_TYPES` are all.

    Raises:
        ValueError: the type is missing or unknown.
        TypeError: the value is something else.
        FileNotFoundError: there is no file at the path.

    >>> water = "3\nwater\nO 0 0 0\nH 0 0 1\nH 0 1 0"
    >>> Molecule(water, file_type="xyz").payloads()[""].extension
    '.xyz'
    """

    _log_type: ClassVar[str] = "molecule-file"
    has_list_form: ClassVar[bool] = True
    SUPPORTED_TYPES: ClassVar[frozenset[str]] = frozenset(FILE_TYPES)

    def __init__(
        self, data_or_path: Any, caption: Any = None, *, file_type: str | None = None
    ) -> None:
        super().__init__(caption)
        self._smiles: str | None = None
        if isinstance(data_or_path, str) and "\n" in data_or_path:
            data_or_path = data_or_path.encode()
        if isinstance(data_or_path, (str, os.PathLike)):
            path = Path(os.path.abspath(data_or_path))  # noqa: PTH100
            extension = f".{_checked_type(file_type or path.suffix)}"
            if not path.is_file():
                raise FileNotFoundError(f"no such molecule: {path}")
            self._payload = Payload("molecule", extension, "bytes", source=path)
            return
        file: Any = data_or_path
        if hasattr(file, "read"):
            name = getattr(file, "name", None)
            if file_type is None and isinstance(name, str):
                file_type = Path(name).suffix
            file = file.read()
        if not isinstance(file, (str, bytes, bytearray)):
            raise TypeError(
                "a molecule is the path of a file, an open file or its text, not "
                f"{type(data_or_path).__name__}; give RDKit's to Molecule.from_rdkit()"
            )
        if file_type is None:
            raise ValueError(f"file_type is missing: one of {', '.join(FILE_TYPES)}")
        content = file.encode() if isinstance(file, str) else bytes(file)
        extension = f".{_checked_type(file_type)}"
        self._payload = Payload("molecule", extension, "bytes", buffers=[content])

    @classmethod
    def from_rdkit(
        cls,
        data_or_path: Any,
        caption: Any = None,
        convert_to_3d_and_optimize: bool = True,
        mmff_optimize_molecule_max_iterations: int = 200,
    ) -> Molecule:
        """Make one of a molecule of RDKit. It is stored as SDF, which keeps its bonds.

        Args:
            data_or_path: the molecule, or the path of a `.mol` or `.sdf` file, whose first
                molecule is taken.
            caption: text below it.
            convert_to_3d_and_optimize: whether to add hydrogens and compute coordinates. If False,
                it keeps its own, or gets flat ones.
            mmff_optimize_molecule_max_iterations: most iterations of MMFF94.

        Raises:
            MissingLibrary: RDKit is not installed.
            ValueError: the file is not a molecule, or RDKit finds no coordinates.
            TypeError: it is neither a molecule nor a path.
        """
        chem = _rdkit("Chem")
        molecule = data_or_path
        if isinstance(molecule, (str, os.PathLike)):
            molecule = _read(chem, Path(cast("Any", molecule)))
        if not isinstance(molecule, chem.Mol):
            raise TypeError(
                "expected a molecule of RDKit or the path of a file, not "
                f"{type(molecule).__name__}"
            )
        smiles = chem.MolToSmiles(chem.RemoveHs(molecule))
        if convert_to_3d_and_optimize:
            molecule = _in_space(chem, molecule, mmff_optimize_molecule_max_iterations)
        elif not molecule.GetNumConformers():
            molecule = chem.Mol(molecule)
            _rdkit("Chem.AllChem").Compute2DCoords(molecule)
        media = cls(f"{chem.MolToMolBlock(molecule)}$$$$\n", caption, file_type="sdf")
        media._smiles = smiles
        return media

    @classmethod
    def from_smiles(
        cls,
        data: str,
        caption: Any = None,
        sanitize: bool = True,
        convert_to_3d_and_optimize: bool = True,
        mmff_optimize_molecule_max_iterations: int = 200,
    ) -> Molecule:
        """Make one of a SMILES text, by RDKit.

        Args:
            data: the text, such as "CCO".
            caption: text below it.
            sanitize: whether RDKit checks valences and finds aromatic rings.
            convert_to_3d_and_optimize: see `from_rdkit`.
            mmff_optimize_molecule_max_iterations: see `from_rdkit`.

        Raises:
            MissingLibrary: RDKit is not installed.
            ValueError: the text is not valid, or RDKit finds no coordinates.
        """
        molecule = _rdkit("Chem").MolFromSmiles(data, sanitize=sanitize)
        if molecule is None:
            raise ValueError(f"invalid SMILES: {data!r}")
        return cls.from_rdkit(
            molecule, caption, convert_to_3d_and_optimize, mmff_optimize_molecule_max_iterations
        )

    def reference(self, paths: Mapping[str, str]) -> dict[str, Any]:
        """See `Media.reference`. One of RDKit has its SMILES, too."""
        reference = super().reference(paths)
        return reference if self._smiles is None else reference | {"smiles": self._smiles}

    def restore(self, reference: Mapping[str, Any], origin: Origin | None) -> None:
        super().restore(reference, origin)
        self._smiles = reference.get("smiles")

    @classmethod
    def list_reference(cls, references: Sequence[dict[str, Any]]) -> dict[str, Any]:
        paths = [reference["path"] for reference in references]
        return cls._listed("molecule", references, filenames=paths)


def _checked_type(file_type: str) -> str:
    kind = file_type.lower().removeprefix(".")
    if kind not in FILE_TYPES:
        raise ValueError(
            f"a file of a molecule is one of {', '.join(FILE_TYPES)}, not {file_type!r}"
        )
    return kind


def _rdkit(module: str) -> Any:
    try:
        return import_module(f"rdkit.{module}")
    except ImportError:
        raise MissingLibrary("RDKit is not installed: pip install rdkit") from None


def _read(chem: Any, path: Path) -> Any:
    kind = path.suffix.lower().removeprefix(".")
    if kind not in _RDKIT_TYPES:
        raise ValueError(f"RDKit reads .mol and .sdf files: {path}")
    if not path.is_file():
        raise FileNotFoundError(f"no such molecule: {path}")
    if kind == "sdf":
        with chem.SDMolSupplier(os.fspath(path)) as molecules:
            molecule = next(iter(molecules), None)
    else:
        molecule = chem.MolFromMolFile(os.fspath(path))
    if molecule is None:
        raise ValueError(f"RDKit can't read the molecule: {path}")
    return molecule


def _in_space(chem: Any, molecule: Any, n_iterations: int) -> Any:
    """Return a copy with hydrogens and coordinates of low energy."""
    every = _rdkit("Chem.AllChem")
    placed = chem.AddHs(molecule)
    # Large rings and cages need another start: random coordinates.
    is_placed = any(
        every.EmbedMolecule(placed, randomSeed=_SEED, useRandomCoords=is_random) >= 0
        for is_random in (False, True)
    )
    if not is_placed:
        raise ValueError(
            "RDKit finds no coordinates for the molecule: give convert_to_3d_and_optimize=False"
        )
    if every.MMFFHasAllMoleculeParams(placed):
        every.MMFFOptimizeMolecule(placed, maxIters=n_iterations)
    return placed
