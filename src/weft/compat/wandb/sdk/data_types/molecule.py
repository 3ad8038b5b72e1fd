"""An inner path to Molecule."""

from weft import Molecule as Molecule
